"""What an operator can try who holds all keys of its own, and some participants' too; each try has its check.

The operator here signs checkpoints, receipts and anchors, orders the log, runs the map and writes dossiers.
It does not have the keys of honest participants, of the witnesses and of the index cosigner, nor the
verifier's trust file.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from ledger.domain.cose import Sign1
from ledger.domain.statement import Seen, Statement
from ledger.domain.verdict import Outcome, Verdict
from ledger.verification.dossier import Dossier
from ledger.verification.manifest import CUSTODY, CoveredStream
from ledger.verification.trust import Trust
from ledger.verification.verifier import verify_receipt
from tests.builders import (
    CUSTOMS,
    EXPORTER,
    ORIGIN_PORT,
    Author,
    Trip,
    a_genesis,
    a_trip,
    nothing_seen,
    seeded,
)
from tests.verification.factory import WITNESSES, World, a_small_world, packed
from tests.verification.verdicts import said, verdict_on

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HONEST_PLAIN = WITNESSES[:2]


class Tried(NamedTuple):
    """A dossier that somebody forged, and what its verifier goes by."""

    world: World
    dossier: Dossier
    trust: Trust | None = None
    arguments: Mapping[str, Any] = MappingProxyType({})


def a_forger() -> tuple[World, Trip]:
    return a_small_world()


def swapped(dossier: Dossier, place: int, raw: bytes) -> Dossier:
    statements = list(dossier.statements)
    statements[place] = replace(statements[place], raw=raw)
    return replace(dossier, statements=tuple(statements))


def without(dossier: Dossier, place: int) -> Dossier:
    """Return the dossier with one statement left out and everything that the operator writes made to fit."""
    statements = dossier.statements[:place] + dossier.statements[place + 1 :]
    (stream,) = dossier.header.streams
    header = replace(dossier.header, streams=(replace(stream, count=stream.count - 1),))
    return with_the_keys_needed(replace(dossier, header=header, statements=statements))


def with_the_keys_needed(dossier: Dossier) -> Dossier:
    used = {Statement.parse(one.raw).kid for one in dossier.statements}
    return replace(dossier, keys=tuple(key for key in dossier.keys if sha256(key).digest() in used))


def old_entry_signed_later() -> Tried:
    world, trip = a_forger()
    world.now += 3600
    later = world.authors[ORIGIN_PORT].says("scan", trip, {"conclusion": "suspect"}, iat=world.now)
    return Tried(world, swapped(world.dossier(trip), 3, later.raw))


def old_entry_with_its_other_signature() -> Tried:
    """Of an ECDSA signature anyone can make a second one that verifies: the log commits to the first."""
    world, trip = a_forger()
    sign1 = Sign1.parse(world.dossier(trip).statements[3].raw)
    r, s = sign1.signature[:32], int.from_bytes(sign1.signature[32:])
    other = replace(sign1, signature=r + (P256_ORDER - s).to_bytes(32))
    return Tried(world, swapped(world.dossier(trip), 3, other.encode()))


def statement_dated_back() -> Tried:
    world, trip = a_forger()
    world.now += 7200
    world.says("photo", trip, {})
    world.checkpoint()
    world.says("inspection", trip, {}, by=CUSTOMS, iat=world.now - 5000)
    world.checkpoint()
    return Tried(world, world.dossier(trip))


def statement_left_out_of_the_dossier() -> Tried:
    world, trip = a_forger()
    return Tried(world, without(world.dossier(trip), 3))


def statement_left_out_of_the_map() -> Tried:
    """The index cosigner, which replays the log, does not sign such a checkpoint."""
    world, trip = a_forger()
    hold = world.authors[CUSTOMS].says(
        "decision", trip, {"decision": "hold"}, iat=world.now, seen=world.seen()
    )
    index = world.submit(hold, in_map=False)
    world.checkpoint(cosigners=HONEST_PLAIN)
    dossier = world.dossier(trip)
    place = [one.index for one in dossier.statements].index(index)
    return Tried(world, without(dossier, place))


def statement_left_out_of_the_map_before_one_who_replays() -> Tried:
    tried = statement_left_out_of_the_map()
    honest = a_small_world()[0]
    honest.submit(tried.world.logged[8].signed)
    honest.checkpoint()
    return tried._replace(arguments={"replayed_map_root": honest.map_roots[len(honest.entries)]})


def statement_left_out_of_the_map_only() -> Tried:
    tried = statement_left_out_of_the_map()
    return Tried(tried.world, tried.world.dossier(a_trip()))


def entry_under_a_wrong_tag() -> Tried:
    world, trip = a_forger()
    hold = world.authors[CUSTOMS].says(
        "decision", trip, {"decision": "hold"}, iat=world.now, seen=world.seen()
    )
    world.submit(hold, tags=[seeded("nobody's", 32)])
    world.checkpoint()
    return Tried(world, world.dossier(trip))


def second_custody_stream() -> Tried:
    """With the exporter's help the operator opens the same trip once more, under a tag of its own choice."""
    world, trip = a_forger()
    tag = seeded("second custody", 32)
    world.submit(world.authors[EXPORTER].says("subject-opened", trip, {}, streams=[tag], iat=world.now))
    world.checkpoint()
    dossier = world.dossier(trip, streams=[(trip.uri, "second", tag)])
    second = [one for one in dossier.statements if tag in world.logged[one.index].signed.statement.streams]
    header = replace(dossier.header, streams=(CoveredStream(trip.uri, CUSTODY, tag, 1),))
    only = replace(dossier.map, proofs=dossier.map.proofs[1:])
    return Tried(
        world, with_the_keys_needed(replace(dossier, header=header, statements=tuple(second), map=only))
    )


