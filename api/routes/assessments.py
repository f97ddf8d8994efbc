"""Assessments: what the corridor's rules find in one shipment."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from api.arrival_schemas import AssessmentShape
from api.deps import Caller, Signed
from api.errors import documented
from api.etags import answer
from api.routes.subjects import SubjectUri
from ledger.prearrival.arrivals import Arrivals

Language = Annotated[Literal["en", "es", "fr"], Query(description="of titles and sentences")]


def router(arrivals: Arrivals, signed: Signed) -> APIRouter:
    """Return `/v1/subjects/{uri}/assessment`.

    Args:
        arrivals: Assesses shipments.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1/subjects", tags=["arrivals"])

    @routes.get(
        "/{uri}/assessment",
        responses={200: {"model": AssessmentShape}, **documented(400, 401, 404, 422, 503)},
        response_class=Response,
    )
    def assessment_of(
        request: Request,
        uri: SubjectUri,
        caller: Annotated[Caller, Depends(signed)],
        lang: Language = "en",
    ) -> Response:
        """Show what the rules find in what you may see of a shipment: the operator's word, not a proof."""
        return answer(request, arrivals.assessment(uri, caller.organisation, lang))

    return routes
