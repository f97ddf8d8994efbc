"""Signing what an authority's own system decided: with the authority's key, on its machine, each once."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ledger.client.decisions import CONCEALED, decision_draft, decisions_of
from ledger.client.importing.decisions import DecisionLine
from ledger.client.importing.journal import Opened
from ledger.client.importing.outcome import Outcome, State
from ledger.client.importing.speaker import Ended, Speaker, is_of_all_lines
from ledger.client.service import Service
from ledger.domain import fields
from ledger.domain.clock import Clock, system_clock
from ledger.domain.decision import BLOCKED, DECISION, RELEASE
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError, PolicyError
from ledger.domain.links import STUFFED_IN
from ledger.domain.statement import StatementFile
from ledger.domain.subject import Subject

Take = Callable[[str, DecisionLine], Outcome]
"""Does with a line what is to be done, given its name, and returns what became of it."""


@dataclass(frozen=True)
class About:
    """What a decision is about, and what its authority said of it before.

    Args:
        subjects: With their custody streams, the first that which is asked for.
        history: Decisions of this authority, as the ledger shows them.
    """

    subjects: Sequence[Opened]
    history: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class DecisionImporter:
    """Puts decisions on record.

    Args:
        speaker: Signs and sends.
        kinds: Of statements that the authority may say.
        dry: Whether nothing is signed.
        clock: Dates what is noted.
    """

    speaker: Speaker
    kinds: Collection[str]
    dry: bool = False
    clock: Clock = system_clock

    @property
    def _service(self) -> Service:
        return self.speaker.service

    def take(self, line: str, decision: DecisionLine) -> Outcome:
        """Put a decision on record, unless it is.

        Args:
            line: Its number, for the report.
            decision: The decision.

        Raises:
            Ended: The ledger cannot be reached, or would refuse every line.
            UnavailableError: The journal cannot be written.
        """
        try:
            return self._take(line, decision)
        except CorridorError as error:
            if is_of_all_lines(error):
                raise Ended(error) from None
            return Outcome.refused(line, error, decision.name)

    def _take(self, line: str, decision: DecisionLine) -> Outcome:
        journal, name = self.speaker.journal, decision.name
        digest = journal.digest(decision.to_json())
        done = journal.line(name)
        if done is not None:
            if done.digest != digest:
                message = (
                    "this was imported before and said something else then: is its reference used twice?"
                )
                raise ConflictError("line-changed", message)
            message = "it was imported before"
            return Outcome(line, State.DUPLICATE, name, done.subjects, "imported-before", message)
        if DECISION not in self.kinds:
            raise PolicyError(
                "kind-not-allowed", "your organisation may not decide: its roles do not allow it"
            )
        about = self._about(decision)
        uris = tuple(one.uri for one in about.subjects)
        if journal.step(name, DECISION) is None and _is_among(about.history, decision):
            if not self.dry:
                journal.finish(name, digest, uris, self.clock())
            return Outcome(line, State.DUPLICATE, name, uris, "on-record", "it is on record")
        _check_order(decision, about)
        if not self.dry:
            self._say(decision, about, digest)
            journal.finish(name, digest, uris, self.clock())
        return Outcome(line, State.ACCEPTED, name, uris)

    def _say(self, decision: DecisionLine, about: About, digest: bytes) -> None:
        back = _reversed(decision, about)
        at = decision.decided_at or datetime.fromtimestamp(self.clock(), UTC).isoformat()

        def sign() -> StatementFile:
            uris, tags = [one.uri for one in about.subjects], [one.tag for one in about.subjects]
            draft = decision_draft(decision.why, uris, tags, at, back)
            return self.speaker.author.sign(draft, self.speaker.seen, CONCEALED)

        self.speaker.say(decision.name, DECISION, digest, sign)

    def _about(self, decision: DecisionLine) -> About:
        """Return what a decision is about; a release leaves out trips that hold others' goods too."""
        if decision.bill_of_lading is None:
            found = [self._the_one("trip", str(decision.container), "container")]
        else:
            consignment = self._the_one("consignment", decision.bill_of_lading, "bill_of_lading")
            trips = self._inside(consignment.uri)
            if decision.container is None:
                alone = decision.why.decision == RELEASE
                found = [consignment, *(one for one in trips if not alone or self._holds_one(one.uri))]
            else:
                found = [one for one in trips if Subject.parse(one.uri).key == decision.container]
                if not found:
                    message = (
                        f"{decision.bill_of_lading} is in no container {decision.container} that you may see"
                    )
                    raise NotFoundError("shipment-unknown", message, field="container")
        history = decisions_of(self._service, found[0].uri).get("history", ())
        own = [one for one in history if one.get("by") == self.speaker.author.iss]
        return About(found, own)

    def _the_one(self, type_: str, key: str, column: str) -> Opened:
        found = list(self._service.subjects(type=type_, key=key))
        if not found:
            message = f"no {type_} {key} is on record that you may see: ask its exporter to share it"
            raise NotFoundError("shipment-unknown", message, field=column)
        if len(found) > 1:
            uris = ", ".join(str(one.get("uri")) for one in found)
            message = f"{key} is on record more than once; say which by bill_of_lading and container: {uris}"
            raise ConflictError("shipment-ambiguous", message, field=column)
        return _opened(found[0])

    def _inside(self, consignment: str) -> list[Opened]:
        trips: list[Opened] = []
        for one in self._links(consignment):
            if one.get("from") == consignment and one.get("to") not in {there.uri for there in trips}:
                try:
                    trips.append(_opened(self._service.subject(str(one.get("to")))))
                except NotFoundError:
                    continue
        return trips

    def _holds_one(self, trip: str) -> bool:
        return len({one.get("from") for one in self._links(trip) if one.get("to") == trip}) == 1

    def _links(self, uri: str) -> list[dict[str, Any]]:
        links = self._service.links(uri).get("links", ())
        return [one for one in links if one.get("rel") == STUFFED_IN and one.get("until") is None]


