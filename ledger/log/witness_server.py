"""Running a witness: its folder, its database, its sources of entries, its port.

It listens on 127.0.0.1 only; whoever offers a witness to others puts a reverse proxy with TLS before it.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from fastapi import FastAPI

from ledger.domain.clock import Clock, system_clock
from ledger.domain.errors import UsageError
from ledger.domain.note import Sign
from ledger.log import http_server
from ledger.log.cosigner import DEFAULT_PART, IndexCosigner, ReplayedLog
from ledger.log.entry_source import HttpEntrySource
from ledger.log.http_server import listen, serving, url_of
from ledger.log.witness import DEFAULT_PATIENCE, KnownLog, Witness, witness_key
from ledger.log.witness_app import create_app
from ledger.log.witness_store import SqliteWitnessStore
from ledger.storage.faults import Fault, no_fault
from ledger.storage.folder_lock import only_one

DATABASE: Final = "witness.db"


@dataclass(frozen=True, slots=True)
class WatchedLog:
    """A log as a witness's operator configures it.

    Args:
        origin: Its origin line.
        vkeys: Its verifier keys (type 01).
        url: Prefix under which it serves tiles, as `https://example.org/log`; an index cosigner needs it.
        genesis_hash: Hash of its genesis document, 32 bytes; an index cosigner needs it.
    """

    origin: str
    vkeys: tuple[str, ...]
    url: str | None = None
    genesis_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class WitnessSettings:
    """Everything that tells one witness from another.

    Args:
        vkey: Its verifier key (type 04).
        sign: Signs with the private half.
        data: Folder of its state; it is made when it is not there.
        logs: The logs that it knows.
        index_cosigner: Whether it replays a log's entries into the map before it cosigns. What its signature
            then says is another statement, so it must have a key of its own.
        port: Port on 127.0.0.1; 0 takes a free one.
        clock: What it dates its cosignatures by.
        part: After how many entries a long replay is stored, so that it goes on there after a crash.
        patience: Seconds that a request waits for another one about the same log.
    """

    vkey: str
    sign: Sign
    data: Path
    logs: tuple[WatchedLog, ...]
    index_cosigner: bool = False
    port: int = 0
    clock: Clock = system_clock
    part: int = DEFAULT_PART
    patience: float = DEFAULT_PATIENCE


def print_line(line: str) -> None:
    """Print a line at once, for whoever waits for it at the other end of a pipe."""
    print(line, flush=True)


def serve(
    settings: WitnessSettings,
    *,
    announce: Callable[[str], None] = print_line,
    fault: Fault = no_fault,
) -> None:
    """Run a witness until it is told to stop by SIGINT or SIGTERM. Call it in the main thread.

    Args:
        settings: Which witness.
        announce: Gets one line with the URL, once the port is open.
        fault: See `Witness`, `IndexCosigner` and `SqliteWitnessStore`; for tests.

    Raises:
        UsageError: The settings contradict each other.
        MalformedError: A verifier key is none.
        ConflictError: Another process works in the folder, or its state belongs to another key.
        UnavailableError: The folder cannot be written, or the port is taken.
    """
    with _open(settings, fault) as (app, listener, stopping):
        announce(f"witness {witness_key(settings.vkey, settings.sign).name} at {url_of(listener)}")
        http_server.serve(app, listener, stopping=stopping)


@contextmanager
def running(settings: WitnessSettings, *, fault: Fault = no_fault) -> Iterator[str]:
    """Run a witness in a thread while a block runs, and give its URL; raises as `serve` does."""
    with (
        _open(settings, fault) as (app, listener, stopping),
        serving(app, listener, stopping=stopping) as url,
    ):
        yield url


@contextmanager
def open_witness(
    settings: WitnessSettings, *, stopping: Event | None = None, fault: Fault = no_fault
) -> Iterator[Witness]:
    """Open a witness's state while a block runs, without any server.

    Args:
        settings: Which witness.
        stopping: Ends a long replay soon after it is set.
        fault: See `serve`.

    Raises:
        CorridorError: As `serve`.
    """
    # The key first: a wrong one must not leave its name in a new database.
    witness_key(settings.vkey, settings.sign)
    with ExitStack() as stack:
        stack.enter_context(only_one(settings.data))
        kind = "index-cosigner" if settings.index_cosigner else "witness"
        store = SqliteWitnessStore(settings.data / DATABASE, settings.vkey, kind, fault=fault)
        stack.callback(store.close)
        replayer = None
        if settings.index_cosigner:
            sources = {log.origin: _replayed(log, stack) for log in settings.logs}
            replayer = IndexCosigner(sources, store, part=settings.part, stopping=stopping, fault=fault)
        yield Witness(
            settings.vkey,
            settings.sign,
            [KnownLog(log.origin, log.vkeys) for log in settings.logs],
            store,
            settings.clock,
            replayer=replayer,
            patience=settings.patience,
            fault=fault,
        )


def _replayed(log: WatchedLog, stack: ExitStack) -> ReplayedLog:
    if log.url is None or log.genesis_hash is None:
        raise UsageError(
            "index-cosigner", f"an index cosigner needs the URL and the genesis hash of the log {log.origin}"
        )
    return ReplayedLog(log.genesis_hash, stack.enter_context(HttpEntrySource(log.url)))


@contextmanager
def _open(settings: WitnessSettings, fault: Fault) -> Iterator[tuple[FastAPI, socket.socket, Event]]:
    stopping = Event()
    with (
        open_witness(settings, stopping=stopping, fault=fault) as witness,
        listen(settings.port) as listener,
    ):
        yield create_app(witness), listener, stopping
