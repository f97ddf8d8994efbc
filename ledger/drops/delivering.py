"""Bringing what was taken to the ledger: sealed bytes, then the claim, then the reading, and the secrets.

All of it can be done again without harm: the ledger knows sealed bytes by their CID, statements by their id.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from ledger.client.evidence import send as send_sealed
from ledger.client.memory import Memory
from ledger.client.outbox import Outbox
from ledger.client.outbox_entry import PASSING, Place
from ledger.client.readings import offer_fingerprints
from ledger.client.refusals import LaterError
from ledger.client.sending import send as send_outbox
from ledger.client.service import Service
from ledger.domain.errors import AccessError, CorridorError, UnavailableError, VerificationError
from ledger.drops.journal import OWN_TROUBLE, Refused, Taken, writing
from ledger.drops.leaving import leave_secrets
from ledger.drops.said import Said
from ledger.drops.taking import Desk

_AT_ONCE: Final = 100
"""How many statements lie in the outbox at once: it lists them for each one that is added."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of what waited.

    Args:
        done: How many the ledger has all of.
        refused: How many it does not take.
        waiting: How many are to be sent again.
        stopped: Why it ended before all was tried.
        alarms: Names of files with the content of another trip's.
        secrets: How many items' secrets wait to be left with the ledger.
        lost: Items whose secrets it will not keep, each with the reason.
    """

    done: int = 0
    refused: int = 0
    waiting: int = 0
    stopped: CorridorError | None = None
    alarms: tuple[str, ...] = ()
    secrets: int = 0
    lost: tuple[str, ...] = ()


class Delivery:
    """Brings what was taken to a ledger.

    Args:
        desk: Of the drop.
        service: Opens the ledger; the context of the desk's key.
    """

    def __init__(self, desk: Desk, service: Callable[[], Service]) -> None:
        self._desk = desk
        self._service = service
        self._journal = desk.journal
        self.outbox = Outbox(desk.config.state / "outbox", fault=desk.fault)

    def deliver(self) -> Sent:
        """Send all that waits and was not refused.

        Raises:
            UnavailableError: The drop's own folder cannot be written.
        """
        pending = list(self._journal.pending())
        waiting = [one for one in pending if one.refused is None]
        total = Sent(refused=len(pending) - len(waiting))
        if not waiting and not self._to_leave():
            return total
        with self._service() as service:
            # It tells soon whether anybody is there, and gives the next signature its checkpoint.
            service.seen()
            for start in range(0, len(waiting), _AT_ONCE):
                total = self._batch(service, waiting[start : start + _AT_ONCE], total)
                if total.stopped is not None:
                    left = len(waiting) - start - _AT_ONCE
                    total = replace(total, waiting=total.waiting + max(0, left))
                    break
            if not isinstance(total.stopped, LaterError | AccessError):
                total = self._leave(service, total)
        return total

    def again(self, taken: Taken) -> None:
        """Give up what was refused, so that its file is taken anew and signed by the key of today."""
        with self.outbox.held():
            for place in (*self.outbox.pending(), *self.outbox.sent()):
                if place.id == taken.id:
                    self.outbox.forget(place.id)
        self._journal.forget(taken)
        with writing(self._desk.config.state):
            for cid in taken.cids:
                self._desk.forget(cid)

    def _batch(self, service: Service, batch: list[Taken], total: Sent) -> Sent:
        ready: list[Taken] = []
        for taken in batch:
            try:
                ready.append(self._sealed(service, taken))
                self.outbox.add(taken.file)
            except (UnavailableError, AccessError) as error:
                if error.code in OWN_TROUBLE:
                    raise
                # Nobody there, or a key that opens no session any more: it is the same for all of them.
                waiting = total.waiting + len(batch) - len(ready)
                return self._claims(service, ready, replace(total, waiting=waiting, stopped=error))
            except CorridorError as error:
                total = self._refuse(taken, error, total)
        return self._claims(service, ready, total)

    def _sealed(self, service: Service, taken: Taken) -> Taken:
        """Send the sealed bytes of an item and of what was made of it."""
        if taken.sent:
            return taken
        for cid in taken.cids:
            path = self._desk.sealed / cid
            if path.exists():
                with writing(path):
                    send_sealed(service, path)
                self._desk.fault("send.sealed")
            else:
                message = "its sealed bytes are gone from the drop's folder; retry it"
                raise VerificationError("sealed-gone", message)
        sent = replace(taken, sent=True)
        self._journal.put(sent)
        self._desk.fault("send.noted")
        return sent

    def _claims(self, service: Service, ready: list[Taken], total: Sent) -> Sent:
        if not ready:
            return total
        try:
            stopped = send_outbox(self.outbox, service).stopped
        except (LaterError, VerificationError) as error:
            stopped = error
        self._desk.fault("send.claimed")
        for taken in ready:
            entry = self.outbox.entry(taken.id)
            if entry.place is Place.SENT:
                total = self._reading(service, taken, total)
            elif entry.place is Place.REFUSED and entry.refusal is not None:
                why = CorridorError(entry.refusal.code, entry.refusal.message)
                total = self._refuse(taken, why, total)
            else:
                if stopped is None and entry.refusal is not None:
                    stopped = UnavailableError(entry.refusal.code, entry.refusal.message)
                total = replace(total, waiting=total.waiting + 1)
        return replace(total, stopped=total.stopped or stopped)

    def _reading(self, service: Service, taken: Taken, total: Sent) -> Sent:
        if taken.reading is not None:
            said = Said.parse(self._desk.own.open_sealed(taken.reading))
            try:
                service.submit(said.file, lenient=True)
                if offer_fingerprints(service, taken.item.cid, taken.subject, said.fingerprints):
                    total = replace(total, alarms=(*total.alarms, taken.name))
            except CorridorError as error:
                if isinstance(error, LaterError) or error.code in PASSING:
                    return replace(total, waiting=total.waiting + 1, stopped=total.stopped or error)
                # The claim is on record, which is what counts; whoever has the item can read it anew.
                taken = replace(taken, refused=Refused(error.code, error.message))
        self._desk.fault("send.read")
        self._journal.finish(taken)
        self._desk.fault("send.finished")
        with writing(self._desk.sealed):
            for cid in taken.cids:
                (self._desk.sealed / cid).unlink(missing_ok=True)
        return replace(total, done=total.done + 1)

    def _leave(self, service: Service, total: Sent) -> Sent:
        """Leave the secrets of what the ledger has, so that its organisation can share it."""
        desk = self._desk
        try:
            lost = leave_secrets(
                service, Memory(desk.config.remembered), desk.own_secrets, self._to_leave(), desk.fault
            )
        except CorridorError as error:
            if error.code in OWN_TROUBLE:
                raise
            return replace(total, secrets=len(self._to_leave()), stopped=total.stopped or error)
        return replace(total, lost=tuple(f"{cid}: {why.message} [{why.code}]" for cid, why in lost))

    def _to_leave(self) -> list[str]:
        """Return of which items the secrets are to be left now."""
        cids = self._desk.own_secrets.cids()
        if not cids:
            return []
        unsent = {
            cid
            for taken in self._journal.pending()
            if not taken.sent or taken.refused is not None
            for cid in taken.cids
        }
        return [cid for cid in cids if cid not in unsent]

    def _refuse(self, taken: Taken, why: CorridorError, total: Sent) -> Sent:
        self._journal.put(replace(taken, refused=Refused(why.code, why.message)))
        return replace(total, refused=total.refused + 1)
