"""Amounts, times and lists as people write them into cells."""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from ledger.domain import fields
from ledger.domain.errors import MalformedError

DecimalMark = Literal["auto", "comma", "point"]
DateOrder = Literal["auto", "day-first", "month-first"]
_MARKS: Final = {"comma": ",", "point": "."}
_BLANKS: Final = re.compile(r"[\s\u00a0\u202f'’]")
_DIGITS: Final = re.compile(r"[0-9]{1,12}")
_LOCAL: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?", re.ASCII)
# As office programs write it: `06/11/2026 15:30`.
_OFFICE: Final = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ T](\d{1,2}):(\d\d)(?::(\d\d))?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a table writes what can be read in two ways.

    Args:
        decimal: Which mark stands before decimals; `auto` reads what can be read in one way only.
        zone: Where times without an offset are meant; None refuses them.
        dates: What stands first in `06/11/2026`; `auto` reads what can be read in one way only.
    """

    decimal: DecimalMark = "auto"
    zone: ZoneInfo | None = None
    dates: DateOrder = "auto"


def amount(text: str, column: str, habits: Habits) -> float | int:
    """Return a number that is not negative, with up to twelve digits before and six behind the mark.

    Args:
        text: Such as `24580`, `24.580,5`, `24,580.5` or `24 580,5`.
        column: Where it stands.
        habits: Of the table.

    Raises:
        MalformedError: No number, or one that can be read in two ways.
    """
    plain = _BLANKS.sub("", text)
    mark = _MARKS.get(habits.decimal) or _mark_of(plain, column)
    grouping = "." if mark == "," else ","
    whole, _, rest = plain.partition(mark) if mark else (plain, "", "")
    groups = whole.split(grouping)
    well_grouped = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(one) == 3 for one in groups[1:]))
    digits = "".join(groups)
    if not _DIGITS.fullmatch(digits) or not well_grouped or (rest and not re.fullmatch(r"[0-9]{1,6}", rest)):
        raise MalformedError("bad-number", f"{column} must be a number, not {text[:40]!r}", field=column)
    value = Decimal(f"{digits}.{rest or '0'}")
    return int(value) if value == value.to_integral_value() else float(value)


def whole_number(text: str, column: str, habits: Habits) -> int:
    """Return a number without decimals; raises as `amount`."""
    value = amount(text, column, habits)
    if not isinstance(value, int):
        message = f"{column} must be a whole number, not {text[:40]!r}"
        raise MalformedError("bad-number", message, field=column)
    return value


def _mark_of(plain: str, column: str) -> str:
    """Return the decimal mark of a number, empty where there is none."""
    points, commas = plain.count("."), plain.count(",")
    if points and commas:
        return "." if plain.rindex(".") > plain.rindex(",") else ","
    if points + commas != 1:
        # Several of one kind can only group thousands.
        return "," if points else "."
    mark = "." if points else ","
    before, _, after = plain.partition(mark)
    if len(after) == 3 and 1 <= len(before) <= 3 and before.strip("0"):
        raise MalformedError(
            "ambiguous-number",
            f"{column}: {plain} may be {before}{after} or {before} and a fraction; say which mark stands "
            "before decimals: --decimal comma or --decimal point",
            field=column,
        )
    return mark


def moment(text: str, column: str, habits: Habits) -> str:
    """Return a time as statements write it (RFC 3339).

    Args:
        text: With an offset, or without one where the table's place is known: `2026-11-06 15:30`, or as
            office programs write it, `06/11/2026 15:30`.
        column: Where it stands.
        habits: Of the table.

    Raises:
        MalformedError: No time, one without an offset where no place is known, or one that can be read in two
            ways.
    """
    text = _in_order(text, column, habits)
    if _LOCAL.fullmatch(text):
        if habits.zone is None:
            message = f"{column}: {text} does not say in which time zone; add its offset, or say --timezone"
            raise MalformedError("no-offset", message, field=column)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=habits.zone).isoformat()
        except ValueError:
            pass
    fields.timestamp(text, column)
    return text


def _in_order(text: str, column: str, habits: Habits) -> str:
    """Return a time with its year first, whatever an office program made of it."""
    found = _OFFICE.fullmatch(text)
    if found is None:
        return text
    first, second, year = (int(found[place]) for place in (1, 3, 4))
    if found[5] is None:
        message = f"{column}: {text} has no time of day; write it as {text} 15:30"
        raise MalformedError("no-time-of-day", message, field=column)
    if habits.dates == "auto" and first != second and max(first, second) <= 12:
        days = f"{year}-{second:02}-{first:02} or {year}-{first:02}-{second:02}"
        message = f"{column}: {text} may be {days}; say which: --dates day-first or --dates month-first"
        raise MalformedError("ambiguous-date", message, field=column)
    by_month = habits.dates == "month-first" or (habits.dates == "auto" and second > 12)
    month, day = (first, second) if by_month else (second, first)
    return f"{year:04}-{month:02}-{day:02} {int(found[5]):02}:{found[6]}:{found[7] or '00'}"


def parts(text: str) -> list[str]:
    """Return the parts of a cell that holds several, with `|` or blanks between them."""
    return [part for part in re.split(r"[|\s]+", text) if part]
