"""The box: seals, machinery and cleanness before lading, each missing once and each there in a clean twin."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.assessment.case import Case
from ledger.assessment.checks.box import CHECK
from ledger.corridors.profile import foundation_profile
from tests.assessment.machine_story import ROUTE, Judged, concludes, judged, profile_of, withhold
from tests.domain.custody_story import B, C, D, Story, cleared, clock, inspected, packed, posix, seal

MACHINERY = {"number": "RM-51120", "kind": "sticker", "on": "machinery"}


def laden(*, checked: bool = True, machinery: bool = True, hour: float = 21) -> Story:
    """Return a trip through the gate at 17:30, scanned and clear at 18:00, laden at 21:00."""
    story = packed()
    story.saw(C, "gate-passage", 17.5, place="GTPBR")
    cleared(story, 18)
    if checked:
        story.saw(C, "seal-check", hour - 0.2, seals_found=[seal("B1")])
    if machinery:
        story.saw(C, "seal-check", hour - 0.1, seals_found=[MACHINERY])
    story.saw(D, "loading", hour, place="GTPBR")
    return story


def judged_by(story: Story, *, unobserved: int | None) -> Judged:
    profile = profile_of()
    profile = replace(profile, custody=replace(profile.custody, unobserved_minutes=unobserved))
    return Judged(CHECK.run(Case(story.trip.uri, tuple(story.said), profile)))


def test_says_nothing_of_a_box_that_was_looked_at_in_all_ways() -> None:
    said = judged(CHECK, laden())
    assert (said.codes, said.skipped) == ([], None)


def test_says_nothing_before_lading() -> None:
    story = packed()
    story.saw(C, "gate-passage", 17.5, place="GTPBR")
    assert judged(CHECK, story).codes == []


def test_a_seal_check_before_lading_is_owed_when_it_is_missing() -> None:
    said = judged(CHECK, laden(checked=False))
    assert said.codes == ["seal-check-missing"]
    assert "lading" in said.only_sentence
    assert "carga" in said.only.sentence("es")
    assert len(said.only.statements) == 2
    assert judged(CHECK, laden(checked=False), seal_check_at=frozenset()).codes == []


@pytest.mark.parametrize(
    ("kind", "hour", "found", "codes"),
    [
        ("seal-check", 20, [seal("B1")], []),
        ("gate-passage", 20, [seal("B1")], []),
        ("loading", 21, [seal("B1")], []),
        ("seal-check", 17, [seal("B1")], ["seal-check-missing"]),
        ("seal-check", 21.1, [seal("B1")], ["seal-check-missing"]),
        ("seal-check", 20, [seal("B1") | {"on": "vent"}], ["seal-check-missing"]),
        ("seal-check", 20, "B1", ["seal-check-missing"]),
    ],
)
def test_it_counts_in_the_leg_before_and_on_the_doors(
    kind: str, hour: float, found: Any, codes: list[str]
) -> None:
    story = laden(checked=False)
    story.saw(C, kind, hour, seals_found=found)
    assert judged(CHECK, story).codes == codes


def test_the_machinery_compartment_is_looked_at_by_its_own_seal() -> None:
    story = laden(machinery=False)
    assert judged(CHECK, story).codes == ["machinery-check-missing"]
    inspected(story, 20, conclusion="clear", concluded_by="person")
    assert judged(CHECK, story).codes == ["machinery-check-missing"]
    inspected(story, 20.5, seals_removed=None, seals_found=None, doors=None, seals_applied=[MACHINERY])
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize("hidden", ["seals_found", "place"])
def test_seals_that_are_not_shown_are_neither_missing_nor_good(hidden: str) -> None:
    story = laden(checked=False)
    body = {"occurred_at": clock(20), "seals_found": [seal("B1")], "place": "GTPBR"}
    story.say(C, "seal-check", body, iat=int(posix(30)))
    assert judged(CHECK, story).codes == []
    withhold(story, -1, hidden, "occurred_at")
    said = judged(CHECK, story)
    assert (said.codes, said.skipped) == ([], "box-not-shown")


def test_a_box_that_was_never_found_clear_is_missing_that() -> None:
    story = packed()
    story.saw(C, "gate-passage", 17.5, place="GTPBR")
    scan = story.saw(C, "scan", 18)
    story.saw(C, "seal-check", 20, seals_found=[seal("B1"), MACHINERY])
    story.saw(D, "loading", 21, place="GTPBR")
    said = judged(CHECK, story)
    assert said.codes == ["box-never-clean"]
    assert scan.statement.id in said.only.statements
    assert judged_by(story, unobserved=None).codes == []
    concludes(story, scan, "suspect", hour=19)
    assert judged(CHECK, story).codes == ["box-never-clean"]
    concludes(story, scan, "clear", hour=22)
    assert judged(CHECK, story).codes == []


def test_time_that_nobody_looked_is_missing_beyond_the_limit() -> None:
    story = laden(hour=23)
    said = judged(CHECK, story)
    assert said.codes == ["box-unobserved"]
    assert "299 minutes" in said.only_sentence
    assert said.only.owed_by == "origin-port"
    assert judged_by(story, unobserved=299).codes == []
    story.saw(C, "video", 22, observed={"from": clock(18), "to": clock(22)})
    assert judged(CHECK, story).codes == []


def test_doors_opened_after_the_last_clean_state_are_worth_a_look_until_somebody_concludes() -> None:
    story = laden()
    inspected(story, 19)
    story.saw(B, "seal-check", 20.95, seals_found=[seal("P1")])
    assert judged(CHECK, story).codes == ["box-opened-since-clean"]
    concludes(story, _inspection(story), hour=19.5)
    assert judged(CHECK, story).codes == []


def _inspection(story: Story) -> Any:
    return next(one for one in story.said if one.statement.kind == "inspection")


def test_applies_only_where_the_corridor_asks_for_some_of_it() -> None:
    silent = replace(ROUTE, seal_check_at=frozenset(), machinery_check_at=frozenset())
    nothing = replace(foundation_profile().custody, unobserved_minutes=None)
    profile = replace(foundation_profile(), custody=nothing)
    assert not CHECK.applies(profile)
    assert not CHECK.applies(replace(profile, rules=silent))
    assert CHECK.applies(replace(profile, rules=ROUTE))
    assert CHECK.applies(replace(foundation_profile(), rules=silent))
