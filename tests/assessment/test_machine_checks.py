"""What all checks of machines and of the way have in common, on stories that make no sense."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck
from ledger.assessment.checks import box, movement, radiation, re_scan, scan, temperature
from ledger.corridors.shipped import shipped_profile
from ledger.domain.custody import Said
from ledger.domain.links import BEGINNING, ENDING
from ledger.domain.statement import Reference
from ledger.domain.words import LANGUAGES
from tests.assessment.machine_story import OTHER_BOX, profile_of
from tests.domain.custody_story import CUSTOMS, POLICE, A, B, C, D, Story, clock, seal

CHECKS = (scan.CHECK, re_scan.CHECK, radiation.CHECK, box.CHECK, movement.CHECK, temperature.CHECK)
KINDS = (
    *("gate-passage", "scan", "radiation", "inspection", "loading", "departure", "arrival", "discharge"),
    *("status", "temperature-log", "seal-check", "stuffing", "manifest", "video", "decision"),
)


def told() -> Story:
    """Return statements of all kinds, with analyses and readings that refer to each of them."""
    story = Story().open()
    for kind in KINDS:
        record = story.saw(C, kind, 18)
        for about, rel in (("analysis", "of"), ("inspection", "answers"), ("reading", "of")):
            story.say(CUSTOMS, about, {}, references=[Reference(rel, record.statement.id)])
    scanned = next(one for one in story.said if one.statement.kind == "scan")
    story.say(D, "gate-passage", {}, references=[Reference("scan", scanned.statement.id)])
    return story


TOLD = told()
hours = st.one_of(st.floats(-100, 400).map(clock), st.sampled_from(["never", 7, None]))
numbers = st.one_of(st.floats(-1000, 50_000), st.sampled_from([None, "many", True, float("nan")]))
rows = st.fixed_dictionaries({"at": hours, "latitude": numbers, "longitude": st.floats(-200, 200)})
MEMBERS = {
    "occurred_at": hours,
    "clock_offset_s": numbers,
    "container": st.sampled_from([OTHER_BOX, "MSKU1234565", "?", 7]),
    "place": st.sampled_from(["GTPBR", "USILG", "COCTG", "Gate 3", "", 7]),
    "conclusion": st.sampled_from(["clear", "suspect", "?"]),
    "concluded_by": st.sampled_from(["person", "algorithm", 7]),
    "alarm": st.sampled_from([True, False, "yes"]),
    "doors": st.sampled_from(["opened", "closed"]),
    "weights": st.dictionaries(st.sampled_from(["measured_kg", "vgm_kg", "gross_kg", "tare_kg"]), numbers),
    "positions": st.lists(rows, max_size=3),
    "alert": st.fixed_dictionaries({"kind": st.sampled_from(["opened", "?"])}, optional={"at": hours}),
    "temperature": st.fixed_dictionaries(
        {"from": hours, "to": hours, "least_c": numbers, "greatest_c": numbers},
        optional={"below_minutes": numbers, "above_minutes": numbers},
    ),
    "set_point_c": numbers,
    "seals_found": st.sampled_from([[seal("B1")], [seal("M1") | {"on": "machinery"}], [], "B1"]),
    "observed": st.fixed_dictionaries({"from": hours, "to": hours}),
    "schedule": st.lists(
        st.fixed_dictionaries(
            {
                "milestone": st.sampled_from(["lading", "arrival", "departure"]),
                "classifier": st.sampled_from(["ACT", "EST"]),
                "at": hours,
                "place": st.sampled_from(["GTPBR", "USILG", "?"]),
            }
        ),
        max_size=2,
    ),
}
bodies = st.fixed_dictionaries({}, optional=MEMBERS)
found = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {},
        optional={
            "container": st.sampled_from([OTHER_BOX, 7]),
            "containers": st.sampled_from([[OTHER_BOX], [{"number": 7}], "?", [[]]]),
            "alarm": st.sampled_from([{"raised": True}, {"raised": "?"}, True]),
            "tags": st.sampled_from([{"SeriesInstanceUID": "1.2"}, [], {}]),
            "log": st.fixed_dictionaries(
                {"from": hours, "to": hours, "ranges": st.dictionaries(st.just("pulp_c"), st.lists(numbers))}
            ),
        },
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a case of some of the statements, with bodies that say anything."""
    some = draw(st.lists(st.sampled_from(TOLD.said[1:]), max_size=9, unique_by=lambda one: one.index))
    said = [TOLD.said[0], *(Said(one.index, one.statement, draw(bodies)) for one in some)]
    said.sort(key=lambda one: one.index)
    opened = {
        one.statement.id: what
        for one in said
        if one.statement.kind == "reading" and (what := draw(found)) is not None
    }
    return Case(TOLD.trip.uri, tuple(said), profile_of(), opened=opened)


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.name)
@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_whatever_is_said_is_judged_and_told_in_every_language(check: CorridorCheck, case: Case) -> None:
    result = check.run(case)
    for one in result.findings:
        assert one.reason in check.reasons
        assert one.statements
        assert set(one.statements) <= case.by_id.keys()
        assert all("{" not in one.sentence(language) for language in LANGUAGES)
    assert result.skipped is None or result.skipped in check.skips
    assert result == check.run(replace(case, said=tuple(reversed(case.said))))


