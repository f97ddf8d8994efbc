"""Reading statements: what was said, how far it has come, and its receipt."""

from io import BytesIO
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import shapes
from api.deps import Caller, Signed
from api.errors import documented
from api.etags import answer, as_file
from api.schemas import StatementShape
from ledger.domain.errors import NotFoundError
from ledger.domain.statement import FILE_MEDIA_TYPE, StatementFile
from ledger.log.store import LogStore, StoredStatement
from ledger.progress import Reached
from ledger.reading import Reading
from ledger.verification.dossier import build_container

ZIP = "application/zip"
_AGAIN_SECONDS = {Reached.LOGGED: 2, Reached.PUBLISHED: 2, Reached.ANCHORED: 5}
"""When a statement may have come further."""

Id = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="statement id, hex")]


def router(
    store: LogStore,
    reading: Reading,
    signed: Signed,
) -> APIRouter:
    """Return the reads below `/v1/statements/{id}`.

    Args:
        store: The log.
        reading: Knows who may see which entry, and how far it has come.
        signed: Gives the caller.
    """
    routes = APIRouter(prefix="/v1/statements", tags=["statements"])

    def seen_by(caller: Caller, id_: str) -> StoredStatement:
        """Return a statement as the caller is shown it; what the caller may not see is not there."""
        unknown = NotFoundError("statement-unknown", "there is no such statement, or it is not yours to see")
        try:
            stored = store.statement(bytes.fromhex(id_))
        except NotFoundError:
            raise unknown from None
        if not reading.may_see(stored, caller):
            raise unknown
        return reading.shown(stored, caller)

    @routes.get(
        "/{id}",
        responses={200: {"model": StatementShape}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def read(request: Request, id: Id, caller: Annotated[Caller, Depends(signed)]) -> Response:  # noqa: A002 - the name that it has in the interface
        """Show a statement and how far it has come: logged, published, anchored, final."""
        stored = seen_by(caller, id)
        reached = reading.progress.of(stored.index)
        again = _AGAIN_SECONDS.get(reached.reached)
        headers = {} if again is None else {"Retry-After": str(again)}
        return answer(request, shapes.statement(stored, reached), headers=headers)

    @routes.get(
        "/{id}/file",
        responses={200: {"content": {FILE_MEDIA_TYPE: {}}}, **documented(401, 404, 503)},
        response_class=Response,
    )
    def file(request: Request, id: Id, caller: Annotated[Caller, Depends(signed)]) -> Response:  # noqa: A002 - the name that it has in the interface
        """Hand out the statement file: the signed bytes, and the disclosures that you may see."""
        stored = seen_by(caller, id)
        content = StatementFile(stored.statement, stored.disclosures).encode()
        return as_file(request, content, FILE_MEDIA_TYPE, f"{id}.statement.json")

    @routes.get(
        "/{id}/receipt",
        responses={200: {"content": {ZIP: {}}}, **documented(401, 404, 409, 503)},
        response_class=Response,
    )
    def read_receipt(
        request: Request,
        id: Id,  # noqa: A002 - the name that it has in the interface
        caller: Annotated[Caller, Depends(signed)],
    ) -> Response:
        """Hand out the receipt file of a statement whose anchor is final."""
        stored = seen_by(caller, id)
        made = BytesIO()
        build_container(reading.receipt(stored.id, caller.organisation), made)
        return as_file(request, made.getvalue(), ZIP, f"{id}.receipt.zip")

    return routes
