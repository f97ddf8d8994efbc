"""A witness that is killed at any step has never cosigned two roots of one size, and goes on."""

import multiprocessing
import random
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer

import httpx
import pytest

from ledger.domain.errors import ConflictError
from ledger.log.witness_protocol import PATH, WitnessConflict
from ledger.log.witness_server import open_witness
from tests.witness import crash_child
from tests.witness.crash_child import PART, settings_of
from tests.witness.log_simulator import SimulatedLog, a_store
from tests.witness.test_witness import time_of
from tests.witness.tile_server import serving

# Fresh processes from a server that has the modules loaded: no threads of this one come along.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.witness.crash_child"])
STEPS = ("judged", "commit", "stored", "signed")


class Life:
    """One witness through many deaths, and a log that offers it two histories whenever it can.

    Args:
        folder: Where the witness's state is.
        index_cosigner: Whether it replays entries before it cosigns.
    """

    def __init__(self, folder: Path, *, index_cosigner: bool) -> None:
        self.folder = folder
        self.index_cosigner = index_cosigner
        self.url: str | None = None
        self.log = SimulatedLog()
        self.size = 0
        self.cosigned: dict[int, bytes] = {}
        self.kills = 0
        self.said = 0

    @contextmanager
    def serving_entries(self) -> Iterator["Life"]:
        """Serve the log's entries to the witness, if it wants them, while a block runs."""
        with ExitStack() as stack:
            if self.index_cosigner:
                self.url = stack.enter_context(serving(self.log))
            yield self

    def histories(self, growth: int) -> tuple[list[bytes], list[bytes]]:
        """Return two ways for the log to go on by some statements."""
        ways = []
        for _ in range(2):
            way = self.log.fork(self.size or 1)
            for _ in range(growth):
                self.said += 1
                way.say(f"said {self.said}", self.said % 5)
            way.close()
            ways.append(way.entries)
        return ways[0], ways[1]

    def note_down(self, line: bytes) -> None:
        """Check a cosignature that came out, and that no other root of its size ever had one."""
        assert time_of(line, self.log.note())
        assert self.cosigned.setdefault(len(self.log.entries), self.log.root()) == self.log.root()

    def until_killed(self, step: str | None, occurrence: int, growth: int) -> None:
        """Run the witness in a process and let the log grow until the witness has been killed."""
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(
            target=crash_child.live, args=(self.folder, self.url, theirs, step, occurrence), daemon=True
        )
        process.start()
        theirs.close()
        url = announced(ours)
        killer = random.Random(occurrence)
        with httpx.Client(base_url=url, timeout=60) as client:
            for round_ in range(50):
                self.log.entries, other = self.histories(growth)
                try:
                    if step is None and round_ == occurrence:
                        # From outside, while the request is under way or soon after it.
                        Timer(killer.random() * 0.009, process.kill).start()
                    response = client.post(PATH, content=self.log.request(self.size))
                except httpx.TransportError:
                    break
                assert response.status_code == 200, response.text
                self.note_down(response.content)
                self.size = len(self.log.entries)
            else:
                raise AssertionError("it was never killed")
        process.join(60)
        assert process.exitcode == -signal.SIGKILL
        self.kills += 1
        self.after_a_kill(self.log.entries, other)

    def after_a_kill(self, asked: list[bytes], other: list[bytes]) -> None:
        """Restart the witness, offer it the other history first, and go on with the one that it took."""
        # Whatever came out must be there: it was stored before it was answered.
        store = a_store(self.folder, "index-cosigner" if self.index_cosigner else "witness")
        for size, root in self.cosigned.items():
            assert store.root_of(self.log.origin, size) == root
        store.close()
        with open_witness(settings_of(self.folder, self.url)) as witness:
            self.log.entries = other
            try:
                self.note_down(witness.add_checkpoint(self.log.request(self.size)))
            except WitnessConflict as conflict:
                # It had decided for the history that it was asked for, and cosigns that one now.
                self.log.entries = asked
                self.note_down(witness.add_checkpoint(self.log.request(conflict.size)))
        self.size = len(self.log.entries)


def announced(connection: Connection) -> str:
    """Return the URL that a process announces, unless it ends before it can."""
    line = connection.recv()
    assert isinstance(line, str)
    return line.split()[-1]


def test_a_witness_killed_at_each_step_never_cosigns_two_roots_of_a_size(tmp_path: Path) -> None:
    with Life(tmp_path, index_cosigner=False).serving_entries() as life:
        for occurrence in (1, 2, 1, 3, 1, 2):
            for step in STEPS:
                life.until_killed(step, occurrence, growth=occurrence)
    assert life.kills == 24


def test_an_index_cosigner_killed_at_each_step_never_cosigns_two_roots_of_a_size(tmp_path: Path) -> None:
    with Life(tmp_path, index_cosigner=True).serving_entries() as life:
        for occurrence in (1, 2, 1):
            for step in STEPS:
                life.until_killed(step, occurrence, growth=occurrence)
        for occurrence in (1, 2):
            life.until_killed("part", occurrence, growth=3 * PART)
    assert life.kills == 14


@pytest.mark.parametrize("index_cosigner", [False, True])
def test_a_witness_killed_at_any_moment_never_cosigns_two_roots_of_a_size(
    tmp_path: Path, index_cosigner: bool
) -> None:
    with Life(tmp_path, index_cosigner=index_cosigner).serving_entries() as life:
        for occurrence in range(12):
            life.until_killed(None, occurrence % 3, growth=1)
    assert life.kills == 12


def test_a_second_process_on_the_same_folder_is_turned_away(tmp_path: Path) -> None:
    ours, theirs = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=crash_child.live, args=(tmp_path, None, theirs, None, 0), daemon=True)
    process.start()
    try:
        announced(ours)
        with (
            pytest.raises(ConflictError, match="another process works in"),
            open_witness(settings_of(tmp_path, None)),
        ):
            pass
    finally:
        process.kill()
        process.join(60)
    with open_witness(settings_of(tmp_path, None)):
        pass


def test_processes_that_share_a_database_all_the_same_cosign_one_root_of_a_size(tmp_path: Path) -> None:
    origins = [f"log{number}.example" for number in range(30)]
    a_store(tmp_path).close()
    barrier = PROCESSES.Barrier(3)
    runs = []
    for history in ("one", "two", "three"):
        ours, theirs = PROCESSES.Pipe(duplex=False)
        process = PROCESSES.Process(
            target=crash_child.race, args=(tmp_path, origins, history, barrier, theirs), daemon=True
        )
        process.start()
        theirs.close()
        runs.append((process, ours))
    outcomes = [ours.recv() for _, ours in runs]
    for process, _ in runs:
        process.join(60)
        assert process.exitcode == 0
    for of_one_log in zip(*outcomes, strict=True):
        assert of_one_log.count(None) == 1
        assert set(of_one_log) <= {None, "witness-conflict", "witness-other-root"}
