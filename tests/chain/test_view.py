"""A verifier's own node is asked at one final block, and only on the chain that was pinned."""

import pytest

from ledger.chain.errors import WrongChainError
from ledger.chain.governance import enrol
from ledger.chain.view import RpcChainView
from ledger.domain.errors import UnavailableError
from ledger.domain.evm_layout import keccak, organisation_id
from tests.builders import EXPORTER, seeded
from tests.chain.chains import LOG, OPERATOR, World, an_account


def view(world: World, depth: int = 0) -> RpcChainView:
    contracts = world.contracts
    return RpcChainView.connect(
        world.client, registry=contracts.registry, anchor=contracts.anchor, depth=depth
    )


def test_it_is_of_a_block_that_is_deep_enough(world: World) -> None:
    world.govern(enrol(EXPORTER, an_account("exporter").address))
    number, organisation = world.client.head().number, organisation_id(EXPORTER)
    assert view(world).block_number == number
    assert view(world).organisation(organisation) is not None
    assert view(world, depth=1).organisation(organisation) is None
    world.chain.mine()
    assert view(world, depth=1).organisation(organisation) is not None


def test_a_later_block_than_its_own_is_not_final_yet(world: World) -> None:
    one = view(world)
    for ask in (
        lambda: one.key_record(bytes(32), one.block_number + 1),
        lambda: one.organisation(bytes(32), one.block_number + 1),
        lambda: one.role_intervals(bytes(32), bytes(32), one.block_number + 1),
    ):
        with pytest.raises(UnavailableError, match="not final"):
            ask()


def test_it_names_chain_code_and_operator(world: World) -> None:
    one = view(world)
    assert (one.chain_id, one.genesis) == (31337, world.chain.identity.genesis)
    assert one.live
    assert one.head(LOG).operator == OPERATOR.address
    assert one.code_hash("anchor") == keccak(world.client.code(world.contracts.anchor))
    assert one.code_hash("registry") != one.code_hash("anchor")


def test_where_there_is_no_contract_it_says_so(world: World) -> None:
    nobody = seeded("nobody", 20)
    one = RpcChainView.connect(world.client, registry=nobody, anchor=nobody, depth=0)
    assert one.code_hash("anchor") == bytes(32)
    with pytest.raises(UnavailableError, match="is the contract at this address"):
        one.head(LOG)


def test_a_pinned_block_that_was_replaced_is_found(world: World) -> None:
    one = view(world)
    block = world.client.head()
    one.check_pinned(block.number, block.hash)
    with pytest.raises(WrongChainError, match="rewritten"):
        one.check_pinned(block.number, seeded("another", 32))
    with pytest.raises(UnavailableError, match="no block"):
        one.check_pinned(block.number + 1, block.hash)
