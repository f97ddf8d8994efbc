"""Amounts and times as people write them: read in one way, or not at all."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.client.importing.values import (
    DateOrder,
    DecimalMark,
    Habits,
    amount,
    moment,
    parts,
    whole_number,
)
from ledger.domain.errors import MalformedError

READ = {
    "24580": 24580,
    "24580.5": 24580.5,
    "24580,5": 24580.5,
    "24.580,5": 24580.5,
    "24,580.5": 24580.5,
    "24 580,50": 24580.5,
    "24\u00a0580": 24580,
    "1.234.567": 1234567,
    "1,234,567": 1234567,
    "24580,000": 24580,
    "0,125": 0.125,
    "0.125": 0.125,
    "13860.00": 13860,
}
REFUSED = ("", "abc", "-5", "1e3", "NaN", "1..2", "1,2,3", "12.34.567", ".5.5", "1" * 13, "1.23456789", "٣")


@pytest.mark.parametrize(("text", "value"), READ.items(), ids=READ)
def test_numbers_are_read(text: str, value: float) -> None:
    assert amount(text, "gross_kg", Habits()) == value


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(MalformedError) as refused:
        amount(text, "gross_kg", Habits())
    assert refused.value.field == "gross_kg"


@pytest.mark.parametrize("text", ["24.580", "24,580", "1.000", "999,999"])
def test_what_can_be_read_in_two_ways_needs_to_be_told(text: str) -> None:
    with pytest.raises(MalformedError, match="--decimal"):
        amount(text, "gross_kg", Habits())
    plain = text.replace(",", ".")
    mark: DecimalMark = "comma" if "," in text else "point"
    other: DecimalMark = "point" if "," in text else "comma"
    assert amount(text, "gross_kg", Habits(mark)) == float(plain)
    assert amount(text, "gross_kg", Habits(other)) == int(plain.replace(".", ""))


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(["comma", "point"]))
def test_what_is_written_by_a_habit_is_read_by_it(whole: int, cents: int, mark: DecimalMark) -> None:
    written = f"{whole:,}.{cents:02}"
    if mark == "comma":
        written = written.translate(str.maketrans(",.", ".,"))
    assert amount(written, "value", Habits(mark)) == pytest.approx(whole + cents / 100)


@given(st.text(max_size=20), st.sampled_from(["auto", "comma", "point"]))
def test_any_text_is_a_number_or_refused(text: str, mark: DecimalMark) -> None:
    try:
        value = amount(text, "value", Habits(mark))
    except MalformedError:
        return
    assert 0 <= value < 10**12


def test_packages_are_whole() -> None:
    assert whole_number("1.500,0", "packages", Habits()) == 1500
    with pytest.raises(MalformedError):
        whole_number("1500,5", "packages", Habits())


def test_a_time_without_an_offset_needs_a_place() -> None:
    guatemala = Habits(zone=ZoneInfo("America/Guatemala"))
    assert moment("2026-11-06 15:30", "stuffed_at", guatemala) == "2026-11-06T15:30:00-06:00"
    assert moment("2026-11-06T15:30:00Z", "stuffed_at", guatemala) == "2026-11-06T15:30:00Z"
    with pytest.raises(MalformedError, match="--timezone"):
        moment("2026-11-06 15:30", "stuffed_at", Habits())


@pytest.mark.parametrize(
    ("text", "dates", "time"),
    [
        ("06/11/2026 15:30", "day-first", "2026-11-06T15:30:00-06:00"),
        ("06/11/2026 15:30", "month-first", "2026-06-11T15:30:00-06:00"),
        ("6.11.2026 5:30:15", "day-first", "2026-11-06T05:30:15-06:00"),
        ("22-11-2026 15:30", "auto", "2026-11-22T15:30:00-06:00"),
        ("11/22/2026 15:30", "auto", "2026-11-22T15:30:00-06:00"),
        ("11/11/2026 15:30", "auto", "2026-11-11T15:30:00-06:00"),
    ],
)
def test_times_of_office_programs_are_read_where_they_mean_one_day(
    text: str, dates: DateOrder, time: str
) -> None:
    habits = Habits(zone=ZoneInfo("America/Guatemala"), dates=dates)
    assert moment(text, "stuffed_at", habits) == time


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("06/11/2026 15:30", "ambiguous-date"),
        ("22/11/2026", "no-time-of-day"),
        ("22/22/2026 15:30", "malformed-field"),
        ("31/11/2026 15:30", "malformed-field"),
        ("22/11.2026 15:30", "malformed-field"),
        ("22/11/26 15:30", "malformed-field"),
    ],
)
def test_times_of_office_programs_that_mean_two_days_or_none_are_refused(text: str, code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        moment(text, "stuffed_at", Habits(zone=ZoneInfo("America/Guatemala")))
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["2026-13-01 10:00", "2026-11-06", "now", "20261106"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        moment(text, "stuffed_at", Habits(zone=ZoneInfo("America/Guatemala")))


def test_a_cell_holds_several_with_bars_or_blanks() -> None:
    assert parts("https://a.example | https://b.example\nhttps://c.example") == [
        "https://a.example",
        "https://b.example",
        "https://c.example",
    ]
