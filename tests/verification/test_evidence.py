"""The check `evidence`: what is claimed, what is there, and what can be opened."""

import os
from dataclasses import dataclass, replace
from typing import Any

import pyrage
import pytest

from ledger.domain.cid import cid_of
from ledger.domain.evidence import EvidenceItem, commitment, derive_salt
from ledger.domain.statement import Reference
from ledger.domain.verdict import Outcome, Verdict
from ledger.verification.dossier import Dossier
from ledger.verification.verifier import verify
from tests.builders import CUSTOMS, ORIGIN_PORT, Trip
from tests.verification.factory import World, a_small_world, packed
from tests.verification.verdicts import check, said

READER = pyrage.x25519.Identity.generate()
SCAN = os.urandom(300_000)


@dataclass
class Sealed:
    """An evidence item as it is stored, and what opens it."""

    item: EvidenceItem
    stored: bytes
    secret: bytes

    def wrapped(self, reader: pyrage.x25519.Identity = READER) -> tuple[bytes, bytes]:
        """Return what a dossier for a reader holds in `evidence.cbor`."""
        return self.item.commitment, pyrage.encrypt(self.secret, [reader.to_public()])


def sealed(plain: bytes = SCAN, **changes: Any) -> Sealed:
    identity = pyrage.x25519.Identity.generate()
    secret = str(identity).encode()
    stored = pyrage.encrypt(plain, [identity.to_public()])
    item = EvidenceItem(
        commitment=commitment(derive_salt(secret), [plain]),
        cid=cid_of([stored]),
        size=len(plain),
        media_type="image/png",
        category="x-ray",
    )
    return Sealed(replace(item, **changes), stored, secret)


def claimed(*items: Sealed) -> tuple[World, Trip, Dossier]:
    world, trip = a_small_world()
    world.says(
        "scan", trip, {"evidence": [one.item.to_json() for one in items]}, by="https://origin-port.example"
    )
    world.checkpoint()
    return world, trip, world.dossier(trip)


def judged(
    world: World, dossier: Dossier, evidence: dict[str, bytes], reader: pyrage.x25519.Identity | None = READER
) -> Verdict:
    identities = [] if reader is None else [reader]
    return verify(packed(dossier, evidence), world.trust(), clock=world.clock, identities=identities)


def test_evidence_that_the_reader_can_open_is_checked_to_its_commitment() -> None:
    one, other = sealed(), sealed(b"")
    world, _, dossier = claimed(one, other)
    dossier = replace(dossier, secrets=tuple(sorted([one.wrapped(), other.wrapped()])))
    stored = {one.item.cid: one.stored, other.item.cid: other.stored}
    verdict = judged(world, dossier, stored)
    assert said(verdict, "evidence") == ("passed", "ok")
    assert verdict.outcome is Outcome.ACCEPTED


def test_without_claims_there_is_nothing_to_check() -> None:
    world, trip = a_small_world()
    assert said(judged(world, world.dossier(trip), {}), "evidence") == ("passed", "none-claimed")


def test_evidence_that_is_withheld_is_missing_and_never_passed() -> None:
    one = sealed()
    world, _, dossier = claimed(one)
    verdict = judged(world, dossier, {})
    assert said(verdict, "evidence") == ("missing", "withheld")
    # The trust file does not ask for it; the one that does leaves the dossier incomplete.
    assert verdict.outcome is Outcome.ACCEPTED
    trust = world.trust(required=["evidence"])
    assert verify(packed(dossier), trust, clock=world.clock).outcome is Outcome.INCOMPLETE


@pytest.mark.parametrize("reader", [None, pyrage.x25519.Identity.generate()], ids=["no key", "another key"])
def test_sealed_evidence_is_compared_with_its_cid_only(reader: pyrage.x25519.Identity | None) -> None:
    one = sealed()
    world, _, dossier = claimed(one)
    dossier = replace(dossier, secrets=(one.wrapped(),))
    assert said(judged(world, dossier, {one.item.cid: one.stored}, reader), "evidence") == (
        "not-checked",
        "sealed",
    )
    changed = one.stored[:-1] + bytes([one.stored[-1] ^ 1])
    verdict = judged(world, dossier, {one.item.cid: changed}, reader)
    assert said(verdict, "evidence") == ("failed", "cid-mismatch")
    assert verdict.outcome is Outcome.REJECTED


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another commitment": ({"commitment": bytes(32)}, "evidence-changed"),
    "another size": ({"size": 7}, "evidence-changed"),
}


