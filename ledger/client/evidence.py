"""Evidence as its sender and its readers handle it: sealed here, sent in parts, fetched, and opened here."""

import json
import os
import secrets
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from ledger.client.durable import put, sync
from ledger.client.http import Answer, Report, no_report, wrong_answer
from ledger.client.refusals import LaterError
from ledger.client.service import Service
from ledger.domain import strict_json
from ledger.domain.cid import CidBuilder, cid_of
from ledger.domain.errors import (
    ConflictError,
    MalformedError,
    NotFoundError,
    UnavailableError,
    VerificationError,
)
from ledger.domain.evidence import Label
from ledger.evidence.sealing import SealedItem, seal

UPLOADS: Final = "/v1/uploads"
PART_BYTES: Final = 16 * 1_048_576
"""Bytes of one request: what has to be sent again when a connection breaks."""
MAX_SEALED: Final = 1 << 40
_TUS: Final = {"Tus-Resumable": "1.0.0"}
_PART: Final = _TUS | {"Content-Type": "application/offset+octet-stream"}
_CHUNK: Final = 1_048_576
_MAX_NOTE: Final = 65_536


def pieces_of(path: Path, report: Report = no_report) -> Iterator[bytes]:
    """Yield the bytes of a file.

    Args:
        path: Where it is.
        report: Is told how far it is.

    Raises:
        OSError: It cannot be read.
        MalformedError: It is empty, or grew shorter meanwhile.
    """
    done = 0
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0 and path.is_file():
            raise MalformedError("empty", f"{path} is empty: there is nothing in it to give evidence")
        while piece := file.read(_CHUNK):
            done += len(piece)
            report(done, size)
            yield piece
    if done < size:
        raise MalformedError("cut-off", f"{path} became shorter while it was read; add it again")


def seal_into(folder: Path, pieces: Iterable[bytes], label: Label) -> SealedItem:
    """Seal bytes into a file of a folder that has their CID as its name; all of it or nothing.

    Args:
        folder: Must be there.
        pieces: The plaintext, gone through once. What it raises is raised.
        label: What to say of it.

    Raises:
        OSError: The folder cannot be written, or the disk is full.
    """

    def store(sealed: Iterable[bytes]) -> str:
        builder = CidBuilder()
        temporary = folder / f".{secrets.token_hex(8)}.sealed"
        try:
            with temporary.open("xb") as file:
                for piece in sealed:
                    builder.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            cid = builder.cid()
            temporary.replace(folder / cid)
        finally:
            temporary.unlink(missing_ok=True)
        sync(folder)
        return cid

    return seal(pieces, label, store)


def send(
    service: Service,
    sealed: Path,
    *,
    report: Report = no_report,
    part_bytes: int = PART_BYTES,
    stores: str | None = None,
) -> None:
    """Bring a sealed file to the ledger, in parts; it goes on where an earlier try broke off.

    Beside the file a note says where it goes on, as long as it is not done.

    Args:
        service: The ledger.
        sealed: The file; its name is its CID.
        report: Is told how far it is.
        part_bytes: Bytes of one request.
        stores: Names of the ledger's stores that it goes to; all that it offers when None.

    Raises:
        OSError: The file cannot be read.
        VerificationError: Its bytes are others than its name says.
        UnavailableError: The ledger cannot be reached or cannot take it now; the same call goes on later.
        CorridorError: The ledger refuses it, and why.
    """
    note = sealed.with_name(f".{sealed.name}.upload")
    with sealed.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        where, offset = _resumed(service, note, length)
        if where is None:
            # Looked at here, so that nobody sends gigabytes for nothing.
            if cid_of(iter(lambda: file.read(_CHUNK), b"")) != sealed.name:
                message = f"the bytes of {sealed} are not those that its name says; seal the original again"
                raise VerificationError("cid-mismatch", message)
            where = _begun(service, sealed.name, length, stores)
            put(note, json.dumps({"url": service.url, "location": where}).encode())
        while offset < length:
            report(offset, length)
            offset = _part(service, where, offset, file, part_bytes)
        report(length, length)
    note.unlink(missing_ok=True)


def fetch(service: Service, cid: str, file: BinaryIO, report: Report = no_report) -> None:
    """Write sealed bytes into a file; they are those of the CID when this returns.

    Args:
        service: The ledger.
        cid: Which ones.
        file: Empty, open for writing and reading.
        report: Is told how far it is.

    Raises:
        NotFoundError: There are none, or they are not for you to read.
        VerificationError: Others came.
        UnavailableError: The ledger cannot be reached now.
    """
    path = f"/v1/evidence/{cid}"
    service.session.within(
        lambda headers: service.http.download(
            path, file, headers=headers, max_bytes=MAX_SEALED, report=report
        )
    )
    file.seek(0)
    if cid_of(iter(lambda: file.read(_CHUNK), b"")) != cid:
        raise wrong_answer("other bytes than the CID says")


def _begun(service: Service, cid: str, length: int, stores: str | None) -> str:
    """Begin an upload and return where it takes bytes."""
    said = {"cid": cid} | ({} if stores is None else {"stores": stores})
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode('ascii')}" for key, value in said.items())
    headers = _TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata}
    answer = service.session.ask("POST", UPLOADS, content=b"", headers=headers)
    location = answer.headers.get("location", "")
    if not location.startswith(f"{UPLOADS}/"):
        raise wrong_answer("an upload that is nowhere")
    return location


def _resumed(service: Service, note: Path, length: int) -> tuple[str | None, int]:
    """Return where an earlier try broke off, and at which byte; None when there was none that can go on."""
    try:
        with note.open("rb") as file:
            kept = strict_json.loads(file.read(_MAX_NOTE), max_bytes=_MAX_NOTE)
        where = str(kept["location"]) if kept["url"] == service.url else ""
    except (OSError, MalformedError, KeyError, TypeError):
        where = ""
    if not where.startswith(f"{UPLOADS}/"):
        return None, 0
    try:
        return where, _offset(_asked(service, where), length)
    except NotFoundError:
        return None, 0


def _part(service: Service, where: str, offset: int, file: BinaryIO, part_bytes: int) -> int:
    """Send the next bytes and return how many are there; a break is waited out, as long as it moves."""
    patience = service.http.patience
    length = os.fstat(file.fileno()).st_size
    attempt = 0
    while True:
        file.seek(offset)
        content = file.read(part_bytes)
        headers = _PART | {"Upload-Offset": str(offset)}
        try:
            answer = service.session.ask("PATCH", where, content=content, headers=headers, once=True)
            return _offset(answer, length)
        except (LaterError, ConflictError) as error:
            # The answer may be what was lost, or a request that broke may still hold the upload.
            if isinstance(error, ConflictError) and error.code not in ("offset-mismatch", "upload-busy"):
                raise
            attempt += 1
            if attempt >= patience.attempts:
                raise _later(error) from None
        patience.sleep(min(0.25 * 2.0**attempt, patience.longest_pause))
        try:
            here = _offset(_asked(service, where), length)
        except LaterError:
            continue
        if here > offset:
            return here


def _asked(service: Service, where: str) -> Answer:
    return service.session.ask("HEAD", where, headers=_TUS)


def _offset(answer: Answer, length: int) -> int:
    text = answer.headers.get("upload-offset", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 18 or int(text) > length:
        raise wrong_answer("an upload without an offset")
    return int(text)


def _later(error: LaterError | ConflictError) -> UnavailableError:
    if isinstance(error, LaterError):
        return error
    return UnavailableError(error.code, f"{error.message}; try the same again later")
