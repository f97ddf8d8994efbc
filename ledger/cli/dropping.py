"""Opening a drop for a command: its key, its log, its readers."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, BinaryIO

from ledger.cli.passphrases import read_passphrase
from ledger.cli.services import genesis_in, signer_of
from ledger.domain.errors import UsageError

if TYPE_CHECKING:
    from ledger.client.recipients import Readers as OwnReaders
    from ledger.domain.evidence import Label
    from ledger.drops.drop import Drop
    from ledger.drops.settings import DropConfig
    from ledger.drops.taking import Read
    from ledger.readers.reading import Reading
    from ledger.readers.registry import Expectations


@contextmanager
def open_drop(config: "DropConfig") -> "Iterator[Drop]":
    """Give a drop while a block runs; nothing is looked at and nothing written but its own key.

    Args:
        config: Its settings.

    Raises:
        UsageError: The passphrase is wrong, or a part is not installed.
        CorridorError: The key or the genesis document cannot be used.
    """
    from ledger.client import Service
    from ledger.client.author import Author
    from ledger.client.memory import Memory
    from ledger.domain.statement import Seen
    from ledger.drops.drop import Drop
    from ledger.drops.own_key import OwnKey
    from ledger.drops.taking import Desk

    signer, iss = signer_of(config.key, config.iss, config.passphrase_file)
    genesis = genesis_in(config.genesis)
    own = OwnKey.open(config.state, read_passphrase(config.passphrase_file))
    memory = Memory(config.remembered)

    def held() -> Seen:
        newest = memory.newest(genesis)
        return Seen(0, genesis.hash) if newest is None else Seen(newest.size, newest.root)

    def service() -> Service:
        return Service(config.url, signer, iss, genesis=genesis, memory=memory)

    with ExitStack() as stack:
        read = _readers(stack) if any(rule.read != "no" for rule in config.rules) else None
        desk = Desk(config, Author(signer, iss, genesis.audience), own, held, read)
        yield Drop(desk, service, time.monotonic)


def accept_keys(config: "DropConfig") -> "OwnReaders | None":
    """Let a drop wrap for the encryption keys that its organisation has now; None when it has said none.

    Args:
        config: Its settings.

    Raises:
        CorridorError: The keys cannot be had, or the organisation did not sign them.
    """
    from ledger.client import Service
    from ledger.client.memory import Memory
    from ledger.drops.leaving import own_readers

    signer, iss = signer_of(config.key, config.iss, config.passphrase_file)
    memory = Memory(config.remembered)
    with Service(config.url, signer, iss, genesis=genesis_in(config.genesis), memory=memory) as service:
        return own_readers(service, memory, accept_new=True)


def _readers(stack: ExitStack) -> "Read":
    from ledger.readers.run import Readers

    readers = stack.enter_context(Readers())

    def read(file: BinaryIO, label: "Label", expectations: "Expectations") -> "Reading":
        return readers.read(
            file, media_type=label.media_type, category=label.category, expectations=expectations
        )

    return read


def missing_sftp() -> UsageError:
    """Return the error that says that the part for SFTP is not installed."""
    return UsageError(
        "not-installed", "SFTP needs a part that is not installed: pip install corridor-ledger[drops]"
    )
