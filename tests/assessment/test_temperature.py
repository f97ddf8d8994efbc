"""Temperatures: too warm, too cold, unknown, gaps, wrong set points; and a voyage at 7.5 degrees."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.assessment.checks.temperature import CHECK
from ledger.corridors.rules import Reefer
from ledger.domain.custody import Said
from tests.assessment.machine_story import BOX, OTHER_BOX, Judged, judged, profile_of, read
from tests.domain.custody_story import A, D, Story, clock, packed

SUMMARY = {
    "from": clock(40),
    "to": clock(170),
    "least_c": 7.2,
    "greatest_c": 8.9,
    "below_minutes": 0,
    "above_minutes": 0,
    "step_s": 900,
}
LOG = {
    "readings": 500,
    "from": clock(40),
    "to": clock(170),
    "step_s": 900.0,
    "gaps": 0,
    "alarms": 0,
    "ranges": {"pulp_c": [7.4, 8.9], "return_c": [7.0, 11.5], "set_point_c": [7.5, 7.5]},
}


def logged(summary: object = None, **body: Any) -> Story:
    """Return a trip that was laden at 40:00 and discharged at 170:00, with the log of its voyage."""
    story = packed()
    story.saw(A, "manifest", 20, set_point_c=7.5)
    story.saw(D, "loading", 40, place="GTPBR")
    story.saw(D, "discharge", 170, place="USILG")
    told = {} if summary is None else {"temperature": summary}
    story.saw(D, "temperature-log", 171, **told | body)
    return story


def judged_read(story: Story, log: dict[str, Any], **more: Any) -> Judged:
    return judged(CHECK, story, read(story, story.said[-1], {"log": log} | more))


def test_says_nothing_of_a_load_that_stayed_cold() -> None:
    said = judged(CHECK, logged(SUMMARY))
    assert (said.codes, said.skipped) == ([], None)
    said = judged_read(logged(SUMMARY, set_point_c=7.5), LOG, container=BOX)
    assert (said.codes, said.skipped) == ([], None)


def test_no_log_and_one_that_nobody_opened_are_not_called_good() -> None:
    assert judged(CHECK, packed()).skipped == "no-log"
    assert judged(CHECK, logged()).skipped == "log-not-opened"
    assert judged(CHECK, logged({"from": "yesterday"})).skipped == "log-not-opened"


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"greatest_c": 13.0, "above_minutes": 120}, []),
        ({"greatest_c": 13.0, "above_minutes": 121}, ["temperature-outside"]),
        ({"least_c": 2.0, "below_minutes": 121}, ["temperature-outside"]),
        (
            {"least_c": 2.0, "greatest_c": 13.0, "below_minutes": 70, "above_minutes": 70},
            ["temperature-outside"],
        ),
        ({"greatest_c": 13.0, "above_minutes": 500, "high_c": 12}, ["temperature-outside"]),
        ({"greatest_c": 13.0, "above_minutes": 0, "high_c": 12}, ["temperature-outside-unclear"]),
        ({"greatest_c": 13.0, "above_minutes": 90, "high_c": 9}, []),
        ({"greatest_c": 13.0, "above_minutes": 500, "high_c": 9}, ["temperature-outside-unclear"]),
        ({"greatest_c": 9.5, "above_minutes": 500, "high_c": 9}, []),
        ({"least_c": 2.0, "below_minutes": 500, "low_c": 5}, ["temperature-outside"]),
        ({"least_c": 2.0, "below_minutes": 500, "low_c": 8}, ["temperature-outside-unclear"]),
    ],
)
def test_minutes_outside_the_limits_are_counted_as_far_as_they_are_told(
    changes: dict[str, float], codes: list[str]
) -> None:
    said = judged(CHECK, logged(SUMMARY | changes))
    assert said.codes == codes
    if codes:
        assert "7 to 10 °C" in said.only_sentence


@pytest.mark.parametrize(
    ("log", "codes"),
    [
        ({"ranges": {"pulp_c": [7.4, 10.0]}}, []),
        ({"ranges": {"pulp_c": [7.4, 13.0]}}, ["temperature-outside-unclear"]),
        ({"ranges": {"supply_c": [2.0, 8.0], "ambient_c": [0, 40]}}, ["temperature-outside-unclear"]),
        (
            {"ranges": {"pulp_c": [7.4, 13.0]}, "held_minutes": {"pulp_c": [[8.0, 5000], [13.0, 121]]}},
            ["temperature-outside"],
        ),
        ({"ranges": {"pulp_c": [7.4, 13.0]}, "held_minutes": {"pulp_c": [[8.0, 5000], [13.0, 119]]}}, []),
        (
            {"ranges": {"pulp_c": [7.4, 13.0]}, "held_minutes": {"pulp_c": [[13.0, 1e308]] * 20}},
            ["temperature-outside-unclear"],
        ),
        (
            {"ranges": {"pulp_c": [7.4, 13.0]}, "held_minutes": {"pulp_c": [[13.0, 10**400]]}},
            ["temperature-outside-unclear"],
        ),
        (
            {"ranges": {"pulp_c": [7.4, 13.0]}, "held_minutes": {"pulp_c": "?"}},
            ["temperature-outside-unclear"],
        ),
    ],
)
def test_what_readers_found_in_the_log_itself_is_held_against_the_limits(
    log: dict[str, Any], codes: list[str]
) -> None:
    assert judged_read(logged(), LOG | log).codes == codes


@pytest.mark.parametrize(
    "log",
    [{}, {"ranges": 3}, LOG | {"from": None}, LOG | {"ranges": {"pulp_c": ["cold", 9]}}, LOG | {"to": 7}],
)
def test_what_readers_found_and_is_no_log_is_not_called_good(log: dict[str, Any]) -> None:
    said = judged_read(logged(), log)
    assert (said.codes, said.skipped) == ([], "log-not-opened")


def test_a_summary_that_is_not_what_the_log_says_is_found() -> None:
    log = LOG | {"ranges": {"pulp_c": [7.4, 9.8]}}
    said = judged_read(logged(SUMMARY), log)
    assert said.codes == ["temperature-summary-differs"]
    assert "9.8" in said.only_sentence
    assert judged_read(logged(SUMMARY | {"greatest_c": 9.8}), log).codes == []


@pytest.mark.parametrize(("seen", "codes"), [(BOX, []), (OTHER_BOX, ["temperature-other-container"])])
def test_the_log_of_another_container_is_found(seen: str, codes: list[str]) -> None:
    assert judged_read(logged(), LOG, container=seen).codes == codes


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"set_point_c": 7.5}, []),
        ({"set_point_c": -18}, ["set-point-differs"]),
        ({"temperature": SUMMARY | {"set_point_c": 13}}, ["set-point-differs"]),
        ({"set_point_c": "cold"}, []),
    ],
)
def test_the_unit_is_set_to_what_the_load_needs(body: dict[str, Any], codes: list[str]) -> None:
    story = logged(
        **{"summary": SUMMARY} | {"summary" if k == "temperature" else k: v for k, v in body.items()}
    )
    assert judged(CHECK, story).codes == codes


def test_a_set_point_in_the_log_counts_too() -> None:
    log = LOG | {"ranges": {"pulp_c": [7.4, 8.9], "set_point_c": [7.5, 13.0]}}
    said = judged_read(logged(), log)
    assert said.codes == ["set-point-differs"]
    assert "13 °C" in said.only_sentence


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        ((40, 100), (100.5, 170), []),
        ((30, 100), (90, 200), []),
        ((40, 100), (103, 170), ["temperature-gap"]),
        ((44, 100), (100, 170), ["temperature-gap"]),
        ((40, 100), (100, 160), ["temperature-gap"]),
        ((40, 90), (110, 160), ["temperature-gap", "temperature-gap"]),
        ((10, 20), (300, 310), ["temperature-gap"]),
    ],
)
def test_logs_follow_each_other_from_lading_to_discharge(
    first: tuple[float, float], second: tuple[float, float], codes: list[str]
) -> None:
    story = logged(SUMMARY | {"from": clock(first[0]), "to": clock(first[1])})
    more = SUMMARY | {"from": clock(second[0]), "to": clock(second[1])}
    story.saw(D, "temperature-log", 172, temperature=more)
    said = judged(CHECK, story)
    assert said.codes == codes
    assert said.result.to_check("temperature").reason == "ok"


def test_before_discharge_nothing_is_missing_behind_the_last_log() -> None:
    story = logged(SUMMARY | {"to": clock(90)})
    assert judged(CHECK, story).codes == ["temperature-gap"]
    story.said = [one for one in story.said if one.statement.kind != "discharge"]
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(("minutes", "codes"), [(59, []), (61, ["temperature-log-gap"])])
def test_readings_that_are_missing_within_a_log_are_worth_a_look(minutes: float, codes: list[str]) -> None:
    assert judged(CHECK, logged(SUMMARY | {"gap_minutes": minutes})).codes == codes
    assert judged_read(logged(), LOG | {"gaps": int(minutes > 60)}).codes == codes


def test_applies_only_to_corridors_with_limits() -> None:
    assert CHECK.applies(profile_of())
    assert not CHECK.applies(profile_of(reefer=None))


TOLD, READ = logged(SUMMARY), logged(SUMMARY)
OPENED = read(READ, READ.said[-1], {})
degrees = st.floats(-100, 100)


@settings(max_examples=50, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "from": st.sampled_from([clock(40), "?", 7]),
            "to": st.sampled_from([clock(170), clock(1), None]),
            "least_c": st.one_of(degrees, st.just("cold")),
            "greatest_c": degrees,
            "below_minutes": st.floats(-1, 1000),
            "above_minutes": st.integers(0, 1000),
        },
        optional={"low_c": degrees, "high_c": degrees, "set_point_c": degrees, "gap_minutes": degrees},
    ),
    st.dictionaries(
        st.sampled_from(["pulp_c", "set_point_c"]), st.lists(st.one_of(degrees, st.none()), max_size=3)
    ),
)
def test_whatever_a_log_says_is_judged(summary: dict[str, Any], ranges: dict[str, Any]) -> None:
    *before, last, reading = READ.said
    story = Story(READ.trip, [*before, Said(last.index, last.statement, {"temperature": summary}), reading])
    opened = {one: {"log": LOG | {"ranges": ranges, "held_minutes": ranges}} for one in OPENED}
    said = judged(CHECK, story, opened)
    assert set(said.codes) <= {one.code for one in CHECK.reasons}


@settings(max_examples=50, deadline=None)
@given(st.floats(-20, 20), st.floats(0, 10), st.floats(0, 1), st.floats(0, 1))
def test_within_limits_nothing_is_found(low: float, width: float, one: float, other: float) -> None:
    least, greatest = sorted((low + one * width, low + other * width))
    summary = SUMMARY | {"least_c": least, "greatest_c": greatest}
    reefer = Reefer(low_c=low, high_c=low + width, most_minutes=0)
    *before, last = TOLD.said
    story = Story(TOLD.trip, [*before, Said(last.index, last.statement, {"temperature": summary})])
    assert judged(CHECK, story, reefer=reefer).codes == []


def test_the_clock_of_the_signer_is_put_right() -> None:
    ahead = {name: _later(str(SUMMARY[name]), 6) for name in ("from", "to")}
    assert judged(CHECK, logged(SUMMARY | ahead)).codes == ["temperature-gap"]
    assert judged(CHECK, logged(SUMMARY | ahead, clock_offset_s=6 * 3600)).codes == []


def _later(time: str, hours: float) -> str:
    return (datetime.fromisoformat(time) + timedelta(hours=hours)).isoformat()
