"""Small readers for the tables of a corridor's rules; all complain with the whole path of what is wrong."""

import math
import re
from collections.abc import Sequence
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.words import LANGUAGES, Words

CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,63}")
"""What a paper is called in `documents`."""
NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,63}")
UN_LOCODE: Final = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")
COUNTRY: Final = re.compile(r"[A-Z]{2}")
REGION: Final = re.compile(r"[A-Z]{2}(?:[A-Z2-9]{3})?")
"""A place or a whole country."""
TARIFF: Final = re.compile(r"[0-9]{2,10}")

_SHOWN: Final = {
    CODE.pattern: "1 to 64 characters a-z 0-9 -, a letter first",
    NAME.pattern: "2 to 64 characters a-z 0-9 -, a letter first",
    UN_LOCODE.pattern: "a UN/LOCODE such as GTPBR",
    COUNTRY.pattern: "an ISO 3166-1 country such as GT",
    REGION.pattern: "a UN/LOCODE such as USILG or a country such as US",
    TARIFF.pattern: "2 to 10 digits of a tariff number, such as 080430",
}


def one(value: object, pattern: re.Pattern[str], where: str) -> str:
    """Return a text of a form; raises MalformedError for anything else."""
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedError("malformed-field", f"{where} must be {_SHOWN[pattern.pattern]}", field=where)
    return value


def some(value: object, pattern: re.Pattern[str], where: str, *, least: int = 1) -> tuple[str, ...]:
    """Return an array of texts of a form, none twice, in its order.

    Args:
        value: What was read.
        pattern: Their form.
        where: What to call the array in a complaint.
        least: How many there must be.

    Raises:
        MalformedError: Anything else.
    """
    listed = [one(text, pattern, f"{where}.{place}") for place, text in enumerate(fields.array(value, where))]
    if len(listed) < least:
        raise MalformedError("malformed-field", f"{where} must have at least {least}", field=where)
    if len(set(listed)) != len(listed):
        raise MalformedError("malformed-field", f"{where} must name none twice", field=where)
    return tuple(listed)


def number(value: object, where: str, *, least: float = 0.0, most: float = 1e6) -> float:
    """Return a number within a range, ends included; raises MalformedError for anything else."""
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not least <= value <= most
    ):
        message = f"{where} must be a number from {least:.10g} to {most:.10g}"
        raise MalformedError("malformed-field", message, field=where)
    return float(value)


def words(value: object, where: str) -> Words:
    """Return a text in the three languages; raises MalformedError when one of them is not there."""
    if not isinstance(value, dict):
        message = f'{where} must say it in three languages: {{ en = "...", es = "...", fr = "..." }}'
        raise MalformedError("malformed-field", message, field=where)
    members = fields.exactly_at(value, LANGUAGES, where)
    return Words(**{name: fields.text(members[name], f"{where}.{name}", longest=200) for name in LANGUAGES})


def words_or_text(value: object, where: str) -> Words:
    """Return a text in the three languages, or one text for all; raises MalformedError for anything else."""
    return (
        words(value, where)
        if isinstance(value, dict)
        else Words.alike(fields.text(value, where, longest=200))
    )


def choice(value: object, known: Sequence[str], where: str) -> str:
    """Return one of a few words; raises MalformedError for any other."""
    if not isinstance(value, str) or value not in known:
        message = f"{where} must be {', '.join(known[:-1])} or {known[-1]}"
        raise MalformedError("malformed-field", message, field=where)
    return value


def named(value: object, pattern: re.Pattern[str], where: str) -> dict[str, Any]:
    """Return a table of tables whose names have a form.

    Raises:
        MalformedError: No table, or a name of another form.
    """
    if not isinstance(value, dict):
        raise MalformedError("malformed-field", f"[{where}] must be a table", field=where)
    for name in value:
        one(name, pattern, f"the name {name[:80]!r} in [{where}]")
    return value
