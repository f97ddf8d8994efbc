"""Radiation alarms: open, suspect, answered late, kept quiet or of another box; and answered ones."""

from typing import Any

import pytest

from ledger.assessment.checks.radiation import CHECK
from ledger.domain.statement import Reference, SignedStatement
from tests.assessment.machine_story import BOX, OTHER_BOX, concludes, judged, read
from tests.domain.custody_story import CUSTOMS, POLICE, C, Story, clock, inspected, packed, posix


def measured(**body: Any) -> tuple[Story, SignedStatement]:
    story = packed()
    return story, story.saw(C, "radiation", 18, **{"container": BOX, "place": "GTPBR", "alarm": True} | body)


@pytest.mark.parametrize("raised", [False, None])
def test_says_nothing_where_no_alarm_was_raised(raised: bool | None) -> None:
    story, record = measured(alarm=False)
    said = judged(CHECK, story, read(story, record, {"containers": [BOX], "alarm": {"raised": raised}}))
    assert (said.codes, said.skipped) == ([], None)


def test_no_record_is_not_called_a_good_one() -> None:
    assert judged(CHECK, packed()).skipped == "no-radiation"


@pytest.mark.parametrize("alarm", [None, "no", 0])
def test_an_alarm_that_is_not_told_is_not_called_none(alarm: object) -> None:
    story, record = measured(alarm=alarm)
    assert judged(CHECK, story).skipped == "alarm-not-shown"
    opened = read(story, record, {"alarm": {"raised": False}})
    assert judged(CHECK, story, opened).skipped is None


def test_an_alarm_is_owed_an_answer_of_customs_within_the_hours_of_the_corridor() -> None:
    story, record = measured()
    said = judged(CHECK, story, answer_alarm_hours=6)
    assert said.codes == ["radiation-alarm-unanswered"]
    assert said.only.owed_by == "origin-customs"
    assert said.only.due == pytest.approx(posix(24))
    assert said.only.statements == (record.statement.id,)
    concludes(story, record, hour=19)
    assert judged(CHECK, story, answer_alarm_hours=6).codes == []


@pytest.mark.parametrize("rel", ["of", "answers"])
@pytest.mark.parametrize("kind", ["analysis", "inspection"])
def test_analyses_and_inspections_answer_it(rel: str, kind: str) -> None:
    story, record = measured()
    answers = [Reference(rel, record.statement.id)]
    story.say(POLICE, kind, {"conclusion": "clear", "occurred_at": clock(19)}, references=answers)
    assert judged(CHECK, story).codes == []


def test_what_refers_to_it_and_concludes_nothing_is_no_answer() -> None:
    story, record = measured()
    story.say(POLICE, "analysis", {}, references=[Reference("of", record.statement.id)])
    story.say(POLICE, "photo", {"conclusion": "clear"}, references=[Reference("of", record.statement.id)])
    assert judged(CHECK, story).codes == ["radiation-alarm-unanswered"]


def test_a_suspect_answer_is_settled_by_a_later_inspection_that_finds_it_clear() -> None:
    story, record = measured()
    concludes(story, record, "suspect")
    said = judged(CHECK, story)
    assert said.codes == ["radiation-alarm-suspect"]
    assert CUSTOMS in said.only_sentence
    inspected(story, 21, conclusion="clear", concluded_by="person")
    assert judged(CHECK, story).codes == []


@pytest.mark.parametrize(("hour", "codes"), [(41.9, []), (42.1, ["radiation-alarm-answered-late"])])
def test_an_answer_after_the_hours_of_the_corridor_is_late(hour: float, codes: list[str]) -> None:
    story, record = measured()
    concludes(story, record, hour=hour)
    concludes(story, record, hour=hour + 20)
    assert judged(CHECK, story).codes == codes


def test_an_alarm_that_the_signer_keeps_quiet_about_is_found_in_the_file_of_the_portal() -> None:
    story, record = measured(alarm=False)
    concludes(story, record)
    said = judged(CHECK, story, read(story, record, {"alarm": {"raised": True, "which": []}}))
    assert said.codes == ["radiation-alarm-not-told"]
    assert "port.example" in said.only_sentence


def test_the_record_of_another_container_is_found_by_number_and_by_file() -> None:
    story, record = measured(alarm=False, container=OTHER_BOX)
    assert judged(CHECK, story).codes == ["radiation-other-container"]
    story, record = measured(alarm=False)
    opened = read(story, record, {"containers": [OTHER_BOX]})
    assert judged(CHECK, story, opened).codes == ["radiation-other-container"]


def test_an_answer_that_is_not_shown_is_neither_missing_nor_good() -> None:
    story, record = measured()
    answers = [Reference("answers", record.statement.id)]
    story.say(POLICE, "analysis", {"conclusion": "clear"}, references=answers, conceal=[("conclusion",)])
    hidden = story.said[-1]
    story.said[-1] = type(hidden)(hidden.index, hidden.statement, {})
    said = judged(CHECK, story)
    assert (said.codes, said.skipped) == ([], "alarm-not-shown")
