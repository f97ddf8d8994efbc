"""Ten ways to cheat, each played on the same ledger, and the check of the verifier that catches it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO

from ledger.chain.organisation import OrganisationAdmin
from ledger.demo.stage import Stage
from ledger.demo.story import Line, Story, ToldCheat
from ledger.demo.teller import Teller
from ledger.domain.errors import CorridorError
from ledger.domain.statement import Statement
from ledger.domain.verdict import Outcome, Verdict
from ledger.dossiers import Request, everything
from ledger.log.append import Submission
from ledger.verification.dossier import Dossier, build_container
from ledger.verification.verifier import verify


@dataclass(frozen=True, slots=True)
class Honest:
    """What the honest story left behind.

    Args:
        dossier: As destination customs got it two days before arrival.
        evidence: Sealed bytes by CID.
        inspection: Id of the statement of the police.
        scan: CID of the X-ray image.
    """

    dossier: Dossier
    evidence: Mapping[str, bytes]
    inspection: bytes
    scan: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a cheat is played: the ledger, what the honest story left, and who tells the false one."""

    stage: Stage
    story: Story
    honest: Honest
    liar: Callable[[], Teller]

    def verify(self, dossier: Dossier, evidence: Mapping[str, bytes] | None = None) -> Verdict:
        """Return what destination customs finds, asking a node of its own."""
        return verify(
            packed(dossier, evidence),
            self.stage.trust(),
            clock=self.stage.clock,
            chain_view=self.stage.view(),
            identities=[self.stage.reader.identity],
        )

    def verify_trip(self, teller: Teller) -> Verdict:
        """Anchor what was told, and return what destination customs finds of it."""
        self.stage.publish_and_anchor(told=False)
        trip = teller.opened["trip"]
        request = Request(trip.uri, ((trip.uri, "custody", trip.tag),), self.stage.reader.uri, everything)
        return self.verify(self.stage.ledger.builder.dossier(request))


@dataclass(frozen=True, slots=True)
class Cheat:
    """One cheat.

    Args:
        name: What is tried.
        es: The same in Spanish.
        check: The check that catches it.
        reason: Its reason code.
        play: Tries it, and returns what the verifier says.
    """

    name: str
    es: str
    check: str
    reason: str
    play: Callable[[Scene], Verdict]

    def is_caught(self, verdict: Verdict) -> bool:
        """Return whether the verdict refuses it by the check and for the reason that are its own."""
        found = [one.reason for one in verdict.checks if one.name == self.check and one.status == "failed"]
        return verdict.outcome is Outcome.REJECTED and found == [self.reason]


def packed(dossier: Dossier, evidence: Mapping[str, bytes] | None = None) -> bytes:
    """Return a dossier as a file."""
    out = BytesIO()
    build_container(dossier, out, evidence)
    return out.getvalue()


def swap_scan(scene: Scene) -> Verdict:
    """Put the sealed scan of another container in the place of the real one."""
    honest, bag = scene.honest, scene.liar().evidence
    other = (bag.folder / bag.seal("xray-other-box.tif").cid).read_bytes()
    return scene.verify(honest.dossier, {**honest.evidence, honest.scan: other})


def leave_out_inspection(scene: Scene) -> Verdict:
    """Hand out a dossier without the statement of the police, with every count made to fit."""
    dossier, gone = scene.honest.dossier, scene.honest.inspection
    kept = [one for one in dossier.statements if Statement.parse(one.raw).id != gone]
    tags = {tag for one in dossier.statements if one not in kept for tag in Statement.parse(one.raw).streams}
    streams = tuple(
        replace(one, count=one.count - 1) if one.tag in tags else one for one in dossier.header.streams
    )
    header = replace(dossier.header, streams=streams)
    return scene.verify(replace(dossier, header=header, statements=tuple(kept)), scene.honest.evidence)


def serve_old_dossier(scene: Scene) -> Verdict:
    """Serve the dossier of Wednesday when the container has long been unloaded."""
    return scene.verify(scene.honest.dossier, scene.honest.evidence)


def date_back(scene: Scene) -> Verdict:
    """Sign today what is to look as if it had been signed before the gate."""
    teller = scene.liar()
    teller.tell(_opening(scene))
    teller.dated_back = 30 * 86_400
    teller.tell(_all_well(scene, "packer", "all is well, dated back by a month"))
    return scene.verify_trip(teller)


def use_ended_key(scene: Scene) -> Verdict:
    """Sign with a key that its organisation has ended, and have the operator log it all the same."""
    stage, teller = scene.stage, scene.liar()
    haulier = stage.parties["haulier"]
    teller.tell(_opening(scene))
    OrganisationAdmin(stage.ledger.client, stage.ledger.contracts, haulier.organisation.signer).end_key(
        haulier.signer.key.thumbprint
    )
    key = haulier.signer.key
    teller.bypass = lambda statement: stage.ledger.sequencer.append(Submission(statement, (), key))
    teller.tell(_all_well(scene, "haulier", "all is well, by a key that has ended"))
    return scene.verify_trip(teller)


def told(cheat: ToldCheat) -> Cheat:
    """Return a cheat of the story's file."""

    def play(scene: Scene) -> Verdict:
        teller = scene.liar()
        for line in cheat.lines[:-1]:
            teller.tell(line)
        try:
            teller.tell(cheat.lines[-1])
        except CorridorError as refusal:
            scene.stage.say(f"the service refuses it ({refusal.code}); it is put on record all the same")
            teller.lenient = True
            teller.tell(cheat.lines[-1])
        return scene.verify_trip(teller)

    return Cheat(cheat.name, cheat.es, cheat.check, cheat.reason, play)


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
        Cheat("scan swapped", "imagen de rayos X cambiada", "evidence", "cid-mismatch", swap_scan),
        *(told(one) for one in story.cheats),
        Cheat(
            "inspection left out of the dossier",
            "inspección omitida del expediente",
            "completeness",
            "stream-mismatch",
            leave_out_inspection,
        ),
        Cheat("statement dated back", "declaración antedatada", "time", "signed-before-seen", date_back),
        Cheat("key ended", "clave dada de baja", "authority", "key-not-good", use_ended_key),
        Cheat(
            "old dossier served as new",
            "expediente viejo como nuevo",
            "freshness",
            "stale",
            serve_old_dossier,
        ),
    )
