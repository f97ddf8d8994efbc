"""The demo: the corridor is played, each audience's file proves it, and every cheat is caught by its name."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from ledger.client.outbox import Outbox
from ledger.demo import contradictions
from ledger.demo.audiences import FILES, Handed, handed, tell
from ledger.demo.cast import READER, StoryClock
from ledger.demo.cheats import Cheat, Honest, Scene, cheats
from ledger.demo.contradictions import Found
from ledger.demo.data import dossier_files, other_files
from ledger.demo.data.dossier import SCAN
from ledger.demo.evidence_bag import EvidenceBag
from ledger.demo.facts import Facts
from ledger.demo.people import Registers
from ledger.demo.rewriting import copy_log, foreign_receipt, rewrite
from ledger.demo.speaker import Speaker
from ledger.demo.stage import Stage, stage_in, title
from ledger.demo.story import Act, read_story
from ledger.demo.teller import Teller
from ledger.demo.watching import Standing, Watched, moment, tell_margin
from ledger.domain.errors import VerificationError
from ledger.domain.verdict import Outcome, Verdict
from ledger.readers.run import Readers
from ledger.verification.container import STREAMED, open_container
from ledger.verification.verifier import Examination

_GENESIS = "genesis.json"
_TELLING = ("signature", "completeness", "evidence", "passages", "required-evidence", "timeliness")
"""The checks that are shown of a verdict when the others say the same as before."""
_REWRITTEN = "reefer log"
"""What the operator would have said otherwise later on."""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of a run.

    Args:
        outcome: Of the verifications of the honest dossiers, the worst of all, online and offline.
        ready: How the shipment stood by the dossier of destination customs, before the ship arrived.
        watched: What people saw from where they sat.
        found: The contradictions, each with its twin.
    """

    outcome: Outcome
    ready: Standing
    watched: Watched
    found: Sequence[Found]


def run(out: Path, console: Console, *, scale: float = 1.0) -> Results:
    """Play the demo and leave a dossier, a trust file and a key for each audience, and `genesis.json`.

    Args:
        out: Folder for the results; what an earlier run left there is replaced.
        console: Where the story is told.
        scale: Size of the images and clips, 1 for the true one.

    Raises:
        VerificationError: A cheat was not caught or a contradiction not found, or by something else than what
            its name says.
    """
    out.mkdir(parents=True, exist_ok=True)
    # A run that fails must not leave the results of an earlier one to be taken for its own.
    for name in (_GENESIS, *(name for names in FILES.values() for name in names)):
        (out / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="corridor-demo-") as folder:
        return _Run(out, Path(folder), console, scale).play()


