"""The demo: a log is founded, a trip is put on record, and one file proves it with everything gone."""

import io
import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console

from api.app import create_app
from ledger.chain.view import RpcChainView
from ledger.config import Settings, WitnessSetting
from ledger.demo import story
from ledger.demo.cast import Party, StoryClock
from ledger.demo.trust import trust_of
from ledger.demo.witnesses import WitnessParty
from ledger.domain.checkpoint import open_checkpoint
from ledger.domain.cose import Alg
from ledger.domain.errors import UnavailableError
from ledger.domain.genesis import Genesis
from ledger.domain.hand_over import Role, Terms, build_terms, hand_over_body
from ledger.domain.note import VerifierKey
from ledger.domain.statement import FILE_MEDIA_TYPE, Seen
from ledger.domain.subject import Subject, stream_tag
from ledger.domain.verdict import Outcome, Verdict
from ledger.dossiers import Request
from ledger.founding import Governance
from ledger.log.http_server import listen, serving, url_of
from ledger.operator_keys import OperatorKeys
from ledger.verification.dossier import build_container
from ledger.verification.trust import Trust, save
from ledger.verification.verifier import verify
from ledger.wiring import Ledger

ORIGIN = "ledger.example/gtpbr-usilg"
_DOSSIER, _TRUST, _GENESIS = "dossier.zip", "trust.json", "genesis.json"
_PUBLISH_AFTER = (5, 9, 11)
"""After which statements a checkpoint is published and anchored."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the story is played on."""

    ledger: Ledger
    url: str
    clock: StoryClock
    parties: dict[str, Party]
    console: Console


def run(out: Path, console: Console) -> Outcome:
    """Play the demo and leave `dossier.zip`, `trust.json` and `genesis.json`.

    Args:
        out: Folder for the results; what an earlier run left there is replaced.
        console: Where the story is told.

    Returns:
        The outcome of the verification, the worse one of online and offline.
    """
    out.mkdir(parents=True, exist_ok=True)
    # A run that fails must not leave the results of an earlier one to be taken for its own.
    for name in (_DOSSIER, _TRUST, _GENESIS):
        (out / name).unlink(missing_ok=True)
    with TemporaryDirectory(prefix="corridor-demo-") as data:
        return _play(out, Path(data), console)


def _play(out: Path, data: Path, console: Console) -> Outcome:
    clock = StoryClock(story.START)
    keys = OperatorKeys.generate(ORIGIN)
    parties = {
        uri: Party.create(uri, Alg.EDDSA if "customs" in role else Alg.ES256)
        for uri, role in story.ROLES.items()
    }
    founders = [parties[uri].organisation for uri in story.FOUNDERS]
    settings = Settings(data=data / "ledger", origin=ORIGIN, port=0)
    witnesses = [
        WitnessParty.create("origin customs", "witness.customs.gt.example"),
        WitnessParty.create("destination customs", "witness.customs.us.example", index_cosigner=True),
    ]

    def ledger_with(*configured: WitnessSetting) -> Ledger:
        indexing = sum(one.index_cosigner for one in configured)
        changed = settings.model_copy(
            update={"witnesses": configured, "quorum": len(configured), "index_quorum": indexing}
        )
        return Ledger(changed, clock=clock, keys=keys, founders=founders, block_seconds=None)

    _title(console, 1, "Two customs authorities found the registry and open the log")
    with ledger_with() as ledger:
        genesis = ledger.genesis
        (out / _GENESIS).write_bytes(genesis.document)
        console.print(f"  chain     {genesis.chain_id}, genesis 0x{genesis.chain_genesis.hex()[:16]}…")
        console.print(f"  registry  0x{genesis.registry.hex()}")
        console.print(f"  anchors   0x{genesis.anchor.hex()}")
        console.print(f"  log       {genesis.origin}, genesis {genesis.hash.hex()[:16]}…")

    with ExitStack() as stack:
        listener = stack.enter_context(listen(0))
        url = url_of(listener)
        _title(console, 2, "Each customs authority runs a witness; one of them replays the whole log")
        configured = [
            stack.enter_context(one.running(data / one.key.name, genesis, f"{url}/log", clock))
            for one in witnesses
        ]
        for one in witnesses:
            console.print(f"  {one.key.name} ({one.title}), {one.role}")
        ledger = stack.enter_context(ledger_with(*configured))
        stack.enter_context(serving(create_app(ledger), listener))
        stage = Stage(ledger, url, clock, parties, console)
        _enrol(stage)
        subject, tag = _tell(stage, genesis)
        _title(console, 5, "One dossier, for destination customs")
        trust = _make_dossier(stage, subject, tag, witnesses, out)
        online = _verify(stage, out, trust, ledger)
    _title(console, 7, "Platform, witnesses and chain are stopped. The same file, offline")
    offline = verify(out / _DOSSIER, trust, clock=clock, expected_shipment=subject.uri)
    _show(console, offline)
    worst = max((online.outcome, offline.outcome), key=_badness)
    console.print()
    style = "bold green" if worst is Outcome.ACCEPTED else "bold red"
    proves = "proves itself" if worst is Outcome.ACCEPTED else "does not prove itself"
    console.print(f"[{style}]{worst.value.upper()}[/]  {out / _DOSSIER} {proves}: check it again with")
    console.print(f"  corridor verify {out / _DOSSIER} --trust {out / _TRUST} --offline", soft_wrap=True)
    return worst


def _title(console: Console, number: int, text: str) -> None:
    console.print()
    console.print(f"[bold]{number}. {text}[/]")


