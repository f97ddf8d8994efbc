"""What is there came in time, by clocks that the reader accepts; times of milestones fit together."""

from collections.abc import Callable
from typing import Any

import pytest

from ledger.assessment.case import NOT_KNOWN
from ledger.assessment.checks.timeliness import TIMELINESS
from ledger.assessment.finding import Finding
from ledger.assessment.margin import margin_of
from ledger.domain.verdict import Status
from tests.assessment.story import (
    BROKER,
    CARRIER,
    EXPORTER,
    PACKER,
    PORT,
    TERMINAL,
    Shipment,
    complete,
    of_type,
    sailing,
)
from tests.builders import a_trip
from tests.domain.custody_story import posix


def codes(one: Shipment, **more: Any) -> list[str]:
    return [each.reason.code for each in TIMELINESS.run(one.case(**more)).findings]


def finding(one: Shipment, code: str, **more: Any) -> Finding:
    return next(each for each in TIMELINESS.run(one.case(**more)).findings if each.reason.code == code)


def arriving(one: Shipment, hour: float, **more: Any) -> None:
    one.expect(CARRIER, hour - 40, sailing("arrival", "EST", hour, place="USILG"), **more)


def registered_at(one: Shipment, paper: str, hour: float) -> Shipment:
    """Let a paper of the story be registered at another hour."""
    for each in one.said:
        if paper in each.body.get("documents", ()):
            one.times[each.index] = posix(hour)
    return one


def test_what_came_in_time_is_told_with_the_margin_in_hours_and_minutes() -> None:
    one = complete()
    result = TIMELINESS.run(one.case())
    assert result.findings == ()
    check = result.to_check("timeliness")
    assert check.status is Status.PASSED
    assert "60 h 00 min before the arrival expected then" in check.message
    arriving(one, 193.5)
    one.say(TERMINAL, "arrival", 195.5, {"place": "USILG"})
    message = TIMELINESS.run(one.case()).to_check("timeliness").message
    assert "60 h 00 min before the arrival expected then, 65 h 30 min before the actual arrival" in message


def test_a_late_isf_is_a_problem_and_says_how_late() -> None:
    # Lading was at hour 61.
    one = registered_at(complete(), "importer-security-filing", 39.5)
    late = finding(one, "evidence-late")
    assert late.need == "importer-security-filing"
    assert late.due == posix(37)
    assert "2 h 30 min after it was due" in late.sentence()
    assert TIMELINESS.run(one.case()).to_check("timeliness").status is Status.FAILED


@pytest.mark.parametrize(("hour", "is_late"), [(36.9, False), (37, False), (37.1, True)])
def test_late_is_after_the_deadline_and_not_at_it(hour: float, is_late: bool) -> None:
    one = registered_at(complete(), "importer-security-filing", hour)
    assert ("evidence-late" in codes(one)) is is_late


def test_a_revised_estimate_moves_the_deadline() -> None:
    one = complete()
    one.said = [each for each in one.said if each.statement.kind not in ("loading", "departure")]
    registered_at(one, "importer-security-filing", 40)
    assert codes(one) == ["evidence-late"]
    one.expect(CARRIER, 41, sailing("lading", "EST", 66, place="GTPBR"))
    assert codes(one) == []


def test_a_filing_may_be_put_right_until_24_hours_before_arrival_and_no_later() -> None:
    for hour, found in ((165, []), (167, ["amended-too-late"])):
        one = complete()
        filed = next(
            each for each in one.said if "importer-security-filing" in each.body.get("documents", ())
        )
        again = one.correct(filed, hour, {"documents": ["importer-security-filing"]})
        assert codes(one) == found
        if found:
            assert finding(one, "amended-too-late").statements == (again.statement.id,)


def test_late_evidence_of_the_origin_is_worth_a_look_and_breaks_no_law() -> None:
    # The bill of lading falls due with the promise, 48 h before the arrival at hour 190.
    one = registered_at(complete(), "bill-of-lading", 143.25)
    assert codes(one) == ["origin-evidence-late", "promise-missed"]
    assert finding(one, "origin-evidence-late").need == "bill-of-lading"
    promise = finding(one, "promise-missed")
    assert "1 h 15 min after the corridor's promise" in promise.sentence()
    assert promise.statements == (one.said[-1].statement.id,)
    assert TIMELINESS.run(one.case()).to_check("timeliness").status is Status.PASSED


def test_the_margin_is_that_to_the_estimate_in_force_when_the_last_item_was_registered() -> None:
    one = complete()
    arriving(one, 210, registered=175)
    margin = margin_of(one.case())
    assert margin.complete
    assert margin.eta is not None
    assert (margin.at, margin.eta.at) == (posix(130), posix(190))
    assert margin.last is not None
    assert margin.last.name == "bill-of-lading"


def test_without_all_of_the_origin_s_evidence_there_is_no_margin() -> None:
    one = complete()
    one.said = [each for each in one.said if "packing-list" not in each.body.get("documents", ())]
    margin = margin_of(one.case())
    assert not margin.complete
    assert margin.to_json() | {"due": 0} == {
        "complete": False,
        "at": None,
        "last": None,
        "eta": None,
        "arrived": None,
        "to_eta": None,
        "to_arrival": None,
        "due": 0,
    }


