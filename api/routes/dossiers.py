"""Dossiers, streamed as they are on disk, and the operator's own verdict of them."""

import json
from collections.abc import Callable
from io import BytesIO
from threading import BoundedSemaphore
from typing import Annotated, TypeVar
from weakref import finalize

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from api.deps import Caller, Signed
from api.errors import documented
from api.etags import answer, entity_tag, is_known
from api.routes.subjects import SubjectUri
from api.schemas import VerdictShape
from ledger.domain.errors import UnavailableError, VerificationError
from ledger.dossiers import Request as DossierRequest
from ledger.reading import Reading
from ledger.sharing.dossier_evidence import Choice, DossierEvidence
from ledger.verification.container import Packed
from ledger.verification.dossier import build_container, pack_dossier

ZIP = "application/zip"
AT_A_TIME = 2
MOST_WAITING = 16
DOWNLOADS = 32
"""Dossiers that are fetched at the same time."""
T = TypeVar("T")


class Workshop:
    """Lets few dossiers be made at a time, and not many wait: each one reads much."""

    def __init__(self, at_a_time: int = AT_A_TIME, most_waiting: int = MOST_WAITING) -> None:
        self._places = CapacityLimiter(at_a_time)
        self._most_waiting = most_waiting

    async def make(self, work: Callable[[], T]) -> T:
        """Return what a piece of work makes, in a thread.

        Raises:
            UnavailableError: Too many wait already.
        """
        if self._places.statistics().tasks_waiting >= self._most_waiting:
            raise UnavailableError("busy", "too many dossiers are being made just now; try again")
        return await to_thread.run_sync(work, limiter=self._places)


def router(
    reading: Reading,
    evidence: DossierEvidence,
    may_fetch: Callable[[str, Caller], bool],
    signed: Signed,
    *,
    at_a_time: int = AT_A_TIME,
    most_waiting: int = MOST_WAITING,
) -> APIRouter:
    """Return `/v1/subjects/{uri}/dossier` and `/v1/subjects/{uri}/verdict`.

    Args:
        reading: Says what a dossier covers, makes it, and judges it.
        evidence: Puts evidence into it.
        may_fetch: Tells who may fetch which sealed bytes.
        signed: Gives the caller.
        at_a_time: How many dossiers are made at a time.
        most_waiting: How many more may wait.
    """
    routes = APIRouter(prefix="/v1/subjects", tags=["dossiers"])
    workshop = Workshop(at_a_time, most_waiting)
    downloads = BoundedSemaphore(DOWNLOADS)

    def wanted(uri: str, caller: Caller, choice: Choice) -> tuple[DossierRequest, int, str]:
        target = reading.newest_final()
        request = reading.shipments.request(uri, caller.organisation, target)
        covered = [(subject, name, tag.hex()) for subject, name, tag in request.streams]
        given = evidence.version(caller.organisation, choice)
        # State proofs are of the block of the day: two dossiers of one target need not have the same bytes.
        said = json.dumps([target, request.audience, covered, request.shown, given])
        return request, target, entity_tag(said.encode(), weak=True)

    def packed(request: DossierRequest, choice: Choice, caller: Caller) -> Packed:
        """Return a dossier, gone through once: what is wrong with it can still be answered."""
        made = reading.shipments.dossier(request)
        try:
            return pack_dossier(*evidence.put_in(made, choice, lambda cid: may_fetch(cid, caller)))
        except VerificationError as error:
            # What rotted in the store is not the request's fault.
            raise UnavailableError(error.code, error.message) from None

    @routes.get(
        "/{uri}/dossier",
        responses={200: {"content": {ZIP: {}}}, **documented(401, 404, 409, 413, 422, 503)},
        response_class=Response,
    )
    async def dossier(
        request: Request,
        uri: SubjectUri,
        caller: Annotated[Caller, Depends(signed)],
        choice: Annotated[
            Choice,
            Query(
                alias="evidence",
                description="`secrets` wrapped for you, `all`: the sealed bytes as well, or `none`",
            ),
        ] = Choice.SECRETS,
    ) -> Response:
        """Hand out the dossier of a subject for your organisation, at the newest final anchor.

        It holds the secrets of evidence that are wrapped for you. What is withheld from you or erased leaves
        a hole, which the verdict names.
        """
        asked, target, tag = await workshop.make(lambda: wanted(uri, caller, choice))
        headers = {
            "ETag": tag,
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization",
            "Corridor-Checkpoint-Size": str(target),
        }
        if is_known(request, tag):
            return Response(status_code=304, headers=headers)
        # Who fetches slowly holds what it gets; a slot is free again when nobody iterates any more.
        if not downloads.acquire(blocking=False):
            raise UnavailableError("busy", "too many dossiers are being fetched just now; try again")
        try:
            made = await workshop.make(lambda: packed(asked, choice, caller))
        except BaseException:
            downloads.release()
            raise
        pieces = made.pieces()
        finalize(pieces, downloads.release)
        headers["Content-Disposition"] = 'attachment; filename="dossier.zip"'
        headers["Content-Length"] = str(made.size)
        return StreamingResponse(pieces, media_type=ZIP, headers=headers)

    @routes.get(
        "/{uri}/verdict",
        responses={200: {"model": VerdictShape}, **documented(401, 404, 409, 503)},
        response_class=Response,
    )
    async def verdict(
        request: Request, uri: SubjectUri, caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Say what the operator's own verification of that dossier gives; no substitute for your own."""

        def work() -> dict[str, object]:
            asked, target, _ = wanted(uri, caller, Choice.NONE)
            made, file = reading.shipments.dossier(asked), BytesIO()
            build_container(made, file)
            return reading.own_verdict.of(file.getvalue(), uri, target)

        return answer(request, await workshop.make(work))

    return routes
