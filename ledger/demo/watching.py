"""What people see from where they sit: to-do lists, events, arrivals, and the rules held against them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final

from ledger.assessment.clock import Schedule
from ledger.assessment.margin import Margin, margin_of
from ledger.assessment.needs import needs_of
from ledger.client.arrivals import arrivals_of, todo_of
from ledger.client.notices import follow
from ledger.demo.cast import Party
from ledger.demo.speaker import Speaker
from ledger.demo.stage import Stage
from ledger.demo.story import Line
from ledger.domain.errors import VerificationError
from ledger.domain.verdict import Outcome
from ledger.verification.verifier import Examination, examine

_EVENTS: Final = "dossier.ready,decision.made"
_HOUR: Final = 3600
_TO_WHO_DELIVERS: Final[Mapping[str, str]] = {"blocked": "do not deliver", "free": "may be delivered"}
_TO_WHO_SENT_IT: Final[Mapping[str, str]] = {"blocked": "not released", "free": "released"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A to-do list at a time.

    Args:
        at: When.
        who: Name of the part whose list it is.
        items: What is owed, as the service lists it, by deadline.
    """

    at: datetime
    who: str
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as its listener was told of it, and the shipment as the listener sees it then.

    Args:
        who: Name of the part that listens.
        event: As it came over the stream.
    """

    who: str
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the shipment stands by a dossier, on accepted clocks.

    Args:
        outcome: Of the verdict.
        margin: How long before arrival all evidence of the origin was there.
        expected: When the ship is expected now, POSIX seconds.
        due: Deadlines of what is required, POSIX seconds, by title.
    """

    outcome: Outcome
    margin: Margin
    expected: float
    due: Mapping[str, float]

    @classmethod
    def of(cls, examination: Examination) -> "Standing":
        """Draw it from an examination.

        Raises:
            VerificationError: Nothing could be said of the shipment, or no arrival is expected.
        """
        case = examination.case
        eta = None if case is None else Schedule.of(case).eta
        if case is None or eta is None:
            raise VerificationError("not-assessed", "the rules could not be held against the shipment")
        needs = [one for one in needs_of(case) if one.applies and one.due is not None]
        due = {one.need.title.en: one.due for one in needs if one.due is not None}
        return cls(examination.verdict.outcome, margin_of(case), eta.at, due)

    @property
    def hours_before_eta(self) -> float | None:
        """Hours from then to the arrival that was expected then."""
        return None if self.margin.to_eta is None else self.margin.to_eta / _HOUR

    @property
    def hours_before_expected(self) -> float | None:
        """Hours from then to the arrival that is expected now."""
        return None if self.margin.at is None else (self.expected - self.margin.at) / _HOUR


@dataclass(frozen=True, slots=True)
class Watched:
    """All that was seen in a run.

    Args:
        todo: To-do lists.
        heard: Events.
        released: What the exporter saw of the delivery, each time when it looked.
        standings: How the shipment stood.
    """

    todo: list[Listed] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)


Looks = Callable[[Watched, Speaker, Party, Line], None]


def _todo(watched: Watched, speaker: Speaker, party: Party, line: Line) -> None:
    """Show to-do lists: what each owes, and by when."""
    stage = speaker.stage
    stage.ledger.arrivals.tick()
    for one in (party, *(stage.parties[name] for name in line.to)):
        name = one.part.name
        service = stage.services[name]
        items = list(todo_of(service))
        watched.todo.append(Listed(line.at, name, items))
        shown = f"{len(items)} to bring" if items else "empty; nada pendiente"
        speaker.show(line.at, one, "to-do list", line.title, shown)
        for item, es in zip(items, todo_of(service, lang="es"), strict=True):
            due = "when there is a time for it" if item["due"] is None else f"by {moment(item['due'])}"
            stage.say(f"{item['title']} ({es['title']}), {due}")


