"""The language of deadlines: `arrival - 48 h`, and the earliest or latest of several (formats, section 2)."""

import re
from typing import Final

from ledger.corridors.rules import EARLIEST, LATEST, Due, Term
from ledger.domain import fields
from ledger.domain.errors import MalformedError

MAX_TERMS: Final = 8
MAX_HOURS: Final = 8784
"""A year with a leap day."""

_TERM = re.compile(r"([a-z][a-z0-9-]{1,63})(?: ([+-]) ([0-9]{1,6}) (min|h|d))?")
_UNITS: Final = {"min": 1 / 60, "h": 1.0, "d": 24.0}


def read_due(value: object, where: str) -> Due:
    """Read a deadline.

    Args:
        value: A term such as `arrival`, `arrival - 48 h`, `departure + 2 d` or `gate-in + 30 min`, or a table
            with one member, `earliest` or `latest`, an array of 1 to 8 terms.
        where: What to call it in a complaint.

    Raises:
        MalformedError: Anything else.
    """
    if isinstance(value, str):
        return Due((_term(value, where),))
    if not isinstance(value, dict) or len(value) != 1 or not value.keys() <= {EARLIEST, LATEST}:
        message = (
            f'{where} must be text like "arrival - 48 h", or {{ earliest = [...] }} or {{ latest = [...] }}'
        )
        raise MalformedError("malformed-due", message, field=where)
    ((pick, listed),) = value.items()
    path = f"{where}.{pick}"
    terms = [_term(one, f"{path}.{place}") for place, one in enumerate(fields.array(listed, path))]
    if not 1 <= len(terms) <= MAX_TERMS:
        message = f"{path} must have 1 to {MAX_TERMS} terms"
        raise MalformedError("malformed-due", message, field=path)
    return Due(tuple(terms), pick)


def term_text(term: Term) -> str:
    """Return a term as profiles write it; whole hours as hours, all else as minutes."""
    if not term.hours:
        return term.milestone
    sign, hours = "-" if term.hours < 0 else "+", abs(term.hours)
    amount = f"{hours:.0f} h" if hours == int(hours) else f"{round(hours * 60)} min"
    return f"{term.milestone} {sign} {amount}"


def due_value(due: Due) -> str | dict[str, list[str]]:
    """Return a deadline as profiles write it."""
    terms = [term_text(term) for term in due.terms]
    return terms[0] if len(terms) == 1 and due.pick == EARLIEST else {due.pick: terms}


def _term(value: object, where: str) -> Term:
    match = _TERM.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        said = f", not {value[:80]!r}" if isinstance(value, str) else ""
        message = (
            f'{where} must be a milestone, or one with a distance such as "arrival - 48 h", "departure + '
            f'2 d" or "gate-in + 30 min", with one space between the parts and h, d or min for the unit{said}'
        )
        raise MalformedError("malformed-due", message, field=where)
    name, sign, count, unit = match.groups()
    if count is None:
        return Term(name)
    # Whole minutes are divided, so that a text and what is written of it are the same number.
    hours = int(count) / 60 if unit == "min" else int(count) * _UNITS[unit]
    if hours > MAX_HOURS:
        raise MalformedError("malformed-due", f"{where} must be at most {MAX_HOURS} h away", field=where)
    return Term(name, -hours if sign == "-" and hours else hours)
