"""Verdicts on honest dossiers: what passes, what is not checked, and what is said of it."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ledger.domain.verdict import CHECKS, Outcome
from ledger.verification.manifest import CUSTODY, CoveredStream
from ledger.verification.trust import PinnedBlock, Trust
from ledger.verification.verifier import CHECKS_OF_RECEIPT, NotADossierError, verify, verify_receipt
from tests.builders import CUSTOMS, a_trip, seeded
from tests.verification.factory import a_small_world, packed
from tests.verification.verdicts import BARE_PASSAGE, NO_PASSAGE, check, not_passed, said, verdict_on


def test_an_honest_dossier_is_accepted_and_every_required_check_has_passed() -> None:
    world, trip = a_small_world()
    verdict = verdict_on(world, world.dossier(trip))
    assert not_passed(verdict) == BARE_PASSAGE
    assert verdict.outcome is Outcome.ACCEPTED
    assert verdict.shipment == trip.uri
    assert tuple(one.name for one in verdict.checks) == CHECKS


def test_the_same_dossier_is_accepted_from_a_file(tmp_path: Path) -> None:
    world, trip = a_small_world()
    path = tmp_path / "dossier.zip"
    path.write_bytes(packed(world.dossier(trip)))
    assert verify(path, world.trust(), clock=world.clock).outcome is Outcome.ACCEPTED


def test_a_verdict_is_the_json_of_the_interface() -> None:
    world, trip = a_small_world()
    printed = json.loads(json.dumps(verdict_on(world, world.dossier(trip)).to_json()))
    assert list(printed) == ["outcome", "shipment", "checks"]
    assert all(list(one) == ["name", "status", "reason", "message"] for one in printed["checks"])


def test_messages_are_single_sentences_for_people() -> None:
    world, trip = a_small_world()
    for one in verdict_on(world, world.dossier(trip)).checks:
        assert one.message.endswith(".")
        assert "\n" not in one.message


def test_a_dossier_of_two_subjects_proves_both_streams() -> None:
    world, trip = a_small_world()
    other = a_trip("HLXU7654321")
    world.opens(other)
    world.says(
        "stuffing", trip, {}, subjects=(trip.uri, other.uri), streams=(trip.custody_tag, other.custody_tag)
    )
    world.checkpoint()
    dossier = world.dossier(trip, other)
    assert [stream.count for stream in dossier.header.streams] == [6, 2]
    assert not_passed(verdict_on(world, dossier)) == BARE_PASSAGE


def test_a_restricted_stream_is_proven_when_its_authority_opened_it() -> None:
    world, trip = a_small_world()
    tag = seeded("enforcement", 32)
    author = world.authors[CUSTOMS]
    world.chain.set_role(CUSTOMS, "destination-customs", [(1, 0)])
    world.submit(author.says("stream-opened", trip, {"stream": "enforcement"}, streams=[tag], iat=world.now))
    world.submit(author.says("decision", trip, {"hold": "agriculture"}, streams=[tag], iat=world.now))
    world.checkpoint()
    dossier = world.dossier(trip, streams=[(trip.uri, "enforcement", tag)])
    assert not_passed(verdict_on(world, dossier)) == BARE_PASSAGE


def test_a_redacted_view_verifies_under_the_same_signatures() -> None:
    world, trip = a_small_world()
    world.says("photo", trip, {"who": "pseudonym", "what": "seal"}, conceal=[("who",)])
    world.checkpoint()
    dossier = world.dossier(trip)
    assert dossier.statements[-1].disclosures
    redacted = replace(dossier, statements=tuple(replace(one, disclosures=()) for one in dossier.statements))
    assert not_passed(verdict_on(world, redacted)) == BARE_PASSAGE


def test_a_dossier_at_an_earlier_checkpoint_is_good_offline() -> None:
    world, trip = a_small_world()
    first = min(world.notes)
    assert not_passed(verdict_on(world, world.dossier(trip, target=first))) == NO_PASSAGE


# What the verifier asked for


def test_the_shipment_asked_for_is_the_one_that_is_judged() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    assert verdict_on(world, dossier, expected_shipment=trip.uri).outcome is Outcome.ACCEPTED
    other = verdict_on(world, dossier, expected_shipment=a_trip("OTHER").uri)
    assert said(other, "readable") == ("failed", "other-shipment")
    assert other.outcome is Outcome.REJECTED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"genesis": "00" * 32}, "other-log"),
        ({"profile": "00" * 32}, "other-profile"),
    ],
)
def test_a_dossier_of_another_log_or_other_rules_is_rejected_and_nothing_else_is_judged(
    changes: dict[str, str], reason: str
) -> None:
    world, trip = a_small_world()
    verdict = verdict_on(world, world.dossier(trip), world.trust(**changes))
    assert said(verdict, "readable") == ("failed", reason)
    assert {
        name: status for name, (status, _) in not_passed(verdict).items() if name != "readable"
    } == dict.fromkeys(CHECKS[1:], "not-checked")
    assert verdict.outcome is Outcome.REJECTED


def test_a_receipt_file_is_no_dossier_and_the_other_way_round() -> None:
    world, trip = a_small_world()
    with pytest.raises(NotADossierError, match="receipt"):
        verify(packed(world.receipt(2)), world.trust(), clock=world.clock)
    with pytest.raises(NotADossierError, match="dossier"):
        verify_receipt(packed(world.dossier(trip)), world.trust())


# Receipt files


@pytest.mark.parametrize("index", [1, 2, 4, 6])
def test_a_receipt_file_is_accepted(index: int) -> None:
    world, _ = a_small_world()
    verdict = verify_receipt(packed(world.receipt(index)), world.trust())
    assert verdict.outcome is Outcome.ACCEPTED
    assert tuple(one.name for one in verdict.checks) == CHECKS_OF_RECEIPT


def test_receipts_of_another_statement_are_refused() -> None:
    world, _ = a_small_world()
    mixed = replace(world.receipt(4), receipt=world.receipt(5).receipt)
    verdict = verify_receipt(packed(mixed), world.trust())
    assert check(verdict, "inclusion").status == "failed"
    assert verdict.outcome is Outcome.REJECTED


def test_a_receipt_key_is_good_for_its_sizes_only() -> None:
    world, _ = a_small_world()
    keys = json.loads(world.trust().encode())["receipt_keys"]
    trust = world.trust(receipt_keys=[{**keys[0], "from_size": 9}])
    assert said(verify_receipt(packed(world.receipt(2)), trust), "inclusion") == ("failed", "receipt-key")


# Chains


def test_without_a_pinned_block_the_chain_is_not_checked_and_the_dossier_incomplete() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    trust = world.trust()
    chain = json.loads(trust.encode())["chain"] | {"pinned": []}
    verdict = verdict_on(world, dossier, world.trust(chain=chain))
    assert said(verdict, "anchor") == ("not-checked", "no-pinned-block")
    assert said(verdict, "authority") == ("not-checked", "needs-anchor")
    assert verdict.outcome is Outcome.INCOMPLETE


def test_a_dossier_without_state_proofs_is_incomplete_offline() -> None:
    world, trip = a_small_world()
    verdict = verdict_on(world, replace(world.dossier(trip), state_proofs=()))
    assert said(verdict, "anchor") == ("not-checked", "no-state-proof")


def test_a_block_pinned_after_the_dossier_was_made_serves_when_headers_lead_there() -> None:
    world, trip = a_small_world()
    world.chain.mine(world.now)
    dossier = world.dossier(trip)
    later = PinnedBlock(number=world.chain.number, hash=world.chain.block_hash(world.chain.number))
    proof = world.chain.proof(world.chain.number - 1, [])
    assert len(proof.descendants) == 1
    assert verdict_on(world, dossier, world.trust().with_pinned(later)).outcome is Outcome.ACCEPTED


def test_a_target_that_is_not_anchored_is_missing_its_anchor() -> None:
    world, trip = a_small_world()
    world.says("photo", trip, {})
    world.checkpoint(anchor=False)
    verdict = verdict_on(world, world.dossier(trip))
    assert said(verdict, "anchor") == ("missing", "target-not-anchored")
    assert said(verdict, "authority") == ("not-checked", "no-anchor")
    assert verdict.outcome is Outcome.INCOMPLETE


def test_a_chain_of_the_operator_is_named_as_such() -> None:
    world, trip = a_small_world(control="operator")
    verdict = verdict_on(world, world.dossier(trip))
    assert "operator runs" in check(verdict, "anchor").message
    assert verdict.outcome is Outcome.ACCEPTED


# Views of the history


@pytest.mark.parametrize("anchored", [True, False])
def test_what_the_verifier_saw_before_is_the_beginning_of_what_it_sees_now(anchored: bool) -> None:
    world, trip = a_small_world(control="operator")
    size = min(world.notes)
    seen = {"size": size, "root": world.root(size).hex()}
    quorum = json.loads(world.trust().encode())["witnesses"] | {"quorum": 0, "keys": []}
    trust = world.trust(last_seen=seen if anchored else None, witnesses=quorum)
    verdict = verdict_on(world, world.dossier(trip), trust)
    expected = ("passed", "ok") if anchored else ("not-checked", "no-independent-view")
    assert said(verdict, "no-split-view") == expected


def test_a_checkpoint_seen_before_with_another_root_is_a_second_history() -> None:
    world, trip = a_small_world()
    trust = world.trust(last_seen={"size": min(world.notes), "root": "00" * 32})
    assert said(verdict_on(world, world.dossier(trip), trust), "no-split-view") == (
        "failed",
        "history-contradicted",
    )


def test_a_seen_checkpoint_that_the_dossier_does_not_prove_is_named() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    less = replace(dossier, checkpoints=(), anchors=dossier.anchors[1:])
    assert said(verdict_on(world, less), "no-split-view") == ("failed", "seen-unproven")


# Completeness by the verifier's own replay


def test_the_verifiers_own_replay_takes_the_place_of_an_index_cosigner() -> None:
    world, trip = a_small_world()
    trust = world.trust(index_cosigners=[])
    dossier = world.dossier(trip)
    assert said(verdict_on(world, dossier, trust), "completeness") == ("not-checked", "no-index-cosigner")
    own = world.map_roots[dossier.header.target]
    assert said(verdict_on(world, dossier, trust, replayed_map_root=own), "completeness") == ("passed", "ok")
    other = verdict_on(world, dossier, trust, replayed_map_root=bytes(32))
    assert said(other, "completeness") == ("failed", "map-mismatch")


# Log keys


def test_a_log_key_is_good_for_its_sizes_only() -> None:
    world, trip = a_small_world()
    keys = json.loads(world.trust().encode())["log_keys"]
    first, second = sorted(world.notes)
    assert first < second
    trust = world.trust(log_keys=[{**keys[0], "to_size": second - 1}])
    verdict = verdict_on(world, world.dossier(trip), trust)
    assert said(verdict, "inclusion")[0] == "failed"
    assert said(verdict, "completeness") == ("not-checked", "needs-inclusion")


def test_every_reason_is_a_stable_code() -> None:
    world, trip = a_small_world()
    for one in verdict_on(world, world.dossier(trip)).checks:
        assert one.reason == one.reason.lower()
        assert " " not in one.reason


def test_checks_stand_in_the_order_of_the_format() -> None:
    world, trip = a_small_world()
    places = [CHECKS.index(one.name) for one in verdict_on(world, world.dossier(trip)).checks]
    assert all(before < after for before, after in pairwise(places))


def test_custody_of_another_subject_cannot_stand_for_the_shipments() -> None:
    world, trip = a_small_world()
    other = a_trip("HLXU7654321")
    world.opens(other)
    world.checkpoint()
    dossier = world.dossier(trip, other)
    header = replace(
        dossier.header,
        shipment=a_trip("ABCU0000000").uri,
        streams=tuple(
            CoveredStream(one.subject, CUSTODY, one.tag, one.count) for one in dossier.header.streams
        ),
    )
    verdict = verdict_on(world, replace(dossier, header=header))
    assert said(verdict, "completeness") == ("failed", "no-custody-stream")


def test_the_trust_file_alone_says_what_is_required() -> None:
    world, trip = a_small_world()
    dossier = replace(world.dossier(trip), state_proofs=())
    trust: Trust = world.trust(required=["readable", "signature", "inclusion"])
    assert verdict_on(world, dossier, trust).outcome is Outcome.ACCEPTED
