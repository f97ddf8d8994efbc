"""What everybody goes by: the genesis document, and the corridor's profile."""

from fastapi import APIRouter, Depends, Request, Response

from api.deps import Signed
from api.errors import documented
from api.etags import JSON, entity_tag, is_known
from ledger.log.store import LogStore

TOML = "application/toml"


def router(store: LogStore, signed: Signed) -> APIRouter:
    """Return `/v1/genesis` and `/v1/profile`.

    Args:
        store: The log.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1", tags=["rules"])

    @routes.get(
        "/genesis",
        responses={200: {"content": {JSON: {"schema": {"type": "object"}}}}},
        response_class=Response,
    )
    async def genesis(request: Request) -> Response:
        """Hand out the log's genesis document, byte for byte; for everybody."""
        return _document(request, store.genesis.document, JSON, "public, max-age=3600")

    @routes.get(
        "/profile",
        dependencies=[Depends(signed)],
        responses={200: {"content": {TOML: {"schema": {"type": "string"}}}}, **documented(401, 503)},
        response_class=Response,
    )
    async def profile(request: Request) -> Response:
        """Hand out the corridor's profile, byte for byte: its hash stands in the genesis document."""
        return _document(request, store.profile, TOML, "private, max-age=3600")

    return routes


def _document(request: Request, content: bytes, media_type: str, keeping: str) -> Response:
    headers = {"ETag": entity_tag(content), "Cache-Control": keeping}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
