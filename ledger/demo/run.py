"""The demo: the corridor is played, one file proves it, and every cheat is caught by its named check."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from ledger.client.outbox import Outbox
from ledger.demo.cast import READER, StoryClock
from ledger.demo.cheats import Cheat, Honest, Scene, cheats, packed
from ledger.demo.data import dossier_files, other_files
from ledger.demo.data.dossier import SCAN
from ledger.demo.evidence_bag import EvidenceBag
from ledger.demo.facts import Facts
from ledger.demo.rewriting import copy_log, foreign_receipt, rewrite
from ledger.demo.stage import Stage, stage_in, title
from ledger.demo.story import read_story
from ledger.demo.teller import Teller
from ledger.domain.errors import VerificationError
from ledger.domain.verdict import Outcome, Status, Verdict
from ledger.verification.trust import Trust, save
from ledger.verification.verifier import verify

_DOSSIER, _TRUST, _GENESIS, _IDENTITY = "dossier.zip", "trust.json", "genesis.json", "reader.key"


def run(out: Path, console: Console, *, scale: float = 1.0) -> Outcome:
    """Play the demo and leave `dossier.zip`, `trust.json`, `genesis.json` and `reader.key`.

    Args:
        out: Folder for the results; what an earlier run left there is replaced.
        console: Where the story is told.
        scale: Size of the images and clips, 1 for the true one.

    Returns:
        The outcome of the verification of the honest dossier, the worse one of online and offline.

    Raises:
        VerificationError: A cheat was not caught, or by another check than its own.
    """
    out.mkdir(parents=True, exist_ok=True)
    # A run that fails must not leave the results of an earlier one to be taken for its own.
    for name in (_DOSSIER, _TRUST, _GENESIS, _IDENTITY):
        (out / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="corridor-demo-") as folder:
        return _play(out, Path(folder), console, scale)


def _play(out: Path, folder: Path, console: Console, scale: float) -> Outcome:
    facts = Facts.default()
    story = read_story(facts)
    clock = StoryClock(int(story.begins.timestamp()) - 3600)
    parts = iter(range(3, 100))
    with stage_in(folder, clock, console) as stage:
        outboxes = {name: Outbox(folder / "outboxes" / name) for name in stage.parties}
        (sealed := folder / "sealed").mkdir()
        files = {**dossier_files(facts, scale=scale), **other_files(facts, scale=scale)}
        bag = EvidenceBag(files, sealed, stage.reader.identity.to_public())
        teller = Teller(stage, story, bag, outboxes)
        for act in story.acts:
            title(console, next(parts), act.title, act.es)
            if act is story.acts[-1]:
                before_the_last = copy_log(stage, folder / "copy")
            teller.play(act)
            stage.publish_and_anchor()

        title(console, next(parts), "The dossier for destination customs, 64 hours before the ship arrives")
        clock.set(facts.times.dossier_ready.timestamp())
        honest = _fetch(stage, teller, folder)
        trust = _leave(out, stage, honest)
        _tell_custody(stage, teller)
        title(console, next(parts), "Verified against the verifier's own node")
        online = verify(
            out / _DOSSIER,
            trust,
            clock=clock,
            chain_view=stage.view(),
            expected_shipment=honest.dossier.header.shipment,
            identities=[stage.reader.identity],
        )
        _show(console, online)

        rewriting = rewrite(before_the_last, teller.instead_of("reefer log"), teller.said["reefer log"])
        for act in story.afterwards:
            title(console, next(parts), act.title, act.es)
            teller.play(act)
            stage.publish_and_anchor()

        title(console, next(parts), "Ten cheats, each caught by its named check", "Diez trampas")
        scene = Scene(stage, story, honest, lambda: replace(teller, opened={}, said={}))
        for cheat in (*cheats(story), rewriting):
            _catch(scene, cheat)
    # With the ledger stopped, its operator begins another chain.
    _catch(scene, foreign_receipt(trust))

    title(
        console,
        next(parts),
        "Platform, witnesses and chain are stopped. The honest dossier once more, offline",
    )
    offline = verify(out / _DOSSIER, trust, clock=clock, identities=[stage.reader.identity])
    _show(console, offline)
    return _conclude(out, console, (online, offline))


def _fetch(stage: Stage, teller: Teller, folder: Path) -> Honest:
    """Have destination customs fetch the dossier and the sealed evidence over its session."""
    service = stage.services[READER]
    with (folder / "fetched.zip").open("w+b") as file:
        dossier = service.dossier(teller.opened["consignment"].uri, file)
    evidence = teller.evidence.fetch(service)
    secrets = tuple(sorted(teller.evidence.secrets.items()))
    return Honest(
        replace(dossier, secrets=secrets),
        evidence,
        teller.said["inspection"],
        teller.evidence.items[SCAN].cid,
    )


def _leave(out: Path, stage: Stage, honest: Honest) -> Trust:
    """Write the results: the dossier, what the reader trusts, and the identity that opens its evidence."""
    (out / _DOSSIER).write_bytes(packed(honest.dossier, honest.evidence))
    (out / _GENESIS).write_bytes(stage.ledger.genesis.document)
    (out / _IDENTITY).write_text(f"{stage.reader.identity}\n")
    trust = stage.trust()
    save(trust, out / _TRUST)
    size = (out / _DOSSIER).stat().st_size
    stage.console.print(
        f"  {out / _DOSSIER}: {len(honest.dossier.statements)} statements, {len(honest.evidence)} sealed "
        f"files, {size:,} bytes\n  {out / _TRUST}: what destination customs itself chose to trust",
        highlight=False,
        soft_wrap=True,
    )
    return trust


def _tell_custody(stage: Stage, teller: Teller) -> None:
    """Print the line of custody of the container, as the platform shows it to its reader."""
    custody = stage.services[READER].custody(teller.opened["trip"].uri)
    for span in custody["spans"]:
        stage.console.print(
            f"  {_moment(span['from'])}  held by {_name(span['holder'])}", highlight=False, soft_wrap=True
        )
    seals = ", ".join(f"{one['kind']} {one['number']} ({one['on']})" for one in custody["seals"])
    clean = custody["last_clean"]
    stage.console.print(f"  seals      {seals}", highlight=False, soft_wrap=True)
    stage.console.print(
        f"  last clean {_moment(clean['at'])}, by {clean['what']}, held by {_name(clean['holder'])}; "
        f"unobserved from then to lading: {custody['unobserved_minutes']:g} minutes",
        highlight=False,
        soft_wrap=True,
    )


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%a %d %b %H:%M} UTC"


def _name(uri: str) -> str:
    return uri.removeprefix("https://")


def _show(console: Console, verdict: Verdict) -> None:
    for check in verdict.checks:
        colour = {"passed": "green", "failed": "red"}.get(check.status.value, "yellow")
        console.print(
            f"  [{colour}]{check.status.value:<12}[/] {check.name:<14} {check.message}",
            highlight=False,
            soft_wrap=True,
        )


def _catch(scene: Scene, cheat: Cheat) -> None:
    """Play a cheat.

    Raises:
        VerificationError: It was not caught, or by another check than its own.
    """
    console = scene.stage.console
    console.print(f"  [bold]{cheat.name}[/] [dim]({cheat.es})[/]")
    verdict = cheat.play(scene)
    found = [one for one in verdict.checks if one.status is Status.FAILED]
    if not cheat.is_caught(verdict):
        seen = ", ".join(f"{one.name}: {one.reason}" for one in found) or verdict.outcome.value
        message = f"{cheat.name} was to fail {cheat.check} ({cheat.reason}) and came out as {seen}"
        raise VerificationError("cheat-passed", message)
    console.print(
        f"    [red]REJECTED[/] by the check [bold]{cheat.check}[/] ({cheat.reason})",
        highlight=False,
        soft_wrap=True,
    )
    scene.stage.say(next(one.message for one in found if one.name == cheat.check))


def _conclude(out: Path, console: Console, verdicts: Sequence[Verdict]) -> Outcome:
    worst = max((one.outcome for one in verdicts), key=_badness)
    style = "bold green" if worst is Outcome.ACCEPTED else "bold red"
    proves = "proves itself" if worst is Outcome.ACCEPTED else "does not prove itself"
    console.print()
    console.print(
        f"[{style}]{worst.value.upper()}[/]  {out / _DOSSIER} {proves}: check it again with", soft_wrap=True
    )
    console.print(
        f"  corridor verify {out / _DOSSIER} --trust {out / _TRUST} --identity {out / _IDENTITY} --offline",
        soft_wrap=True,
    )
    return worst


def _badness(outcome: Outcome) -> int:
    return (Outcome.ACCEPTED, Outcome.INCOMPLETE, Outcome.REJECTED).index(outcome)
