"""Subjects: which there are, what was said of them, who holds them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api import shapes
from api.custody_schemas import CustodyShape, LinksShape, PassagesShape
from api.deps import Caller, Page, Paged, Signed
from api.errors import documented
from api.etags import answer
from api.schemas import StatementPage, SubjectPage, SubjectShape
from ledger.domain.fields import from_hex, timestamp
from ledger.reading import Reading

SubjectUri = Annotated[str, Path(max_length=400, description="URI of the subject")]
SubjectType = Literal["trip", "consignment", "booking", "voyage", "organisation"]


def router(
    reading: Reading,
    signed: Signed,
    paged: Paged,
) -> APIRouter:
    """Return `/v1/subjects`.

    Args:
        reading: Answers what is asked of subjects.
        signed: Gives the caller.
        paged: Gives the page that is wanted.
    """
    routes = APIRouter(prefix="/v1/subjects", tags=["subjects"])
    catalogue, progress, shipments = reading.catalogue, reading.progress, reading.shipments

    @routes.get(
        "", responses={200: {"model": SubjectPage}, **documented(400, 401, 422, 503)}, response_class=Response
    )
    def subjects(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        type: Annotated[SubjectType | None, Query(description="only this type")] = None,  # noqa: A002 - the name that it has in the interface
        key: Annotated[str | None, Query(max_length=64, description="only this number")] = None,
    ) -> Response:
        """List the subjects that you may read a stream of, in the order of their openings."""
        found = catalogue.subjects(caller.organisation, type=type, key=key, after=page.after, limit=page.look)
        return answer(request, page.of(found, shapes.subject, lambda one: one.index))

    @routes.get(
        "/{uri}",
        responses={200: {"model": SubjectShape}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def subject(request: Request, uri: SubjectUri, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Show a subject, with its streams that you are a member of."""
        return answer(request, shapes.subject(catalogue.subject(uri, caller.organisation)))

    @routes.get(
        "/{uri}/statements",
        responses={200: {"model": StatementPage}, **documented(400, 401, 404, 422, 503)},
        response_class=Response,
    )
    def statements(
        request: Request,
        uri: SubjectUri,
        caller: Annotated[Caller, Depends(signed)],
        page: Annotated[Page, Depends(paged)],
        *,
        kind: Annotated[str | None, Query(max_length=64, description="only this kind")] = None,
        stream: Annotated[str | None, Query(description="only this stream, tag in hex")] = None,
    ) -> Response:
        """List what was said of a subject, in the order of the log."""
        tag = None if stream is None else from_hex(stream, 32, "stream")
        found = catalogue.statements(
            uri, caller.organisation, after=page.after, limit=page.look, kind=kind, stream=tag
        )
        shown = zip(found, progress.of_all([one.index for one in found]), strict=True)
        return answer(
            request, page.of(list(shown), lambda one: shapes.statement(*one), lambda one: one[0].index)
        )

    @routes.get(
        "/{uri}/custody",
        responses={200: {"model": CustodyShape}, **documented(400, 401, 404, 503)},
        response_class=Response,
    )
    def custody_of(
        request: Request,
        uri: SubjectUri,
        caller: Annotated[Caller, Depends(signed)],
        at: Annotated[str | None, Query(max_length=64, description="RFC 3339: who held it then")] = None,
    ) -> Response:
        """Show who held a subject when, its seals, and what breaks the line: a reading, not a proof."""
        when = None if at is None else timestamp(at, "at").timestamp()
        return answer(request, shipments.custody(uri, caller.organisation, when))

    @routes.get(
        "/{uri}/passages",
        responses={200: {"model": PassagesShape}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def passages_of(
        request: Request, uri: SubjectUri, caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Show which records each gate passage binds, what cameras filmed, and what does not fit together."""
        return answer(request, shipments.passages(uri, caller.organisation))

    @routes.get(
        "/{uri}/links",
        responses={200: {"model": LinksShape}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def links_of(request: Request, uri: SubjectUri, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Show what a subject is linked to, by what was said of it."""
        return answer(request, shipments.links(uri, caller.organisation))

    return routes
