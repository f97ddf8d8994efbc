"""For which keys evidence is wrapped for an organisation, in its own signed words."""

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api.deps import Caller, Signed
from api.errors import documented
from api.etags import as_file
from ledger.domain.statement import FILE_MEDIA_TYPE, StatementFile
from ledger.reading import Reading
from ledger.sharing.encryption_keys import EncryptionKeys
from ledger.verification.dossier import build_container

ZIP = "application/zip"
Organisation = Annotated[str, Path(max_length=200, description="URI of the organisation")]


def router(keys: EncryptionKeys, reading: Reading, signed: Signed) -> APIRouter:
    """Return `/v1/organisations/{uri}/encryption-key` and its receipt.

    Args:
        keys: Finds the statements.
        reading: Makes receipts.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1/organisations", tags=["organisations"])

    # A URI has slashes, which a server sees decoded.
    @routes.get(
        "/{uri:path}/encryption-key",
        responses={200: {"content": {FILE_MEDIA_TYPE: {}}}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def encryption_key(
        request: Request, uri: Organisation, _caller: Annotated[Caller, Depends(signed)]
    ) -> Response:
        """Hand out the newest statement in which an organisation says what its encryption keys are.

        Verify its signature before you wrap anything: whoever could put another key here could read along.
        """
        stored = keys.newest(uri)
        content = StatementFile(stored.statement, stored.disclosures).encode()
        return as_file(request, content, FILE_MEDIA_TYPE, f"{stored.id.hex()}.statement.json")

    @routes.get(
        "/{uri:path}/encryption-key/receipt",
        responses={200: {"content": {ZIP: {}}}, **documented(401, 404, 409, 503)},
        response_class=Response,
    )
    def receipt(request: Request, uri: Organisation, caller: Annotated[Caller, Depends(signed)]) -> Response:
        """Hand out the receipt file of that statement: under a trust file it proves who signed it."""
        stored, made = keys.newest(uri), BytesIO()
        build_container(reading.receipt(stored.id, caller.organisation), made)
        return as_file(request, made.getvalue(), ZIP, f"{stored.id.hex()}.receipt.zip")

    return routes
