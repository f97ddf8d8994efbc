"""Resumable uploads of bytes that the client has sealed: tus 1.0.0 (tus.io/protocols/resumable-upload).

The core protocol, and the extensions creation, expiration, termination and checksum. ADR 0014 says why it is
written here.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Coroutine, Iterable
from email.utils import formatdate
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.routing import APIRoute

from api.bodies import media_type_of
from api.deps import Caller, Signed
from api.errors import documented, problem
from api.streaming import Streams, read_when_refused
from ledger.domain.errors import CorridorError, MalformedError
from ledger.evidence.upload_rows import Upload
from ledger.evidence.uploads import CHECKSUMS, Checksum, Uploads

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,expiration,termination,checksum"
PART: Final = "application/offset+octet-stream"
PREFIX: Final = "/v1/uploads"
_MISMATCH: Final = 460
Identifier = Annotated[str, Path(max_length=64, description="the last part of its Location")]
Number = Annotated[str | None, Header(description="bytes")]
Version = Annotated[str | None, Header(description=f"version of tus: {VERSION}")]


class TusRoute(APIRoute):
    """A route that speaks one version of tus, in its problems too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answered = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                return problem(
                    412,
                    "Another version of tus",
                    "tus-version",
                    f"send the header Tus-Resumable: {VERSION}; this is the version that is spoken here",
                    field="Tus-Resumable",
                    headers={"Tus-Version": VERSION, "Tus-Resumable": VERSION},
                )
            try:
                response = await answered(request)
            except CorridorError as error:
                response = await _problem(request, error)
            response.headers["Tus-Resumable"] = VERSION
            return response

        return handler


