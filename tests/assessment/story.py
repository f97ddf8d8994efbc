"""A corridor with rules of its own and shipments on it, told statement by statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from ledger.assessment.case import Case, Registered
from ledger.corridors.profile import Profile
from ledger.corridors.shipped import shipped_profile
from ledger.domain.custody import Said
from ledger.domain.statement import Reference
from ledger.domain.subject import Subject
from tests.builders import Salts, Trip, a_trip, an_author, seeded
from tests.domain.custody_story import clock, posix

HOUR = 3600
ROLES: Mapping[str, str] = {
    "https://exporter.example": "exporter",
    "https://packer.example": "packer",
    "https://haulier.example": "haulier",
    "https://port.example": "origin-port",
    "https://aduana.example": "origin-customs",
    "https://carrier.example": "carrier",
    "https://broker.example": "broker",
    "https://terminal.example": "destination-port",
    "https://cbp.example": "destination-customs",
}
EXPORTER, PACKER, HAULIER, PORT, ADUANA, CARRIER, BROKER, TERMINAL, CBP = ROLES


@cache
def us() -> Profile:
    """Return the shipped profile from Guatemala to the United States."""
    return shipped_profile("guatemala-us")


def of_type(kind: str, key: str, iss: str = CARRIER) -> str:
    """Return the URI of a booking, voyage or consignment."""
    return Subject.create(kind, key, iss, seeded((kind, key), 32)).uri


def sailing(milestone: str, classifier: str, hour: float, **more: str) -> dict[str, Any]:
    """Return one entry of a schedule; hours count from midnight of 6 November in Guatemala."""
    return {"milestone": milestone, "classifier": classifier, "at": clock(hour), **more}


@dataclass
class Shipment:
    """What was said of one container, and by when it was registered.

    Args:
        profile: The corridor's.
        trip: The container's trip.
    """

    profile: Profile = field(default_factory=us)
    trip: Trip = field(default_factory=lambda: a_trip(iss=EXPORTER))
    said: list[Said] = field(default_factory=list)
    times: dict[int, float] = field(default_factory=dict)

    def say(
        self,
        iss: str,
        kind: str,
        hour: float,
        body: Mapping[str, Any] | None = None,
        *,
        registered: float | None = None,
        **more: Any,
    ) -> Said:
        """Say something that happened at an hour, signed then and registered then or at another hour."""
        author = an_author(iss)
        author.salts = Salts((iss, len(self.said)))
        index = 10 + len(self.said)
        more.setdefault("iat", int(posix(hour)))
        signed = author.says(kind, self.trip, {"occurred_at": clock(hour)} | dict(body or {}), **more)
        one = Said(index, signed.statement, signed.statement.reveal(signed.disclosures))
        self.said.append(one)
        self.times[index] = posix(hour if registered is None else registered)
        return one

    def expect(self, iss: str, hour: float, *entries: dict[str, Any], **more: Any) -> Said:
        """Say times of milestones in a status message."""
        return self.say(iss, "status", hour, {"schedule": list(entries)}, **more)

    def bring(self, iss: str, paper: str, hour: float, **more: Any) -> Said:
        """Bring a paper."""
        return self.say(iss, "document", hour, {"documents": [paper]}, **more)

    def correct(self, one: Said, hour: float, body: Mapping[str, Any], **more: Any) -> Said:
        """Put something right."""
        return self.say(one.statement.iss, one.statement.kind, hour, body, corrects=one.statement.id, **more)

    def case(
        self,
        *,
        accepted: bool = True,
        roles: Callable[[str], frozenset[str]] | None = lambda iss: frozenset({ROLES[iss]}),
        **more: Any,
    ) -> Case:
        """Return the case, by clocks that are accepted unless said otherwise."""
        registered = Registered(self.times.get, accepted=accepted)
        return Case(
            self.trip.uri, tuple(self.said), self.profile, registered=registered, roles_of=roles, **more
        )


def complete(one: Shipment | None = None) -> Shipment:
    """Return a container's trip to Wilmington with everything that the origin owes, 60 h before arrival.

    Args:
        one: Where to tell it.
    """
    one = one or Shipment()
    one.say(EXPORTER, "subject-opened", 0)
    one.say(PACKER, "stuffing", 13, {"container": "MSKU1234565"})
    one.say(PACKER, "seal-applied", 13.5, {"seals_applied": [{"number": "B1"}]})
    one.bring(EXPORTER, "packing-list", 14)
    one.bring(EXPORTER, "commercial-invoice", 14)
    one.say(HAULIER, "seal-check", 16, {"seals_found": [{"number": "B1"}]})
    one.say(PORT, "gate-passage", 17, {"place": "GTPBR"})
    scan = one.say(PORT, "scan", 17.1, {"place": "GTPBR"})
    one.say(PORT, "radiation", 17.2, {"place": "GTPBR"})
    of = [Reference("of", scan.statement.id)]
    one.say(ADUANA, "analysis", 18, {"conclusion": "clear", "concluded_by": "person"}, references=of)
    one.expect(
        CARRIER,
        18,
        sailing("lading", "EST", 60, place="GTPBR"),
        sailing("departure", "EST", 66, place="GTPBR"),
        sailing("arrival-us", "EST", 190, place="USILG"),
        sailing("arrival", "EST", 190, place="USILG", terminal="Gateway"),
    )
    for paper in ("export-declaration", "export-licence", "phytosanitary-certificate"):
        one.bring(EXPORTER, paper, 20)
    one.bring(EXPORTER, "verified-gross-mass", 20)
    one.bring(EXPORTER, "certification-of-origin", 21)
    one.say(CARRIER, "manifest", 22, {"documents": ["advance-manifest"], "hts": "0804.30.40"})
    one.bring(BROKER, "importer-security-filing", 23)
    one.say(CARRIER, "loading", 61, {"place": "GTPBR"})
    one.say(CARRIER, "departure", 67, {"place": "GTPBR"})
    one.bring(CARRIER, "stow-plan", 90)
    one.bring(CARRIER, "bill-of-lading", 130)
    return one


def with_rules(profile: Profile, **changes: Any) -> Profile:
    """Return a profile with other rules."""
    assert profile.rules is not None
    return replace(profile, rules=replace(profile.rules, **changes))
