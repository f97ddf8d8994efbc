"""Sending what waits in an outbox: in the order of signing, as far as the network goes, each as it fares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.client.outbox import Outbox
from ledger.client.outbox_entry import PASSING, Entry, Place, Refusal
from ledger.client.refusals import LaterError
from ledger.client.service import Service
from ledger.domain.clock import Clock, system_clock
from ledger.domain.errors import CorridorError

Report = Callable[[int, int], None]
"""Called with how many statements are done and how many there are."""

# Not our service's words: a captive portal, a proxy, another server at that address.
_FOREIGN: Final = ("http-", "wrong-answer")


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an outbox when it was sent.

    Args:
        acknowledged: What is on record now, in the order in which it was sent.
        refused: What the service did not take; each with its reason.
        waiting: What is to be sent again the next time, some with the reason why.
        foreign: What is for another log than this service's, and was not sent.
        damaged: What was set aside because it cannot be read, and why.
        stopped: Why it ended before all was tried; None when it did not.
    """

    acknowledged: tuple[Entry, ...] = ()
    refused: tuple[Entry, ...] = ()
    waiting: tuple[Entry, ...] = ()
    foreign: tuple[Entry, ...] = ()
    damaged: tuple[tuple[Path, CorridorError], ...] = ()
    stopped: CorridorError | None = None


class _Stopped(Exception):  # noqa: N818 - it ends a loop and is no failure of ours
    """Nobody takes anything at the moment.

    Args:
        why: What came instead of an answer.
    """

    def __init__(self, why: CorridorError) -> None:
        super().__init__(why)
        self.why = why


def send(
    outbox: Outbox,
    service: Service,
    *,
    lenient: bool = True,
    clock: Clock = system_clock,
    arrange: Callable[[Sequence[Entry]], Sequence[Entry]] = tuple,
    report: Report = lambda _done, _of: None,
) -> Delivery:
    """Send all that waits and was not refused for good.

    What is refused for a reason that a later one may take away, such as a stream that is opened by a
    statement further back, is tried again as long as something else gets through.

    Args:
        outbox: The outbox.
        service: The ledger.
        lenient: Whether they are to go on record also when they contradict what is there: they are late.
        clock: Says when an answer came.
        arrange: Puts them into another order than that of signing.
        report: Is told how far it is.

    Raises:
        ConflictError: Another process sends this outbox.
        UnavailableError: The service cannot be reached at all, or the folder cannot be written.
        VerificationError: It is the service of another log than before.
    """
    audience = service.genesis.audience
    with outbox.held():
        damaged = outbox.recover()
        entries = [entry for entry in outbox.pending() if entry.place is Place.WAITING]
        foreign = [entry for entry in entries if entry.statement.aud != audience]
        queue = list(arrange([entry for entry in entries if entry.statement.aud == audience]))
        acknowledged: list[Entry] = []
        refused: list[Entry] = []
        again: list[Entry] = []
        stopped, whole, moved = None, len(queue), True
        try:
            while queue and moved:
                moved, again = False, []
                while queue:
                    entry = _send(outbox, service, queue[0], lenient=lenient, clock=clock)
                    queue.pop(0)
                    moved |= entry.place is Place.SENT
                    places = {Place.SENT: acknowledged, Place.REFUSED: refused}
                    places.get(entry.place, again).append(entry)
                    report(len(acknowledged) + len(refused), whole)
                queue = again
        except _Stopped as end:
            stopped, queue = end.why, again + queue
    return Delivery(
        tuple(acknowledged), tuple(refused), tuple(queue), tuple(foreign), tuple(damaged), stopped
    )


def _send(outbox: Outbox, service: Service, entry: Entry, *, lenient: bool, clock: Clock) -> Entry:
    """Send one statement, and return it as it stands then."""
    try:
        registered = service.submit(entry.file, lenient=lenient)
    except CorridorError as error:
        passing = isinstance(error, LaterError) or error.code in PASSING
        if (isinstance(error, LaterError) and not error.reached) or error.code.startswith(_FOREIGN):
            raise _Stopped(error) from None
        return outbox.refuse(entry, Refusal(error.code, error.message, error.field, clock(), passing))
    answer = registered.to_json() | {"acknowledged_at": clock(), "to": service.url}
    return outbox.acknowledge(entry, answer)
