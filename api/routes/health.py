"""Whether the service lives, whether it can do its work, and how much of it it does."""

import hmac
from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import documented, problem
from api.observability.metrics import MEDIA_TYPE, Metrics
from ledger.domain.errors import AccessError
from ledger.health import Trouble

_OPERATOR = HTTPBearer(
    scheme_name="operator",
    description="The token in `metrics.token` in the data folder",
    auto_error=False,
)
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_OPERATOR)]


def router(problems: Callable[[], Sequence[Trouble]], metrics: Metrics, token: str) -> APIRouter:
    """Return `/healthz`, `/readyz` and `/metrics`.

    Args:
        problems: Tells what keeps the service from doing its work.
        metrics: What is shown to the operator's monitoring.
        token: What the operator shows to see metrics, and the reasons of what is wrong.
    """
    routes = APIRouter(tags=["health"])

    def is_operator(bearer: HTTPAuthorizationCredentials | None) -> bool:
        return bearer is not None and hmac.compare_digest(bearer.credentials.encode(), token.encode())

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Answer as long as the process does."""
        # Without a thread: those may all be waiting for a database.
        return "ok\n"

    @routes.get("/readyz", responses=documented(503))
    def readyz(bearer: _Bearer) -> JSONResponse:
        """Answer 200 when statements can be registered, published and anchored, else 503 with what is wrong.

        Everybody is told which work stands still; the operator, with the token, also why.
        """
        found = problems()
        if not found:
            return JSONResponse({"status": "ready"})
        told = [one.detail if is_operator(bearer) else one.said for one in found]
        return problem(503, "Not ready", "not-ready", "; ".join(dict.fromkeys(told)), retry=True)

    @routes.get(
        "/metrics",
        response_class=PlainTextResponse,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(401)},
    )
    def show_metrics(bearer: _Bearer) -> PlainTextResponse:
        """Return the metrics in Prometheus's text format, to the operator only."""
        if not is_operator(bearer):
            raise AccessError(
                "operator-only",
                "metrics are for the operator: send `Authorization: Bearer` with the token in metrics.token",
                field="Authorization",
            )
        return PlainTextResponse(metrics.page(), media_type=MEDIA_TYPE)

    return routes
