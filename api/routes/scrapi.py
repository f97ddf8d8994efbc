"""SCITT's own interface, SCRAPI (draft-ietf-scitt-scrapi): statements in, COSE Receipts out, all in CBOR."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from api.bodies import BODY_SECONDS, body_of
from api.concise import CONCISE
from api.deps import Caller, Signed
from api.preferences import APPLIED, PARAMETER, is_lenient
from ledger.domain.errors import NotFoundError
from ledger.domain.fields import b64url
from ledger.domain.statement_payload import MAX_BYTES
from ledger.log.store import StoredStatement
from ledger.receipts import ReceiptIssuer, key_document, key_set

ENTRIES = "/entries"
KEYS = "/.well-known/scitt-keys"
COSE = "application/cose"
RECEIPT = "application/scitt-receipt+cose"
STATEMENT_TYPES = (COSE, "application/scitt-statement+cose")
_LIMITS = dict.fromkeys(STATEMENT_TYPES, MAX_BYTES)
_CBOR = "application/cbor"
_FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_TITLES = {
    400: "Not in the format, or not a sensible request",
    401: "No session",
    403: "Rejected by the registration policy",
    404: "Not found",
    408: "Came too slowly",
    409: "Contradicts what is stored",
    413: "Too large",
    415: "Of another media type",
    422: "Does not verify",
    429: "Too many requests",
    503: "Not available now; try again",
}


def router(
    register: Callable[[bytes, bool], bytes],
    receipts: ReceiptIssuer,
    signed: Signed,
    may_see: Callable[[StoredStatement, Caller], bool],
    *,
    pending_seconds: int = 5,
    body_seconds: float = BODY_SECONDS,
) -> APIRouter:
    """Return `/entries` and `/.well-known/scitt-keys`.

    Args:
        register: Registers a statement by all the rules of this log, leniently or not, and returns its id.
        receipts: Issues receipts.
        signed: Gives the caller.
        may_see: Tells whether somebody may read a statement.
        pending_seconds: When to ask again for a receipt that is not there yet.
        body_seconds: How long a body may take to arrive.
    """
    routes = APIRouter(tags=["scitt"])

    def receipt(entry: bytes) -> bytes | None:
        try:
            return receipts.issue(entry)
        except NotFoundError as error:
            if error.code != "not-published":
                raise
            return None

    def stored(entry: bytes) -> StoredStatement:
        try:
            return receipts.store.statement(entry)
        except NotFoundError:
            raise unknown(entry) from None

    def unknown(entry: bytes) -> NotFoundError:
        # What is there for others only is not there.
        return NotFoundError("entry-unknown", f"there is no entry {entry.hex()}, or it is not for you to see")

    def submit(raw: bytes, lenient: bool) -> tuple[bytes, bytes | None]:
        entry = register(raw, lenient)
        return entry, receipt(entry)

    def answer(entry: bytes, content: bytes | None, there: int, pending: int) -> Response:
        headers = {"Location": f"{ENTRIES}/{entry.hex()}"}
        if content is None:
            return Response(status_code=pending, headers=headers | {"Retry-After": str(pending_seconds)})
        return Response(content, there, media_type=COSE, headers=headers)

    @routes.post(
        ENTRIES,
        status_code=201,
        response_class=Response,
        operation_id="register_signed_statement",
        responses={
            201: {"description": "Registered before, and here is its receipt", "content": {COSE: _BINARY}},
            303: {"description": "Registered; its receipt will be at `Location`"},
            **_problems(400, 403, 408, 409, 413, 415, 422, 503),
        },
        openapi_extra={
            "parameters": [PARAMETER],
            "requestBody": {"required": True, "content": dict.fromkeys(STATEMENT_TYPES, _BINARY)},
        },
    )
    async def register_signed_statement(request: Request) -> Response:
        """Register a signed statement, by the same rules as `POST /v1/statements`.

        The statement's own signature authorises it; no session is needed. Its receipt is there as soon as a
        checkpoint that covers it is published: till then the answer is 303 with the place to ask at. The same
        statement again is answered with its receipt. Warnings about what is put on record leniently are not
        told here.
        """
        raw, lenient = await body_of(request, _LIMITS, seconds=body_seconds), is_lenient(request)
        answered = answer(*await run_in_threadpool(submit, raw, lenient), there=201, pending=303)
        answered.headers.update(APPLIED if lenient else {})
        return answered

    @routes.get(
        f"{ENTRIES}/{{entry}}",
        response_class=Response,
        operation_id="resolve_receipt",
        responses={
            200: {"description": "The receipt", "content": {COSE: _BINARY}},
            202: {"description": "Registered; ask again after the seconds in `Retry-After`"},
            **_problems(400, 401, 404, 503),
        },
    )
    def resolve_receipt(entry: Entry, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Return the COSE Receipt of a statement: the log's signed word that it holds it (RFC 9942).

        Whoever may read the statement may have its receipt; to everybody else there is no such entry.
        """
        identifier = bytes.fromhex(entry)
        if not may_see(stored(identifier), caller):
            raise unknown(identifier)
        return answer(identifier, receipt(identifier), there=200, pending=202)

    @routes.get(
        KEYS,
        response_class=Response,
        operation_id="scitt_keys",
        responses={200: {"description": "A COSE_KeySet (RFC 9052 section 7)", "content": {_CBOR: _BINARY}}},
    )
    async def scitt_keys() -> Response:
        """Return the keys by which this log signs receipts.

        A verifier pins them from another place: who serves a receipt could serve its own key as well.
        """
        return Response(key_set(receipts.keys), media_type=_CBOR, headers=_FOR_A_DAY)

    @routes.get(
        f"{KEYS}/{{kid}}",
        response_class=Response,
        operation_id="scitt_key",
        responses={
            200: {"description": "A COSE_Key (RFC 9052 section 7)", "content": {_CBOR: _BINARY}},
            **_problems(404),
        },
    )
    async def scitt_key(
        kid: Annotated[str, Path(description="`kid` of a receipt, base64url without padding")],
    ) -> Response:
        """Return one key by which this log signs receipts."""
        for key in receipts.keys:
            if b64url(key.thumbprint) == kid:
                return Response(key_document(key), media_type=_CBOR, headers=_FOR_A_DAY)
        raise NotFoundError("key-unknown", "no key could be found for this kid")

    return routes


Entry = Annotated[
    str, Path(pattern="^[0-9a-f]{64}$", description="entry id: the statement id, 64 hexadecimal digits")
]


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"description": _TITLES[status], "content": {CONCISE: _BINARY}} for status in statuses}
