"""A log of one trip, told statement by statement."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledger.domain.custody import Custody, Rules, Said, custody_of
from ledger.domain.hand_over import HAND_OVER, Result, Role, Terms, build_terms, hand_over_body
from ledger.domain.statement import Reference, SignedStatement
from tests.builders import NOON, Salts, Trip, a_trip, an_author

A, B, C, D = (f"https://{name}.example" for name in ("exporter", "haulier", "port", "carrier"))
POLICE, CUSTOMS = "https://police.example", "https://customs.example"
MIDNIGHT = datetime.fromisoformat("2026-11-06T00:00:00-06:00")


def clock(hour: float) -> str:
    """Return a time of 6 November 2026 in Puerto Barrios, RFC 3339."""
    return (MIDNIGHT + timedelta(hours=hour)).isoformat()


def posix(hour: float) -> float:
    """Return the same in POSIX seconds."""
    return MIDNIGHT.timestamp() + hour * 3600


def seal(number: str, **more: str) -> dict[str, str]:
    """Return a bolt seal as statements name it."""
    return {"number": number, "kind": "bolt"} | more


@dataclass
class Story:
    """A log of one trip, statement by statement."""

    trip: Trip = field(default_factory=lambda: a_trip(iss=A))
    said: list[Said] = field(default_factory=list)
    salts: Salts = field(default_factory=Salts)

    def say(self, iss: str, kind: str, body: dict[str, Any], **changes: Any) -> SignedStatement:
        author = an_author(iss)
        author.salts = self.salts
        # No two are signed at one time: that order would be the log's.
        signed = author.says(kind, self.trip, body, **{"iat": NOON + len(self.said)} | changes)
        revealed = signed.statement.reveal(signed.disclosures)
        self.said.append(Said(10 + len(self.said), signed.statement, revealed))
        return signed

    def open(self) -> "Story":
        self.say(A, "subject-opened", {})
        return self

    def saw(self, iss: str, kind: str, hour: float, **body: Any) -> SignedStatement:
        """Say what happened at an hour of 6 November, in the hours of `terms`."""
        return self.say(iss, kind, {"occurred_at": clock(hour)} | body, iat=int(posix(hour)) + len(self.said))

    def terms(self, giver: str, taker: str, hour: float = 1, **changes: Any) -> Terms:
        arguments: dict[str, Any] = {
            "giver": giver,
            "taker": taker,
            "subjects": [self.trip.uri],
            "place": "GTPBR",
            "at": clock(hour),
            "nonce": self.salts(16),
        }
        return build_terms(**(arguments | changes))

    def give(self, terms: Terms, result: Result = Result.ACCEPTED, **changes: Any) -> SignedStatement:
        return self.say(terms.giver, HAND_OVER, hand_over_body(terms, Role.GIVER, result), **changes)

    def take(self, terms: Terms, result: Result = Result.ACCEPTED, **changes: Any) -> SignedStatement:
        return self.say(terms.taker, HAND_OVER, hand_over_body(terms, Role.TAKER, result), **changes)

    def hand_over(self, giver: str, taker: str, hour: float = 1) -> Terms:
        terms = self.terms(giver, taker, hour)
        self.give(terms)
        self.take(terms)
        return terms

    def custody(self, **rules: Any) -> Custody:
        return custody_of(self.trip.uri, self.said, Rules(**rules))


MARKED = {"mark": "TID-E280-1160"}


def told(custody: Custody) -> tuple[list[str], list[str]]:
    """Return the codes of the problems and of the warnings."""
    return (
        [one.code for one in custody.problems if not one.is_warning],
        [one.code for one in custody.problems if one.is_warning],
    )


def packed() -> Story:
    """Return a trip that was stuffed and sealed at 13:00 and taken to the port by 17:00."""
    story = Story().open()
    story.saw(
        A, "stuffing", 13, doors="opened", container="MSKU1234565", seals_applied=[seal("B1", **MARKED)]
    )
    story.hand_over(A, B, 14)
    story.saw(B, "seal-check", 16, seals_found=[seal("B1")])
    story.hand_over(B, C, 17)
    return story


def cleared(story: Story, hour: float = 18, *, by: str = "person") -> None:
    """Let the port scan the container and customs find nothing."""
    scan = story.saw(C, "scan", hour)
    of = [Reference("of", scan.statement.id)]
    story.say(CUSTOMS, "analysis", {"conclusion": "clear", "concluded_by": by}, references=of)


def inspected(story: Story, hour: float = 20, **changes: object) -> None:
    """Let the police open the container and seal it again."""
    body = {
        "reason": "random search for drugs",
        "doors": "opened",
        "seals_found": [seal("B1")],
        "seals_removed": [seal("B1")],
        "seals_applied": [seal("P1")],
    }
    said = {name: value for name, value in (body | changes).items() if value}
    inspection = story.saw(POLICE, "inspection", hour, **said)
    of = [Reference("of", inspection.statement.id)]
    story.say(POLICE, "photo", {"occurred_at": clock(hour)}, references=of)
