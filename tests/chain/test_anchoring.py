"""Checkpoints come to the chain once each, whatever chain and node do meanwhile."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.chain.anchor_machine import State
from ledger.chain.client import ChainClient, Sent
from ledger.chain.governance import open_log, rotate_operator
from ledger.domain.errors import NotFoundError, PolicyError, UnavailableError
from ledger.domain.evm_layout import anchor_slot
from ledger.verification.state_proof import StateProof, believe
from tests.builders import ORIGIN
from tests.chain.chains import (
    LOG,
    OPERATOR,
    Hands,
    World,
    a_chain,
    a_database,
    an_account,
    checkpoints_of,
    settle_world,
)
from tests.chain.runners import DEPTH, a_runner, check_anchors, check_final


class LosingReplies(ChainClient):
    """A client whose transactions arrive, or do not, and that hears nothing of it."""

    def __init__(self, url: str, *, delivers: bool) -> None:
        super().__init__(url)
        self.delivers = delivers
        self.is_losing = True

    def send(self, raw: bytes) -> Sent:
        if self.is_losing and not self.delivers:
            raise UnavailableError("chain-slow", "lost on the way")
        sent = super().send(raw)
        if self.is_losing:
            raise UnavailableError("chain-slow", "the reply was lost")
        return sent


def test_a_checkpoint_becomes_final_by_one_transaction(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner, before = a_runner(world, engine, published), world.client.nonce(OPERATOR.address)
    assert runner.step()
    (anchor,) = world.store(engine).unfinished()
    assert anchor.state is State.SUBMITTED
    world.chain.mine()
    assert runner.step()
    (anchor,) = world.store(engine).unfinished()
    assert anchor.state is State.MINED
    world.chain.mine(DEPTH)
    assert runner.step()
    check_final(world, engine, published, 7)
    assert world.client.nonce(OPERATOR.address) == before + 1


def test_when_all_is_final_a_step_changes_nothing(world: World, engine: Engine) -> None:
    runner = a_runner(world, engine, checkpoints_of(7))
    runner.until_final(7, world.chain.mine)
    nonce = world.client.nonce(OPERATOR.address, "pending")
    assert not runner.step()
    assert not runner.step()
    assert world.client.nonce(OPERATOR.address, "pending") == nonce


def test_without_a_checkpoint_nothing_is_anchored(world: World, engine: Engine) -> None:
    assert not a_runner(world, engine, checkpoints_of()).step()
    assert world.store(engine).largest() == 0


def test_every_checkpoint_of_a_log_on_a_known_chain_gets_its_own_anchor(world: World, engine: Engine) -> None:
    published = checkpoints_of(2)
    runner = a_runner(world, engine, published)
    runner.until_final(2, world.chain.mine)
    published.roots |= checkpoints_of(5, 9, 12).roots
    for _ in range(20):
        runner.step()
        world.chain.mine()
    check_final(world, engine, published, 2, 5, 9, 12)


def test_a_log_that_outruns_its_chain_anchors_the_newest(world: World, engine: Engine) -> None:
    published = checkpoints_of(2)
    runner = a_runner(world, engine, published, settings={"max_behind": 3})
    runner.until_final(2, world.chain.mine)
    published.roots |= checkpoints_of(4, 6, 8, 10).roots
    runner.until_final(10, world.chain.mine)
    check_final(world, engine, published, 2, 10)


def test_the_state_proof_stored_with_a_final_anchor_shows_its_record(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    runner.until_final(7, world.chain.mine)
    published.roots |= checkpoints_of(9).roots
    runner.until_final(9, world.chain.mine)
    (stored,) = world.store(engine).proofs([9])
    proof = StateProof.from_bytes(stored.proof)
    assert (proof.chain_id, proof.genesis) == (31337, world.chain.identity.genesis)
    block = world.client.block(stored.block_number)
    assert block is not None
    state = believe(proof, {block.number: block.hash})
    assert state is not None
    for size in (7, 9):
        assert state.slot(world.contracts.anchor, anchor_slot(LOG, size).to_bytes(32))


@pytest.mark.parametrize("delivers", [True, False], ids=["the reply is lost", "the transaction is lost"])
def test_what_is_lost_on_the_way_is_anchored_once(world: World, engine: Engine, delivers: bool) -> None:
    published = checkpoints_of(7)
    client = LosingReplies(world.chain.url, delivers=delivers)
    runner = a_runner(world, engine, published, client=client)
    with pytest.raises(UnavailableError):
        runner.step()
    (anchor,) = world.store(engine).unfinished()
    assert anchor.state is State.SIGNED
    world.chain.mine()
    client.is_losing = False
    runner.until_final(7, world.chain.mine)
    check_final(world, engine, published, 7)
    assert len(world.store(engine).transactions(7)) == 1
    client.close()


def test_a_reorganised_anchor_is_sent_again_with_the_same_bytes(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    snapshot = world.rpc("evm_snapshot")
    runner.step()
    world.chain.mine()
    runner.step()
    first = world.store(engine).at(7)
    assert first is not None
    assert first.state is State.MINED
    world.rpc("evm_revert", snapshot)
    world.chain.mine(3)
    check_anchors(world, engine, published)
    runner.until_final(7, world.chain.mine)
    check_final(world, engine, published, 7)
    again = world.store(engine).at(7)
    assert again is not None
    assert again.block != first.block
    assert len(world.store(engine).transactions(7)) == 1


def test_an_anchor_moved_to_another_block_is_noticed_before_it_is_final(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    snapshot = world.rpc("evm_snapshot")
    runner.step()
    (transaction,) = world.store(engine).transactions(7)
    world.chain.mine()
    runner.step()
    world.rpc("evm_revert", snapshot)
    # Same height, same transaction, another block: only the hash tells.
    world.client.send(transaction.raw)
    world.chain.mine(1 + DEPTH)
    runner.step()
    check_final(world, engine, published, 7)


def test_final_anchors_that_the_chain_lost_are_anchored_again(world: World, engine: Engine) -> None:
    published = checkpoints_of(3)
    runner = a_runner(world, engine, published)
    runner.until_final(3, world.chain.mine)
    snapshot = world.rpc("evm_snapshot")
    for size in (5, 8):
        published.roots |= checkpoints_of(size).roots
        runner.until_final(size, world.chain.mine)
    world.rpc("evm_revert", snapshot)
    world.chain.mine()
    for _ in range(6):
        runner.step()
        world.chain.mine()
        check_anchors(world, engine, published)
    check_final(world, engine, published, 3, 5, 8)
    assert len(world.store(engine).proofs([8])) == 2


def test_what_another_process_anchored_with_the_same_root_is_success(
    world: World, engine: Engine, tmp_path: Path
) -> None:
    published = checkpoints_of(7)
    a_runner(world, engine, published).until_final(7, world.chain.mine)
    sent = world.client.nonce(OPERATOR.address)
    (tmp_path / "second").mkdir()
    second = a_database(tmp_path / "second")
    a_runner(world, second, published).until_final(7, world.chain.mine)
    check_final(world, second, published, 7)
    assert world.client.nonce(OPERATOR.address) == sent
    second.dispose()


def test_a_nonce_that_something_else_used_up_is_replaced(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    runner.step()
    (transaction,) = world.store(engine).transactions(7)
    world.rpc("anvil_dropTransaction", "0x" + transaction.hash.hex())
    # The operator's account signs something else by hand.
    send_by_hand(world)
    runner.until_final(7, world.chain.mine)
    check_final(world, engine, published, 7)
    assert [one.nonce for one in world.store(engine).transactions(7)] == [
        transaction.nonce,
        transaction.nonce + 1,
    ]


def send_by_hand(world: World) -> None:
    from ledger.chain.transactions import transact

    transact(world.client, OPERATOR, OPERATOR.address, b"")


def test_a_gap_before_a_stored_nonce_is_filled(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    snapshot = world.rpc("evm_snapshot")
    send_by_hand(world)
    runner.step()
    world.rpc("evm_revert", snapshot)
    world.chain.mine()
    runner.until_final(7, world.chain.mine)
    check_final(world, engine, published, 7)


def test_a_stuck_transaction_is_followed_by_one_that_pays_more(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published, settings={"stuck_seconds": 60})
    runner.step()
    world.clock.now += 59
    runner.step()
    assert len(world.store(engine).transactions(7)) == 1
    world.clock.now += 1
    runner.step()
    runner.step()
    first, second = world.store(engine).transactions(7)
    assert first.nonce == second.nonce
    assert second.max_fee >= first.max_fee * 11 // 10
    world.chain.mine()
    assert world.client.receipt(first.hash) is None
    runner.until_final(7, world.chain.mine)
    check_final(world, engine, published, 7)


def test_when_the_cheaper_transaction_is_mined_after_all_it_counts(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published, settings={"stuck_seconds": 60})
    runner.step()
    world.clock.now += 60
    runner.step()
    first, second = world.store(engine).transactions(7)
    world.rpc("anvil_dropTransaction", "0x" + second.hash.hex())
    world.client.send(first.raw)
    world.chain.mine()
    runner.until_final(7, world.chain.mine)
    check_final(world, engine, published, 7)
    assert world.client.receipt(first.hash) is not None


def test_a_rotated_operator_goes_on_with_its_own_account(world: World, engine: Engine) -> None:
    published = checkpoints_of(3)
    a_runner(world, engine, published).until_final(3, world.chain.mine)
    new = an_account("new operator")
    world.chain.fund(new.address)
    published.roots |= checkpoints_of(5).roots
    a_runner(world, engine, published).step()
    world.rpc("anvil_dropAllTransactions")
    world.govern(rotate_operator(ORIGIN, new.address))
    a_runner(world, engine, published, signer=new).until_final(5, world.chain.mine)
    check_final(world, engine, published, 3, 5)


def test_nothing_is_final_before_the_chain_is_saved(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)

    def disk_full() -> None:
        raise UnavailableError("chain-not-saved", "no room")

    runner = a_runner(world, engine, published, make_durable=disk_full)
    runner.step()
    world.chain.mine(1 + DEPTH)
    with pytest.raises(UnavailableError, match="no room"):
        runner.step()
    anchor = world.store(engine).at(7)
    assert anchor is not None
    assert anchor.state is State.MINED
    # It does not hold up the next one.
    published.roots |= checkpoints_of(9).roots
    with pytest.raises(UnavailableError, match="no room"):
        runner.step()
    following = world.store(engine).at(9)
    assert following is not None
    assert following.state is State.SUBMITTED


def test_a_fresh_chain_adds_anchors_and_leaves_those_of_the_lost_one(
    world: World, engine: Engine, tmp_path: Path
) -> None:
    published = checkpoints_of(3)
    runner = a_runner(world, engine, published)
    runner.until_final(3, world.chain.mine)
    published.roots |= checkpoints_of(5, 8).roots
    runner.until_final(5, world.chain.mine)
    before = world.store(engine).final(), world.store(engine).proofs()
    clock = Hands()
    with a_chain(tmp_path / "fresh", clock) as chain:
        fresh = settle_world(chain, clock)
        assert fresh.chain.identity.genesis != world.chain.identity.genesis
        on_fresh = a_runner(fresh, engine, published)
        on_fresh.until_final(8, chain.mine)
        check_final(fresh, engine, published, 8)
        with pytest.raises(PolicyError, match="larger size"):
            on_fresh.want(5)
    assert (world.store(engine).final(), world.store(engine).proofs()) == before


def test_wanted_checkpoints_come_before_the_newest_on_a_fresh_chain(world: World, engine: Engine) -> None:
    published = checkpoints_of(3, 5, 8)
    runner = a_runner(world, engine, published)
    runner.want(3)
    runner.want(3)
    runner.want(5)
    runner.until_final(8, world.chain.mine)
    check_final(world, engine, published, 3, 5, 8)
    with pytest.raises(NotFoundError, match="size 6"):
        runner.want(6)


def test_two_processes_on_one_database_anchor_once(world: World, engine: Engine, tmp_path: Path) -> None:
    published = checkpoints_of(4)
    other = a_database(tmp_path)
    runners = [a_runner(world, one, published) for one in (engine, other)]
    for size in (4, 6, 9):
        published.roots |= checkpoints_of(size).roots
        for _ in range(4):
            for runner in runners:
                runner.step()
            world.chain.mine()
    check_final(world, engine, published, 4, 6, 9)
    assert [len(world.store(engine).transactions(size)) for size in (4, 6, 9)] == [1, 1, 1]
    other.dispose()


def test_a_log_that_governance_has_not_opened_waits(world: World, engine: Engine) -> None:
    origin = "log.corridor.example/later"
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published, origin=origin)
    with pytest.raises(UnavailableError, match="not opened"):
        runner.step()
    world.govern(open_log(origin, OPERATOR.address))
    runner.until_final(7, world.chain.mine)
    assert [one.size for one in world.store(engine).final()] == [7]
