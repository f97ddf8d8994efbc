"""Movement: dwell, haste, detours, two places at once, unanswered alerts; and a voyage without."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.assessment.case import Case
from ledger.assessment.checks.movement import CHECK
from ledger.assessment.geography import Point, is_farther, km_between, km_off
from ledger.corridors.rules import Leg, Place
from ledger.corridors.shipped import shipped_profile
from ledger.domain.statement import Reference
from ledger.domain.words import Words
from tests.assessment.machine_story import ROUTE, judged, withhold
from tests.domain.custody_story import CUSTOMS, B, C, D, Story, clock, inspected, packed, posix

BARRIOS, WILMINGTON = Point(15.73, -88.6), Point(39.72, -75.52)


def sailed(
    *, gate: float = 17.5, lading: float = 40, sails: float = 46, arrives: float | None = 176
) -> Story:
    """Return a trip from gate to arrival, at hours after midnight of 6 November 2026."""
    story = packed()
    story.saw(C, "gate-passage", gate, place="GTPBR")
    story.saw(D, "loading", lading, place="GTPBR")
    story.saw(D, "departure", sails, place="GTPBR")
    if arrives is not None:
        story.saw(D, "arrival", arrives, place="USILG")
    return story


def positions(story: Story, *track: tuple[float, float, float], iss: str = D) -> None:
    rows = [{"at": clock(hour), "latitude": lat, "longitude": lon} for hour, lat, lon in track]
    story.saw(iss, "status", max(hour for hour, _, _ in track), positions=rows)


def test_says_nothing_of_a_voyage_within_its_limits() -> None:
    story = sailed()
    positions(story, (60, 18.0, -86.5), (90, 24.0, -83.5), (110, 25.0, -80.5), (140, 32.0, -77.5))
    said = judged(CHECK, story)
    assert (said.codes, said.skipped) == ([], None)


def test_nothing_that_tells_a_place_is_not_called_a_good_way() -> None:
    story = Story().open()
    assert judged(CHECK, story).skipped == "not-seen"


@pytest.mark.parametrize(("lading", "codes"), [(113.4, []), (113.6, ["leg-too-long"])])
def test_a_leg_that_takes_too_long_is_worth_a_look(lading: float, codes: list[str]) -> None:
    story = sailed(lading=lading, sails=lading + 2, arrives=lading + 130)
    said = judged(CHECK, story)
    assert said.codes == codes
    if codes:
        assert "4 d" in said.only_sentence
        assert "terminal" in said.only_sentence
        assert said.result.to_check("movement").reason == "ok"


@pytest.mark.parametrize(("arrives", "codes"), [(106, []), (105, ["leg-too-fast"])])
def test_a_leg_cannot_be_shorter_than_is_possible(arrives: float, codes: list[str]) -> None:
    assert judged(CHECK, sailed(arrives=arrives)).codes == codes


def test_a_leg_cannot_be_faster_than_its_length_takes() -> None:
    legs = {"voyage": Leg(*(Words("voyage", "v", "v"), "departure", "arrival", "sea"), km=3250)}
    assert judged(CHECK, sailed(), legs=legs).codes == []
    fast = judged(CHECK, sailed(arrives=99), legs=legs)
    assert "leg-too-fast" in fast.codes


@pytest.mark.parametrize(("second", "codes"), [((80, 17.5, -87.0), []), ((60, 24.0, -83.5), ["too-fast"])])
def test_nothing_is_faster_than_a_ship(second: tuple[float, float, float], codes: list[str]) -> None:
    story = sailed(arrives=None)
    positions(story, (50, 16.5, -88.0), second)
    said = judged(CHECK, story)
    assert said.codes == codes
    if codes:
        assert "60 km/h" in said.only_sentence
        assert said.only.reason.severity == "problem"


def test_one_position_out_of_the_way_is_told_once() -> None:
    story = sailed(arrives=None)
    positions(story, (50, 16.5, -88.0), (51, 24.0, -83.5), (52, 17.0, -87.9))
    assert judged(CHECK, story).codes == ["too-fast"]


def test_a_box_is_not_at_two_places_at_once() -> None:
    story = sailed(arrives=None)
    story.saw(B, "gate-passage", 80, place="USILG")
    story.saw(C, "gate-passage", 80.02, place="GTPBR")
    said = judged(CHECK, story)
    assert "two-places-at-once" in said.codes
    story = sailed(arrives=None)
    story.saw(B, "gate-passage", 80, place="GTPBR")
    story.saw(C, "gate-passage", 80.02, place="GTPBR")
    assert judged(CHECK, story).codes == []


def test_where_the_corridor_names_no_speeds_two_places_at_once_are_still_two() -> None:
    story = sailed(arrives=None)
    positions(story, (60, 18.0, -86.5), (60.01, 24.0, -83.5))
    assert judged(CHECK, story, most_speed_kmh={}).codes == ["two-places-at-once"]


def test_a_time_that_is_not_shown_makes_nothing_too_fast() -> None:
    story = sailed(arrives=None)
    story.say(B, "gate-passage", {"occurred_at": clock(59.9), "place": "USILG"}, iat=int(posix(60)))
    assert judged(CHECK, story).codes == ["too-fast"]
    withhold(story, -1, "occurred_at")
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(
    ("point", "codes"),
    [((100, 27.0, -79.5), []), ((100, 20.0, -70.0), ["detour"])],
)
def test_a_detour_is_farther_off_the_way_than_the_leg_allows(
    point: tuple[float, float, float], codes: list[str]
) -> None:
    story = sailed(arrives=None)
    positions(story, point)
    said = judged(CHECK, story)
    assert said.codes == codes
    if codes:
        assert "20.0000, -70.0000" in said.only_sentence
    assert judged(CHECK, story, legs={}).codes == []


def test_what_was_before_the_leg_or_after_it_is_no_detour() -> None:
    story = sailed()
    positions(story, (10, 14.6, -90.5), (180, 39.9, -75.1), (400, 51.9, 4.1))
    assert judged(CHECK, story, most_speed_kmh={}).codes == []


def test_a_place_that_is_not_on_the_route_is_told_once_and_only_before_arrival() -> None:
    story = sailed()
    story.saw(D, "status", 90, place="COCTG")
    story.saw(D, "discharge", 91, place="COCTG")
    story.saw(D, "status", 200, place="USPHL")
    story.saw(D, "status", 95, place="Yard 7")
    story.saw(D, "analysis", 96, place="COCTG")
    said = judged(CHECK, story)
    assert said.codes == ["place-off-route"]
    assert "COCTG" in said.only_sentence


@pytest.mark.parametrize(
    ("hour", "place", "codes"),
    [(16, "GTGUA", []), (50, "GTPRQ", ["place-off-route"]), (16, "HNPCR", ["place-off-route"])],
)
def test_by_road_the_whole_country_is_on_the_route(hour: float, place: str, codes: list[str]) -> None:
    story = sailed()
    story.saw(D, "status", hour, place=place)
    assert judged(CHECK, story).codes == codes


def test_expected_times_are_not_taken_for_where_it_was() -> None:
    story = sailed(arrives=None)
    entry = {"milestone": "arrival", "classifier": "EST", "at": clock(60), "place": "USILG"}
    story.saw(D, "status", 50, place="GTPBR", schedule=[entry])
    body = {"occurred_at": clock(400), "place": "COCTG"}
    story.say(D, "arrival", body, iat=int(posix(51)))
    assert judged(CHECK, story).codes == []
    actual = entry | {"classifier": "ACT"}
    story.saw(D, "status", 61, place="GTPBR", schedule=[actual])
    assert "too-fast" in judged(CHECK, story).codes


def alerted(**alert: str) -> tuple[Story, Any]:
    story = sailed(arrives=None)
    seal = {"kind": "opened", "seal": "ES-77"} | alert
    return story, story.saw(D, "status", 60, alert=seal)


def answered(story: Story, alert: Any, kind: str = "analysis", hour: float = 61, **body: str) -> None:
    answers = [Reference("answers", alert.statement.id)]
    story.say(CUSTOMS, kind, {"occurred_at": clock(hour)} | body, references=answers)


@pytest.mark.parametrize("kind", ["analysis", "inspection", "seal-check", "human-interaction"])
def test_an_alert_of_the_seal_is_owed_an_answer(kind: str) -> None:
    story, alert = alerted()
    said = judged(CHECK, story)
    assert said.codes == ["alert-unanswered"]
    assert "ES-77" in said.only_sentence
    assert said.only.due == pytest.approx(posix(84))
    answered(story, alert, kind)
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(
    ("place", "role"),
    [("KEMBA", "origin-customs"), ("KENBO", "transit-customs"), ("UGKLA", "destination-customs")],
)
def test_in_transit_the_customs_of_the_place_owe_the_answer(place: str, role: str) -> None:
    profile = shipped_profile("east-africa-transit")
    story = Story().open()
    story.saw(D, "status", 60, place=place, alert={"kind": "opened"})
    result = CHECK.run(Case(story.trip.uri, tuple(story.said), profile))
    assert [(one.reason.code, one.owed_by) for one in result.findings] == [("alert-unanswered", role)]


def test_a_photo_is_no_answer() -> None:
    story, alert = alerted()
    answered(story, alert, "photo")
    assert judged(CHECK, story).codes == ["alert-unanswered"]


def test_a_suspect_alert_is_settled_by_an_inspection_and_a_late_answer_is_late() -> None:
    story, alert = alerted(at=clock(59))
    answered(story, alert, conclusion="suspect")
    assert judged(CHECK, story).codes == ["alert-suspect"]
    inspected(story, 70, conclusion="clear", concluded_by="person")
    assert judged(CHECK, story).codes == []
    story, alert = alerted(at=clock(59))
    answered(story, alert, hour=83.1)
    assert judged(CHECK, story).codes == ["alert-answered-late"]


def test_distances_are_those_of_the_geodesic() -> None:
    assert km_between(BARRIOS, WILMINGTON) == pytest.approx(2947, abs=2)
    assert km_off(BARRIOS, WILMINGTON, BARRIOS) == pytest.approx(0, abs=0.1)
    equator, further = Point(0, 0), Point(0, 20)
    assert km_off(equator, further, Point(1, 10)) == pytest.approx(111, rel=0.01)
    assert km_off(equator, further, Point(0, 21)) == pytest.approx(111, rel=0.01)
    assert km_off(equator, further, Point(0, -1)) == pytest.approx(111, rel=0.01)
    assert km_off(equator, equator, Point(0, 1)) == pytest.approx(111, rel=0.01)


latitudes = st.floats(-90, 90)
points = st.builds(Point, latitudes, st.floats(-180, 180))


@given(points, points, st.floats(0, 21_000))
def test_what_is_quick_says_what_is_exact(one: Point, other: Point, km: float) -> None:
    assert is_farther(one, other, km) == (km_between(one, other) > km)


@given(points, points, points)
def test_nothing_is_farther_off_the_way_than_from_its_ends(one: Point, other: Point, third: Point) -> None:
    off = km_off(one, other, third)
    assert 0 <= off <= 1.006 * min(km_between(one, third), km_between(other, third)) + 1e-6


rows = st.lists(
    st.fixed_dictionaries(
        {
            "at": st.sampled_from([clock(50), clock(49.9), clock(170), "yesterday"]),
            "latitude": st.one_of(latitudes, st.just(91)),
            "longitude": st.one_of(st.floats(-180, 180), st.none()),
        }
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(rows, st.sampled_from(["GTPBR", "USILG", "COCTG", "", "Yard"]), st.floats(-50, 300))
def test_whatever_is_said_of_places_is_judged(track: list[Any], place: str, hour: float) -> None:
    story = sailed()
    story.saw(D, "status", hour, positions=track, place=place, alert=track)
    first, second = judged(CHECK, story), judged(CHECK, story, places={"USILG": Place("W", "US")})
    assert {*first.codes, *second.codes} <= {one.code for one in CHECK.reasons}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=8, unique=True))
def test_a_ship_that_keeps_to_the_way_is_never_complained_of(shares: list[float]) -> None:
    story = sailed()
    track = [
        (
            46 + 130 * share,
            BARRIOS.latitude + share * (WILMINGTON.latitude - BARRIOS.latitude),
            BARRIOS.longitude + share * (WILMINGTON.longitude - BARRIOS.longitude),
        )
        for share in shares
    ]
    positions(story, *track)
    assert judged(CHECK, story, places=ROUTE.places).codes == []
