"""Speaks for the parties: signs and sends, with a network or without, and knows what was said so far."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ledger.client.outbox import Outbox
from ledger.client.sending import send
from ledger.demo.cast import Party
from ledger.demo.evidence_bag import EvidenceBag
from ledger.demo.stage import Stage
from ledger.demo.story import Line
from ledger.domain.disclosure import Path
from ledger.domain.errors import UnavailableError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import (
    Draft,
    Reference,
    Seen,
    SignedStatement,
    Statement,
    StatementFile,
    sign_statement,
)
from ledger.domain.subject import SUBJECT_OPENED, Subject, stream_tag
from ledger.keys.memory import MemorySigner


@dataclass(frozen=True, slots=True)
class Opened:
    """A subject that a party opened: its name, and the tag of its custody stream (32 bytes)."""

    uri: str
    tag: bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be said.

    Args:
        kind: Of the statement.
        about: Subjects by their names in the story, the first counts most.
        body: What is said in full.
        conceal: Ways to what of it is concealed.
    """

    kind: str
    about: Sequence[str]
    body: Mapping[str, Any]
    conceal: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, with which key, and what of it is concealed."""

    party: Party
    signer: MemorySigner
    conceal: Sequence[Path]

    def sign(self, stage: Stage, draft: Draft, seen: Seen, iat: int) -> SignedStatement:
        """Sign a statement, with nothing but the key at hand."""
        return sign_statement(
            draft,
            signer=self.signer,
            iss=self.party.uri,
            aud=stage.ledger.genesis.audience,
            seen=seen,
            iat=iat,
            nonce=secrets.token_bytes(16),
            conceal=self.conceal,
        )


@dataclass(slots=True)
class Speaker:
    """Says one thing after another.

    Args:
        stage: Where it is said.
        evidence: Where evidence comes from.
        outboxes: Where each party puts what it signs without a network.
        opened: The subjects, by their names in the story.
        said: Ids of the statements that have a label.
        offline: Whether there is no network at the moment.
        lenient: Whether to insist where the service finds a contradiction.
        dated_back: By how many seconds signers lie about the time.
        bypass: Logs a statement past every rule of the service, as its operator could.
        quiet: Whether the reader of the screen is told nothing, and nobody asks for a newer checkpoint before
            the next statement: what is played fast.
    """

    stage: Stage
    evidence: EvidenceBag
    outboxes: Mapping[str, Outbox]
    opened: dict[str, Opened] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    offline: bool = False
    lenient: bool = False
    dated_back: int = 0
    bypass: Callable[[Statement], object] | None = None
    quiet: bool = False
    _late: list[tuple[Party, Sequence[EvidenceItem]]] = field(default_factory=list)
    _seen: dict[str, Seen] = field(default_factory=dict)
    _labelled: dict[str, tuple[Voice, Draft, Statement]] = field(default_factory=dict)

    def say(self, party: Party, line: Line, said: Said, *, told: bool = True) -> bytes:
        """Sign a statement and send it, or put it into the outbox; return its id.

        Args:
            party: Who speaks.
            line: When, by which machine, with which references, and what to tell the reader of the screen.
            said: What.
            told: Whether the reader of the screen is told.
        """
        opened = [self.opened[name] for name in said.about]
        at = line.at - timedelta(seconds=self.dated_back)
        occurred = at + timedelta(seconds=said.body.get("clock_offset_s", 0))
        draft = Draft(
            kind=said.kind,
            subjects=[one.uri for one in opened],
            streams=[one.tag for one in opened],
            body={"occurred_at": occurred.isoformat()} | dict(said.body),
            references=[Reference(rel, self.said[label]) for rel, label in line.refs],
            corrects=None if line.corrects is None else self.said[line.corrects],
        )
        device = None if line.do == "delegate" else line.device
        voice = Voice(party, party.signer if device is None else party.devices[device], said.conceal)
        signed = voice.sign(self.stage, draft, self._held(party), self.stage.clock() - self.dated_back)
        if line.label is not None:
            self.said[line.label] = signed.statement.id
            self._labelled[line.label] = (voice, draft, signed.statement)
        shown = self._send(party, signed)
        if told:
            self.show(line.at, party, said.kind, line.title, shown)
        return signed.statement.id

    def open(
        self, party: Party, line: Line, name: str, subject: tuple[str, str], *, told: bool = True
    ) -> None:
        """Open a subject.

        Args:
            party: Who opens it.
            line: When, and what to tell.
            name: What the story calls it.
            subject: Its type and its key.
            told: Whether the reader of the screen is told.
        """
        tag = stream_tag(secrets.token_bytes(16))
        self.opened[name] = Opened(Subject.create(*subject, party.uri, tag).uri, tag)
        self.say(party, line, Said(SUBJECT_OPENED, (name,), {}), told=told)

    def of_itself(self, party: Party, line: Line, *, told: bool = True) -> str:
        """Return the name of the subject that an organisation itself is; it is opened the first time."""
        name = f"the {party.part.name}"
        if name not in self.opened:
            key = party.uri.removeprefix("https://").upper()
            opening = line.model_copy(update={"title": "opens its own record", "label": None, "refs": ()})
            self.open(party, opening, name, ("organisation", key), told=told)
        return name

    def bring(self, party: Party, items: Sequence[EvidenceItem]) -> list[dict[str, Any]]:
        """Bring sealed items to the platform when there is a network, and return what a body says of them."""
        if self.offline:
            self._late.append((party, items))
        else:
            self.evidence.upload(self.stage.services[party.part.name], party, items)
        return [item.to_json() for item in items]

    def instead_of(self, label: str) -> Statement:
        """Return what its signer would rather have said: the same with another body, signed as if then."""
        voice, draft, said = self._labelled[label]
        other = replace(draft, body={**draft.body, "note": "nothing unusual"})
        return voice.sign(self.stage, other, said.seen, said.iat).statement

    def send_outboxes(self) -> None:
        """Send what waits, the last first: every statement says itself when it was."""
        for name in reversed(list(self.outboxes)):
            if not self.outboxes[name].pending():
                continue
            delivery = send(
                self.outboxes[name],
                self.stage.services[name],
                clock=self.stage.clock,
                arrange=lambda entries: entries[::-1],
            )
            if delivery.refused or delivery.waiting:
                raise UnavailableError(
                    "demo-outbox", f"the outbox of the {name} could not be emptied: {delivery}"
                )
            who = self.stage.parties[name].uri.removeprefix("https://")
            self.stage.console.print(
                f"  [yellow]the network is back: {who} sends {len(delivery.acknowledged)} statements[/]"
            )
        for party, items in self._late:
            self.evidence.upload(self.stage.services[party.part.name], party, items)
        self._late.clear()

    def renew(self) -> None:
        """Let everybody ask for the newest checkpoint before the next statement."""
        self._seen.clear()

    def show(self, at: datetime, party: Party, kind: str, text: str, shown: str) -> None:
        """Tell the reader of the screen what somebody did."""
        if self.quiet:
            return
        who = party.uri.removeprefix("https://")
        self.stage.console.print(
            f"  {at:%a %d %b %H:%M}  {who:<22} {kind:<15} {text} [dim]({shown})[/]",
            highlight=False,
            soft_wrap=True,
        )

    def _send(self, party: Party, signed: SignedStatement) -> str:
        """Send a statement the way that there is, and return what became of it."""
        file = StatementFile(signed.raw, signed.disclosures)
        if self.offline:
            self.outboxes[party.part.name].add(file)
            return "signed; waits for a network"
        if self.bypass is not None:
            self.bypass(signed.statement)
            return "past every rule"
        return f"entry {self.stage.services[party.part.name].submit(file, lenient=self.lenient).index}"

    def _held(self, party: Party) -> Seen:
        """Return the newest checkpoint that a party holds; without a network that is the one from before."""
        name = party.part.name
        if not (self.offline or self.quiet) or name not in self._seen:
            self._seen[name] = self.stage.services[name].seen()
        return self._seen[name]