def router(uploads: Uploads, signed: Signed, streams: Streams) -> APIRouter:
    """Return `/v1/uploads`.

    Args:
        uploads: What is on its way.
        signed: Gives the caller.
        streams: Works on bodies of any size.
    """
    routes = APIRouter(prefix=PREFIX, tags=["evidence"], route_class=TusRoute)

    @routes.options("", status_code=204, responses=documented(401), response_class=Response)
    def options(_caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Tell which parts of tus are spoken here."""
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(uploads.max_bytes),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        }
        return Response(status_code=204, headers=headers)

    @routes.post("", status_code=201, responses=documented(400, 401, 409, 413, 503), response_class=Response)
    def create(
        caller: Annotated[Caller, Depends(signed)],
        upload_length: Number = None,
        upload_metadata: Annotated[
            str | None,
            Header(
                description="`cid` and the base64 of the CID that the bytes must have; `stores` and the "
                "base64 of where they go, such as `local,ipfs`"
            ),
        ] = None,
        tus_resumable: Version = None,  # noqa: ARG001 - judged by the route
    ) -> Response:
        """Begin an upload of sealed bytes; its `Location` takes them."""
        length = _number(upload_length, "Upload-Length")
        upload = uploads.create(
            caller.organisation, length, _cid(upload_metadata), _said(upload_metadata, "stores")
        )
        return Response(status_code=201, headers=_state(upload) | {"Location": f"{PREFIX}/{upload.id}"})

    @routes.head(
        "/{identifier}", status_code=200, responses=documented(401, 404, 503), response_class=Response
    )
    def look(
        identifier: Identifier,
        caller: Annotated[Caller, Depends(signed)],
        tus_resumable: Version = None,  # noqa: ARG001 - judged by the route
    ) -> Response:
        """Tell where an upload has to go on; when all is here, the item is stored."""
        upload = uploads.get(identifier, caller.organisation)
        cid, stores = (b64encode(text.encode()).decode("ascii") for text in (upload.cid, upload.stores))
        more = {
            "Upload-Length": str(upload.length),
            "Upload-Metadata": f"cid {cid},stores {stores}",
            "Cache-Control": "no-store",
        }
        return Response(status_code=200, headers=_state(upload) | more)

    @routes.patch(
        "/{identifier}",
        status_code=204,
        responses={
            _MISMATCH: {"description": "The bytes of this request do not have the checksum"},
            **documented(400, 401, 404, 408, 409, 413, 415, 422, 503),
        },
        response_class=Response,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {PART: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def append(
        request: Request,
        identifier: Identifier,
        caller: Annotated[Caller, Depends(signed)],
        *,
        upload_offset: Number = None,
        upload_checksum: Annotated[
            str | None, Header(description="algorithm and base64 of the hash of this body")
        ] = None,
        tus_resumable: Version = None,  # noqa: ARG001 - judged by the route
    ) -> Response:
        """Send more bytes of an upload. With the last one its CID is checked, and the item is stored.

        When the connection breaks, what had been read is kept, so that the upload can go on where HEAD says,
        unless it has a checksum. At the end, bytes of another CID are dropped, and the upload with them.
        """
        async with read_when_refused(request):
            if media_type_of(request) != PART:
                raise MalformedError("media-type", f"send the bytes as {PART}", field="Content-Type")
            offset = _number(upload_offset, "Upload-Offset")
            checksum = None if upload_checksum is None else _checksum(upload_checksum)

        def work(pieces: Iterable[bytes]) -> Upload:
            return uploads.append(identifier, caller.organisation, offset, pieces, checksum)

        return Response(status_code=204, headers=_state(await streams.work(request, work)))

    @routes.delete(
        "/{identifier}", status_code=204, responses=documented(401, 404, 409, 503), response_class=Response
    )
    def terminate(
        identifier: Identifier,
        caller: Annotated[Caller, Depends(signed)],
        tus_resumable: Version = None,  # noqa: ARG001 - judged by the route
    ) -> Response:
        """Drop an upload. An item that is stored already stays."""
        uploads.terminate(identifier, caller.organisation)
        return Response(status_code=204)

    return routes


async def _problem(request: Request, error: CorridorError) -> Response:
    if error.code == "checksum-mismatch":
        return problem(_MISMATCH, "Checksum mismatch", error.code, error.message, field="Upload-Checksum")
    response: Response = await request.app.exception_handlers[CorridorError](request, error)
    return response


def _state(upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(upload.offset),
        "Upload-Expires": formatdate(upload.expires_at, usegmt=True),
    }


def _number(text: str | None, header: str) -> int:
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise MalformedError("malformed-field", f"{header} must be a number of bytes", field=header)
    return int(text)


def _cid(metadata: str | None) -> str:
    """Return the CID that the metadata of an upload name; other keys are passed over."""
    cid = _said(metadata, "cid")
    if cid is None:
        message = (
            "Upload-Metadata must hold the key cid, once, with the base64 of the CID of the sealed bytes"
        )
        raise MalformedError("malformed-field", message, field="Upload-Metadata")
    return cid


def _said(metadata: str | None, key: str) -> str | None:
    """Return the value of a key of the metadata of an upload; None when it is not there."""
    pairs = [pair.split() for pair in (metadata or "").split(",")]
    values = [pair[1] for pair in pairs if len(pair) == 2 and pair[0] == key]
    if len(values) > 1:
        message = f"Upload-Metadata holds the key {key} more than once"
        raise MalformedError("malformed-field", message, field="Upload-Metadata")
    return _decoded(values[0], "Upload-Metadata").decode("ascii", "replace") if values else None


def _checksum(text: str) -> Checksum:
    algorithm, _, value = text.partition(" ")
    if algorithm not in CHECKSUMS:
        message = f"Upload-Checksum must begin with one of {', '.join(CHECKSUMS)}"
        raise MalformedError("malformed-field", message, field="Upload-Checksum")
    return Checksum(algorithm, _decoded(value, "Upload-Checksum"))


def _decoded(text: str, header: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise MalformedError("malformed-field", f"{header} must hold base64", field=header) from None
