"""What a statement says of times of milestones: planned, estimated, actual (formats, section 21)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.identifiers import is_unlocode

SCHEDULE: Final = "schedule"
PLANNED, ESTIMATED, ACTUAL = "PLN", "EST", "ACT"
"""Event classifier codes of the DCSA's track and trace standard."""
KINDS: Final = frozenset({"status", "loading", "departure", "arrival", "discharge"})
"""Kinds of statements that may say it in every corridor."""

_CLASSIFIERS = (PLANNED, ESTIMATED, ACTUAL)
_MILESTONE = re.compile(r"[a-z][a-z0-9-]{0,63}")
_MAX_ENTRIES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One time of a milestone, as a statement says it.

    Args:
        milestone: Its name in the corridor's profile.
        classifier: `PLN`, `EST` or `ACT`.
        at: POSIX seconds, whatever zone it was written in.
        place: UN/LOCODE, None where none is said.
        terminal: Terminal or berth there.
        source: Where the signer has it from.
    """

    milestone: str
    classifier: str
    at: float
    place: str | None = None
    terminal: str | None = None
    source: str | None = None


def read_schedule(value: object, where: str) -> tuple[Entry, ...]:
    """Read the member `schedule` of a body.

    Args:
        value: 1 to 16 objects of exactly `milestone`, `classifier`, `at`, and perhaps `place`, `terminal`,
            `source`; no milestone twice with one classifier.
        where: What to call it in a complaint.

    Raises:
        MalformedError: Anything else.
    """
    read = [_entry(one, f"{where}.{place}") for place, one in enumerate(fields.array(value, where))]
    different = {(one.milestone, one.classifier) for one in read}
    if not 1 <= len(read) <= _MAX_ENTRIES or len(different) != len(read):
        message = f"{where} must be 1 to {_MAX_ENTRIES} times, none of one milestone and classifier twice"
        raise MalformedError("malformed-field", message, field=where)
    return tuple(read)


def schedule_of(body: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return what a body says of times; a malformed schedule counts as not said."""
    try:
        return read_schedule(body[SCHEDULE], SCHEDULE)
    except (KeyError, MalformedError):
        return ()


def _entry(value: object, where: str) -> Entry:
    optional = ("place", "terminal", "source")
    read = fields.exactly_at(value, ("milestone", "classifier", "at"), where, optional=optional)
    milestone, classifier, place = read["milestone"], read["classifier"], read.get("place")
    if not isinstance(milestone, str) or not _MILESTONE.fullmatch(milestone):
        raise _malformed(f"{where}.milestone", "the name of a milestone, 1 to 64 characters a-z 0-9 -")
    if not isinstance(classifier, str) or classifier not in _CLASSIFIERS:
        raise _malformed(f"{where}.classifier", "PLN (planned), EST (estimated) or ACT (actual)")
    if "place" in read and not (isinstance(place, str) and is_unlocode(place)):
        raise _malformed(f"{where}.place", "a UN/LOCODE such as USILG")
    for name, longest in (("terminal", 64), ("source", 200)):
        if name in read:
            fields.text(read[name], f"{where}.{name}", longest=longest)
    return Entry(
        milestone,
        classifier,
        fields.timestamp(read["at"], f"{where}.at").timestamp(),
        place,
        read.get("terminal"),
        read.get("source"),
    )


def _malformed(field: str, what: str) -> MalformedError:
    return MalformedError("malformed-field", f"{field} must be {what}", field=field)
