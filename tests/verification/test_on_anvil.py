"""Dossiers on a real chain: state proofs of a real node, and the node itself, lead to the same verdicts."""

import pytest

from ledger.chain.reader import ChainReader
from ledger.chain.view import RpcChainView
from ledger.domain.verdict import Outcome
from tests.builders import NOON, ORIGIN_PORT, Trip, a_trip
from tests.chain import chains
from tests.verification.anvil import AnvilChain
from tests.verification.factory import World, a_small_world
from tests.verification.verdicts import BARE_PASSAGE, check, not_passed, said, verdict_on


@pytest.fixture
def chain(world: chains.World) -> AnvilChain:
    return AnvilChain(world)


@pytest.fixture
def corridor(chain: AnvilChain) -> tuple[World, Trip]:
    return a_small_world(on=chain, now=NOON + 1000)


def test_a_dossier_is_accepted_online_and_with_the_chain_gone(
    chain: AnvilChain, corridor: tuple[World, Trip]
) -> None:
    log, trip = corridor
    dossier, trust = log.dossier(trip), log.trust()
    offline = verdict_on(log, dossier, trust)
    online = verdict_on(log, dossier, trust, chain_view=chain.view())
    assert not_passed(offline) == not_passed(online) == BARE_PASSAGE
    assert said(online, "freshness") == ("passed", "newest-anchor")


def test_a_later_pinned_block_serves_through_the_headers_in_between(
    chain: AnvilChain, corridor: tuple[World, Trip]
) -> None:
    log, trip = corridor
    state = chain.number
    dossier = log.dossier(trip)
    for _ in range(3):
        chain.mine(log.now)
    trust = log.trust()
    unpinned = verdict_on(log, dossier, trust)
    assert said(unpinned, "anchor") == ("not-checked", "no-pinned-block")
    assert f"corridor trust pin --block {state})" in check(unpinned, "anchor").message
    assert trust.chain.pinned[-1].number == state + 3
    later = log.dossier(trip)
    assert verdict_on(log, later, trust).outcome is Outcome.ACCEPTED


def test_a_key_that_ended_before_the_anchor_is_found_online_and_offline(
    chain: AnvilChain, corridor: tuple[World, Trip]
) -> None:
    log, trip = corridor
    before = log.dossier(trip)
    chain.admin(ORIGIN_PORT).end_key(log.authors[ORIGIN_PORT].signer.key.thumbprint)
    assert verdict_on(log, before, chain_view=chain.view()).outcome is Outcome.ACCEPTED
    log.says("photo", trip, {}, by=ORIGIN_PORT)
    log.checkpoint()
    after = log.dossier(trip)
    for view in (None, chain.view()):
        assert said(verdict_on(log, after, chain_view=view), "authority") == ("failed", "key-not-good")


def test_a_suspect_key_is_reported_and_fails_nothing(chain: AnvilChain, corridor: tuple[World, Trip]) -> None:
    log, trip = corridor
    thumbprint = log.authors[ORIGIN_PORT].signer.key.thumbprint
    chain.admin(ORIGIN_PORT).suspect_key(thumbprint, chain.number)
    log.says("photo", trip, {}, by=ORIGIN_PORT)
    log.checkpoint()
    for view in (None, chain.view()):
        verdict = verdict_on(log, log.dossier(trip), chain_view=view)
        assert said(verdict, "authority") == ("missing", "key-suspect")
        assert verdict.outcome is Outcome.INCOMPLETE


def test_a_rewritten_chain_is_found_online_and_offline(world: chains.World, chain: AnvilChain) -> None:
    snapshot = world.rpc("evm_snapshot")
    log, trip = a_small_world(on=chain, now=NOON + 1000)
    trust = log.trust()
    assert world.rpc("evm_revert", snapshot) is True
    again, _ = a_small_world(on=chain, now=NOON + 5000)
    dossier = again.dossier(trip)
    for view in (None, chain.view()):
        verdict = verdict_on(again, dossier, trust, chain_view=view)
        assert said(verdict, "anchor") == ("failed", "chain-rewritten")
        assert verdict.outcome is Outcome.REJECTED


def test_a_stale_dossier_is_found_by_the_node(chain: AnvilChain, corridor: tuple[World, Trip]) -> None:
    log, trip = corridor
    old = log.dossier(trip)
    log.opens(a_trip("HLXU7654321"))
    log.checkpoint()
    trust = log.trust(max_age=None)
    assert said(verdict_on(log, old, trust, chain_view=chain.view()), "freshness") == ("failed", "stale")


def test_a_node_that_is_gone_leaves_the_state_proofs(
    world: chains.World, chain: AnvilChain, corridor: tuple[World, Trip]
) -> None:

    log, trip = corridor
    identity = world.client.identity()
    gone = ChainReader("http://127.0.0.1:9", timeout=0.5)
    addresses = {contract.value: address for contract, address in chain.addresses.items()}
    view = RpcChainView(gone, identity, addresses, chain.number)
    assert not_passed(verdict_on(log, log.dossier(trip), chain_view=view)) == BARE_PASSAGE
