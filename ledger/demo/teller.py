"""Tells the story: signs, seals and sends what its lines say, as the parties would with the command line."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from ledger.demo import sharing
from ledger.demo.cast import Party
from ledger.demo.people import Registers
from ledger.demo.reading import read
from ledger.demo.speaker import Said, Speaker
from ledger.demo.story import Act, ClipLine, Line, Story
from ledger.demo.watching import LOOKS, Watched
from ledger.domain.hand_over import HAND_OVER, Result, Role, build_terms, hand_over_body
from ledger.readers.run import Readers

_AGREEMENT = b"Corridor agreement, version 1"
_GLN = "9521234500001"
"""GS1 keeps the prefix 952 for examples."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells lines one after another.

    Args:
        speaker: Says what the lines say.
        story: Whose seals and subjects the lines name.
        registers: What the people in the lines are called.
        readers: Read evidence in isolation.
        watched: What people saw from where they sit.
    """

    speaker: Speaker
    story: Story
    registers: Registers
    readers: Readers
    watched: Watched = field(default_factory=Watched)

    def play(self, act: Act) -> None:
        """Play an act; without a network, what is signed waits in the outboxes until the network is back."""
        self.speaker.offline = act.offline_until is not None
        for line in act.lines:
            self.tell(line)
        if act.offline_until is not None:
            self.speaker.stage.clock.set(act.offline_until.timestamp())
            self.speaker.send_outboxes()
            self.speaker.offline = False

    def tell(self, line: Line) -> None:
        """Play one line."""
        self.speaker.stage.clock.set(line.at.timestamp())
        party = self.speaker.stage.parties[line.who]
        match line.do:
            case "open":
                self._open(party, line)
            case "onboard" | "delegate":
                self._of_itself(party, line)
            case "hand-over":
                self._hand_over(party, line)
            case "link" | "unlink":
                kind = "link" if line.do == "link" else "link-ended"
                ends = {"from": self._uri(line.from_), "to": self._uri(line.onto)}
                body = {"links": [{"rel": line.rel} | ends]}
                self.speaker.say(party, line, Said(kind, (line.from_, line.onto), body))
            case "say":
                self._say(party, line)
            case "read":
                read(self.readers, self.speaker, party, line)
            case "join":
                self.speaker.stage.admit(line.who)
            case "encryption-key" | "share" | "ask" | "answer" | "erase":
                sharing.SAYS[line.do](self.speaker, party, line)
            case "todo" | "watch" | "assess":
                LOOKS[line.do](self.watched, self.speaker, party, line)

    def _uri(self, name: str) -> str:
        return self.speaker.opened[name].uri

    def _open(self, party: Party, line: Line) -> None:
        spec = self.story.subjects[line.subject]
        self.speaker.open(party, line, line.subject, (spec.type, spec.key))
        if line.to:
            guests = [self.speaker.stage.parties[name].uri for name in line.to]
            self.speaker.say(party, line, Said("grant", (line.subject,), {"to": guests}), told=False)

    def _of_itself(self, party: Party, line: Line) -> None:
        """Say something about the organisation: it is a subject too, with a stream of its own."""
        name = self.speaker.of_itself(party, line)
        kind, body = self._participant(party, line)
        self.speaker.say(party, line, Said(kind, (name,), body))

    def _participant(self, party: Party, line: Line) -> tuple[str, dict[str, Any]]:
        if line.device is None:
            sponsor = self.speaker.stage.parties["origin-customs"].uri
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
        taker = self.speaker.stage.parties[line.taker]
        terms = build_terms(
            giver=giver.uri,
            taker=taker.uri,
            subjects=[self._uri(name) for name in line.about],
            place=line.place,
            at=line.at.isoformat(),
            nonce=secrets.token_bytes(16),
            remarks=line.remarks,
        )
        result = Result.ACCEPTED_WITH_REMARKS if line.remarks else Result.ACCEPTED
        given = Said(HAND_OVER, line.about, hand_over_body(terms, Role.GIVER))
        taken = Said(HAND_OVER, line.about, hand_over_body(terms, Role.TAKER, result))
        self.speaker.say(giver, line, given, told=False)
        self.speaker.say(taker, line, taken, told=False)
        self.speaker.show(line.at, giver, HAND_OVER, line.title, f"{taker.part.name} signs too")

    def _say(self, party: Party, line: Line) -> None:
        people = self.registers.called(party, line.people, self._uri(line.about[0]))
        conceal = [*line.conceal, *((name,) for name in people)]
        body = self._evidence(party, line) | self._body(line) | people
        self.speaker.say(party, line, Said(line.kind, line.about, body, conceal))

    def _body(self, line: Line) -> dict[str, Any]:
        seals = self.story.seals
        said = {
            "seals_found": [seals[name] | {"state": "intact"} for name in line.seals_found],
            "seals_removed": [seals[name] for name in line.seals_removed],
            "seals_applied": [seals[name] for name in line.seals_applied],
            "links": [
                {"rel": one.rel, "from": self._uri(one.from_), "to": self._uri(one.to)} for one in line.links
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
        return shown | {"previous": self.speaker.evidence.items[clip.previous].commitment.hex()}

    def _evidence(self, party: Party, line: Line) -> dict[str, Any]:
        """Seal a line's files, and bring them to the platform when there is a network."""
        if not line.evidence:
            return {}
        items = [self.speaker.evidence.seal(party, name) for name in line.evidence]
        return {"evidence": self.speaker.bring(party, items)}
