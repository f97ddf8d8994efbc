"""Decisions of authorities on a shipment: all are told whether to deliver, few are told why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.decision_schemas import DecisionsShape
from api.deps import Caller, Signed
from api.errors import documented
from api.etags import answer
from api.routes.subjects import SubjectUri
from ledger.reading import Reading


def router(reading: Reading, signed: Signed) -> APIRouter:
    """Return `/v1/subjects/{uri}/decisions`.

    Args:
        reading: Knows what was decided, and who may see what of it.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1/subjects", tags=["subjects"])

    @routes.get(
        "/{uri}/decisions",
        responses={200: {"model": DecisionsShape}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def decisions_of(
        request: Request, uri: SubjectUri, caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Show whether a shipment may be delivered, which decision makes it so, and all that came before."""
        return answer(request, reading.decided.of(uri, caller.organisation).to_json())

    return routes
