"""When the chain holds what is not this log's, nothing more is anchored, and it is said aloud."""

import pytest
from sqlalchemy import Engine

from ledger.chain.client import ChainClient
from ledger.chain.contracts import ANCHOR, Interface
from ledger.chain.errors import AnchorConflictError, WrongChainError
from ledger.chain.governance import Contracts, close_log, rotate_operator
from ledger.chain.reader import ChainIdentity
from ledger.chain.transactions import transact
from ledger.domain.errors import ConflictError, PolicyError, UnavailableError
from tests.builders import ORIGIN, seeded
from tests.chain.chains import LOG, OPERATOR, World, an_account, checkpoints_of
from tests.chain.runners import a_runner, check_anchors


def anchor_by_hand(world: World, size: int, root: bytes) -> None:
    """Anchor with the operator's key past the machine, as a thief would."""
    transact(
        world.client, OPERATOR, world.contracts.anchor, Interface.load(ANCHOR).call("anchor", LOG, size, root)
    )


def test_another_root_for_our_size_stops_everything(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    anchor_by_hand(world, 7, seeded("another root", 32))
    runner = a_runner(world, engine, published)
    published.roots |= checkpoints_of(9).roots
    sent = world.client.nonce(OPERATOR.address, "pending")
    for _ in range(2):
        with pytest.raises(AnchorConflictError) as caught:
            runner.step()
        assert caught.value.code == "anchor-conflict"
        assert seeded("another root", 32).hex() in caught.value.message
    assert world.client.nonce(OPERATOR.address, "pending") == sent


def test_another_root_that_overtook_ours_stops_everything(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    runner.step()
    (transaction,) = world.store(engine).transactions(7)
    world.rpc("anvil_dropTransaction", "0x" + transaction.hash.hex())
    anchor_by_hand(world, 7, seeded("another root", 32))
    with pytest.raises(AnchorConflictError):
        runner.step()


def test_a_size_that_the_database_does_not_know_stops_everything(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    runner.until_final(7, world.chain.mine)
    anchor_by_hand(world, 100, seeded("another root", 32))
    published.roots |= checkpoints_of(9).roots
    with pytest.raises(AnchorConflictError) as caught:
        runner.step()
    assert caught.value.code == "anchor-unknown"
    assert world.store(engine).largest() == 7


def test_a_size_that_a_larger_one_overtook_gets_no_anchor(world: World, engine: Engine) -> None:
    published = checkpoints_of(7)
    runner = a_runner(world, engine, published)
    runner.step()
    (transaction,) = world.store(engine).transactions(7)
    world.rpc("anvil_dropTransaction", "0x" + transaction.hash.hex())
    published.roots |= checkpoints_of(9).roots
    anchor_by_hand(world, 9, published.roots[9])
    runner.until_final(9, world.chain.mine)
    check_anchors(world, engine, published)
    assert world.store(engine).at(7) is None


def test_a_closed_log_is_not_anchored(world: World, engine: Engine) -> None:
    world.govern(close_log(ORIGIN, 0))
    with pytest.raises(PolicyError) as caught:
        a_runner(world, engine, checkpoints_of(7)).step()
    assert caught.value.code == "log-closed"


def test_another_operator_is_told_whose_turn_it_is(world: World, engine: Engine) -> None:
    new = an_account("new operator")
    world.govern(rotate_operator(ORIGIN, new.address))
    with pytest.raises(PolicyError) as caught:
        a_runner(world, engine, checkpoints_of(7)).step()
    assert caught.value.code == "not-operator"
    assert new.address.hex() in caught.value.message


def test_other_contracts_on_a_chain_that_is_known_are_refused(world: World, engine: Engine) -> None:
    a_runner(world, engine, checkpoints_of(7)).step()
    contracts = world.contracts
    other = Contracts(contracts.inclusion, contracts.anchor, contracts.inclusion)
    with pytest.raises(ConflictError) as caught:
        a_runner(world, engine, checkpoints_of(7), contracts=other).step()
    assert caught.value.code == "chain-contracts"


def test_an_address_without_the_contract_is_said_so(world: World, engine: Engine) -> None:
    other = Contracts(world.contracts.registry, seeded("nobody", 20), world.contracts.inclusion)
    with pytest.raises(UnavailableError, match="is the contract at this address"):
        a_runner(world, engine, checkpoints_of(7), contracts=other).step()
    assert world.store(engine).contracts() is None


def test_a_node_of_another_chain_gets_no_transaction(world: World, engine: Engine) -> None:
    expected = ChainIdentity(world.chain.identity.chain_id, bytes(32))
    client = ChainClient(world.chain.url, expected=expected)
    with pytest.raises(WrongChainError):
        a_runner(world, engine, checkpoints_of(7), client=client).step()
    assert world.store(engine).contracts() is None
    client.close()


def test_an_account_without_money_is_told_so(world: World, engine: Engine) -> None:
    poor = an_account("poor operator")
    world.govern(rotate_operator(ORIGIN, poor.address))
    runner = a_runner(world, engine, checkpoints_of(7), signer=poor)
    with pytest.raises(UnavailableError) as caught:
        runner.step()
    assert caught.value.code == "insufficient-funds"
    world.chain.fund(poor.address)
    runner.until_final(7, world.chain.mine)
