"""What a process does that is going to be killed: it submits, publishes, and writes down what it was told.

A line is written only after the log has answered, so that each line is a promise that the log must keep.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from ledger.log.publisher import Publisher, Quorum
from ledger.log.store import LogStore
from ledger.storage.faults import Fault
from tests.log.logs import FakeWitness, a_log, appended, history, log_signer, noon

PROMISES = "promises"
WITNESS = "witness"
BATCH = 5
# Signed once, at import: the processes are forked from one that has done so.
PLAN = history(5, 40)


def kill_at(step: str | None, occurrence: int) -> Fault:
    """Return a fault that kills this process when a step is reached for the nth time."""
    seen: Counter[str] = Counter()

    def fault(reached: str) -> None:
        seen[reached] += 1
        if reached == step and seen[reached] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


def live(folder: Path, start: int, stop: int, step: str | None, occurrence: int) -> None:
    """Submit a part of the plan in batches and publish after each, or die on the way.

    Args:
        folder: Where log, witness and promises are.
        start: First statement of the plan that was not promised yet.
        stop: The one after the last.
        step: Where to die, None for nowhere.
        occurrence: At which time the step is reached.
    """
    with a_log(folder, fault=kill_at(step, occurrence)) as store:
        _work(folder, store, range(start, stop, BATCH), BATCH, lambda: None)


def live_on(folder: Path, start: int, told: Connection) -> None:
    """Submit one statement after the other and publish after each, until somebody ends it.

    Args:
        folder: Where log, witness and promises are.
        start: First statement of the plan that was not promised yet.
        told: Gets a message after each statement that was promised.
    """
    with a_log(folder) as store:
        _work(folder, store, range(start, len(PLAN)), 1, lambda: told.send(None))


def _work(folder: Path, store: LogStore, places: range, batch: int, tell: Callable[[], None]) -> None:
    promises = os.open(folder / PROMISES, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    witness = FakeWitness(record=folder / WITNESS)
    with Publisher(store, log_signer(), noon, witnesses=[witness], quorum=Quorum(1)) as publisher:
        for place in places:
            for done in appended(store, PLAN[place : min(place + batch, places.stop)]):
                os.write(promises, b"appended %d %s\n" % (done.index, done.id.hex().encode()))
            tell()
            cycle = publisher.run_once()
            if cycle.published:
                checkpoint = cycle.checkpoint
                os.write(promises, b"published %d %s\n" % (checkpoint.size, checkpoint.root.hex().encode()))
    os.close(promises)