@pytest.mark.parametrize(("changes", "reason"), BAD.values(), ids=BAD.keys())
def test_evidence_that_is_not_what_was_stated_fails(changes: dict[str, Any], reason: str) -> None:
    one = sealed(**changes)
    world, _, dossier = claimed(one)
    verdict = judged(world, replace(dossier, secrets=(one.wrapped(),)), {one.item.cid: one.stored})
    assert said(verdict, "evidence") == ("failed", reason)
    # Any member can claim anything, and so make it fail: whoever did is named.
    (message,) = (one.message for one in verdict.checks if one.name == "evidence")
    assert f"is not what {ORIGIN_PORT} stated" in message


def test_stored_bytes_that_the_secret_does_not_open_fail() -> None:
    one, other = sealed(), sealed()
    mixed = replace(one, stored=other.stored, item=replace(one.item, cid=other.item.cid))
    world, _, dossier = claimed(mixed)
    verdict = judged(world, replace(dossier, secrets=(mixed.wrapped(),)), {mixed.item.cid: mixed.stored})
    assert said(verdict, "evidence") == ("failed", "evidence-broken")


def test_a_secret_that_is_none_fails_and_is_not_shown() -> None:
    one = replace(sealed(), secret=b"my secret")
    world, _, dossier = claimed(one)
    verdict = judged(world, replace(dossier, secrets=(one.wrapped(),)), {one.item.cid: one.stored})
    assert said(verdict, "evidence") == ("failed", "bad-item-secret")
    assert "my secret" not in check(verdict, "evidence").message


def test_evidence_that_no_statement_claims_is_refused() -> None:
    one = sealed()
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    assert said(judged(world, dossier, {one.item.cid: one.stored}), "evidence") == (
        "failed",
        "unclaimed-evidence",
    )
    with_secret = replace(dossier, secrets=(one.wrapped(),))
    assert said(judged(world, with_secret, {}), "evidence") == ("failed", "unclaimed-evidence")


def test_a_claim_that_cannot_be_read_fails() -> None:
    world, trip = a_small_world()
    world.says("scan", trip, {"evidence": "a picture"}, by="https://origin-port.example")
    world.checkpoint()
    assert said(judged(world, world.dossier(trip), {}), "evidence")[0] == "failed"


# Erasure

PORT = "https://origin-port.example"
ERASED_AT = "2026-12-24T10:00:00Z"


def erases(world: World, trip: Trip, *items: EvidenceItem, by: str = PORT, **changes: Any) -> Dossier:
    """Say that items were erased, and return the dossier."""
    named = [{"commitment": item.commitment.hex(), "cid": item.cid} for item in items]
    body = {"occurred_at": ERASED_AT, "items": named, "because": "retention"} | changes
    world.says("erasure", trip, body, by=by)
    world.checkpoint()
    return world.dossier(trip)


def test_an_item_that_its_owner_erased_is_called_erased_and_not_withheld() -> None:
    one = sealed(category="video", name="gate.mp4")
    world, trip, _ = claimed(one)
    verdict = judged(world, erases(world, trip, one.item), {})
    assert said(verdict, "evidence") == ("not-checked", "erased")
    assert check(verdict, "evidence").message == (
        "The video item gate.mp4 was erased on 2026-12-24 10:00:00 UTC by https://origin-port.example; what "
        "was said of it stays proven."
    )
    assert verdict.outcome is Outcome.ACCEPTED


def test_an_erased_item_whose_secret_is_gone_is_called_erased_though_its_bytes_are_there() -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    dossier = erases(world, trip, one.item)
    assert said(judged(world, dossier, {one.item.cid: one.stored}), "evidence") == ("not-checked", "erased")


def test_an_erased_item_that_the_reader_was_handed_is_checked_as_ever() -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    dossier = replace(erases(world, trip, one.item), secrets=(one.wrapped(),))
    stored = {one.item.cid: one.stored}
    assert said(judged(world, dossier, stored), "evidence") == ("passed", "ok")
    changed = {one.item.cid: one.stored[:-1] + bytes([one.stored[-1] ^ 1])}
    assert said(judged(world, dossier, changed), "evidence") == ("failed", "cid-mismatch")


NOT_ERASED: dict[str, dict[str, Any]] = {
    "by another organisation": {"by": "https://exporter.example"},
    "for no cause": {"because": "it was embarrassing"},
    "under another CID": {"items": [{"commitment": "CLAIMED", "cid": "b" + "a" * 58}]},
    "of nothing": {"items": []},
}


