"""What the processes do that are killed, or that race each other: they share nothing but files."""

import os
import signal
from collections import Counter
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from ledger.domain.errors import CorridorError
from ledger.log.witness_server import WatchedLog, WitnessSettings, serve
from ledger.storage.faults import Fault
from tests.builders import an_ed25519_key
from tests.witness.log_simulator import SetClock, SimulatedLog, a_store, a_witness, witness_vkey

PART = 256


def kill_at(step: str | None, occurrence: int) -> Fault:
    """Return a fault that kills this process when a step is reached for the nth time."""
    seen: Counter[str] = Counter()

    def fault(reached: str) -> None:
        seen[reached] += 1
        if reached == step and seen[reached] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


def settings_of(folder: Path, url: str | None) -> WitnessSettings:
    """Return the settings of the witness in a folder: an index cosigner when the log has a URL."""
    log = SimulatedLog()
    return WitnessSettings(
        vkey=witness_vkey(),
        sign=an_ed25519_key("witness").sign,
        data=folder,
        logs=(WatchedLog(log.origin, (log.vkey,), url, log.genesis_hash),),
        index_cosigner=url is not None,
        clock=SetClock(),
        part=PART,
    )


def live(folder: Path, url: str | None, told: Connection, step: str | None, occurrence: int) -> None:
    """Run a witness until it is killed, from outside or at a step.

    Args:
        folder: Where its state is.
        url: Prefix of the log, for an index cosigner.
        told: Gets the line that it announces.
        step: Where to die, None for nowhere.
        occurrence: At which time the step is reached.
    """
    serve(settings_of(folder, url), announce=told.send, fault=kill_at(step, occurrence))


def race(folder: Path, origins: list[str], history: str, start: Barrier, told: Connection) -> None:
    """Ask a witness on a shared database to cosign one history of each log; tell which it cosigned.

    Args:
        folder: Where its state is; nobody holds the folder's lock.
        origins: The logs.
        history: Which history of them: each has another root of the same size.
        start: Where all processes wait for each other before each log.
        told: Gets, for each log, the error's code or None.
    """
    logs = [SimulatedLog(origin) for origin in origins]
    store = a_store(folder)
    witness = a_witness(store, *logs)
    outcomes: list[str | None] = []
    for log in logs:
        log.grow(history)
        request = log.request(0)
        start.wait(60)
        try:
            witness.add_checkpoint(request)
            outcomes.append(None)
        except CorridorError as error:
            outcomes.append(error.code)
    store.close()
    told.send(outcomes)
