"""Dossiers, streamed as they are on disk, and the operator's own verdict of them."""

import json
import tempfile
from collections.abc import Callable, Iterator
from typing import Annotated, BinaryIO, TypeVar, cast

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import StreamingResponse

from api.deps import Caller, Signed
from api.errors import documented
from api.etags import answer, entity_tag, is_known
from api.routes.subjects import SubjectUri
from api.schemas import VerdictShape
from ledger.domain.errors import UnavailableError
from ledger.dossiers import Request as DossierRequest
from ledger.reading import Reading
from ledger.verification.dossier import build_container

ZIP = "application/zip"
AT_A_TIME = 2
MOST_WAITING = 16
_CHUNK = 262_144
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
    signed: Signed,
    *,
    at_a_time: int = AT_A_TIME,
    most_waiting: int = MOST_WAITING,
) -> APIRouter:
    """Return `/v1/subjects/{uri}/dossier` and `/v1/subjects/{uri}/verdict`.

    Args:
        reading: Says what a dossier covers, makes it, and judges it.
        signed: Gives the caller.
        at_a_time: How many dossiers are made at a time.
        most_waiting: How many more may wait.
    """
    routes = APIRouter(prefix="/v1/subjects", tags=["dossiers"])
    workshop = Workshop(at_a_time, most_waiting)

    def wanted(uri: str, caller: Caller) -> tuple[DossierRequest, int, str]:
        target = reading.newest_final()
        request = reading.shipments.request(uri, caller.organisation, target)
        covered = [(subject, name, tag.hex()) for subject, name, tag in request.streams]
        # State proofs are of the block of the day: two dossiers of one target need not have the same bytes.
        tag = entity_tag(json.dumps([target, request.audience, covered, request.shown]).encode(), weak=True)
        return request, target, tag

    def written(request: DossierRequest) -> BinaryIO:
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - whoever sends it closes it
        build_container(reading.shipments.dossier(request), file)
        file.seek(0)
        return file

    @routes.get(
        "/{uri}/dossier",
        responses={200: {"content": {ZIP: {}}}, **documented(401, 404, 409, 503)},
        response_class=Response,
    )
    async def dossier(
        request: Request, uri: SubjectUri, caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Hand out the dossier of a subject for your organisation, at the newest final anchor."""
        asked, target, tag = await workshop.make(lambda: wanted(uri, caller))
        headers = {
            "ETag": tag,
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization",
            "Corridor-Checkpoint-Size": str(target),
        }
        if is_known(request, tag):
            return Response(status_code=304, headers=headers)
        file = await workshop.make(lambda: written(asked))
        headers["Content-Disposition"] = 'attachment; filename="dossier.zip"'
        return StreamingResponse(_pieces(file), media_type=ZIP, headers=headers)

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
            asked, target, _ = wanted(uri, caller)
            with written(asked) as file:
                return reading.own_verdict.of(file.read(), uri, target)

        return answer(request, await workshop.make(work))

    return routes


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_CHUNK):
            yield piece