@pytest.mark.parametrize("name", NOT_ERASED)
def test_what_is_no_erasure_of_the_claims_own_organisation_erases_nothing(name: str) -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    verdict = judged(world, erases(world, trip, one.item, **NOT_ERASED[name]), {})
    assert said(verdict, "evidence") == ("missing", "withheld")
    assert "erased" not in check(verdict, "evidence").message


def test_each_claim_asks_for_an_erasure_of_its_own() -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    claim = {"evidence": [one.item.to_json()]}
    world.says("photo", trip, claim, by="https://exporter.example")
    verdict = judged(world, erases(world, trip, one.item), {})
    assert said(verdict, "evidence") == ("missing", "withheld")
    assert "Besides, the x-ray item" in check(verdict, "evidence").message
    both = erases(world, trip, one.item, by="https://exporter.example")
    assert said(judged(world, both, {}), "evidence") == ("not-checked", "erased")


def test_an_erasure_is_told_of_beside_what_weighs_more() -> None:
    one, other = sealed(), sealed()
    world, trip, _ = claimed(one, other)
    verdict = judged(world, erases(world, trip, one.item), {})
    assert said(verdict, "evidence") == ("missing", "withheld")
    assert "was erased on 2026-12-24" in check(verdict, "evidence").message


AUTHORITY = CUSTOMS


def holds(world: World, trip: Trip, body: dict[str, Any], by: str = AUTHORITY) -> bytes:
    """Place a legal hold, and return its id."""
    return world.logged[world.says("legal-hold", trip, body, by=by)].signed.statement.id


def lifts(world: World, trip: Trip, hold: bytes, by: str = AUTHORITY) -> None:
    world.says("legal-hold-ended", trip, {}, by=by, references=[Reference("lifts", hold)])


def told_of(world: World, dossier: Dossier) -> tuple[str, str]:
    return said(judged(world, dossier, {}), "evidence")


ERASED, WITHHELD = ("not-checked", "erased"), ("missing", "withheld")


@pytest.mark.parametrize("everything", [True, False], ids=["everything", "the item"])
def test_an_erasure_under_a_legal_hold_erased_nothing_until_it_is_said_again(everything: bool) -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    named = {"all": True} if everything else {"items": [one.item.commitment.hex()]}
    hold = holds(world, trip, named | {"reason": "an order of the court"})
    assert told_of(world, erases(world, trip, one.item)) == WITHHELD
    lifts(world, trip, hold)
    world.checkpoint()
    assert told_of(world, world.dossier(trip)) == WITHHELD
    assert told_of(world, erases(world, trip, one.item)) == ERASED


def test_a_hold_after_an_erasure_changes_nothing() -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    erases(world, trip, one.item)
    holds(world, trip, {"all": True})
    world.checkpoint()
    assert told_of(world, world.dossier(trip)) == ERASED


def test_a_hold_reaches_the_same_bytes_under_another_commitment() -> None:
    one = sealed()
    other = EvidenceItem(bytes(32), one.item.cid, one.item.size, one.item.media_type, one.item.category)
    world, trip, _ = claimed(one)
    world.says("photo", trip, {"evidence": [other.to_json()]}, by=PORT)
    holds(world, trip, {"items": [one.item.commitment.hex()]})
    assert told_of(world, erases(world, trip, one.item, other)) == WITHHELD


@pytest.mark.parametrize("lifted_by", [AUTHORITY, PORT])
def test_only_whoever_placed_a_hold_lifts_it(lifted_by: str) -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    hold = holds(world, trip, {"all": True})
    lifts(world, trip, hold, by=lifted_by)
    expected = ERASED if lifted_by == AUTHORITY else WITHHELD
    assert told_of(world, erases(world, trip, one.item)) == expected


NOT_HELD: dict[str, dict[str, Any]] = {
    "another item": {"items": ["11" * 32]},
    "both": {"all": True, "items": ["11" * 32]},
    "neither": {"reason": "an order of the court"},
    "not quite everything": {"all": "yes"},
}


@pytest.mark.parametrize("name", NOT_HELD)
def test_what_is_no_hold_on_an_item_lets_it_be_erased(name: str) -> None:
    one = sealed()
    world, trip, _ = claimed(one)
    holds(world, trip, NOT_HELD[name])
    assert told_of(world, erases(world, trip, one.item)) == ERASED


def test_renditions_are_called_renditions() -> None:
    one = sealed(category="rendition-video", name="poster.png")
    world, _, dossier = claimed(one)
    assert "the rendition poster.png of a video item" in check(judged(world, dossier, {}), "evidence").message
