"""The clock: whose word on which milestone counts, and what moves when something is revised."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.assessment.clock import Schedule
from ledger.corridors.rules import Due, Term
from ledger.domain.custody import Said
from tests.assessment.story import (
    BROKER,
    CARRIER,
    EXPORTER,
    PORT,
    TERMINAL,
    Shipment,
    of_type,
    sailing,
    us,
    with_rules,
)
from tests.domain.custody_story import clock, posix

ETA, LATER = 190, 200


def schedule(one: Shipment, **more: Any) -> Schedule:
    return Schedule.of(one.case(**more))


def arrival(hour: float, classifier: str = "EST", **more: str) -> dict[str, Any]:
    return sailing("arrival", classifier, hour, **{"place": "USILG"} | more)


def test_a_later_estimate_of_the_same_source_is_in_force_and_the_former_stays_known() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, arrival(ETA))
    one.expect(CARRIER, 90, arrival(LATER))
    told = schedule(one)
    assert told.eta is not None
    assert (told.eta.at, told.eta.source, told.eta.place) == (posix(LATER), CARRIER, "USILG")
    before, after = told.eta_in_force_at(posix(89)), told.eta_in_force_at(posix(90))
    assert before is not None
    assert after is not None
    assert (before.at, after.at) == (posix(ETA), posix(LATER))
    assert told.eta_in_force_at(posix(1)) is None


def test_an_estimate_is_known_from_when_it_was_registered_on() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, arrival(ETA), registered=40)
    assert schedule(one).eta_in_force_at(posix(39)) is None
    assert schedule(one).eta_in_force_at(posix(40)) is not None


def test_the_more_trusted_source_counts_and_of_equal_ones_the_earlier() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, arrival(LATER))
    one.expect(TERMINAL, 19, arrival(ETA))
    eta = schedule(one).eta
    assert eta is not None
    assert eta.source == CARRIER
    other = "https://line.example"
    one.expect(other, 20, arrival(ETA))
    roles = {CARRIER: "carrier", other: "carrier", TERMINAL: "destination-port"}
    eta = schedule(one, roles=lambda iss: frozenset({roles[iss]})).eta
    assert eta is not None
    assert eta.source == other


def test_where_roles_are_not_known_the_estimate_signed_last_counts() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, arrival(ETA))
    one.expect(TERMINAL, 19, arrival(LATER))
    eta = schedule(one, roles=None).eta
    assert eta is not None
    assert eta.source == TERMINAL


def test_the_word_of_who_is_no_source_does_not_count() -> None:
    one = Shipment()
    one.expect(EXPORTER, 18, arrival(ETA))
    one.expect(BROKER, 18, arrival(ETA))
    assert schedule(one).eta is None


def test_an_estimate_weighs_more_than_a_plan_of_a_more_trusted_source() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, arrival(ETA, "PLN"))
    one.expect(TERMINAL, 17, arrival(LATER))
    times = schedule(one).milestones["arrival"]
    assert times.planned is not None
    assert times.estimate is not None
    assert (times.planned.at, times.estimate.at) == (posix(ETA), posix(LATER))


def test_a_corrected_estimate_counts_no_more() -> None:
    one = Shipment()
    first = one.expect(CARRIER, 18, arrival(ETA))
    one.correct(first, 19, {"schedule": [arrival(LATER)]})
    eta = schedule(one).eta
    assert eta is not None
    assert eta.at == posix(LATER)


def test_without_a_schedule_a_kind_says_that_its_milestone_happened_at_its_place() -> None:
    one = Shipment()
    one.say(CARRIER, "loading", 60, {"place": "GTPBR"})
    one.say(PORT, "gate-passage", 17, {"place": "GTPBR"})
    one.say(PORT, "gate-passage", 18, {"place": "Puerto Barrios"})
    times = schedule(one).milestones
    lading, gate = times["lading"].actual, times["gate-in"].actual
    assert lading is not None
    assert gate is not None
    assert (lading.at, gate.at, gate.place) == (posix(60), posix(17), "GTPBR")
    assert times["gate-out"].actual is None


def test_without_a_place_a_kind_says_a_milestone_only_where_there_is_no_other_of_it() -> None:
    one = Shipment()
    one.say(CARRIER, "loading", 60)
    one.say(CARRIER, "arrival", ETA)
    times = schedule(one).milestones
    assert times["lading"].actual is not None
    assert times["arrival"].actual is None
    assert times["arrival-us"].actual is None


def test_a_second_passage_of_the_gate_does_not_move_the_first() -> None:
    one = Shipment()
    for hour in (17, 30):
        one.say(PORT, "gate-passage", hour, {"place": "GTPBR"})
    assert schedule(one).time_of("gate-in") == posix(17)


def test_a_schedule_says_what_it_says_and_its_statement_nothing_by_its_kind() -> None:
    one = Shipment()
    one.say(CARRIER, "arrival", 100, {"place": "USILG", "schedule": [arrival(ETA)]})
    times = schedule(one).milestones["arrival"]
    assert times.actual is None
    assert times.at == posix(ETA)


def test_what_is_said_to_happen_after_it_was_signed_is_expected_and_did_not_happen() -> None:
    one = Shipment()
    one.say(CARRIER, "arrival", 100, {"place": "USILG", "occurred_at": clock(ETA)})
    times = schedule(one).milestones["arrival"]
    assert times.actual is None
    assert times.estimate is not None
    assert times.estimate.at == posix(ETA)


def test_the_first_port_of_the_country_and_the_port_of_discharge_are_told_apart() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, sailing("arrival-us", "EST", 150, place="USPEF"), arrival(ETA))
    assert schedule(one).time_of("arrival-us") == posix(150)
    assert schedule(one).time_of("arrival") == posix(ETA)
    one.say(CARRIER, "arrival", 152, {"place": "USPEF"})
    one.say(CARRIER, "arrival", 192, {"place": "USILG"})
    times = schedule(one).milestones
    first, last = times["arrival-us"].actual, times["arrival"].actual
    assert first is not None
    assert last is not None
    assert (first.at, first.place) == (posix(152), "USPEF")
    assert (last.at, last.place) == (posix(192), "USILG")


def test_a_place_that_is_none_of_the_milestone_s_does_not_count() -> None:
    one = Shipment()
    one.expect(CARRIER, 18, sailing("arrival", "EST", ETA, place="NLRTM"))
    one.say(CARRIER, "loading", 60, {"place": "CRLIO"})
    assert schedule(one).eta is None
    assert schedule(one).time_of("lading") is None


def rolled(one: Shipment) -> tuple[str, str]:
    """Book the container on one voyage, and roll it over to the next at hour 50."""
    voyages = of_type("voyage", "EQ-2645"), of_type("voyage", "EQ-2646")
    for hour, kind, voyage in ((10, "link", 0), (50, "link-ended", 0), (50, "link", 1)):
        link = {"rel": "carried-on", "from": one.trip.uri, "to": voyages[voyage]}
        one.say(CARRIER, kind, hour, {"links": [link]}, subjects=[one.trip.uri, voyages[voyage]])
    return voyages


def on(one: Shipment, voyage: str, hour: float, *entries: dict[str, Any]) -> Said:
    return one.expect(CARRIER, hour, *entries, subjects=[voyage])


def test_after_a_roll_over_only_the_new_voyage_s_times_count() -> None:
    one = Shipment()
    old, new = rolled(one)
    on(one, old, 20, arrival(ETA))
    assert schedule(one).eta is None
    on(one, new, 51, arrival(LATER))
    on(one, old, 52, arrival(ETA - 1))
    told = schedule(one)
    assert told.eta is not None
    assert told.eta.at == posix(LATER)
    before = told.eta_in_force_at(posix(49))
    assert before is not None
    assert before.at == posix(ETA)


def test_what_happened_on_a_voyage_counts_while_the_container_was_on_it() -> None:
    one = Shipment()
    old, _ = rolled(one)
    one.say(CARRIER, "departure", 60, {"place": "GTPBR"}, subjects=[old])
    assert schedule(one).time_of("departure") is None
    one.say(CARRIER, "departure", 40, {"place": "GTPBR"}, subjects=[old])
    assert schedule(one).time_of("departure") == posix(40)


def test_times_of_a_booking_s_voyage_count_for_the_containers_in_the_booking() -> None:
    one = Shipment()
    booking, voyage, other = (of_type("booking", "B1"), of_type("voyage", "V1"), of_type("voyage", "V2"))
    links = [
        {"rel": "carried-in", "from": booking, "to": one.trip.uri},
        {"rel": "carried-on", "from": booking, "to": voyage},
    ]
    one.say(CARRIER, "link", 10, {"links": links}, subjects=[one.trip.uri, booking, voyage])
    on(one, other, 20, arrival(LATER))
    assert schedule(one).eta is None
    on(one, voyage, 20, arrival(ETA))
    assert schedule(one).time_of("arrival") == posix(ETA)


def test_a_voyage_that_another_one_replaces_counts_no_more() -> None:
    one = Shipment()
    old, new = of_type("voyage", "V1"), of_type("voyage", "V2")
    carried = {"rel": "carried-on", "from": one.trip.uri, "to": old}
    one.say(CARRIER, "link", 10, {"links": [carried]}, subjects=[one.trip.uri, old])
    on(one, old, 20, arrival(ETA))
    replaces = {"rel": "replaces", "from": new, "to": old}
    one.say(CARRIER, "link", 30, {"links": [replaces]}, subjects=[new, old])
    assert schedule(one).eta is None
    on(one, new, 31, arrival(LATER))
    assert schedule(one).time_of("arrival") == posix(LATER)


ONE, OTHER = Term("arrival", -48), Term("lading")


@pytest.mark.parametrize(
    ("due", "at", "settled"),
    [
        pytest.param(Due((ONE,)), ETA - 48, True, id="one term"),
        pytest.param(Due((OTHER,)), None, False, id="not known yet"),
        pytest.param(Due((ONE, OTHER), "earliest"), ETA - 48, True, id="the earliest that is known"),
        pytest.param(Due((ONE, OTHER), "latest"), ETA - 48, False, id="the latest may become later"),
        pytest.param(Due((Term("nowhere"),)), None, False, id="no such milestone"),
    ],
)
def test_a_deadline_takes_what_is_known(due: Due, at: float | None, settled: bool) -> None:
    one = Shipment()
    one.expect(CARRIER, 18, arrival(ETA))
    told = schedule(one)
    assert told.due(due) == (None if at is None else posix(at))
    assert told.is_settled(due) is settled


def test_a_deadline_moves_with_a_revised_estimate_and_stops_with_what_happened() -> None:
    one = Shipment()
    due = Due((Term("arrival", -48),))
    one.expect(CARRIER, 18, arrival(ETA))
    one.expect(CARRIER, 90, arrival(LATER))
    assert schedule(one).due(due) == posix(LATER - 48)
    one.say(CARRIER, "arrival", 195, {"place": "USILG"})
    assert schedule(one).due(due) == posix(195 - 48)


def test_without_sources_everybody_s_word_counts() -> None:
    rules = us().rules
    assert rules is not None
    milestones = {"arrival": replace(rules.milestones["arrival"], sources=())}
    one = Shipment(with_rules(us(), milestones=milestones))
    one.expect(EXPORTER, 18, arrival(ETA))
    assert schedule(one).time_of("arrival") == posix(ETA)
