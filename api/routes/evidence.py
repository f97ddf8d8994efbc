"""Evidence: bytes in, sealed on their way; sealed bytes out, to those whom a statement gives them."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field

from api.bodies import media_type_of
from api.deps import Caller, Signed
from api.errors import documented, problem
from api.etags import is_known
from api.ranges import range_of
from api.streaming import Streams, read_when_refused
from ledger.domain.errors import MalformedError, UnavailableError, VerificationError
from ledger.domain.evidence import Label
from ledger.evidence.disk import no_evidence
from ledger.evidence.intake import EvidenceIntake, Received
from ledger.evidence.sealing import recipients_of
from ledger.evidence.store import EvidenceStore

MayRead = Callable[[str, Caller], bool]
"""Tells whether somebody may fetch the item of a CID."""
SEALED = "application/octet-stream"
Cid = Annotated[str, Path(max_length=100, description="CID of the sealed bytes")]


class ItemModel(BaseModel):
    """An evidence item, as it stands in the body of a statement."""

    commitment: Annotated[str, Field(description="SHA-256 over the item's salt and its bytes, hex")]
    cid: Annotated[str, Field(description="CID of the sealed bytes")]
    size: Annotated[int, Field(description="bytes of plaintext")]
    media_type: str
    category: str
    name: str | None = None


class ReceivedModel(BaseModel):
    """What came of sealing an item. The ledger keeps no copy of its secret."""

    item: ItemModel
    secrets: Annotated[str, Field(description="age file with the item's secret, base64")]


def router(
    store: EvidenceStore, intake: EvidenceIntake, may_read: MayRead, signed: Signed, streams: Streams
) -> APIRouter:
    """Return `/v1/evidence`.

    Args:
        store: The sealed bytes.
        intake: Seals what comes in.
        may_read: Tells who may fetch what.
        signed: Gives the caller.
        streams: Works on bodies of any size.
    """
    routes = APIRouter(prefix="/v1/evidence", tags=["evidence"])

    @routes.post(
        "",
        status_code=201,
        responses={201: {"model": ReceivedModel}, **documented(400, 401, 408, 413, 415, 422, 503)},
        response_class=JSONResponse,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {SEALED: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def receive(
        request: Request,
        caller: Annotated[Caller, Depends(signed)],
        *,
        media_type: Annotated[str, Query(max_length=255, description="media type, without parameters")],
        category: Annotated[str, Query(max_length=64, description="what it is, such as `scan`")],
        name: Annotated[str | None, Query(max_length=200, description="what to call it")] = None,
        corridor_recipients: Annotated[
            str, Header(description="age recipients of the item's secret, separated by commas")
        ] = "",
        corridor_stores: Annotated[
            str | None,
            Header(max_length=64, description="stores that it goes to, such as `local,ipfs`; all if absent"),
        ] = None,
    ) -> JSONResponse:
        """Seal bytes on their way into the store. Who would not show them to the operator seals them first.

        Nothing of them is kept in the clear, and no copy of the item's secret: it is returned, wrapped for
        the recipients. The same bytes sent again become another item.
        """
        async with read_when_refused(request):
            if media_type_of(request) not in (SEALED, media_type):
                message = f"send the bytes themselves, as {SEALED} or as the media type that you named"
                raise MalformedError("media-type", message, field="Content-Type")
            label = Label.parse(media_type, category, name)
            recipients = [text for text in corridor_recipients.split(",") if text.strip()]
            recipients_of(recipients)
        length = request.headers.get("content-length", "")
        size = int(length) if length.isdecimal() else None

        def work(pieces: Iterable[bytes]) -> Received:
            return intake.receive(
                caller.organisation, pieces, label, recipients, size=size, stores=corridor_stores
            )

        received = await streams.work(request, work)
        content = {
            "item": received.item.to_json(),
            "secrets": b64encode(received.wrapped).decode("ascii"),
        }
        return JSONResponse(content, 201, headers={"Location": f"/v1/evidence/{received.item.cid}"})

    def sealed(request: Request, cid: str, caller: Caller) -> Response:
        if not may_read(cid, caller):
            raise no_evidence(cid)
        size = store.size(cid)
        headers = {
            "ETag": f'"{cid}"',
            "Accept-Ranges": "bytes",
            # The bytes of a CID never change; who may fetch them may.
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization",
        }
        if is_known(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        condition = request.headers.get("if-range")
        asked = request.method == "GET" and condition in (None, headers["ETag"])
        wanted = request.headers.get("range") if asked else None
        part = range_of(wanted, size)
        if part is None:
            return problem(
                416,
                "No such part",
                "range",
                f"there are {size} bytes; ask for a range within them",
                field="Range",
                headers=headers | {"Content-Range": f"bytes */{size}"},
            )
        start, stop = part
        headers["Content-Length"] = str(stop - start)
        status = 200 if (start, stop) == (0, size) else 206
        if status == 206:
            headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=SEALED)
        return StreamingResponse(_begun(store, cid, start, stop), status, headers=headers, media_type=SEALED)

    documents: dict[int | str, dict[str, Any]] = {
        200: {"content": {SEALED: {"schema": {"type": "string", "format": "binary"}}}},
        206: {"description": "The part that was asked for"},
        304: {"description": "You have them"},
        416: {"description": "No such part"},
        **documented(401, 404, 410, 422, 503),
    }

    @routes.get("/{cid}", responses=documents, response_class=Response)
    def fetch(request: Request, cid: Cid, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Fetch sealed bytes, or one range of them; every piece is compared with the CID before it is sent.

        They are given to whoever stored them, and to whom a statement that claims them is shown.
        When the store has rotted the connection breaks off before the first wrong byte.
        """
        return sealed(request, cid, caller)

    @routes.head("/{cid}", responses=documents, response_class=Response)
    def look(request: Request, cid: Cid, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Tell whether sealed bytes are there, and how many."""
        return sealed(request, cid, caller)

    return routes


def _begun(store: EvidenceStore, cid: str, start: int, stop: int) -> Iterable[bytes]:
    """Return stored bytes of which the first piece was read: what is wrong there can still be answered."""
    try:
        chunks = store.open(cid, start, stop).chunks
        first = next(chunks, b"")
    except VerificationError as error:
        # The request is not to blame.
        raise UnavailableError(error.code, error.message) from None

    def all_of_it() -> Iterable[bytes]:
        yield first
        yield from chunks

    return all_of_it()
