"""A quay: an office of a corridor with rules, and its arrivals."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from ledger.catalogue.decided import Decided
from ledger.corridors.profile import Profile, foundation_profile
from ledger.corridors.rules import CorridorRules, Due, Milestone, Need, Place, Term
from ledger.domain.words import Words
from ledger.prearrival.arrivals import Arrivals
from ledger.prearrival.asking import Filter
from ledger.storage.engine import read_transaction
from ledger.storage.faults import Fault, no_fault
from ledger.storage.prearrival_tables import arrival_events
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip
from tests.catalogue.office import CARRIER, ROLES, Office, a_thing, an_office

HOUR = 3600
HERE = ROLES | {CUSTOMS: frozenset({"destination-customs"})}
RULES = CorridorRules(
    origins=frozenset({"GTPBR"}),
    destinations=frozenset({"USILG", "USPEF"}),
    places={"USILG": Place("Wilmington", "US"), "GTPBR": Place("Puerto Barrios", "GT")},
    milestones={
        "lading": Milestone(Words("lading", "carga", "chargement"), frozenset({"loading"})),
        "arrival": Milestone(Words("arrival", "llegada", "arrivée"), frozenset({"arrival"})),
    },
    required={
        "invoice": Need(
            Words("commercial invoice", "factura comercial", "facture commerciale"),
            "document",
            frozenset({"commercial-invoice"}),
            ("exporter",),
            due=Due((Term("arrival", -48),)),
        ),
        "scan": Need(
            Words("scan", "escaneo", "scan"),
            "scan",
            frozenset(),
            ("origin-port",),
            per="trip",
            due=Due((Term("arrival", -48),)),
        ),
    },
    promise_hours=48,
    promise=Due((Term("arrival", -48),)),
)


def a_profile(rules: CorridorRules | None = RULES) -> Profile:
    """Return the foundation's profile with rules."""
    return replace(foundation_profile(), rules=rules)


@dataclass
class Quay:
    """An office and its arrivals."""

    office: Office
    arrivals: Arrivals

    def goods(
        self, bill: str = "MAEU.BL1", box: str = "MSKU1234565", seed: object = 0, **stuffing: Any
    ) -> tuple[Trip, Trip]:
        """Open a consignment and a trip, stuff the one into the other, and let customs into both."""
        goods = self.office.opens(a_thing("consignment", bill, seed=seed))
        trip = self.office.opens(a_trip(box, seed=seed))
        self.both("stuffing", goods, trip, stuffing)
        for each in (goods, trip):
            self.office.grants(EXPORTER, each, CUSTOMS)
        return goods, trip

    def both(self, kind: str, goods: Trip, trip: Trip, body: dict[str, Any], iss: str = EXPORTER) -> int:
        """Say something of a consignment and a trip in the streams of both; return its log index."""
        streams = sorted((goods.custody_tag, trip.custody_tag))
        said = self.office.says(iss, kind, trip, body, subjects=(goods.uri, trip.uri), streams=streams)
        return said.index

    def carried(self, goods: Trip, trip: Trip, eta: int, place: str = "USILG", **body: Any) -> int:
        """Let the carrier say when the ship arrives."""
        self.office.catalogue.join(goods.custody_secret, CARRIER)
        self.office.catalogue.join(trip.custody_secret, CARRIER)
        return self.both("status", goods, trip, {"schedule": [estimate(eta, place)]} | body, CARRIER)

    def complete(self, goods: Trip, trip: Trip) -> int:
        """Bring all that is required; return the log index of what came last."""
        self.both("document", goods, trip, {"documents": ["commercial-invoice"]})
        self.office.grants(EXPORTER, trip, ORIGIN_PORT)
        return self.office.says(ORIGIN_PORT, "scan", trip).index

    def items(self, organisation: str, **wanted: Any) -> list[dict[str, Any]]:
        """Return all arrivals that an organisation finds, as JSON."""
        found: list[dict[str, Any]] = []
        after = None
        while True:
            page = self.arrivals.query(organisation, Filter(**wanted), after=after, limit=2)
            found += [json.loads(one) for one in page.items]
            after = page.after
            if after is None:
                return found

    def uris(self, organisation: str, **wanted: Any) -> list[str]:
        """Return the URIs of what an organisation finds."""
        return [one["shipment"] for one in self.items(organisation, **wanted)]

    def events(self) -> Sequence[tuple[str, str]]:
        """Return the kinds of all events with their shipments, in order."""
        self.arrivals.tick()
        events = arrival_events.c
        with read_transaction(self.office.store.engine) as connection:
            rows = connection.execute(select(events.kind, events.shipment).order_by(events.seq)).all()
        return [(row.kind, row.shipment) for row in rows]


def estimate(at: int, place: str = "USILG", **more: Any) -> dict[str, Any]:
    """Return an estimate of arrival as statements say it."""
    written = datetime.fromtimestamp(at, UTC).isoformat()
    return {"milestone": "arrival", "classifier": "EST", "at": written, "place": place} | more


@contextmanager
def a_quay(folder: Path, *, rules: CorridorRules | None = RULES, fault: Fault = no_fault) -> Iterator[Quay]:
    """Open an office in a folder, with its arrivals."""
    profile = a_profile(rules)
    with an_office(folder, profile=profile) as office:
        yield Quay(office, arrivals_of(office, profile, fault=fault))


def arrivals_of(
    office: Office, profile: Profile, *, roles: Mapping[str, frozenset[str]] = HERE, fault: Fault = no_fault
) -> Arrivals:
    """Return the arrivals of an office, as one process does them."""

    def roles_of(uri: str) -> frozenset[str]:
        return roles.get(uri, frozenset())

    return Arrivals(
        office.store,
        office.catalogue,
        views=office.redaction.view,
        profile=profile,
        roles_of=roles_of,
        roles_ever=roles_of,
        decided=Decided(office.catalogue, roles_of),
        clock=office.clock,
        fault=fault,
        # However slow the machine is, a question waits for all that is due.
        monotonic=lambda: 0.0,
    )
