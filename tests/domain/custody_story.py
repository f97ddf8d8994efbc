"""A log of one trip, told statement by statement."""

from dataclasses import dataclass, field
from typing import Any

from ledger.domain.custody import Custody, Rules, Said, custody_of
from ledger.domain.hand_over import HAND_OVER, Result, Role, Terms, build_terms, hand_over_body
from ledger.domain.statement import SignedStatement
from tests.builders import Salts, Trip, a_trip, an_author

A, B, C, D = (f"https://{name}.example" for name in ("exporter", "haulier", "port", "carrier"))


@dataclass
class Story:
    """A log of one trip, statement by statement."""

    trip: Trip = field(default_factory=lambda: a_trip(iss=A))
    said: list[Said] = field(default_factory=list)
    salts: Salts = field(default_factory=Salts)

    def say(self, iss: str, kind: str, body: dict[str, Any], **changes: Any) -> SignedStatement:
        author = an_author(iss)
        author.salts = self.salts
        signed = author.says(kind, self.trip, body, **changes)
        revealed = signed.statement.reveal(signed.disclosures)
        self.said.append(Said(10 + len(self.said), signed.statement, revealed))
        return signed

    def open(self) -> "Story":
        self.say(A, "subject-opened", {})
        return self

    def terms(self, giver: str, taker: str, hour: int = 1, **changes: Any) -> Terms:
        arguments: dict[str, Any] = {
            "giver": giver,
            "taker": taker,
            "subjects": [self.trip.uri],
            "place": "GTPBR",
            "at": f"2026-11-06T{hour:02d}:00:00-06:00",
            "nonce": self.salts(16),
        }
        return build_terms(**(arguments | changes))

    def give(self, terms: Terms, result: Result = Result.ACCEPTED, **changes: Any) -> SignedStatement:
        return self.say(terms.giver, HAND_OVER, hand_over_body(terms, Role.GIVER, result), **changes)

    def take(self, terms: Terms, result: Result = Result.ACCEPTED, **changes: Any) -> SignedStatement:
        return self.say(terms.taker, HAND_OVER, hand_over_body(terms, Role.TAKER, result), **changes)

    def hand_over(self, giver: str, taker: str, hour: int = 1) -> Terms:
        terms = self.terms(giver, taker, hour)
        self.give(terms)
        self.take(terms)
        return terms

    def custody(self, **rules: Any) -> Custody:
        return custody_of(self.trip.uri, self.said, Rules(**rules))