@pytest.mark.parametrize("check", [one for one in CHECKS if one.reads is not None], ids=lambda one: one.name)
@settings(max_examples=40, deadline=None)
@given(case=cases())
def test_kinds_that_a_check_does_not_read_change_nothing(check: CorridorCheck, case: Case) -> None:
    reads = (check.reads or frozenset()) | BEGINNING | ENDING | {"subject-opened"}
    fewer = tuple(one for one in case.said if one.statement.kind in reads)
    assert check.run(replace(case, said=fewer)) == check.run(case)


GUATEMALA = "guatemala-us"
MACHINERY = {"number": "RM-51120", "kind": "sticker", "on": "machinery"}


def honest() -> Story:
    """Return the honest way of a container from packing house to Wilmington, under its shipped profile."""
    story = Story().open()
    story.saw(A, "stuffing", 15.5, doors="opened", seals_applied=[seal("B1"), MACHINERY], set_point_c=7.5)
    story.hand_over(A, B, 15.8)
    scanned = story.saw(CUSTOMS, "scan", 25.68, place="GTPBR", weights={"measured_kg": 24_610})
    measured = story.saw(CUSTOMS, "radiation", 25.69, place="GTPBR", alarm=True)
    story.saw(C, "seal-check", 25.73, place="GTPBR", seals_found=[seal("B1"), MACHINERY])
    names = [Reference("scan", scanned.statement.id), Reference("radiation", measured.statement.id)]
    story.say(C, "gate-passage", {"occurred_at": clock(25.67), "place": "GTPBR"}, references=names)
    story.hand_over(B, C, 25.8)
    for record in (scanned, measured):
        of = [Reference("of", record.statement.id)]
        body = {"occurred_at": clock(25.9), "conclusion": "clear", "concluded_by": "person"}
        story.say(CUSTOMS, "analysis", body, references=of)
    story.saw(
        *(POLICE, "inspection", 33.5),
        place="GTPBR",
        reason="random",
        doors="opened",
        conclusion="clear",
        seals_found=[seal("B1")],
        seals_removed=[seal("B1")],
        seals_applied=[seal("P1")],
    )
    story.saw(C, "video", 61, observed={"from": clock(33.6), "to": clock(61.7)})
    story.saw(A, "manifest", 40, weights={"vgm_kg": 24_580, "gross_kg": 19_500, "net_kg": 17_700})
    story.saw(D, "seal-check", 61.8, place="GTPBR", seals_found=[seal("P1"), MACHINERY])
    story.hand_over(C, D, 61.9)
    story.saw(D, "loading", 62, place="GTPBR")
    story.saw(D, "departure", 68, place="GTPBR")
    summary = {"from": clock(15.5), "to": clock(129), "least_c": 7.2, "greatest_c": 8.9, "step_s": 900}
    summary |= {"below_minutes": 0, "above_minutes": 0, "set_point_c": 7.5}
    story.saw(D, "temperature-log", 130, temperature=summary)
    story.saw(D, "arrival", 197, place="USILG")
    return story


@pytest.mark.parametrize("check", CHECKS, ids=lambda one: one.name)
def test_the_shipped_profile_finds_nothing_wrong_with_an_honest_trip(check: CorridorCheck) -> None:
    story, profile = honest(), shipped_profile(GUATEMALA)
    assert check.applies(profile)
    result: Any = check.run(Case(story.trip.uri, tuple(story.said), profile))
    assert [one.sentence() for one in result.findings] == []
    assert (result.skipped is None) == (check.name != "re-scan")
