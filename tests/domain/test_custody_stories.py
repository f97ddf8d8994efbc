"""What honest parties may meet on the way leaves the line whole; what cheats do is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.custody import Custody, Said, custody_of
from tests.domain.custody_stories import STORIES, story_of
from tests.domain.custody_story import told


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_by_its_codes(name: str) -> None:
    _, problems, warnings = STORIES[name]
    assert told(story_of(name).custody(unobserved_minutes=240)) == (problems, warnings)


@pytest.mark.parametrize("name", STORIES)
def test_what_breaks_a_line_names_statements_that_are_there(name: str) -> None:
    story = story_of(name)
    ids = {one.statement.id for one in story.said}
    for problem in story.custody(unobserved_minutes=240).problems:
        assert problem.statements
        assert ids.issuperset(problem.statements)


@given(st.sampled_from(sorted(STORIES)), st.data())
def test_the_order_of_arrival_does_not_matter(name: str, data: st.DataObject) -> None:
    said = story_of(name).said
    indices = data.draw(st.permutations([one.index for one in said]))
    arrived = [Said(index, one.statement, one.body) for index, one in zip(indices, said, strict=True)]
    arrived = data.draw(st.permutations(arrived))
    before, after = (custody_of(story_of(name).trip.uri, some) for some in (said, arrived))
    assert comparable(after) == comparable(before)


def comparable(custody: Custody) -> object:
    """Return what a line says, its problems in no order."""
    document = custody.to_json()
    problems = [{**one, "statements": sorted(one["statements"])} for one in document.pop("problems")]
    return document, sorted(problems, key=str)
