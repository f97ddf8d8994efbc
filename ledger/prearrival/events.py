"""What happens to a shipment and is told to those who see it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain.decision import DECISION, DELIVERY
from ledger.domain.moment import shown_time
from ledger.prearrival.rows import ArrivalRow, NeedRow

READY: Final = "dossier.ready"
CHANGED: Final = "dossier.changed"
MISSING: Final = "evidence.missing"
DECIDED: Final = "decision.made"
KINDS: Final = (READY, CHANGED, MISSING, DECIDED)

NOTICE_SECONDS: Final = 12 * 3600
"""How long before its deadline it is told that something is missing."""
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a shipment.

    Args:
        kind: One of `KINDS`.
        about: Tells it apart from others of its kind, of this shipment in this view.
        data: What everybody in the view may know, as JSON.
    """

    kind: str
    about: str
    data: dict[str, Any]

    def key(self, row: ArrivalRow) -> str:
        """Return what the event is known by: it is told once, whatever is made again."""
        return f"{self.kind}|{row.uri}|{row.view_id.hex()}|{self.about}"


@dataclass(frozen=True, slots=True)
class Before:
    """What was known of a shipment before, in one view.

    Args:
        since: What is below this log index happened before, and is not told.
        ready: Log index of what made it ready; None when it was not.
    """

    since: int
    ready: int | None


def events_of(row: ArrivalRow, before: Before, now: int) -> Iterator[Event]:
    """Yield what is to be told.

    Args:
        row: How the shipment stands now.
        before: How it stood.
        now: POSIX seconds.
    """
    if row.ready is not None and before.ready is None and row.ready.index >= before.since:
        yield Event(READY, str(row.ready.index), _of(row, "ready_at", "margin_hours", "eta"))
    if row.ready is not None and before.ready is not None:
        yield from _changed(row, before)
    for one in row.decisions:
        if one.index >= before.since:
            data = {
                "statement": one.statement.id.hex(),
                "by": one.statement.iss,
                "said": one.statement.body[DELIVERY],
            }
            yield Event(DECIDED, one.statement.id.hex(), data | _of(row, "delivery"))
    for need in row.needs:
        if need.done is None and need.due is not None and need.due - NOTICE_SECONDS <= now < need.due:
            yield Event(MISSING, f"{need.need}|{need.trip}|{need.due}", _missing(need))


def next_notice(row: ArrivalRow, now: int) -> int | None:
    """Return when the next notice of missing evidence is due, POSIX seconds, None when none is."""
    moments = [need.due - NOTICE_SECONDS for need in row.needs if need.done is None and need.due is not None]
    return min((one for one in moments if one > now), default=None)


def _changed(row: ArrivalRow, before: Before) -> Iterator[Event]:
    new = [one for one in row.news if one.index >= before.since and one.statement.kind != DECISION]
    if new:
        data = {"statements": [one.statement.id.hex() for one in new[-_MOST:]], "count": len(new)}
        yield Event(CHANGED, str(new[-1].index), data | _of(row, "outcome", "ready_at", "eta"))


def _missing(need: NeedRow) -> dict[str, Any]:
    return {
        "need": need.need,
        "trip": need.trip or None,
        "owed_by": list(need.owed_by),
        "due": shown_time(need.due),
    }


def _of(row: ArrivalRow, *names: str) -> dict[str, Any]:
    return {name: row.item[name] for name in names}
