"""Killed at every step of every write: what was promised holds, and no size ever has two roots."""

import multiprocessing
import os
import random
import signal
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from ledger.domain.errors import UnavailableError
from ledger.domain.merkle import leaf_hash, verify_inclusion
from ledger.log.checkpoints import State
from ledger.log.publisher import Publisher, Quorum
from ledger.log.store import LogStore
from tests.log.checker import check_log
from tests.log.crash_child import BATCH, PLAN, PROMISES, WITNESS, live, live_on
from tests.log.logs import FakeWitness, a_log, appended, history, log_signer, noon

CREATE = ["create.head", "create.entries", "create.tiles", "create.commit", "create.committed"]
STEPS = [
    *("append.checked", "append.head", "append.entries", "append.tiles", "append.statements"),
    *("append.streams", "append.keys", "append.commit", "append.committed"),
    *("fix.map", "fix.head", "fix.entries", "fix.tiles", "fix.checkpoint", "fix.commit", "fix.committed"),
    *("sign.signed", "sign.commit", "sign.committed"),
    *("cosign.answered", "cosign.commit", "cosign.committed"),
    *("publish.commit", "publish.committed"),
]
ROUNDS = 5

# A server that has imported everything forks each process that is to die: hundreds of them stay quick.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.log.crash_child"])


@contextmanager
def a_process(target: Callable[..., None], *arguments: object) -> Iterator[BaseProcess]:
    process = CONTEXT.Process(target=target, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.join(120)
        process.close()


def promises(folder: Path) -> list[tuple[str, int, bytes]]:
    """Return what the processes were told: `appended index id` and `published size root`."""
    file = folder / PROMISES
    lines = file.read_text().splitlines() if file.exists() else []
    return [(word, int(number), bytes.fromhex(value)) for word, number, value in map(str.split, lines)]


def promised(folder: Path) -> int:
    """Return how much of the plan was promised; it is promised in order."""
    return len({value for word, _, value in promises(folder) if word == "appended"})


def check_promises(folder: Path) -> None:
    """Open the log that a killed process left, and see that it kept every promise."""
    with a_log(folder) as store:
        check_log(store)
        published = store.checkpoints.published()
        for word, number, value in promises(folder):
            if word == "appended":
                assert store.statement(value).index == number
            else:
                assert published is not None
                assert number <= published.size
                assert store.root(number) == value
                proof = store.inclusion_proof(number - 1, number)
                verify_inclusion(leaf_hash(store.entry(number - 1)), number - 1, number, proof, value)
        roots = defaultdict(set)
        for size, root in FakeWitness(record=folder / WITNESS).cosigned:
            roots[size].add(root)
            assert store.checkpoints.at(size).root == root
        assert all(len(different) == 1 for different in roots.values())


def finish(folder: Path) -> None:
    """Submit the rest of the plan and publish it, and see that all of it got in once, in order."""
    witness = FakeWitness(record=folder / WITNESS)
    with (
        a_log(folder) as store,
        Publisher(store, log_signer(), noon, witnesses=[witness], quorum=Quorum(1)) as publisher,
    ):
        appended(store, PLAN[promised(folder) :])
        # The first cycle may have to publish what was held back; the second one takes all the rest.
        cycles = publisher.run_once(), publisher.run_once()
        assert cycles[1].checkpoint.state is State.PUBLISHED
        assert cycles[1].checkpoint.size == store.size()
        indices = [store.statement(submission.statement.id).index for submission in PLAN]
        assert indices == sorted(indices)
        assert sum(entry[0] == 1 for entry in store.entries(0, store.size())) == len(PLAN)
    check_promises(folder)


@pytest.mark.parametrize("step", CREATE)
def test_killed_while_the_log_is_created(tmp_path: Path, step: str) -> None:
    with a_process(live, tmp_path, 0, BATCH, step, 1) as process:
        process.join(120)
        assert process.exitcode == -signal.SIGKILL
    check_promises(tmp_path)
    finish(tmp_path)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(tmp_path: Path, step: str) -> None:
    for number in range(ROUNDS):
        start = promised(tmp_path)
        occurrence = 1 + number % 2
        with a_process(live, tmp_path, start, start + 4 * BATCH, step, occurrence) as process:
            process.join(120)
            assert process.exitcode == -signal.SIGKILL, f"{step} was not reached {occurrence} times"
        check_promises(tmp_path)
    finish(tmp_path)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(2)
    for _ in range(20):
        told, tells = CONTEXT.Pipe(duplex=False)
        with told, tells, a_process(live_on, tmp_path, promised(tmp_path), tells) as process:
            # Killed while it works on what follows the nth promise, at whatever it is doing then.
            for _ in range(chance.randint(1, 8)):
                told.recv()
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join(120)
            assert process.exitcode == -signal.SIGKILL
        check_promises(tmp_path)
    finish(tmp_path)


class SimulatedError(UnavailableError):
    """What a full disk or a lost connection looks like from inside a write."""


class Failing:
    """Fails once, at a step; failures leave the process alive, as a full disk does."""

    def __init__(self, step: str) -> None:
        self.step: str | None = step

    def __call__(self, reached: str) -> None:
        if reached == self.step:
            self.step = None
            raise SimulatedError("simulated", f"failed at {reached}")


def settled(store: LogStore, fault: Failing) -> None:
    """Submit and publish twice: what fails the first time goes through the second time."""
    witness = FakeWitness()
    batch = history(2, 2)
    for _ in range(2):
        with Publisher(store, log_signer(), noon, witnesses=[witness], quorum=Quorum(1)) as publisher:
            try:
                appended(store, batch)
                publisher.run_once()
            except SimulatedError:
                check_log(store)
    assert fault.step is None
    assert store.checkpoints.published() == store.checkpoints.newest()
    assert [store.statement(submission.statement.id).index for submission in batch] == list(range(1, 7))
    check_log(store)


@pytest.mark.parametrize("step", STEPS)
def test_a_write_that_fails_is_done_by_the_next_one(tmp_path: Path, step: str) -> None:
    # What fails at `commit` is not persisted; what fails at `committed` is, and its caller cannot know.
    fault = Failing(step)
    with a_log(tmp_path, fault=fault) as store:
        settled(store, fault)


def test_every_step_of_every_write_is_among_those_killed(tmp_path: Path) -> None:
    reached: set[str] = set()
    with (
        a_log(tmp_path, fault=reached.add) as store,
        Publisher(store, log_signer(), noon, witnesses=[FakeWitness()], quorum=Quorum(1)) as publisher,
    ):
        appended(store, history(1, 1))
        publisher.run_once()
    assert reached == {*CREATE, *STEPS}
