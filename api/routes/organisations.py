"""Organisations: who takes part, in which roles, with which keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from api.schemas import OrganisationDetail, OrganisationPage
from ledger.participants import Participants


def router(participants: Participants, signed: Signed, device_or_signed: Signed, paged: Paged) -> APIRouter:
    """Return `/v1/organisations`.

    Args:
        participants: As the registry has them.
        signed: Gives the caller.
        device_or_signed: Gives the caller, who may be a device: it has to check whom it wraps secrets for.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/organisations", tags=["organisations"])

    @routes.get(
        "",
        responses={200: {"model": OrganisationPage}, **documented(400, 401, 422, 503)},
        response_class=Response,
    )
    def organisations(
        request: Request,
        _caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
    ) -> Response:
        """List the organisations of the registry, in the order of their URIs."""
        found = participants.after(page.after, page.look)
        return answer(request, page.of(found, lambda one: one, lambda one: one["uri"]))

    # A URI has slashes, which a server sees decoded.
    @routes.get(
        "/{uri:path}",
        responses={200: {"model": OrganisationDetail}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def organisation(
        request: Request,
        uri: Annotated[str, Path(max_length=200, description="URI of the organisation")],
        _caller: Annotated[Caller, Depends(device_or_signed)],
    ) -> Response:
        """Show an organisation with its keys, ended ones too."""
        return answer(request, participants.organisation(uri))

    return routes
