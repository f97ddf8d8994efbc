"""What is final on the embedded chain survives its sudden end, and what was not is anchored again."""

import os
import signal
from pathlib import Path

from sqlalchemy import Engine

from ledger.chain.anchor_machine import State
from ledger.domain.errors import UnavailableError
from tests.chain.chains import Hands, World, a_chain, checkpoints_of, settle_world
from tests.chain.runners import a_runner, check_final
from tests.chain.test_embedded import wait_until


def kill_and_wait(world: World) -> None:
    """Kill anvil, and wait until the supervisor has started it with what was saved."""
    killed = world.chain.pid
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return world.chain.pid != killed
        except UnavailableError:
            return False

    wait_until(is_back)


def test_the_chain_killed_loses_no_final_anchor_and_gets_back_the_others(
    engine: Engine, tmp_path: Path
) -> None:
    clock = Hands()
    with a_chain(tmp_path / "chain", clock) as chain:
        world = settle_world(chain, clock)
        published = checkpoints_of(3)
        runner = a_runner(world, engine, published, make_durable=chain.save)
        final = runner.until_final(3, chain.mine)
        published.roots |= checkpoints_of(5).roots
        runner.step()
        chain.mine()
        runner.step()
        mined = world.store(engine).at(5)
        assert mined is not None
        assert mined.state is State.MINED

        kill_and_wait(world)
        runner.until_final(5, chain.mine)
        check_final(world, engine, published, 3, 5)
        assert world.store(engine).at(3) == final
        assert len(world.store(engine).transactions(5)) == 1
        genesis = chain.identity.genesis

    with a_chain(tmp_path / "chain", clock) as chain:
        assert chain.identity.genesis == genesis
        world.chain, world.client = chain, chain.client()
        assert not a_runner(world, engine, published).step()
        check_final(world, engine, published, 3, 5)
        world.client.close()