def _opened(subject: dict[str, Any]) -> Opened:
    uri = str(subject.get("uri"))
    for stream in subject.get("streams", ()):
        if stream.get("name") == "custody":
            return Opened(uri, fields.from_hex(stream.get("tag"), 32, "the stream's tag"))
    raise NotFoundError("no-custody-stream", f"{uri} has no custody stream that you may use")


def _is_among(history: Sequence[dict[str, Any]], decision: DecisionLine) -> bool:
    source = {"system": decision.source.system, "reference": decision.source.reference}
    at = None if decision.decided_at is None else fields.timestamp(decision.decided_at, "").timestamp()
    return any(
        one.get("source") == source
        and (one.get("decision"), one.get("type")) == (decision.why.decision, decision.why.type)
        and at in (None, one.get("at"))
        for one in history
    )


def _check_order(decision: DecisionLine, about: About) -> None:
    """Refuse what was decided before what is in force: signed now, it would take its place."""
    if decision.decided_at is None:
        return
    at = fields.timestamp(decision.decided_at, "decided_at").timestamp()
    later = [
        one
        for one in about.history
        if about.subjects[0].uri in one.get("stands_for", ()) and float(one.get("at") or 0) > at
    ]
    if later:
        message = f"a later decision of yours on this is on record: {later[-1].get('statement')}"
        raise ConflictError("decided-later", message, field="decided_at")


def _reversed(decision: DecisionLine, about: About) -> list[bytes]:
    """Return the decisions that one takes back: which it names; a release, those under its own reference.

    A release says nothing of holds under other references: customs release entries while holds stand.
    """
    if decision.reverses is None and decision.why.decision != RELEASE:
        return []
    reference = decision.reverses or decision.source.reference
    source = {"system": decision.source.system, "reference": reference}
    named = [one for one in about.history if one.get("source") == source]
    if decision.reverses is not None and not named:
        message = f"no decision {reference} of {decision.source.system} is on record about this"
        raise NotFoundError("reverses-unknown", message, field="reverses")
    uris = {one.uri for one in about.subjects}
    blocking = [
        one
        for one in about.history
        if one.get("delivery") == BLOCKED and not uris.isdisjoint(one.get("stands_for", ()))
    ]
    if not named and blocking:
        told = ", ".join(str(one.get("statement")) for one in blocking)
        message = (
            f"this releases nothing while holds of yours are in force; say in reverses which end: {told}"
        )
        raise ConflictError("holds-in-force", message, field="reverses")
    return [fields.from_hex(one.get("statement"), 32, "statement") for one in named]
