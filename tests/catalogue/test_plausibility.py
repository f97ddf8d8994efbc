"""What the registrar refuses or warns of: malformed members by their path, times, contradictions, numbers."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.errors import ConflictError, CorridorError, MalformedError, PolicyError
from ledger.domain.hand_over import Result, Role
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT, Trip, a_trip
from tests.catalogue.office import CARRIER, Office, a_thing, an_office

SEAL = {"number": "GT4471902"}
INSIDE = "2026-09-21T13:33:20Z"
ESTIMATE = {"milestone": "arrival", "classifier": "EST", "at": "2026-09-25T12:00:00Z"}

MALFORMED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a time without offset": ("status", {"occurred_at": "2026-09-21T13:33:20"}, "body.occurred_at"),
    "an offset in words": ("status", {"clock_offset_s": "fast"}, "body.clock_offset_s"),
    "a place that is a number": ("status", {"place": 7}, "body.place"),
    "a container of another form": ("gate-passage", {"container": "REEFER 1"}, "body.container"),
    "seals that are no array": ("seal-check", {"seals_found": SEAL}, "body.seals_found"),
    "a seal with an empty number": (
        "seal-check",
        {"seals_found": [{"number": ""}]},
        "body.seals_found.0.number",
    ),
    "a seal without a number": ("seal-check", {"seals_found": [SEAL, {}]}, "body.seals_found.1.number"),
    "a seal in an unknown state": (
        "seal-check",
        {"seals_found": [SEAL | {"state": "fine"}]},
        "body.seals_found.0.state",
    ),
    "doors ajar": ("seal-check", {"doors": "ajar"}, "body.doors"),
    "an interval that ends before it starts": (
        "video",
        {"observed": {"from": "2026-09-21T13:00:00Z", "to": "2026-09-21T12:00:00Z"}},
        "body.observed",
    ),
    "a ship's number of six digits": ("status", {"vessel": {"imo": "931946"}}, "body.vessel.imo"),
    "a ship that is text": ("status", {"vessel": "Chile"}, "body.vessel"),
    "a weight below nothing": ("manifest", {"weights": {"net_kg": -1}}, "body.weights.net_kg"),
    "a weight that is true": ("manifest", {"weights": {"net_kg": True}}, "body.weights.net_kg"),
    "papers that are no array": ("document", {"papers": {}}, "body.papers"),
    "a paper that does not say which": ("document", {"papers": [{}]}, "body.papers.0.document"),
    "a tariff number in words": (
        "document",
        {"papers": [{"document": "manifest", "goods": [{"hs": "pineapple"}]}]},
        "body.papers.0.goods.0.hs",
    ),
    "evidence that is no array": ("photo", {"evidence": {}}, "body.evidence"),
    "evidence without its CID": ("photo", {"evidence": [{}]}, "body.evidence.commitment"),
    "a position off the globe": (
        "status",
        {"positions": [{"at": INSIDE, "latitude": 91, "longitude": 0}]},
        "body.positions.0.latitude",
    ),
    "an alert without a kind": ("status", {"alert": {"seal": "ES-77"}}, "body.alert.kind"),
    "a log without its end": ("temperature-log", {"temperature": {"from": INSIDE}}, "body.temperature.to"),
    "a set point in words": ("stuffing", {"set_point_c": "cold"}, "body.set_point_c"),
    "links that are none": ("link", {"links": []}, "body.links"),
    "a link without links": ("link", {}, "body.links"),
    "a grant to nobody": ("grant", {}, "body.to"),
    "a grant to no organisation": ("grant", {"to": [EXPORTER, "customs"]}, "body.to.1"),
    "a grant to one twice": ("grant", {"to": [CUSTOMS, CUSTOMS]}, "body.to"),
    "a hand-over without terms": ("hand-over", {"role": "giver", "result": "accepted"}, "body.terms"),
    "terms that are none": (
        "hand-over",
        {"terms": "00" * 32, "role": "giver", "result": "accepted", "agreed": "{}"},
        "body.agreed.format",
    ),
}


@pytest.fixture(name="trip")
def _trip(office: Office) -> Trip:
    """Return a trip on record, with the port and customs as members."""
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, ORIGIN_PORT, CUSTOMS, CARRIER)
    return trip


def may_say(kind: str) -> str:
    """Return an organisation of the tests that may say a kind."""
    return {"gate-passage": ORIGIN_PORT, "video": CUSTOMS}.get(kind, EXPORTER)


@pytest.mark.parametrize("case", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("lenient", [False, True])
def test_malformed_members_are_refused_with_their_path(
    office: Office, trip: Trip, case: tuple[str, dict[str, Any], str], lenient: bool
) -> None:
    kind, body, field = case
    before = office.store.size()
    with pytest.raises(MalformedError) as caught:
        office.says(may_say(kind), kind, trip, body, lenient=lenient)
    assert caught.value.field == field
    assert office.store.size() == before


IN_THE_CLEAR: dict[str, tuple[dict[str, Any], list[str | int]]] = {
    "a schedule": ({"schedule": [ESTIMATE]}, ["schedule"]),
    "one time of a schedule": ({"schedule": [ESTIMATE, ESTIMATE | {"classifier": "PLN"}]}, ["schedule", 1]),
    "the place of a time": ({"schedule": [ESTIMATE | {"place": "USILG"}]}, ["schedule", 0, "place"]),
    "codes of papers": ({"documents": ["stow-plan"]}, ["documents"]),
    "one code of a paper": ({"documents": ["stow-plan", "entry"]}, ["documents", 1]),
}


@pytest.mark.parametrize("case", IN_THE_CLEAR.values(), ids=IN_THE_CLEAR)
@pytest.mark.parametrize("told", [False, True], ids=["kept from the log", "told to the log"])
def test_what_deadlines_go_by_is_not_concealed(
    office: Office, trip: Trip, case: tuple[dict[str, Any], list[str | int]], told: bool
) -> None:
    body, path = case
    office.registers(office.signs(EXPORTER, "status", trip, body))
    concealed = office.signs(EXPORTER, "status", trip, body | {"note": 1}, conceal=[path])
    disclosures = concealed.disclosures if told else ()
    if len(path) == 1 and not told:
        # Nobody can tell what it is that is not told.
        office.registers(replace(concealed, disclosures=disclosures))
        return
    with pytest.raises(MalformedError) as caught:
        office.registers(replace(concealed, disclosures=disclosures))
    assert (caught.value.code, caught.value.field) == ("concealed-member", f"body.{path[0]}")


def test_what_is_concealed_is_not_judged(office: Office, trip: Trip) -> None:
    body = {"container": "REEFER 1", "seals_found": [SEAL, SEAL | {"state": "fine"}], "doors": "open"}
    paths: list[list[str | int]] = [["container"], ["seals_found", 1], ["doors"]]
    signed = office.signs(EXPORTER, "seal-check", trip, body, conceal=paths)
    with pytest.raises(MalformedError):
        office.registers(signed)
    concealed = office.signs(
        EXPORTER, "status", trip, body | {"seals_found": []}, conceal=[["seals_found"], *paths[::2]]
    )
    assert office.registrar.register(concealed.raw).warnings == ()


def test_a_seal_whose_number_is_concealed_is_not_judged(office: Office, trip: Trip) -> None:
    signed = office.signs(
        EXPORTER, "seal-check", trip, {"seals_found": [SEAL]}, conceal=[["seals_found", 0, "number"]]
    )
    assert office.registrar.register(signed.raw).index


def refused(office: Office, *arguments: Any, **changes: Any) -> CorridorError:
    before = office.store.size()
    with pytest.raises(CorridorError) as caught:
        office.says(*arguments, **changes)
    assert office.store.size() == before
    return caught.value


FUTURE = {
    "an hour ahead of the log": ("2026-09-21T14:33:20Z", {}),
    "within the hour by another offset": ("2026-09-21T08:33:20-06:00", {}),
    "ahead though the clock was behind": ("2026-09-21T13:33:20Z", {"clock_offset_s": -3600}),
}


@pytest.mark.parametrize(("at", "more"), FUTURE.values(), ids=FUTURE)
def test_what_has_not_happened_yet_is_refused(
    office: Office, trip: Trip, at: str, more: dict[str, Any]
) -> None:
    error = refused(office, EXPORTER, "status", trip, {"occurred_at": at} | more, lenient=True)
    assert (type(error), error.code) == (PolicyError, "occurred-in-future")
    assert error.field == "body.occurred_at"


def test_a_clock_that_is_known_to_be_ahead_is_no_matter(office: Office, trip: Trip) -> None:
    body = {"occurred_at": "2026-09-21T14:33:20Z", "clock_offset_s": 3600}
    assert office.says(EXPORTER, "status", trip, body).warnings == ()


def test_late_is_late_and_welcome(office: Office, trip: Trip) -> None:
    assert office.says(EXPORTER, "status", trip, {"occurred_at": "2026-01-01T00:00:00Z"}).warnings == ()


def test_signing_a_day_before_it_happens_is_refused(office: Office, trip: Trip) -> None:
    office.clock.now = NOON + 200_000
    error = refused(
        office, EXPORTER, "status", trip, {"occurred_at": "2026-09-23T13:33:20Z"}, iat=NOON + 50_000
    )
    assert error.code == "occurred-in-future"


# Who takes over says what has happened; who offers, or refuses, may be a day early.
AT_ONCE = {
    "taken over just now by a clock ahead": (Role.TAKER, Result.ACCEPTED, "2026-09-21T13:34:20Z"),
    "offered for the next day": (Role.GIVER, Result.ACCEPTED, "2026-09-22T13:33:20Z"),
    "an offer for the next day refused": (Role.TAKER, Result.REFUSED, "2026-09-22T13:33:20Z"),
}
TOO_FAR_AHEAD = {
    "taken over an hour ahead": (Role.TAKER, Result.ACCEPTED, "2026-09-21T14:33:20Z"),
    "taken over with remarks": (Role.TAKER, Result.ACCEPTED_WITH_REMARKS, "2026-09-21T14:33:20Z"),
    "taken over by another offset": (Role.TAKER, Result.ACCEPTED, "2026-09-21T08:33:20-06:00"),
    "offered for later": (Role.GIVER, Result.ACCEPTED, "2026-09-22T14:33:20Z"),
    "an offer for later refused": (Role.TAKER, Result.REFUSED, "2026-09-22T14:33:20Z"),
}


@pytest.mark.parametrize("agreed", AT_ONCE.values(), ids=AT_ONCE)
def test_what_is_agreed_for_now_or_offered_for_the_next_day_is_taken(
    office: Office, trip: Trip, agreed: tuple[Role, Result, str]
) -> None:
    role, result, at = agreed
    assert office.hands_over(office.terms(EXPORTER, ORIGIN_PORT, trip, at=at), role, trip, result).index


@pytest.mark.parametrize("agreed", TOO_FAR_AHEAD.values(), ids=TOO_FAR_AHEAD)
def test_what_is_agreed_too_far_ahead_is_refused(
    office: Office, trip: Trip, agreed: tuple[Role, Result, str]
) -> None:
    role, result, at = agreed
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip, at=at)
    with pytest.raises(PolicyError) as caught:
        office.hands_over(terms, role, trip, result, lenient=True)
    assert (caught.value.code, caught.value.field) == ("occurred-in-future", "body.agreed.at")


def test_nobody_hands_over_to_itself(office: Office, trip: Trip) -> None:
    terms = office.terms(EXPORTER, EXPORTER, trip)
    with pytest.raises(PolicyError) as caught:
        office.hands_over(terms, Role.GIVER, trip, lenient=True)
    assert (caught.value.code, caught.value.field) == ("handover-to-self", "body.agreed.to")


def test_nobody_signs_terms_between_others(office: Office, trip: Trip) -> None:
    terms = office.terms(ORIGIN_PORT, CARRIER, trip)
    body = {
        "terms": terms.hash.hex(),
        "role": "taker",
        "result": "accepted",
        "agreed": terms.document.decode(),
    }
    error = refused(office, EXPORTER, "hand-over", trip, body, lenient=True)
    assert (type(error), error.code, error.field) == (PolicyError, "handover-not-party", "body.agreed.to")


def test_terms_are_about_what_the_statement_is_about(office: Office, trip: Trip) -> None:
    goods = office.opens(a_thing("consignment", "MAEU.BL1"))
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    with pytest.raises(PolicyError) as caught:
        office.hands_over(terms, Role.GIVER, trip, subjects=(trip.uri, goods.uri))
    assert (caught.value.code, caught.value.field) == ("handover-other-subject", "subjects.1")


def test_a_giver_who_does_not_hold_it_is_refused_or_put_on_record_with_a_warning(
    office: Office, trip: Trip
) -> None:
    terms = office.terms(ORIGIN_PORT, CARRIER, trip)
    with pytest.raises(ConflictError) as caught:
        office.hands_over(terms, Role.GIVER, trip)
    assert (caught.value.code, caught.value.field) == ("handover-gap", "body.agreed.from")
    assert "Prefer: handling=lenient" in caught.value.message
    registered = office.hands_over(terms, Role.GIVER, trip, lenient=True)
    assert [one.code for one in registered.warnings] == ["handover-gap"]


def test_a_second_offer_to_another_taker_is_refused(office: Office, trip: Trip) -> None:
    office.hands_over(office.terms(EXPORTER, ORIGIN_PORT, trip), Role.GIVER, trip)
    with pytest.raises(ConflictError) as caught:
        office.hands_over(office.terms(EXPORTER, CARRIER, trip), Role.GIVER, trip)
    assert (caught.value.code, caught.value.field) == ("handover-competing", "body.agreed.to")


def test_what_was_handed_over_is_not_handed_over_again(office: Office, trip: Trip) -> None:
    office.gives_and_takes(EXPORTER, ORIGIN_PORT, trip)
    with pytest.raises(ConflictError) as caught:
        office.hands_over(office.terms(EXPORTER, CARRIER, trip), Role.GIVER, trip)
    assert caught.value.code == "handover-competing"
    later = office.terms(ORIGIN_PORT, CARRIER, trip, at="2026-09-21T13:33:21Z")
    assert office.hands_over(later, Role.GIVER, trip).warnings == ()


def test_a_new_offer_after_a_refusal_is_in_order(office: Office, trip: Trip) -> None:
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    office.hands_over(terms, Role.GIVER, trip)
    office.hands_over(terms, Role.TAKER, trip, Result.REFUSED)
    assert office.hands_over(office.terms(EXPORTER, CARRIER, trip), Role.GIVER, trip).warnings == ()


def test_the_taker_may_sign_first(office: Office, trip: Trip) -> None:
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    assert office.hands_over(terms, Role.TAKER, trip).warnings == ()
    assert office.hands_over(terms, Role.GIVER, trip).warnings == ()


def test_saying_something_else_of_the_same_terms_is_refused(office: Office, trip: Trip) -> None:
    terms = office.gives_and_takes(EXPORTER, ORIGIN_PORT, trip)
    with pytest.raises(ConflictError) as caught:
        office.hands_over(terms, Role.TAKER, trip, Result.ACCEPTED_WITH_REMARKS)
    assert caught.value.code == "handover-contradicted"


def test_another_container_than_the_trips_is_refused(office: Office, trip: Trip) -> None:
    error = refused(office, ORIGIN_PORT, "gate-passage", trip, {"container": "XXXU5001233"})
    assert (type(error), error.code, error.field) == (ConflictError, "container-mismatch", "body.container")
    assert office.says(ORIGIN_PORT, "gate-passage", trip, {"container": "MSKU1234565"}).warnings == ()


def test_a_seal_that_nobody_put_on_is_refused(office: Office, trip: Trip) -> None:
    office.says(EXPORTER, "seal-applied", trip, {"seals_applied": [SEAL], "occurred_at": INSIDE})
    ghost = {"seals_found": [{"number": "GT0000001", "on": "machinery"}], "occurred_at": INSIDE}
    error = refused(office, ORIGIN_PORT, "seal-check", trip, ghost)
    assert (type(error), error.field) == (ConflictError, "body.seals_found")
    warned = office.says(ORIGIN_PORT, "seal-check", trip, ghost, lenient=True).warnings
    assert error.code in {one.code for one in warned}
    right = {"seals_found": [SEAL], "occurred_at": INSIDE}
    assert office.says(ORIGIN_PORT, "seal-check", trip, right).warnings == ()


def test_a_broken_seal_that_is_honestly_reported_gets_on_record_at_once(office: Office, trip: Trip) -> None:
    office.says(EXPORTER, "seal-applied", trip, {"seals_applied": [SEAL], "occurred_at": INSIDE})
    broken = {"seals_found": [SEAL | {"state": "broken"}], "occurred_at": INSIDE}
    registered = office.says(ORIGIN_PORT, "seal-check", trip, broken)
    assert [one.code for one in registered.warnings] == ["seal-broken"]


def test_a_wrong_check_digit_is_a_warning(office: Office) -> None:
    trip = a_trip("XXXU5001234")
    (warning,) = office.says(EXPORTER, "subject-opened", trip).warnings
    assert (warning.code, warning.field) == ("check-digit", "sub")
    (ship,) = office.says(EXPORTER, "status", trip, {"vessel": {"imo": "9319467"}}).warnings
    assert (ship.code, ship.field) == ("check-digit", "body.vessel.imo")


def test_a_mistyped_locode_is_a_warning(office: Office, trip: Trip) -> None:
    (warning,) = office.says(EXPORTER, "status", trip, {"place": "GTPB1"}).warnings
    assert (warning.code, warning.field) == ("place-form", "body.place")
    assert office.says(EXPORTER, "status", trip, {"place": "GTPBR"}).warnings == ()


@pytest.fixture(name="strict")
def _strict() -> Profile:
    document = foundation_profile().document.replace(b'check_digit = "warning"', b'check_digit = "error"')
    return Profile.parse(document)


def test_the_corridor_may_refuse_a_wrong_check_digit(tmp_path: Any, strict: Profile) -> None:
    with an_office(tmp_path, profile=strict) as office:
        signed = office.signs(EXPORTER, "subject-opened", a_trip("XXXU5001234"))
        with pytest.raises(PolicyError) as caught:
            office.registers(signed)
        assert (caught.value.code, caught.value.field) == ("check-digit", "sub")
        assert [one.code for one in office.registers(signed, lenient=True).warnings] == ["check-digit"]


@pytest.mark.parametrize("thing", [("trip", "REEFER-1"), ("consignment", "BL1")], ids=["trip", "consignment"])
def test_a_subject_is_opened_under_a_number_of_trade(office: Office, thing: tuple[str, str]) -> None:
    error = refused(office, EXPORTER, "subject-opened", a_thing(*thing))
    assert (type(error), error.field) == (MalformedError, "sub")


def test_a_stripping_before_the_stuffing_is_refused(office: Office, trip: Trip) -> None:
    goods = office.opens(a_thing("consignment", "MAEU.BL1"))
    office.catalogue.join(goods.custody_secret, CUSTOMS)
    both = (trip.uri, goods.uri)
    office.says(EXPORTER, "stuffing", trip, {"occurred_at": "2026-09-21T12:00:00Z"}, subjects=both)
    early = {"occurred_at": "2026-09-21T11:00:00Z"}
    error = refused(office, EXPORTER, "stripping", trip, early, subjects=both)
    assert (type(error), error.code, error.field) == (ConflictError, "ends-before-start", "body.occurred_at")
    registered = office.says(EXPORTER, "stripping", trip, early, subjects=both, lenient=True)
    assert [one.code for one in registered.warnings] == ["ends-before-start"]


def test_a_stripping_whose_stuffing_is_not_there_yet_is_in_order(office: Office, trip: Trip) -> None:
    goods = office.opens(a_thing("consignment", "MAEU.BL1"))
    assert office.says(EXPORTER, "stripping", trip, {}, subjects=(trip.uri, goods.uri)).warnings == ()


def test_a_trip_that_ends_before_it_starts_is_refused(office: Office, trip: Trip) -> None:
    office.says(CARRIER, "departure", trip, {"occurred_at": "2026-09-21T12:00:00Z"})
    error = refused(office, CARRIER, "arrival", trip, {"occurred_at": "2026-09-20T12:00:00Z"})
    assert (type(error), error.code) == (ConflictError, "ends-before-start")
    assert office.says(CARRIER, "arrival", trip, {"occurred_at": "2026-09-21T13:00:00Z"}).warnings == ()


NAMES = {
    "no name": {},
    "custody": {"stream": "custody"},
    "capitals": {"stream": "Enforcement"},
    "a number": {"stream": 1},
}


@pytest.mark.parametrize("body", NAMES.values(), ids=NAMES)
def test_a_restricted_stream_has_a_name_of_its_own(office: Office, trip: Trip, body: dict[str, Any]) -> None:
    error = refused(office, CUSTOMS, "stream-opened", trip, body, streams=(bytes(32),))
    assert error.field == "body.stream"
