"""The HTTP service of one log: statements in, log and health out."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from fastapi import Depends, FastAPI

from api import errors, openapi
from api.concise import ConciseProblems
from api.deps import Session, known_query, pages
from api.limits import Limits
from api.observability.metrics import Metrics
from api.observability.requests import Requests
from api.rates import Addresses, Allowance
from api.routes import (
    access_requests,
    arrivals,
    assessments,
    decisions,
    dossiers,
    encryption_keys,
    enrolments,
    events,
    evidence,
    fingerprints,
    grants,
    handovers,
    health,
    keeping,
    memberships,
    organisations,
    readings,
    rules,
    scrapi,
    secrets,
    sessions,
    statement_reads,
    statements,
    subjects,
    subscriptions,
    todo,
    uploads,
)
from api.streaming import Streams
from ledger.access import Access, Caller
from ledger.catalogue.registrar import Registrar
from ledger.config import Settings
from ledger.enrolment import Enrolments
from ledger.evidence.room import EvidenceRoom
from ledger.health import Trouble
from ledger.log.intake import Intake
from ledger.log.store import LogStore
from ledger.log.tiles import tile_router
from ledger.notices.notices import Notices
from ledger.prearrival.arrivals import Arrivals
from ledger.reading import Reading
from ledger.receipts import ReceiptIssuer
from ledger.sharing.dossier_evidence import DossierEvidence
from ledger.sharing.encryption_keys import EncryptionKeys
from ledger.sharing.fingerprints import Fingerprints
from ledger.sharing.grants import Grants
from ledger.sharing.operator_readings import OperatorReadings
from ledger.sharing.requests import AccessRequests
from ledger.sharing.retention import Retention
from ledger.sharing.secrets import Secrets
from ledger.telemetry import Gauge


class Service(Protocol):
    """What the routes need; `ledger.wiring` makes one."""

    @property
    def settings(self) -> Settings:
        """Whatever may differ between two of them."""

    @property
    def store(self) -> LogStore:
        """The log."""

    @property
    def registrar(self) -> Registrar:
        """The way by which statements come into the log."""

    @property
    def intake(self) -> Intake:
        """Threads that check them."""

    @property
    def reading(self) -> Reading:
        """What participants read."""

    @property
    def notices(self) -> Notices:
        """Tells people what happens to it."""

    @property
    def arrivals(self) -> Arrivals:
        """What is on its way."""

    @property
    def access(self) -> Access:
        """Who asks."""

    @property
    def enrolments(self) -> Enrolments:
        """Who asks to take part."""

    @property
    def receipts(self) -> ReceiptIssuer:
        """COSE Receipts."""

    @property
    def room(self) -> EvidenceRoom:
        """Evidence."""

    @property
    def secrets(self) -> Secrets:
        """Secrets of evidence, wrapped for their readers."""

    @property
    def grants(self) -> Grants:
        """Who was given what."""

    @property
    def access_requests(self) -> AccessRequests:
        """Who asked for what."""

    @property
    def dossier_evidence(self) -> DossierEvidence:
        """What dossiers hold of evidence."""

    @property
    def encryption_keys(self) -> EncryptionKeys:
        """For which keys they are wrapped."""

    @property
    def retention(self) -> Retention:
        """What is kept too long, and what was erased."""

    @property
    def fingerprints(self) -> Fingerprints:
        """Of contents that may be offered twice."""

    @property
    def operator_readings(self) -> OperatorReadings:
        """Looks into items that are opened to the operator."""

    @property
    def gauges(self) -> Mapping[str, Gauge]:
        """Numbers for monitoring."""

    @property
    def operator_token(self) -> str:
        """Opens them."""

    def may_fetch(self, cid: str, caller: Caller) -> bool:
        """Return whether somebody may fetch sealed evidence."""

    def is_at_hand(self) -> bool:
        """Return whether a short read waits for nobody now."""

    def problems(self) -> list[Trouble]:
        """Return what keeps the service from doing its work."""


def create_app(service: Service) -> FastAPI:
    """Return the application.

    Its server tells `app.state.refused` by which code it refused a request's head, and sets
    `app.state.stopping` when it begins to stop: then streams of events end.

    Args:
        service: The running ledger.
    """
    app = FastAPI(
        title="Corridor Ledger",
        version="1",
        summary="A provable chain of custody for container shipments.",
        # Their pages load programs from elsewhere.
        docs_url=None,
        redoc_url=None,
        # A redirection would be to whatever host the request named.
        redirect_slashes=False,
    )
    metrics = Metrics(service.gauges)
    app.state.refused = metrics.refused
    app.state.stopping = service.notices.hub.stopping
    # The last one added is the outermost.
    settings, addresses = service.settings, Addresses(service.settings.trusted_proxies)
    strangers = Allowance("address", settings.stranger_requests_per_minute)
    app.add_middleware(Limits, allowance=strangers, addresses=addresses)
    app.add_middleware(Requests, metrics=metrics, addresses=addresses)
    app.add_middleware(ConciseProblems, prefixes=(scrapi.ENTRIES, scrapi.KEYS))
    errors.install(app)
    app.include_router(tile_router(service.store))
    access, reading = service.access, service.reading
    allowance = Allowance("organisation", settings.organisation_requests_per_minute)
    asking = partial(Session, access.sessions, allowance, service.is_at_hand)
    signed, device_or_signed = asking(), asking(devices=True)
    paged, streams = pages(signed, access.cursors), Streams()
    for routes in (
        statements.router(service.registrar, service.intake, access.requests),
        sessions.router(access, device_or_signed, asking(devices=True, officers=True)),
        statement_reads.router(service.store, reading, device_or_signed),
        memberships.router(reading.catalogue, access.requests, signed),
        subjects.router(reading, signed, paged),
        decisions.router(reading, signed),
        assessments.router(service.arrivals, signed),
        arrivals.router(service.arrivals, signed, access.cursors, service.is_at_hand),
        todo.router(service.arrivals, signed, paged),
        subscriptions.router(service.notices, access.requests, signed, paged),
        events.router(service.notices, signed),
        dossiers.router(reading, service.dossier_evidence, service.may_fetch, signed),
        handovers.router(reading.catalogue, signed, paged),
        grants.router(service.grants, signed, paged),
        access_requests.router(service.access_requests, signed, paged),
        encryption_keys.router(service.encryption_keys, reading, device_or_signed),
        keeping.router(service.retention, signed, paged),
        fingerprints.router(service.fingerprints, signed, device_or_signed, paged),
        secrets.router(service.secrets, signed, device_or_signed, paged),
        organisations.router(reading.participants, signed, device_or_signed, paged),
        rules.router(service.store, signed),
        enrolments.router(service.enrolments, signed, paged),
        evidence.router(
            service.room.store, service.room.intake, service.may_fetch, device_or_signed, streams
        ),
        readings.router(
            service.operator_readings, service.store.statement, reading.may_see, service.may_fetch, signed
        ),
        uploads.router(service.room.uploads, device_or_signed, streams),
        scrapi.router(
            lambda raw, lenient: service.registrar.register(raw, lenient=lenient).id,
            service.receipts,
            device_or_signed,
            reading.may_see,
        ),
    ):
        app.include_router(routes, dependencies=[Depends(known_query)])
    app.include_router(health.router(service.problems, metrics, service.operator_token))
    openapi.describe(app)
    return app
