"""Tells the story: signs, seals and sends what its lines say, as the parties would with the command line."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from ledger.client.outbox import Outbox
from ledger.client.sending import send
from ledger.demo.cast import Party
from ledger.demo.evidence_bag import EvidenceBag
from ledger.demo.stage import Stage
from ledger.demo.story import Act, ClipLine, Line, Story
from ledger.domain.errors import UnavailableError
from ledger.domain.hand_over import HAND_OVER, Result, Role, build_terms, hand_over_body
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

_AGREEMENT = b"Corridor agreement, version 1"
_GLN = "9521234500001"
"""GS1 keeps the prefix 952 for examples."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A subject that a party opened: its name, and the tag of its custody stream (32 bytes)."""

    uri: str
    tag: bytes


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, with which key, and what of it is concealed."""

    party: Party
    signer: MemorySigner
    conceal: tuple[tuple[str, ...], ...]

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
class Teller:
    """Tells lines one after another, and knows what was said so far.

    Args:
        stage: What it is played on.
        story: Whose seals and subjects the lines name.
        evidence: Where the evidence of the lines comes from.
        outboxes: Where each party puts what it signs without a network.
        opened: The subjects, by their names in the story.
        said: Ids of the statements that have a label.
        offline: Whether there is no network at the moment.
        lenient: Whether to insist where the service finds a contradiction.
        dated_back: By how many seconds signers lie about the time.
        bypass: Logs a statement past every rule of the service, as its operator could.
    """

    stage: Stage
    story: Story
    evidence: EvidenceBag
    outboxes: Mapping[str, Outbox]
    opened: dict[str, Opened] = field(default_factory=dict)
    said: dict[str, bytes] = field(default_factory=dict)
    offline: bool = False
    lenient: bool = False
    dated_back: int = 0
    bypass: Callable[[Statement], object] | None = None
    _late: list[tuple[Party, Sequence[str]]] = field(default_factory=list)
    _seen: dict[str, Seen] = field(default_factory=dict)
    _labelled: dict[str, tuple[Voice, Draft, Statement]] = field(default_factory=dict)

    def play(self, act: Act) -> None:
        """Play an act; without a network, what is signed waits in the outboxes until the network is back."""
        self.offline = act.offline_until is not None
        for line in act.lines:
            self.tell(line)
        if act.offline_until is not None:
            self.stage.clock.set(act.offline_until.timestamp())
            self._send_outboxes()
            self.offline = False

    def tell(self, line: Line) -> None:
        """Play one line."""
        self.stage.clock.set(line.at.timestamp())
        party = self.stage.parties[line.who]
        match line.do:
            case "open":
                self._open(party, line)
            case "onboard" | "delegate":
                self._of_itself(party, line)
            case "hand-over":
                self._hand_over(party, line)
            case "link" | "unlink":
                kind = "link" if line.do == "link" else "link-ended"
                ends = {"from": self.opened[line.from_].uri, "to": self.opened[line.onto].uri}
                self.say(party, line, kind, (line.from_, line.onto), {"links": [{"rel": line.rel} | ends]})
            case "say":
                self.say(party, line, line.kind, line.about, self._body(line))

    def say(
        self,
        party: Party,
        line: Line,
        kind: str,
        about: Sequence[str],
        body: Mapping[str, Any],
        *,
        told: bool = True,
    ) -> None:
        """Sign a statement and send it, or put it into the outbox."""
        opened = [self.opened[name] for name in about]
        at = line.at - timedelta(seconds=self.dated_back)
        occurred = at + timedelta(seconds=body.get("clock_offset_s", 0))
        draft = Draft(
            kind=kind,
            subjects=[one.uri for one in opened],
            streams=[one.tag for one in opened],
            body={"occurred_at": occurred.isoformat()} | self._evidence(party, line) | dict(body),
            references=[Reference(rel, self.said[label]) for rel, label in line.refs],
            corrects=None if line.corrects is None else self.said[line.corrects],
        )
        device = None if line.do == "delegate" else line.device
        voice = Voice(party, party.signer if device is None else party.devices[device], line.conceal)
        signed = voice.sign(self.stage, draft, self._held(party), self.stage.clock() - self.dated_back)
        file = StatementFile(signed.raw, signed.disclosures)
        if line.label is not None:
            self.said[line.label] = signed.statement.id
            self._labelled[line.label] = (voice, draft, signed.statement)
        if self.offline:
            self.outboxes[party.part.name].add(file)
            shown = "signed; waits for a network"
        elif self.bypass is not None:
            self.bypass(signed.statement)
            shown = "past every rule"
        else:
            shown = f"entry {self.stage.services[party.part.name].submit(file, lenient=self.lenient).index}"
        if told:
            self._show(line.at, party, kind, line.title, shown)

    def instead_of(self, label: str) -> Statement:
        """Return what its signer would rather have said: the same with another body, signed as if then."""
        voice, draft, said = self._labelled[label]
        other = replace(draft, body={**draft.body, "note": "nothing unusual"})
        return voice.sign(self.stage, other, said.seen, said.iat).statement

    def _held(self, party: Party) -> Seen:
        """Return the newest checkpoint that a party holds; without a network that is the one from before."""
        name = party.part.name
        if not self.offline or name not in self._seen:
            self._seen[name] = self.stage.services[name].seen()
        return self._seen[name]

    def _open(self, party: Party, line: Line) -> None:
        spec = self.story.subjects[line.subject]
        self._open_subject(party, line.subject, spec.type, spec.key, line)
        if line.to:
            guests = [self.stage.parties[name].uri for name in line.to]
            self.say(party, line, "grant", (line.subject,), {"to": guests}, told=False)

    def _open_subject(self, party: Party, name: str, subject_type: str, key: str, line: Line) -> None:
        tag = stream_tag(secrets.token_bytes(16))
        self.opened[name] = Opened(Subject.create(subject_type, key, party.uri, tag).uri, tag)
        self.say(party, line, SUBJECT_OPENED, (name,), {})

    def _of_itself(self, party: Party, line: Line) -> None:
        """Say something about the organisation: it is a subject too, with a stream of its own."""
        name = f"the {line.who}"
        if name not in self.opened:
            key = party.uri.removeprefix("https://").upper()
            self._open_subject(
                party, name, "organisation", key, line.model_copy(update={"title": "opens its own record"})
            )
        kind, body = self._participant(party, line)
        self.say(party, line, kind, (name,), body)

    def _participant(self, party: Party, line: Line) -> tuple[str, dict[str, Any]]:
        if line.device is None:
            sponsor = self.stage.parties["origin-customs"].uri
            return "onboarding", {
                "legal_name": party.part.title,
                "country": party.part.country,
                "identifiers": [{"scheme": "gln", "value": _GLN}],
                "proofing": {"level": "IAL2", "by": sponsor},
                "sponsor": sponsor,
                "agreement": sha256(_AGREEMENT).hexdigest(),
            }
        return "delegation", {
            "key": party.devices[line.device].key.thumbprint.hex(),
            "device": {"type": line.device, "name": f"{line.device}-1"},
            "clock_offset_s": line.clock_offset_s,
            "measured_at": line.at.isoformat(),
        }

    def _hand_over(self, giver: Party, line: Line) -> None:
        """Let both sides sign the same terms; each signs with what it has at hand."""
        taker = self.stage.parties[line.taker]
        terms = build_terms(
            giver=giver.uri,
            taker=taker.uri,
            subjects=[self.opened[name].uri for name in line.about],
            place=line.place,
            at=line.at.isoformat(),
            nonce=secrets.token_bytes(16),
            remarks=line.remarks,
        )
        result = Result.ACCEPTED_WITH_REMARKS if line.remarks else Result.ACCEPTED
        self.say(giver, line, HAND_OVER, line.about, hand_over_body(terms, Role.GIVER), told=False)
        self.say(taker, line, HAND_OVER, line.about, hand_over_body(terms, Role.TAKER, result), told=False)
        self._show(line.at, giver, HAND_OVER, line.title, f"{taker.part.name} signs too")

    def _body(self, line: Line) -> dict[str, Any]:
        seals = self.story.seals
        said = {
            "seals_found": [seals[name] | {"state": "intact"} for name in line.seals_found],
            "seals_removed": [seals[name] for name in line.seals_removed],
            "seals_applied": [seals[name] for name in line.seals_applied],
            "links": [
                {"rel": one.rel, "from": self.opened[one.from_].uri, "to": self.opened[one.to].uri}
                for one in line.links
            ],
        }
        body = dict(line.body) | {name: value for name, value in said.items() if value}
        if line.clip is not None:
            body["clip"] = self._clip(line.clip, timedelta(seconds=body.get("clock_offset_s", 0)))
        if line.observed is not None:
            since, until = line.observed
            body["observed"] = {"from": since.isoformat(), "to": until.isoformat()}
        return body

    def _clip(self, clip: ClipLine, ahead: timedelta) -> dict[str, Any]:
        """Return what a camera says of a segment, by its own clock."""
        shown = {
            "camera": clip.camera,
            "sequence": clip.sequence,
            "from": (clip.from_ + ahead).isoformat(),
            "to": (clip.to + ahead).isoformat(),
        }
        if clip.previous is None:
            return shown
        return shown | {"previous": self.evidence.items[clip.previous].commitment.hex()}

    def _evidence(self, party: Party, line: Line) -> dict[str, Any]:
        """Seal a line's files, and bring them to the platform when there is a network."""
        if not line.evidence:
            return {}
        items = [self.evidence.seal(name) for name in line.evidence]
        if self.offline:
            self._late.append((party, line.evidence))
        else:
            self.evidence.upload(self.stage.services[party.part.name], line.evidence)
        return {"evidence": [item.to_json() for item in items]}

    def _send_outboxes(self) -> None:
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
        for party, names in self._late:
            self.evidence.upload(self.stage.services[party.part.name], names)
        self._late.clear()

    def _show(self, at: datetime, party: Party, kind: str, text: str, shown: str) -> None:
        who = party.uri.removeprefix("https://")
        self.stage.console.print(
            f"  {at:%a %d %b %H:%M}  {who:<22} {kind:<15} {text} [dim]({shown})[/]",
            highlight=False,
            soft_wrap=True,
        )
