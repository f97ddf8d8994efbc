"""The language of deadlines: what is written is read back as it was, and nothing else is read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.corridors.due import due_value, read_due, term_text
from ledger.corridors.rules import EARLIEST, LATEST, Due, Term
from ledger.domain.errors import MalformedError

NAMES = st.from_regex(r"[a-z][a-z0-9-]{1,20}", fullmatch=True)
DISTANCES = st.sampled_from((("min", 527_040), ("h", 8_784), ("d", 366))).flatmap(
    lambda pair: st.builds(lambda count: f"{count} {pair[0]}", st.integers(0, pair[1]))
)
TEXTS = st.builds(lambda name, sign, far: f"{name} {sign} {far}", NAMES, st.sampled_from("+-"), DISTANCES)
TERMS = st.one_of(NAMES, TEXTS)
VALUES = st.one_of(
    TERMS,
    st.dictionaries(
        st.sampled_from((EARLIEST, LATEST)), st.lists(TERMS, min_size=1, max_size=8), min_size=1, max_size=1
    ),
)


@given(VALUES)
def test_what_is_written_of_a_deadline_is_read_as_the_same(value: Any) -> None:
    due = read_due(value, "due")
    assert read_due(due_value(due), "due") == due


@given(NAMES, st.integers(-527_040, 527_040))
def test_minutes_are_told_as_minutes_where_they_are_no_whole_hours(name: str, minutes: int) -> None:
    text = term_text(Term(name, minutes / 60))
    unit = "h" if minutes % 60 == 0 else "min"
    assert text == (
        name if minutes == 0 else f"{name} {'-' if minutes < 0 else '+'} {text.split()[2]} {unit}"
    )
    assert read_due(text, "due") == Due((Term(name, minutes / 60),))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("arrival", 0),
        ("arrival - 48 h", -48),
        ("departure + 2 d", 48),
        ("gate-in + 30 min", 0.5),
        ("arrival-us - 8 h", -8),
        ("a1 - 0 h", 0),
    ],
)
def test_a_term_is_a_milestone_and_perhaps_a_distance(text: str, hours: float) -> None:
    assert read_due(text, "due") == Due((Term(text.split(maxsplit=1)[0], hours),))


BAD = {
    "nothing": "",
    "no milestone": "- 48 h",
    "a capital": "Arrival",
    "no blanks": "arrival-48 h-",
    "no unit": "arrival - 48",
    "an unknown unit": "arrival - 2 weeks",
    "half an hour": "arrival - 0.5 h",
    "two distances": "arrival - 1 d - 2 h",
    "two blanks": "arrival  - 48 h",
    "a line more": "arrival - 48 h\n",
    "digits of another script": "arrival - ٤٨ h",
    "over a year": "arrival - 8785 h",
    "over a year in days": "arrival - 367 d",
    "over a year in minutes": "arrival - 527041 min",
    "a number": 48,
    "an array": ["arrival"],
    "no pick": {},
    "two picks": {EARLIEST: ["arrival"], LATEST: ["arrival"]},
    "another pick": {"middle": ["arrival"]},
    "a pick of none": {EARLIEST: []},
    "a pick of nine": {EARLIEST: ["arrival"] * 9},
    "a pick of a text": {EARLIEST: "arrival"},
    "a pick within a pick": {EARLIEST: [{LATEST: ["arrival"]}]},
}


@pytest.mark.parametrize("case", BAD)
def test_nothing_else_is_a_deadline(case: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_due(BAD[case], "required.x.due")
    assert caught.value.field is not None
    assert caught.value.field.startswith("required.x.due")
