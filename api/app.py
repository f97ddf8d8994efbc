"""The HTTP service of one log: statements in, log and health out."""

from collections.abc import Mapping
from typing import Protocol

from fastapi import Depends, FastAPI

from api import errors
from api.concise import ConciseProblems
from api.deps import known_query, session
from api.observability.metrics import Metrics
from api.observability.requests import Requests
from api.routes import health, scrapi, sessions, statements
from ledger.access import Access
from ledger.health import Trouble
from ledger.log.policy import RegistrationPolicy
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore
from ledger.log.tiles import tile_router
from ledger.receipts import ReceiptIssuer
from ledger.telemetry import Gauge


class Service(Protocol):
    """What the routes need; `ledger.wiring` makes one."""

    @property
    def store(self) -> LogStore:
        """The log."""

    @property
    def policy(self) -> RegistrationPolicy:
        """Who may register what."""

    @property
    def sequencer(self) -> Sequencer:
        """Appends to the log."""

    @property
    def access(self) -> Access:
        """Who asks."""

    @property
    def receipts(self) -> ReceiptIssuer:
        """COSE Receipts."""

    @property
    def gauges(self) -> Mapping[str, Gauge]:
        """Numbers for monitoring."""

    @property
    def operator_token(self) -> str:
        """Opens them."""

    def problems(self) -> list[Trouble]:
        """Return what keeps the service from doing its work."""


def create_app(service: Service) -> FastAPI:
    """Return the application.

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
    app.add_middleware(Requests, metrics=metrics)
    app.add_middleware(ConciseProblems, prefixes=(scrapi.ENTRIES, scrapi.KEYS))
    errors.install(app)
    app.include_router(tile_router(service.store))
    signed = session(service.access.sessions)
    for routes in (
        statements.router(service.policy, service.sequencer, service.store),
        sessions.router(service.access, signed),
    ):
        app.include_router(routes, dependencies=[Depends(known_query)])
    app.include_router(health.router(service.problems, metrics, service.operator_token))
    return app
