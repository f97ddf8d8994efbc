"""Whether the service lives, and whether it can do its work."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from api.errors import documented, problem


def router(problems: Callable[[], list[str]]) -> APIRouter:
    """Return `/healthz` and `/readyz`.

    Args:
        problems: Tells what keeps the service from doing its work, a sentence each.
    """
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """Answer as long as the process does."""
        # Without a thread: those may all be waiting for a database.
        return "ok\n"

    @routes.get("/readyz", responses=documented(503))
    def readyz() -> JSONResponse:
        """Answer 200 when statements can be registered, published and anchored, else 503 with the reasons."""
        found = problems()
        if found:
            return problem(503, "Not ready", "not-ready", "; ".join(found), retry=True)
        return JSONResponse({"status": "ready"})

    return routes