def test_by_the_operator_s_clock_alone_nothing_passes_and_what_is_late_is_a_warning() -> None:
    one = complete()
    check = TIMELINESS.run(one.case(accepted=False)).to_check("timeliness")
    assert (check.status, check.reason) == (Status.NOT_CHECKED, "operator-clock")
    registered_at(one, "importer-security-filing", 40)
    assert codes(one, accepted=False) == ["late-by-operator-clock"]
    check = TIMELINESS.run(one.case(accepted=False)).to_check("timeliness")
    assert (check.status, check.reason) == (Status.NOT_CHECKED, "operator-clock")


def test_without_any_clock_nothing_is_late_and_nothing_passes() -> None:
    one = complete()
    case = one.case()
    object.__setattr__(case, "registered", NOT_KNOWN)
    check = TIMELINESS.run(case).to_check("timeliness")
    assert (check.status, check.reason) == (Status.NOT_CHECKED, "no-accepted-time")


def test_an_item_whose_time_no_clock_tells_keeps_the_check_from_passing() -> None:
    one = complete()
    one.times.pop(one.said[-1].index)
    check = TIMELINESS.run(one.case()).to_check("timeliness")
    assert (check.status, check.reason) == (Status.NOT_CHECKED, "no-accepted-time")


def test_two_estimates_at_once_are_told_and_the_one_that_counts_is_named() -> None:
    one = complete()
    one.expect(TERMINAL, 91, sailing("arrival", "EST", 195, place="USILG"))
    assert codes(one) == ["eta-competing"]
    sentence = finding(one, "eta-competing").sentence()
    assert sentence.index(CARRIER) < sentence.index(TERMINAL)
    one.say(CARRIER, "arrival", 193, {"place": "USILG"})
    assert "eta-competing" not in codes(one)


def test_estimates_less_than_an_hour_apart_do_not_compete() -> None:
    one = complete()
    one.expect(TERMINAL, 91, sailing("arrival", "EST", 191, place="USILG"))
    assert codes(one) == []


def test_an_estimate_that_was_over_when_it_was_registered_is_worth_a_look() -> None:
    one = complete()
    one.expect(CARRIER, 100, sailing("arrival", "EST", 190, place="USILG"), registered=191)
    assert codes(one) == ["eta-past"]


def contradicted(change: Callable[[Shipment], object]) -> list[str]:
    one = complete()
    change(one)
    return codes(one)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda one: one.say(CARRIER, "arrival", 66, {"place": "USILG"}), id="arrival first"),
        pytest.param(
            lambda one: one.expect(CARRIER, 68, sailing("lading", "ACT", 15, place="GTPBR")),
            id="lading first",
        ),
        pytest.param(
            lambda one: one.expect(CARRIER, 68, sailing("departure", "ACT", 60.5)), id="sailed without it"
        ),
    ],
)
def test_milestones_the_other_way_round_are_a_problem(change: Callable[[Shipment], object]) -> None:
    assert "milestones-contradict" in contradicted(change)


def test_a_quarter_of_an_hour_between_two_clocks_is_no_contradiction() -> None:
    assert contradicted(lambda one: one.expect(CARRIER, 68, sailing("departure", "ACT", 60.8))) == []


@pytest.mark.parametrize(("hour", "told"), [(216, True), (200, False)])
def test_two_actual_arrivals_far_apart_are_a_problem(hour: float, told: bool) -> None:
    one = complete()
    one.say(CARRIER, "arrival", 190, {"place": "USILG"})
    one.say(TERMINAL, "arrival", hour, {"place": "USILG"})
    assert ("milestone-told-apart" in codes(one)) is told


def test_what_contradicts_the_voyage_is_told_once_and_not_for_each_container() -> None:
    one = Shipment()
    consignment, second = of_type("consignment", "EXAM.1", EXPORTER), a_trip("TCLU4000009", iss=EXPORTER)
    voyage = of_type("voyage", "V1")
    for trip in (one.trip, second):
        links = [
            {"rel": "stuffed-in", "from": consignment, "to": trip.uri},
            {"rel": "carried-on", "from": trip.uri, "to": voyage},
        ]
        one.say(EXPORTER, "link", 15, {"links": links}, subjects=[consignment, trip.uri, voyage])
    one.say(CARRIER, "departure", 68, {"place": "GTPBR"}, subjects=[voyage])
    one.say(CARRIER, "arrival", 66, {"place": "USILG"}, subjects=[voyage])
    case = one.case()
    object.__setattr__(case, "subject", consignment)
    found = [each.reason.code for each in TIMELINESS.run(case).findings]
    assert found.count("milestones-contradict") == 1


def test_containers_of_one_shipment_may_be_laden_a_day_apart() -> None:
    one = Shipment()
    consignment, second = of_type("consignment", "EXAM.1", EXPORTER), a_trip("TCLU4000009", iss=EXPORTER)
    for trip, hour in ((one.trip, 20), (second, 60)):
        links = [{"rel": "stuffed-in", "from": consignment, "to": trip.uri}]
        one.say(EXPORTER, "link", 15, {"links": links}, subjects=[consignment, trip.uri])
        one.say(PACKER, "stuffing", 13, {}, subjects=[trip.uri])
        one.say(PORT, "gate-passage", hour - 2, {"place": "GTPBR"}, subjects=[trip.uri])
        one.say(CARRIER, "loading", hour, {"place": "GTPBR"}, subjects=[trip.uri])
    case = one.case()
    object.__setattr__(case, "subject", consignment)
    assert list(TIMELINESS.run(case).findings) == []


def test_who_files_is_no_part_of_whether_it_is_late() -> None:
    one = complete()
    one.bring(BROKER, "prior-notice", 183)
    assert [each.need for each in TIMELINESS.run(one.case()).findings] == ["prior-notice"]