def _enrol(stage: Stage) -> None:
    _title(
        stage.console,
        3,
        "Three organisations enrol beside the founders: one founder proposes, the other approves",
    )
    ledger = stage.ledger
    assert ledger.embedded is not None
    founders = [stage.parties[uri].organisation for uri in story.FOUNDERS]
    governance = Governance(ledger.client, ledger.contracts, founders)
    for uri, party in stage.parties.items():
        ledger.embedded.fund(party.organisation.signer.address)
        role = story.ROLES[uri]
        if uri in story.FOUNDERS:
            governance.begin(party.organisation, [role])
        else:
            governance.admit(party.organisation, [role])
        governance.add_key(party.organisation, party.signer.key)
        key = party.signer.key
        stage.console.print(f"  {uri:<34} {role:<20} key {key.thumbprint.hex()[:16]}… {key.alg.name}")


def _tell(stage: Stage, genesis: Genesis) -> tuple[Subject, bytes]:
    """Sign, submit and anchor the eleven statements; return the trip and its custody stream."""
    secret = secrets.token_bytes(16)
    tag = stream_tag(secret)
    subject = Subject.create("trip", story.CONTAINER, story.EXPORTER, tag)
    _title(stage.console, 4, f"Container {story.CONTAINER}: eleven signed statements")
    terms = build_terms(
        giver=story.EXPORTER,
        taker=story.ORIGIN_PORT,
        subjects=[subject.uri],
        place="GTPBR",
        at=story.GATE_TERMS_AT,
        nonce=secrets.token_bytes(16),
    )
    with httpx.Client(base_url=stage.url) as http:
        for number, line in enumerate(story.STORY, 1):
            moment = datetime.fromisoformat(line.at)
            stage.clock.set(int(moment.timestamp()))
            file = stage.parties[line.who].says(
                line.kind,
                subject=subject.uri,
                tag=tag,
                body=_body(line, terms),
                conceal=line.conceal,
                aud=genesis.audience,
                seen=_seen(http, genesis),
                now=stage.clock(),
                nonce=secrets.token_bytes(16),
            )
            answer = http.post(
                "/v1/statements", content=file.encode(), headers={"Content-Type": FILE_MEDIA_TYPE}
            )
            if answer.status_code != 201:
                raise UnavailableError("demo-refused", f"{line.kind} was refused: {answer.text}")
            who, index = line.who.removeprefix("https://"), answer.json()["index"]
            stage.console.print(
                f"  {moment:%a %d %b %H:%M}  {index:>3}  {who:<22} {line.kind:<15} {line.title}"
            )
            if number in _PUBLISH_AFTER:
                _publish_and_anchor(stage)
    return subject, tag


def _body(line: story.Line, terms: Terms) -> dict[str, object]:
    body: dict[str, object] = {"occurred_at": line.at}
    if line.kind == "hand-over":
        return body | hand_over_body(terms, Role(str(line.body["role"])))
    return body | dict(line.body)


def _seen(http: httpx.Client, genesis: Genesis) -> Seen:
    """Return the newest checkpoint that the log shows to everybody; a signer keeps the one that it holds."""
    answer = http.get("/log/checkpoint")
    if answer.status_code == 404:
        return Seen(0, genesis.hash)
    checkpoint = open_checkpoint(answer.content, [VerifierKey.parse(genesis.log_key)]).checkpoint
    return Seen(checkpoint.size, checkpoint.root)


def _publish_and_anchor(stage: Stage) -> None:
    ledger = stage.ledger
    stage.clock.set(stage.clock() + 30)
    cycle = ledger.publisher.run_once()
    assert ledger.embedded is not None
    anchor = ledger.anchors.until_final(cycle.checkpoint.size, ledger.embedded.mine)
    assert anchor.block is not None
    stage.console.print(
        f"  [cyan]checkpoint of size {anchor.size}, cosigned by {len(cycle.cosigned)} witnesses, "
        f"anchored in block {anchor.block.number}[/]"
    )


def _make_dossier(
    stage: Stage, subject: Subject, tag: bytes, witnesses: list[WitnessParty], out: Path
) -> Trust:
    ledger, console = stage.ledger, stage.console
    request = Request(subject.uri, ((subject.uri, "custody", tag),), story.DESTINATION_CUSTOMS)
    dossier = ledger.builder.dossier(request)
    path = out / _DOSSIER
    container = io.BytesIO()
    build_container(dossier, container)
    path.write_bytes(container.getvalue())
    console.print(
        f"  {path}: {len(dossier.statements)} statements, {path.stat().st_size:,} bytes", highlight=False
    )
    trust = trust_of(
        ledger.genesis,
        ledger.client,
        block=ledger.final_block(),
        witnesses=[one.key.verifier_key for one in witnesses],
        index_cosigners=[one.key.verifier_key for one in witnesses if one.index_cosigner],
    )
    save(trust, out / _TRUST)
    console.print(f"  {out / _TRUST}: what destination customs itself chose to trust")
    return trust


def _verify(stage: Stage, out: Path, trust: Trust, ledger: Ledger) -> Verdict:
    _title(stage.console, 6, "Verified against the verifier's own node")
    view = RpcChainView.connect(
        ledger.client,
        registry=ledger.contracts.registry,
        anchor=ledger.contracts.anchor,
        depth=ledger.settings.finality_depth,
    )
    verdict = verify(out / _DOSSIER, trust, clock=stage.clock, chain_view=view)
    _show(stage.console, verdict)
    return verdict


def _show(console: Console, verdict: Verdict) -> None:
    for check in verdict.checks:
        colour = {"passed": "green", "failed": "red"}.get(check.status.value, "yellow")
        console.print(
            f"  [{colour}]{check.status.value:<12}[/] {check.name:<14} {check.message}", highlight=False
        )


def _badness(outcome: Outcome) -> int:
    return (Outcome.ACCEPTED, Outcome.INCOMPLETE, Outcome.REJECTED).index(outcome)