class _Run:
    """One run of the demo."""

    def __init__(self, out: Path, folder: Path, console: Console, scale: float) -> None:
        self._out, self._folder, self._console, self._scale = out, folder, console, scale
        self._facts = Facts.default()
        self._story = read_story(self._facts)
        self._clock = StoryClock(int(self._story.begins.timestamp()) - 3600)
        self._part = 2
        self._verdicts: list[Verdict] = []

    def play(self) -> Results:
        """Play it from the beginning to the end."""
        with stage_in(self._folder, self._clock, self._console) as stage, Readers() as readers:
            teller = self._teller(stage, readers)
            speaker = teller.speaker
            fork = self._tell(teller, self._story.acts)
            customs, port, ready = self._before_arrival(stage, teller)
            honest = _honest(customs, speaker)
            rewriting = rewrite(fork, speaker.instead_of(_REWRITTEN), speaker.said[_REWRITTEN])
            self._tell(teller, self._story.afterwards)
            found = self._contradictions(teller)
            self._tell(teller, self._story.much_later)
            self._title("The dossier for the auditor", "El expediente para la auditora")
            auditor = handed(stage, "auditor", honest.dossier.header.shipment, self._out)
            tell(self._console, auditor.dossier)
            self._verify(auditor, stage)

            self._title("Eleven cheats, each caught by its named check or alarm", "Once trampas")
            scene = Scene(
                stage,
                self._story,
                honest,
                lambda: replace(teller, speaker=replace(speaker, opened={}, said={})),
            )
            for cheat in (*cheats(self._story), rewriting):
                _catch(scene, cheat)
        # With the ledger stopped, its operator begins another chain.
        _catch(scene, foreign_receipt(customs.trust))

        self._title("Platform, witnesses and chain are stopped. The honest dossiers once more, offline")
        for one in (port, auditor, customs):
            self._verify(one)
        return Results(self._conclude(customs), ready, teller.watched, found)

    def _teller(self, stage: Stage, readers: Readers) -> Teller:
        facts, scale = self._facts, self._scale
        outboxes = {name: Outbox(self._folder / "outboxes" / name) for name in stage.parties}
        (sealed := self._folder / "sealed").mkdir()
        files = {**dossier_files(facts, scale=scale), **other_files(facts, scale=scale)}
        return Teller(Speaker(stage, EvidenceBag(files, sealed), outboxes), self._story, Registers(), readers)

    def _tell(self, teller: Teller, acts: Sequence[Act]) -> Path:
        """Play acts, and return where the log lies as it was before the act that is to be rewritten."""
        stage, fork = teller.speaker.stage, self._folder / "fork"
        for act in acts:
            self._title(act.title, act.es)
            if any(line.label == _REWRITTEN for line in act.lines):
                copy_log(stage, fork)
            teller.play(act)
            stage.publish_and_anchor()
        return fork

    def _before_arrival(self, stage: Stage, teller: Teller) -> tuple[Handed, Handed, Standing]:
        """Hand out the dossiers for destination customs and the destination port."""
        speaker, shipment = teller.speaker, teller.speaker.opened["consignment"].uri
        self._title(
            "The dossier for destination customs, 64 hours before the ship arrives",
            "El expediente para la aduana de destino",
        )
        self._clock.set(self._facts.times.dossier_ready.timestamp())
        customs = handed(stage, READER, shipment, self._out)
        (self._out / _GENESIS).write_bytes(stage.ledger.genesis.document)
        tell(self._console, customs.dossier)
        _tell_custody(stage, speaker)
        self._title("Verified against the verifier's own node")
        ready = Standing.of(self._verify(customs, stage))
        tell_margin(stage, ready)
        self._title(
            "The dossier for the destination port: the same statements, and less of what is in them",
            "El expediente para el puerto de destino",
        )
        port = handed(stage, "destination-port", shipment, self._out)
        tell(self._console, port.dossier)
        self._verify(port, stage)
        return customs, port, ready

    def _contradictions(self, teller: Teller) -> Sequence[Found]:
        """Plant what contradicts, and have it found.

        Raises:
            VerificationError: One was not found, or something else was.
        """
        self._title(
            "Twelve contradictions, each found by its own reason code, and none in its clean twin",
            "Doce contradicciones, cada una hallada por su código, y ninguna en su gemelo limpio",
        )
        all_ = []
        for one in contradictions.play(teller, self._facts):
            all_.append(one)
            check = one.check()
            self._console.print(
                f"  [red]FOUND[/] by the check [bold]{check.name}[/] ({check.reason}): {one.of.name} "
                f"[dim]({one.of.es})[/]",
                highlight=False,
                soft_wrap=True,
            )
            teller.speaker.stage.say(check.message)
            teller.speaker.stage.say(f"its clean twin: nothing; {one.twin.verdict.outcome}")
        return all_

    def _verify(self, one: Handed, stage: Stage | None = None) -> Examination:
        """Let an audience verify its dossier, with a node of its own while the stage stands."""
        examination = one.examine(self._clock, None if stage is None else stage.view())
        self._verdicts.append(verdict := examination.verdict)
        if stage is None:
            self._console.print(f"  {one.files.dossier.name}: {verdict.outcome}", highlight=False)
        _show(self._console, verdict, all_=one.party.part.name == READER)
        return examination

    def _title(self, text: str, es: str = "") -> None:
        self._part += 1
        title(self._console, self._part, text, es)

    def _conclude(self, customs: Handed) -> Outcome:
        worst = max((one.outcome for one in self._verdicts), key=_badness)
        style = "bold green" if worst is Outcome.ACCEPTED else "bold red"
        prove = "prove themselves" if worst is Outcome.ACCEPTED else "do not prove themselves"
        files = customs.files
        self._console.print()
        self._console.print(
            f"[{style}]{worst.value.upper()}[/]  the dossiers in {self._out} {prove}: check one again with",
            soft_wrap=True,
        )
        self._console.print(
            f"  corridor verify {files.dossier} --trust {files.trust} --identity {files.identity} --offline",
            soft_wrap=True,
        )
        return worst


