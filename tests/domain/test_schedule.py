"""The member `schedule`: what it may say, and what is refused."""

from typing import Any

import pytest

from ledger.domain.errors import MalformedError
from ledger.domain.schedule import Entry, read_schedule, schedule_of

GOOD = {"milestone": "arrival", "classifier": "EST", "at": "2026-11-14T06:00:00-05:00"}


def test_reads_times_in_any_zone_as_one_clock() -> None:
    zones = ("2026-11-14T11:00:00Z", "2026-11-14T06:00:00-05:00", "2026-11-14T16:45:00+05:45")
    read = [read_schedule([GOOD | {"at": at}], "body.schedule")[0].at for at in zones]
    assert read == [1794654000.0] * 3


def test_reads_place_terminal_and_source() -> None:
    more = {"place": "USILG", "terminal": "Gateway", "source": "berth plan of 9 November"}
    assert read_schedule([GOOD | more], "body.schedule") == (
        Entry("arrival", "EST", 1794654000.0, "USILG", "Gateway", "berth plan of 9 November"),
    )


@pytest.mark.parametrize(
    ("value", "field"),
    [
        pytest.param(None, "s", id="nothing"),
        pytest.param({}, "s", id="an object"),
        pytest.param([], "s", id="empty"),
        pytest.param([GOOD, GOOD], "s", id="a milestone twice"),
        pytest.param([GOOD | {"milestone": f"m{n}"} for n in range(17)], "s", id="too many"),
        pytest.param(["arrival"], "s.0", id="text for an entry"),
        pytest.param([{"milestone": "arrival", "classifier": "EST"}], "s.0.at", id="no time"),
        pytest.param([GOOD | {"more": 1}], "s.0.more", id="an unknown member"),
        pytest.param([GOOD | {"milestone": "Arrival"}], "s.0.milestone", id="capitals"),
        pytest.param([GOOD | {"milestone": 3}], "s.0.milestone", id="a number for a name"),
        pytest.param([GOOD | {"classifier": "est"}], "s.0.classifier", id="small letters"),
        pytest.param([GOOD | {"classifier": ["EST"]}], "s.0.classifier", id="a list for a code"),
        pytest.param([GOOD | {"at": "2026-11-14T06:00:00"}], "s.0.at", id="no zone"),
        pytest.param([GOOD | {"at": "2026-02-30T06:00:00Z"}], "s.0.at", id="no such day"),
        pytest.param([GOOD | {"at": 1794654000}], "s.0.at", id="a number for a time"),
        pytest.param([GOOD | {"place": "Wilmington"}], "s.0.place", id="a town for a code"),
        pytest.param([GOOD | {"place": None}], "s.0.place", id="null for a place"),
        pytest.param([GOOD | {"terminal": ""}], "s.0.terminal", id="an empty terminal"),
        pytest.param([GOOD | {"terminal": "x" * 65}], "s.0.terminal", id="a long terminal"),
        pytest.param([GOOD | {"source": "x" * 201}], "s.0.source", id="a long source"),
    ],
)
def test_refuses_what_is_no_schedule_and_counts_it_as_not_said(value: Any, field: str) -> None:
    with pytest.raises(MalformedError) as caught:
        read_schedule(value, "s")
    assert caught.value.field == field
    assert schedule_of({"schedule": value}) == ()


def test_no_schedule_says_nothing() -> None:
    assert schedule_of({}) == ()