def stream_that_no_authority_opened() -> Tried:
    world, trip = a_forger()
    tag = seeded("enforcement", 32)
    world.says("decision", trip, {"decision": "release"}, by=CUSTOMS, streams=[tag])
    world.checkpoint()
    return Tried(world, world.dossier(trip, streams=[(trip.uri, "enforcement", tag)]))


def statement_of_another_shipment_put_in() -> Tried:
    world, trip = a_forger()
    other = a_trip("HLXU7654321")
    world.opens(other)
    world.checkpoint()
    dossier, foreign = world.dossier(trip), world.dossier(other)
    return Tried(world, replace(dossier, statements=(*dossier.statements, *foreign.statements)))


def two_histories() -> tuple[World, World, Trip]:
    """Return the history that others see, and the one that the operator made for this verifier."""
    shown, hidden = World(), World()
    trip = a_trip()
    for world, conclusion in ((shown, "suspect"), (hidden, "clear")):
        world.opens(trip)
        world.says("scan", trip, {"conclusion": conclusion}, by=ORIGIN_PORT)
    shown.checkpoint()
    hidden.checkpoint(cosigners=())
    return shown, hidden, trip


def second_history_before_an_independent_chain() -> Tried:
    shown, hidden, trip = two_histories()
    proofs = shown.dossier(trip).state_proofs
    return Tried(shown, replace(hidden.dossier(trip), state_proofs=proofs))


def second_history_before_witnesses() -> Tried:
    _, hidden, trip = two_histories()
    hidden.control = "operator"
    return Tried(hidden, hidden.dossier(trip))


def second_history_before_one_who_saw_the_first() -> Tried:
    shown, hidden, trip = two_histories()
    size = max(shown.notes)
    seen = {"size": size, "root": shown.root(size).hex()}
    return Tried(hidden, hidden.dossier(trip), hidden.trust(last_seen=seen))


def second_history_with_a_statement_of_one_who_saw_the_first() -> Tried:
    shown, hidden, trip = two_histories()
    size = max(shown.notes)
    hidden.says("photo", trip, {}, seen=Seen(size, shown.root(size)))
    hidden.checkpoint()
    return Tried(hidden, hidden.dossier(trip))


def stale_dossier() -> Tried:
    """The hold of an hour ago is not in it."""
    world, trip = a_forger()
    old = world.dossier(trip)
    world.now += 3600
    world.says("decision", trip, {"decision": "hold"}, by=CUSTOMS)
    world.checkpoint()
    return Tried(world, old, world.trust(max_age=1800))


def rewritten_embedded_chain() -> Tried:
    world, trip = a_small_world(control="operator")
    trust = world.trust()
    rewritten, _ = a_small_world(control="operator", now=world.now - 86_400)
    rewritten.chain.headers[0] = world.chain.headers[0]
    dossier = world.dossier(trip)
    proofs = tuple(
        replace(proof, genesis=world.chain.genesis) for proof in rewritten.dossier(trip).state_proofs
    )
    return Tried(world, replace(dossier, state_proofs=proofs), trust)


def another_genesis_under_the_same_chain_id() -> Tried:
    world, trip = a_forger()
    other, _ = a_small_world(seed="another chain")
    return Tried(world, replace(world.dossier(trip), state_proofs=other.dossier(trip).state_proofs))


def another_genesis_that_calls_itself_the_trusted_one() -> Tried:
    world, trip = a_forger()
    other, _ = a_small_world(seed="another chain")
    proofs = tuple(replace(one, genesis=world.chain.genesis) for one in other.dossier(trip).state_proofs)
    return Tried(world, replace(world.dossier(trip), state_proofs=proofs))


def contract_of_other_code() -> Tried:
    world, trip = a_forger()
    chain = json.loads(world.trust().encode())["chain"]
    chain["anchor"]["code_hash"] = "0x" + "00" * 32
    return Tried(world, world.dossier(trip), world.trust(chain=chain))


def anchor_said_to_be_earlier() -> Tried:
    world, trip = a_forger()
    dossier = world.dossier(trip)
    *others, last = dossier.anchors
    return Tried(world, replace(dossier, anchors=(*others, replace(last, block_time=last.block_time - 600))))


def anchor_after_the_log_was_closed() -> Tried:
    world, trip = a_forger()
    world.chain.close(world.genesis.origin_hash, min(world.notes))
    world.chain.mine(world.now)
    return Tried(world, world.dossier(trip))