def _watch(watched: Watched, speaker: Speaker, party: Party, line: Line) -> None:
    """Read on in the stream of events up to a decision, and let the exporter look at its shipment.

    Raises:
        VerificationError: The listener does not see the decision.
    """
    stage, name = speaker.stage, party.part.name
    shipment, until = speaker.opened[line.about[0]].uri, speaker.said[line.refs[0][1]].hex()
    stage.ledger.arrivals.tick()
    decision = _arrival(stage, name, shipment)["decision"]
    if decision is None or decision["statement"] != until:
        raise VerificationError("decision-not-seen", f"the {name} does not see the decision {until}")
    last = next((one.event["data"]["seq"] for one in reversed(watched.heard) if one.who == name), 0)
    with closing(follow(stage.services[name], {"events": _EVENTS}, str(last))) as events:
        for event in events:
            watched.heard.append(Heard(name, event))
            speaker.show(line.at, party, event["type"], _told(event), f"event {event['data']['seq']}")
            if event["data"]["about"].get("statement") == until:
                break
    for other in line.to:
        delivery = _arrival(stage, other, shipment)["delivery"]
        watched.released.append(delivery)
        speaker.show(line.at, stage.parties[other], "arrivals", _TO_WHO_SENT_IT[delivery], delivery)


def _assess(watched: Watched, speaker: Speaker, party: Party, line: Line) -> None:
    """Anchor, fetch a new dossier, hold the rules against it, and tell what moved since the last time."""
    stage = speaker.stage
    stage.publish_and_anchor(told=False)
    shipment = speaker.opened[line.about[0]].uri
    with TemporaryDirectory(prefix="corridor-demo-") as folder:
        path = Path(folder) / "dossier.zip"
        with path.open("w+b") as file:
            stage.services[party.part.name].dossier(shipment, file, evidence="none")
        trust = stage.trust(party.part.name)
        found = examine(path, trust, clock=stage.clock, chain_view=stage.view(), expected_shipment=shipment)
    before = watched.standings[-1] if watched.standings else None
    now = Standing.of(found)
    watched.standings.append(now)
    speaker.show(line.at, party, "assessment", line.title, found.verdict.outcome)
    tell_margin(stage, now)
    if before is not None:
        _tell_moved(stage, before, now)


def tell_margin(stage: Stage, one: Standing) -> None:
    """Tell how long before arrival everything from the origin was there, by accepted clocks."""
    at, then, now = one.margin.at, one.hours_before_eta, one.hours_before_expected
    if at is not None and then is not None and now is not None:
        stage.say(
            f"everything from the origin was there by {moment(at)}: {then:g} h before the arrival expected "
            f"then, {now:g} h before the one expected now ({moment(one.expected)})"
        )


def _tell_moved(stage: Stage, before: Standing, now: Standing) -> None:
    moved = {name: (now.due[name] - due) / _HOUR for name, due in before.due.items() if name in now.due}
    for hours in sorted({one for one in moved.values() if one}):
        names = ", ".join(name for name, by in moved.items() if by == hours)
        stage.say(f"deadlines that moved by {hours:+g} h: {names}")
    if not any(moved.values()):
        stage.say("no deadline moved")


def _arrival(stage: Stage, name: str, shipment: str) -> Mapping[str, Any]:
    """Return the shipment as a party's list of arrivals shows it.

    Raises:
        VerificationError: It does not.
    """
    for one in arrivals_of(stage.services[name]):
        if one["shipment"] == shipment:
            return one
    raise VerificationError("arrival-not-seen", f"{shipment} is not among the arrivals of the {name}")


def _told(event: Mapping[str, Any]) -> str:
    about, shown = event["data"]["about"], event["data"]["arrival"]["decision"]
    if "said" not in about:
        return "everything from the origin is there"
    why = None if shown is None else shown["reason"]
    reason = "; the reason is not shown" if why is None and about["said"] == "blocked" else ""
    return f"{_TO_WHO_DELIVERS[about['said']]}{reason if why is None else f'; {why}'}"


def moment(seconds: float) -> str:
    """Return a time for the reader of the screen, POSIX seconds."""
    return f"{datetime.fromtimestamp(seconds, UTC):%a %d %b %H:%M} UTC"


LOOKS: Final[Mapping[str, Looks]] = MappingProxyType({"todo": _todo, "watch": _watch, "assess": _assess})
"""What somebody looks at, by the story's word for it."""
