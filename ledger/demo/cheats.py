"""Eleven ways to cheat, and what catches each: a named check of the verifier, or an alarm of the platform."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from ledger.chain.organisation import OrganisationAdmin
from ledger.client.keeping import alarms
from ledger.demo.cast import READER
from ledger.demo.stage import Stage
from ledger.demo.story import Line, Story, ToldCheat
from ledger.demo.teller import Teller
from ledger.domain.errors import CorridorError
from ledger.domain.statement import Statement
from ledger.domain.verdict import Outcome, Status, Verdict
from ledger.dossiers import Request, everything
from ledger.log.append import Submission
from ledger.verification.dossier import Dossier, build_container
from ledger.verification.verifier import verify


@dataclass(frozen=True, slots=True)
class Refusal:
    """What catches a cheat.

    Args:
        by: The check or the alarm, such as `check custody`.
        reason: Its reason code.
        message: A sentence for people.
    """

    by: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Honest:
    """What the honest story left behind.

    Args:
        dossier: As destination customs got it two days before arrival.
        evidence: Sealed bytes by CID.
        trip: URI of the container trip.
        inspection: Id of the statement of the police.
        scan: CID of the X-ray image.
    """

    dossier: Dossier
    evidence: Mapping[str, bytes]
    trip: str
    inspection: bytes
    scan: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a cheat is played: the ledger, what the honest story left, and who tells the false one."""

    stage: Stage
    story: Story
    honest: Honest
    liar: Callable[[], Teller]

    def verify(self, dossier: Dossier, evidence: Mapping[str, bytes] | None = None) -> Sequence[Refusal]:
        """Return what destination customs refuses, asking a node of its own."""
        verdict = verify(
            packed(dossier, evidence),
            self.stage.trust(),
            clock=self.stage.clock,
            chain_view=self.stage.view(),
            identities=[self.stage.reader.identity],
        )
        return refusals(verdict)

    def verify_trip(self, teller: Teller) -> Sequence[Refusal]:
        """Anchor what was told, and return what destination customs refuses of it."""
        self.stage.publish_and_anchor(told=False)
        trip = teller.speaker.opened["trip"]
        request = Request(trip.uri, ((trip.uri, "custody", trip.tag),), self.stage.reader.uri, everything)
        return self.verify(self.stage.ledger.builder.dossier(request))


@dataclass(frozen=True, slots=True)
class Cheat:
    """One cheat.

    Args:
        name: What is tried.
        es: The same in Spanish.
        by: What catches it, as in `Refusal`.
        reason: Its reason code.
        play: Tries it, and returns what refuses it.
    """

    name: str
    es: str
    by: str
    reason: str
    play: Callable[[Scene], Sequence[Refusal]]


def refusals(verdict: Verdict) -> Sequence[Refusal]:
    """Return the checks of a verdict that refuse what was verified."""
    if verdict.outcome is not Outcome.REJECTED:
        return ()
    failed = [one for one in verdict.checks if one.status is Status.FAILED]
    return [Refusal(f"check {one.name}", one.reason, one.message) for one in failed]


def packed(dossier: Dossier, evidence: Mapping[str, bytes] | None = None) -> bytes:
    """Return a dossier as a file."""
    out = BytesIO()
    build_container(dossier, out, evidence)
    return out.getvalue()


def swap_scan(scene: Scene) -> Sequence[Refusal]:
    """Put the sealed scan of another container in the place of the real one."""
    honest, bag = scene.honest, scene.liar().speaker.evidence
    sealed = bag.seal(scene.stage.parties["origin-customs"], "xray-other-box.tif")
    other = (bag.folder / sealed.cid).read_bytes()
    return scene.verify(honest.dossier, {**honest.evidence, honest.scan: other})


def leave_out_inspection(scene: Scene) -> Sequence[Refusal]:
    """Hand out a dossier without the statement of the police, with every count made to fit."""
    dossier, gone = scene.honest.dossier, scene.honest.inspection
    kept = [one for one in dossier.statements if Statement.parse(one.raw).id != gone]
    tags = {tag for one in dossier.statements if one not in kept for tag in Statement.parse(one.raw).streams}
    streams = tuple(
        replace(one, count=one.count - 1) if one.tag in tags else one for one in dossier.header.streams
    )
    header = replace(dossier.header, streams=streams)
    return scene.verify(replace(dossier, header=header, statements=tuple(kept)), scene.honest.evidence)


