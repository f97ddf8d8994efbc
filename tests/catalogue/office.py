"""A registrar's office: a real log and catalogue on SQLite, and organisations that submit to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.catalogue import Catalogue, Registered, Registrar
from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.directory import KeyStatus
from ledger.domain.hand_over import HAND_OVER, Result, Role, Terms, build_terms, hand_over_body
from ledger.domain.statement import SignedStatement
from ledger.domain.subject import Subject, stream_tag
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore
from ledger.sharing.redaction import Redaction
from ledger.storage.faults import Fault, no_fault
from tests.builders import (
    CUSTOMS,
    EXPORTER,
    ORIGIN_PORT,
    Author,
    Trip,
    a_genesis,
    a_signer,
    an_author,
    seeded,
)
from tests.log.logs import Hands, a_log

CARRIER = "https://carrier.example"
POLICE = "https://police.example"
STRANGER = "https://stranger.example"
ROLES = {
    EXPORTER: frozenset({"exporter", "packer"}),
    ORIGIN_PORT: frozenset({"origin-port"}),
    CUSTOMS: frozenset({"origin-customs"}),
    CARRIER: frozenset({"carrier"}),
    POLICE: frozenset({"police"}),
    STRANGER: frozenset({"exporter", "haulier", "carrier", "packer"}),
}
OCCURRED = "2026-09-21T13:33:20Z"
"""The time at which the tests live, as RFC 3339."""


@dataclass
class Participants:
    """Knows the keys of the organisations of these tests, until they end."""

    ended: set[str] = field(default_factory=set)
    _known: dict[bytes, str] = field(default_factory=lambda: {a_signer(u).key.thumbprint: u for u in ROLES})

    def lookup(self, kid: bytes) -> KeyStatus | None:
        uri = self._known.get(kid)
        if uri is None:
            return None
        return KeyStatus(uri, a_signer(uri).key, ROLES[uri], active=uri not in self.ended)


@dataclass
class Office:
    """Where the organisations of the tests submit what they sign."""

    store: LogStore
    catalogue: Catalogue
    redaction: Redaction
    registrar: Registrar
    participants: Participants
    clock: Hands
    _authors: dict[str, Author] = field(default_factory=dict)

    def author(self, uri: str) -> Author:
        return self._authors.setdefault(uri, an_author(uri))

    def signs(
        self, uri: str, kind: str, trip: Trip, body: Mapping[str, Any] | None = None, **changes: Any
    ) -> SignedStatement:
        arguments: dict[str, Any] = {"iat": self.clock.now} | changes
        return self.author(uri).says(kind, trip, {} if body is None else body, **arguments)

    def registers(self, signed: SignedStatement, **options: Any) -> Registered:
        return self.registrar.register(signed.raw, signed.disclosures, **options)

    def says(
        self,
        uri: str,
        kind: str,
        trip: Trip,
        body: Mapping[str, Any] | None = None,
        *,
        lenient: bool = False,
        **changes: Any,
    ) -> Registered:
        """Sign and register at once."""
        return self.registers(self.signs(uri, kind, trip, body, **changes), lenient=lenient)

    def opens(self, trip: Trip) -> Trip:
        self.says(trip.iss, "subject-opened", trip)
        return trip

    def grants(self, uri: str, trip: Trip, *to: str, **changes: Any) -> Registered:
        return self.says(uri, "grant", trip, {"to": list(to)}, **changes)

    def terms(self, giver: str, taker: str, trip: Trip, **changes: Any) -> Terms:
        arguments: dict[str, Any] = {
            "giver": giver,
            "taker": taker,
            "subjects": [trip.uri],
            "place": "GTPBR",
            "at": OCCURRED,
            "nonce": self.author(giver).salts(16),
        }
        return build_terms(**(arguments | changes))

    def hands_over(
        self, terms: Terms, role: Role, trip: Trip, result: Result = Result.ACCEPTED, **changes: Any
    ) -> Registered:
        """Register what one side of a hand-over says."""
        party = terms.giver if role is Role.GIVER else terms.taker
        return self.says(party, HAND_OVER, trip, hand_over_body(terms, role, result), **changes)

    def gives_and_takes(self, giver: str, taker: str, trip: Trip, **changes: Any) -> Terms:
        terms = self.terms(giver, taker, trip, **changes)
        self.hands_over(terms, Role.GIVER, trip)
        self.hands_over(terms, Role.TAKER, trip)
        return terms

    def tells(self) -> Mapping[str, Sequence[Any]]:
        """Return all that the catalogue tells each organisation, in a form that can be compared."""
        told: dict[str, Sequence[Any]] = {}
        for uri in ROLES:
            subjects = self.catalogue.subjects(uri, limit=1000)
            told[uri] = [
                (
                    one,
                    [stored.id for stored in self.catalogue.statements(one.uri, uri, limit=1000)],
                    [self.catalogue.members(stream.tag) for stream in one.streams],
                    self.catalogue.hand_overs(uri, limit=1000),
                )
                for one in subjects
            ]
        return told


@contextmanager
def an_office(folder: Path, *, profile: Profile | None = None, fault: Fault = no_fault) -> Iterator[Office]:
    """Open a log in a folder with its catalogue and registrar, as one process does."""
    clock, participants = Hands(), Participants()
    profile = profile or foundation_profile()
    with a_log(folder, clock=clock) as store, Sequencer(store, linger=0) as sequencer:
        policy = RegistrationPolicy(participants, profile, a_genesis(), clock)
        redaction = Redaction(store.engine, profile, lambda uri: ROLES.get(uri, frozenset()), clock)
        catalogue = Catalogue(store, clock, redaction.view, fault=fault)
        registrar = Registrar(policy, sequencer, store, catalogue, profile, clock)
        yield Office(store, catalogue, redaction, registrar, participants, clock)


def a_thing(kind: str, key: str, *, iss: str = EXPORTER, seed: object = 0) -> Trip:
    """Return a subject of any type, with its custody stream."""
    secret = seeded((kind, key, iss, seed), 16)
    tag = stream_tag(secret)
    return Trip(Subject.create(kind, key, iss, tag), secret, tag, iss)
