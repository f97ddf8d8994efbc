"""Killed at every step of every write, both ways: no size ever has two roots, and all become final."""

import multiprocessing
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.chain.anchor_machine import State
from tests.builders import NOON
from tests.chain.chains import World, checkpoints_of
from tests.chain.crash_child import STUCK_SECONDS, Life, live, live_beside_others
from tests.chain.runners import a_runner, check_anchors, check_final

# A server that has imported everything forks each process that is to die.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.chain.crash_child"])


def write(name: str) -> list[str]:
    return [f"{name}.{point}" for point in ("begin", "commit", "committed")]


EVERY_ANCHOR = [
    *write("stage"),
    *write("sign"),
    *("send.begin", "send.sent"),
    *write("submit"),
    *write("mine"),
    "prove.taken",
    *write("finalise"),
]

AFTERWARDS: dict[str, Callable[[World], object]] = {
    "what waits is mined, and the reply is lost": lambda world: world.chain.mine(),
    "what waits is never mined": lambda world: world.rpc("anvil_dropAllTransactions"),
    "nothing happens": lambda _world: None,
}


def run(world: World, folder: Path, sizes: tuple[int, ...], step: str) -> int | None:
    """Let a process anchor until it reaches a step, and return how it ended."""
    life = Life(folder, world.chain.url, world.contracts, sizes, world.clock.now, step)
    process = CONTEXT.Process(target=live, args=(life,))
    process.start()
    process.join(120)
    ended = process.exitcode
    process.close()
    return ended


def die(world: World, folder: Path, sizes: tuple[int, ...], step: str) -> None:
    """Let a process anchor until it reaches a step, and is killed there."""
    assert run(world, folder, sizes, step) == -signal.SIGKILL, f"{step} was never reached"


def recover(world: World, engine: Engine, sizes: tuple[int, ...]) -> None:
    """Go on as after a restart, and look deeply at every turn."""
    published = checkpoints_of(*sizes)
    runner = a_runner(world, engine, published)
    check_anchors(world, engine, published)
    runner.until_final(sizes[-1], world.chain.mine)
    check_final(world, engine, published, *sizes)


@pytest.mark.parametrize("step", EVERY_ANCHOR)
def test_killed_anywhere_an_anchor_becomes_final_with_its_one_root(
    world: World, engine: Engine, tmp_path: Path, step: str
) -> None:
    sizes: tuple[int, ...] = ()
    for place, happens in enumerate(AFTERWARDS.values()):
        sizes = (*sizes, 10 * place + 5)
        die(world, tmp_path, sizes, step)
        happens(world)
        recover(world, engine, sizes)


@pytest.mark.parametrize("step", write("register"))
def test_killed_when_it_first_meets_the_chain_it_meets_it_again(
    world: World, engine: Engine, tmp_path: Path, step: str
) -> None:
    die(world, tmp_path, (5,), step)
    recover(world, engine, (5,))


@pytest.mark.parametrize("step", [*write("bump"), "send.begin", "send.sent"])
@pytest.mark.parametrize("happens", AFTERWARDS.values(), ids=AFTERWARDS)
def test_killed_while_it_pays_more_it_is_anchored_once(
    world: World, engine: Engine, tmp_path: Path, step: str, happens: Callable[[World], object]
) -> None:
    runner = a_runner(world, engine, checkpoints_of(5))
    runner.step()
    world.clock.now += STUCK_SECONDS
    die(world, tmp_path, (5,), step)
    happens(world)
    recover(world, engine, (5,))


@pytest.mark.parametrize("step", [*write("lose"), "send.begin", "send.sent", *write("mine")])
@pytest.mark.parametrize("state", [State.MINED, State.FINAL])
def test_killed_while_it_brings_back_what_the_chain_lost(
    world: World, engine: Engine, tmp_path: Path, step: str, state: State
) -> None:
    published = checkpoints_of(5)
    runner = a_runner(world, engine, published)
    snapshot = world.rpc("evm_snapshot")
    while (anchor := world.store(engine).at(5)) is None or anchor.state is not state:
        runner.step()
        world.chain.mine()
    world.rpc("evm_revert", snapshot)
    world.chain.mine(4)
    die(world, tmp_path, (5,), step)
    recover(world, engine, (5,))


def test_two_processes_at_once_anchor_every_size_once(world: World, engine: Engine, tmp_path: Path) -> None:
    sizes = (3, 5, 8, 13, 21)
    life = Life(tmp_path, world.chain.url, world.contracts, sizes, world.clock.now, step="")
    processes = [CONTEXT.Process(target=live_beside_others, args=(life,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        while process.is_alive():
            world.chain.mine()
            process.join(0.05)
        process.join()
        assert process.exitcode == 0
        process.close()
    check_final(world, engine, checkpoints_of(*sizes), *sizes)
    store = world.store(engine)
    assert [len(store.transactions(size)) for size in sizes] == [1] * len(sizes)


@pytest.mark.soak
def test_killed_again_and_again_at_random(world: World, engine: Engine, tmp_path: Path) -> None:
    chance = random.Random(NOON)
    sizes: tuple[int, ...] = ()
    for size in range(5, 1005, 5):
        sizes = (*sizes, size)
        die(world, tmp_path, sizes, chance.choice(EVERY_ANCHOR))
        chance.choice(list(AFTERWARDS.values()))(world)
        # The second one may find that nothing is left to do.
        run(world, tmp_path, sizes, chance.choice(EVERY_ANCHOR))
        chance.choice(list(AFTERWARDS.values()))(world)
        recover(world, engine, sizes)