def statement_signed_with_another_organisations_key() -> Tried:
    world, trip = a_forger()
    forger = Author(CUSTOMS, world.authors[EXPORTER].signer, world.genesis.audience)
    world.submit(forger.says("decision", trip, {"decision": "release"}, iat=world.now, seen=world.seen()))
    world.authors[CUSTOMS] = forger
    world.checkpoint()
    return Tried(world, world.dossier(trip))


def statement_for_another_log() -> Tried:
    world, trip = a_forger()
    author = Author(EXPORTER, world.authors[EXPORTER].signer, a_genesis("other.example/log").audience)
    world.submit(author.says("photo", trip, {}, iat=world.now, seen=nothing_seen(author.aud)))
    world.checkpoint()
    return Tried(world, world.dossier(trip))


def disclosure_that_matches_nothing() -> Tried:
    world, trip = a_forger()
    world.says("photo", trip, {"who": "pseudonym"}, conceal=[("who",)])
    world.checkpoint()
    dossier = world.dossier(trip)
    statements = list(dossier.statements)
    statements[1] = replace(statements[1], disclosures=statements[-1].disclosures)
    return Tried(world, replace(dossier, statements=tuple(statements)))


def key_left_out() -> Tried:
    world, trip = a_forger()
    dossier = world.dossier(trip)
    return Tried(world, replace(dossier, keys=dossier.keys[1:]))


def key_put_in() -> Tried:
    world, trip = a_forger()
    dossier = world.dossier(trip)
    keys = {*dossier.keys, world.authors[CUSTOMS].signer.key.encoded}
    return Tried(world, replace(dossier, keys=tuple(sorted(keys, key=lambda key: sha256(key).digest()))))


FORGERIES: dict[Callable[[], Tried], tuple[str, str, str]] = {
    old_entry_signed_later: ("inclusion", "failed", "not-included"),
    old_entry_with_its_other_signature: ("inclusion", "failed", "not-included"),
    statement_dated_back: ("time", "failed", "signed-before-seen"),
    statement_left_out_of_the_dossier: ("completeness", "failed", "stream-mismatch"),
    statement_left_out_of_the_map: ("completeness", "not-checked", "no-index-cosigner"),
    statement_left_out_of_the_map_before_one_who_replays: ("completeness", "failed", "map-mismatch"),
    statement_left_out_of_the_map_only: ("completeness", "failed", "stream-mismatch"),
    entry_under_a_wrong_tag: ("inclusion", "failed", "not-included"),
    second_custody_stream: ("completeness", "failed", "wrong-stream"),
    stream_that_no_authority_opened: ("completeness", "failed", "wrong-stream"),
    statement_of_another_shipment_put_in: ("completeness", "failed", "stray-statement"),
    second_history_before_an_independent_chain: ("anchor", "failed", "anchor-mismatch"),
    second_history_before_witnesses: ("no-split-view", "not-checked", "no-independent-view"),
    second_history_before_one_who_saw_the_first: ("no-split-view", "failed", "history-contradicted"),
    second_history_with_a_statement_of_one_who_saw_the_first: (
        "no-split-view",
        "failed",
        "history-contradicted",
    ),
    stale_dossier: ("freshness", "failed", "stale"),
    rewritten_embedded_chain: ("anchor", "failed", "chain-rewritten"),
    another_genesis_under_the_same_chain_id: ("anchor", "failed", "other-chain"),
    another_genesis_that_calls_itself_the_trusted_one: ("anchor", "failed", "chain-rewritten"),
    contract_of_other_code: ("anchor", "failed", "other-code"),
    anchor_said_to_be_earlier: ("anchor", "failed", "anchor-mismatch"),
    anchor_after_the_log_was_closed: ("anchor", "failed", "log-closed"),
    statement_signed_with_another_organisations_key: ("authority", "failed", "key-of-another"),
    statement_for_another_log: ("signature", "failed", "other-log"),
    disclosure_that_matches_nothing: ("signature", "failed", "disclosure-unmatched"),
    key_left_out: ("signature", "failed", "key-missing"),
    key_put_in: ("signature", "failed", "surplus-key"),
}


@pytest.mark.parametrize(("forge", "check"), FORGERIES.items(), ids=[forge.__name__ for forge in FORGERIES])
def test_a_forgery_is_stopped_by_its_check(forge: Callable[[], Tried], check: tuple[str, str, str]) -> None:
    tried = forge()
    verdict: Verdict = verdict_on(tried.world, tried.dossier, tried.trust, **tried.arguments)
    name, *expected = check
    assert said(verdict, name) == tuple(expected)
    assert verdict.outcome is (Outcome.REJECTED if expected[0] == "failed" else Outcome.INCOMPLETE)


def test_a_submitter_finds_an_entry_under_a_wrong_tag_in_its_receipt() -> None:
    tried = entry_under_a_wrong_tag()
    index = max(tried.world.logged)
    verdict = verify_receipt(packed(tried.world.receipt(index)), tried.world.trust())
    assert said(verdict, "inclusion")[0] == "failed"
