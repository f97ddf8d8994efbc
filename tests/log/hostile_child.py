"""What runs in processes of its own: writers of one log, and one whose disk is full or not its own."""

import os
import resource
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path

from ledger.domain.errors import CorridorError
from ledger.log.append import Submission
from ledger.log.publisher import Publisher
from ledger.log.sequencer import Sequencer
from tests.log.logs import a_log, appended, history, log_signer, noon

_NOBODY = 65534
ROUNDS = 12
SHARED = history(6, ROUNDS, seed="shared")
OWN = {name: history(6, ROUNDS, seed=name) for name in ("left", "right")}


def hammer(folder: Path, name: str, results: Connection) -> None:
    """Append what is this process's own, and what both have, from several threads, with checkpoints between.

    Sends the index that each statement was given, by id.
    """
    indices: dict[bytes, int] = {}
    with (
        a_log(folder) as store,
        Publisher(store, log_signer(), noon) as publisher,
        Sequencer(store) as sequencer,
    ):
        for start in range(0, len(SHARED), 6):
            batch = SHARED[start : start + 6] + OWN[name][start : start + 6]
            with ThreadPoolExecutor(4) as pool:
                for place in pool.map(sequencer.append, batch):
                    indices[place.id] = place.index
            publisher.run_once()
    results.send(indices)


def fill_the_disk(folder: Path, results: Connection) -> None:
    """Append while files may hardly grow, then while they may; sends the codes of both times' failures."""
    everything = history(40, 20, seed="full")
    with a_log(folder) as store:
        appended(store, everything[:40])
        largest = max(file.stat().st_size for file in folder.iterdir())
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 50_000, hard))
        with Sequencer(store) as sequencer:
            failed = _codes(sequencer, everything)
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            recovered = _codes(sequencer, everything)
        results.send((failed, recovered))


def _codes(sequencer: Sequencer, batch: Sequence[Submission]) -> set[str]:
    errors = [future.exception() for future in [sequencer.submit(submission) for submission in batch]]
    return {error.code if isinstance(error, CorridorError) else repr(error) for error in errors if error}


def write_where_nothing_may_be_written(folder: Path, results: Connection) -> None:
    """Try to open a log as somebody who may only read its folder; sends the code of the failure."""
    if os.geteuid() == 0:
        os.seteuid(_NOBODY)
    try:
        with a_log(folder):
            results.send("opened")
    except CorridorError as error:
        results.send(error.code)