def serve_old_dossier(scene: Scene) -> Sequence[Refusal]:
    """Serve the dossier of Wednesday when the container has long been unloaded."""
    return scene.verify(scene.honest.dossier, scene.honest.evidence)


def date_back(scene: Scene) -> Sequence[Refusal]:
    """Sign today what is to look as if it had been signed before the gate."""
    teller = scene.liar()
    teller.tell(_opening(scene))
    teller.speaker.dated_back = 30 * 86_400
    teller.tell(_all_well(scene, "packer", "all is well, dated back by a month"))
    return scene.verify_trip(teller)


def use_ended_key(scene: Scene) -> Sequence[Refusal]:
    """Sign with a key that its organisation has ended, and have the operator log it all the same."""
    stage, teller = scene.stage, scene.liar()
    haulier = stage.parties["haulier"]
    teller.tell(_opening(scene))
    OrganisationAdmin(stage.ledger.client, stage.ledger.contracts, haulier.organisation.signer).end_key(
        haulier.signer.key.thumbprint
    )
    key = haulier.signer.key
    teller.speaker.bypass = lambda statement: stage.ledger.sequencer.append(Submission(statement, (), key))
    teller.tell(_all_well(scene, "haulier", "all is well, by a key that has ended"))
    return scene.verify_trip(teller)


def told(cheat: ToldCheat) -> Cheat:
    """Return a cheat of the story's file."""

    def play(scene: Scene) -> Sequence[Refusal]:
        teller = scene.liar()
        for line in cheat.lines[:-1]:
            teller.tell(line)
        try:
            teller.tell(cheat.lines[-1])
        except CorridorError as refusal:
            scene.stage.say(f"the service refuses it ({refusal.code}); it is put on record all the same")
            teller.speaker.lenient = True
            teller.tell(cheat.lines[-1])
        if cheat.alarm is not None:
            return _alarms(scene, teller)
        return scene.verify_trip(teller)

    by = f"check {cheat.check}" if cheat.alarm is None else f"alarm {cheat.alarm}"
    return Cheat(cheat.name, cheat.es, by, cheat.reason, play)


def _alarms(scene: Scene, teller: Teller) -> Sequence[Refusal]:
    """Return the alarms that destination customs gets of a trip and the honest one: it may see both."""
    trips = {scene.honest.trip, teller.speaker.opened["trip"].uri}
    found = [
        one for one in alarms(scene.stage.services[READER]) if {one.get("subject"), one.get("other")} == trips
    ]
    return [
        Refusal(
            "alarm re-use",
            "same-content" if one.get("distance") is None else "alike-content",
            f"Destination customs is told: {one.get('kind')} of {one.get('subject')} is that of "
            f"{one.get('other')}; {one.get('distance') or 0} of 256 bits differ.",
        )
        for one in found
    ]


def _opening(scene: Scene) -> Line:
    """Return the line that opens a trip of its own, and lets the haulier in."""
    at = scene.stage.clock() + 600
    return Line.model_validate(
        {
            "at": at,
            "do": "open",
            "who": "packer",
            "subject": "trip",
            "title": "opens a trip",
            "to": ["haulier"],
        }
    )


def _all_well(scene: Scene, who: str, title: str) -> Line:
    at = scene.stage.clock() + 60
    return Line.model_validate(
        {"at": at, "do": "say", "who": who, "kind": "status", "about": ["trip"], "title": title}
    )


def cheats(story: Story) -> tuple[Cheat, ...]:
    """Return all that are played while the ledger runs, in an order in which one does not spoil the next."""
    return (
        Cheat("scan swapped", "imagen de rayos X cambiada", "check evidence", "cid-mismatch", swap_scan),
        *(told(one) for one in story.cheats),
        Cheat(
            "inspection left out of the dossier",
            "inspección omitida del expediente",
            "check completeness",
            "stream-mismatch",
            leave_out_inspection,
        ),
        Cheat(
            "statement dated back", "declaración antedatada", "check time", "signed-before-seen", date_back
        ),
        Cheat("key ended", "clave dada de baja", "check authority", "key-not-good", use_ended_key),
        Cheat(
            "old dossier served as new",
            "expediente viejo como nuevo",
            "check freshness",
            "stale",
            serve_old_dossier,
        ),
    )
