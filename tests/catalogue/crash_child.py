"""What a process does that is going to be killed: it makes the catalogue again."""

import os
import signal
from collections import Counter
from pathlib import Path

from ledger.catalogue import projection
from ledger.storage.faults import Fault, within
from tests.catalogue.office import an_office


def kill_at(step: str, occurrence: int) -> Fault:
    """Return a fault that kills this process when a step is reached for the nth time."""
    seen: Counter[str] = Counter()

    def fault(reached: str) -> None:
        seen[reached] += 1
        if reached == step and seen[reached] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


def project(folder: Path, step: str, occurrence: int) -> None:
    """Empty the catalogue of a folder's log and fill it again in small batches, or die on the way."""
    projection.BATCH = 4
    with an_office(folder) as office:
        projection.empty(office.store.engine)
        projection.catch_up(office.store.engine, fault=within("catalogue", kill_at(step, occurrence)))