def _honest(customs: Handed, speaker: Speaker) -> Honest:
    """Return what the cheats start from: the honest dossier as it came, taken apart."""
    container = open_container(customs.files.dossier)
    sealed = [name for name in sorted(container.names) if name.startswith(STREAMED)]
    return Honest(
        customs.dossier,
        {name.removeprefix(STREAMED): b"".join(container.chunks(name)) for name in sealed},
        speaker.opened["trip"].uri,
        speaker.said["inspection"],
        speaker.evidence.items[SCAN].cid,
    )


def _tell_custody(stage: Stage, speaker: Speaker) -> None:
    """Print the line of custody of the container, as the platform shows it to its reader."""
    custody = stage.services[READER].custody(speaker.opened["trip"].uri)
    for span in custody["spans"]:
        stage.console.print(
            f"  {moment(span['from'])}  held by {_name(span['holder'])}", highlight=False, soft_wrap=True
        )
    seals = ", ".join(f"{one['kind']} {one['number']} ({one['on']})" for one in custody["seals"])
    clean = custody["last_clean"]
    stage.console.print(f"  seals      {seals}", highlight=False, soft_wrap=True)
    stage.console.print(
        f"  last clean {moment(clean['at'])}, by {clean['what']}, held by {_name(clean['holder'])}; "
        f"unobserved from then to lading: {custody['unobserved_minutes']:g} minutes",
        highlight=False,
        soft_wrap=True,
    )


def _name(uri: str) -> str:
    return uri.removeprefix("https://")


def _show(console: Console, verdict: Verdict, *, all_: bool) -> None:
    for check in verdict.checks:
        if not all_ and check.name not in _TELLING:
            continue
        colour = {"passed": "green", "failed": "red"}.get(check.status.value, "yellow")
        console.print(
            f"  [{colour}]{check.status.value:<12}[/] {check.name:<14} {check.message}",
            highlight=False,
            soft_wrap=True,
        )


def _catch(scene: Scene, cheat: Cheat) -> None:
    """Play a cheat.

    Raises:
        VerificationError: It was not caught, or by something else than what its name says.
    """
    console = scene.stage.console
    console.print(f"  [bold]{cheat.name}[/] [dim]({cheat.es})[/]")
    found = cheat.play(scene)
    own = [one for one in found if one.by == cheat.by]
    if [one.reason for one in own] != [cheat.reason]:
        seen = ", ".join(f"{one.by}: {one.reason}" for one in found) or "honest"
        message = f"{cheat.name} was to be caught by the {cheat.by} ({cheat.reason}) and came out as {seen}"
        raise VerificationError("cheat-passed", message)
    console.print(
        f"    [red]REJECTED[/] by the {cheat.by.partition(' ')[0]} "
        f"[bold]{cheat.by.partition(' ')[2]}[/] ({cheat.reason})",
        highlight=False,
        soft_wrap=True,
    )
    scene.stage.say(own[0].message)


def _badness(outcome: Outcome) -> int:
    return (Outcome.ACCEPTED, Outcome.INCOMPLETE, Outcome.REJECTED).index(outcome)
