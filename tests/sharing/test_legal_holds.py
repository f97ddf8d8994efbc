"""Legal holds: what an authority holds is not erased, and the order of the log decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.catalogue import Registrar, keeping
from ledger.domain.errors import ConflictError, CorridorError, MalformedError, PolicyError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import Reference
from ledger.domain.subject import stream_tag
from tests.builders import CUSTOMS, EXPORTER, a_trip, seeded
from tests.catalogue.office import POLICE
from tests.sharing.cellar import Cellar, a_cellar


@pytest.fixture
def cellar(tmp_path: Path) -> Iterator[Cellar]:
    """A trip, and nothing stored."""
    with a_cellar(tmp_path) as cellar:
        yield cellar


def is_held(cellar: Cellar, item: EvidenceItem, **arguments: object) -> None:
    with pytest.raises(ConflictError) as caught:
        cellar.erase(item, **arguments)  # type: ignore[arg-type]
    assert caught.value.code == "legal-hold"
    assert CUSTOMS not in caught.value.message
    cellar.work.run()
    assert cellar.room.store.has(item.cid)


def goes(cellar: Cellar, item: EvidenceItem) -> None:
    cellar.erase(item)
    cellar.work.run()
    assert not cellar.room.store.has(item.cid)


def these(*items: EvidenceItem) -> dict[str, object]:
    return {"items": [one.commitment.hex() for one in items]}


def test_what_is_held_is_not_erased_until_the_hold_is_lifted(cellar: Cellar) -> None:
    held, free = cellar.stored("held"), cellar.stored("free")
    hold = cellar.hold(these(held))
    is_held(cellar, held)
    goes(cellar, free)
    cellar.lift(hold)
    goes(cellar, held)


def test_no_leniency_gets_round_a_hold(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.hold(these(item))
    is_held(cellar, item, lenient=True)


def test_one_held_item_among_others_holds_the_whole_statement(cellar: Cellar) -> None:
    held, free = cellar.stored("held"), cellar.stored("free")
    cellar.hold(these(held))
    with pytest.raises(ConflictError) as caught:
        cellar.erase(free, held)
    assert caught.value.field == "body.items.1"
    cellar.work.run()
    assert cellar.room.store.has(free.cid)


def test_a_hold_on_everything_covers_what_is_claimed_later(cellar: Cellar) -> None:
    hold = cellar.hold({"all": True, "reason": "an order of the court"})
    later = cellar.stored()
    is_held(cellar, later)
    cellar.lift(hold)
    goes(cellar, later)


def test_a_hold_reaches_the_item_wherever_else_it_is_claimed(cellar: Cellar) -> None:
    item = cellar.stored()
    other = cellar.office.opens(a_trip("MSKU7654321"))
    cellar.claim(item, trip=other)
    cellar.hold({"all": True})
    is_held(cellar, item, trip=other)


def test_another_commitment_to_the_same_bytes_does_not_get_round_a_hold(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.hold(these(item))
    other = EvidenceItem(bytes(32), item.cid, item.size, item.media_type, item.category)
    cellar.claim(other)
    is_held(cellar, other)


@pytest.mark.parametrize("first", [True, False])
def test_a_second_item_under_one_commitment_in_one_statement_does_not_get_round_a_hold(
    cellar: Cellar, first: bool
) -> None:
    item, decoy = cellar.store(), cellar.store(seed="decoy")
    other = EvidenceItem(item.commitment, decoy.cid, decoy.size, decoy.media_type, decoy.category)
    pair = [item, other] if first else [other, item]
    cellar.claim(item, body={"evidence": [one.to_json() for one in pair]})
    cellar.hold(these(item))
    again = EvidenceItem(bytes(32), item.cid, item.size, item.media_type, item.category)
    cellar.claim(again)
    for one in (item, other, again):
        is_held(cellar, one)


def test_each_hold_is_lifted_for_itself(cellar: Cellar) -> None:
    item = cellar.stored()
    first, second = cellar.hold(these(item)), cellar.hold({"all": True}, POLICE)
    cellar.lift(first)
    is_held(cellar, item)
    cellar.lift(second, POLICE)
    goes(cellar, item)


def test_nobody_lifts_the_hold_of_another_authority(cellar: Cellar) -> None:
    item = cellar.stored()
    hold = cellar.hold(these(item))
    with pytest.raises(PolicyError) as caught:
        cellar.lift(hold, POLICE)
    assert caught.value.code == "not-your-hold"
    is_held(cellar, item)


def test_a_hold_is_lifted_once(cellar: Cellar) -> None:
    hold = cellar.hold({"all": True})
    cellar.lift(hold)
    with pytest.raises(ConflictError) as caught:
        cellar.lift(hold)
    assert caught.value.code == "already-lifted"


@pytest.mark.parametrize("relations", [[], ["about"], ["lifts", "lifts"]], ids=["none", "another", "two"])
def test_a_lift_names_one_hold(cellar: Cellar, relations: list[str]) -> None:
    hold = cellar.hold({"all": True})
    references = [Reference(rel, hold.id) for rel in relations]
    with pytest.raises(MalformedError, match="one hold"):
        cellar.office.says(CUSTOMS, "legal-hold-ended", cellar.trip, {}, references=references)


def test_who_is_no_authority_places_no_hold(cellar: Cellar) -> None:
    with pytest.raises(PolicyError) as caught:
        cellar.hold({"all": True}, EXPORTER)
    assert caught.value.code == "kind-not-allowed"
    goes(cellar, cellar.stored())


def test_an_authority_holds_nothing_of_trips_that_it_is_no_party_to(cellar: Cellar) -> None:
    item = cellar.stored()
    own = cellar.office.opens(a_trip("MSKU7654321", iss=CUSTOMS))
    with pytest.raises(PolicyError) as caught:
        cellar.hold({"all": True}, trip=own, subjects=(own.uri, cellar.trip.uri))
    assert caught.value.code == "other-stream"
    goes(cellar, item)


def test_a_hold_after_the_erasure_comes_too_late_and_says_so(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.erase(item)
    told = cellar.hold(these(item))
    assert [one.code for one in told.warnings] == ["already-erased"]
    cellar.work.run()
    assert not cellar.room.store.has(item.cid)


def test_of_a_hold_and_an_erasure_that_two_processes_take_at_once_the_first_in_the_log_counts(
    cellar: Cellar, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = cellar.stored()
    # Neither process has seen what the other is about to append.
    monkeypatch.setattr(keeping, "check", lambda *_: [])
    hold = cellar.hold(these(item))
    cellar.erase(item)
    monkeypatch.undo()
    assert cellar.work.run() == 0
    assert cellar.room.store.has(item.cid)
    cellar.reads(item, CUSTOMS)
    # Lifting does not bring an erasure to life that was said against a hold: it is said again.
    cellar.lift(hold)
    assert cellar.worker().run() == 0
    goes(cellar, item)


def test_a_hold_in_a_restricted_stream_holds_and_shows_nothing_but_that(cellar: Cellar) -> None:
    item = cellar.stored()
    secret = seeded("enforcement", 16)
    tag = stream_tag(secret)
    cellar.office.says(CUSTOMS, "stream-opened", cellar.trip, {"stream": "enforcement"}, streams=[tag])
    hold = cellar.hold(these(item) | {"reason": "targeting"}, streams=[tag])
    with pytest.raises(ConflictError) as caught:
        cellar.erase(item)
    assert caught.value.code == "legal-hold"
    for told in (hold.id.hex(), tag.hex(), CUSTOMS, "targeting", "enforcement"):
        assert told not in str(caught.value)
    assert not cellar.office.catalogue.may_see(hold.index, EXPORTER)


BAD = {
    "neither items nor all": {"reason": "x"},
    "both": {"items": ["00" * 32], "all": True},
    "all that is not true": {"all": False},
    "no items": {"items": []},
    "an item twice": {"items": ["00" * 32, "00" * 32]},
    "no commitment": {"items": ["00"]},
    "an unknown member": {"all": True, "until": "2027-01-01T00:00:00Z"},
    "an empty reason": {"all": True, "reason": ""},
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_a_hold_in_another_form_is_refused(cellar: Cellar, body: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        cellar.hold(body)


def test_a_hold_may_keep_its_reason_to_itself_but_not_what_it_covers(cellar: Cellar) -> None:
    item = cellar.stored()
    registrar: Registrar = cellar.office.registrar
    body = {"items": [item.commitment.hex()], "reason": "targeting"}
    said = cellar.office.signs(CUSTOMS, "legal-hold", cellar.trip, body, conceal=[("reason",)])
    registrar.register(said.raw, ())
    is_held(cellar, item)
    hidden = cellar.office.signs(CUSTOMS, "legal-hold", cellar.trip, body, conceal=[("items",)])
    with pytest.raises(CorridorError) as caught:
        registrar.register(hidden.raw, ())
    assert caught.value.code == "malformed-field"
