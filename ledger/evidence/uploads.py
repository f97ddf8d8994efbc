"""Resumable uploads of bytes that the client has sealed: what is staged here is ciphertext, and nothing else.

The offset in the database is what counts: so many bytes are on the disk. What lies behind it in a file was
cut off, and is written anew. At its end an upload is compared with its CID and moves into the store.
"""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from sqlalchemy import Engine

from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, MalformedError, VerificationError
from ledger.domain.evidence import checked_cid
from ledger.evidence.disk import SYNC_EVERY, translated, write_all
from ledger.evidence.records import EvidenceRecords
from ledger.evidence.stores import Stores, as_text, parse_names
from ledger.evidence.tombstones import check_open
from ledger.evidence.upload_rows import Upload, UploadRows
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.faults import Fault, no_fault

CHECKSUMS = ("sha256", "sha1")
"""Algorithms of the checksum of one request; sha1 is the one that tus asks for."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the bytes of one request must hash to.

    Args:
        algorithm: One of `CHECKSUMS`.
        digest: The hash.
    """

    algorithm: str
    digest: bytes


class Uploads:
    """The uploads of one ledger.

    Args:
        engine: The ledger's database.
        folder: Where bytes are staged; on the file system of the store in a folder.
        stores: Where they may go.
        records: Notes whose they are.
        clock: Tells the time.
        max_bytes: Of one item, sealed.
        lifetime: Seconds without a new byte after which an upload is dropped.
        fault: Called at each step; for tests.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        stores: Stores,
        records: EvidenceRecords,
        clock: Clock,
        *,
        max_bytes: int,
        lifetime: int,
        fault: Fault = no_fault,
    ) -> None:
        self._engine = engine
        self._rows = UploadRows(engine, clock, lifetime)
        self._folder = folder
        self._stores = stores
        self._records = records
        self.max_bytes = max_bytes
        self._fault = fault
        with translated():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def create(self, organisation: str, length: int, cid: str, stores: str | None = None) -> Upload:
        """Begin an upload.

        Args:
            organisation: Whose it is.
            length: Bytes that it will have.
            cid: The CID that they must have.
            stores: Names of the stores that they go to, as in `local,ipfs`; all that are offered when None.

        Raises:
            MalformedError: Nothing, too much, no CID, or a store that is not offered.
            ConflictError: Too many are open.
            NotFoundError: Code `erased`: the item was.
        """
        if not 1 <= length <= self.max_bytes:
            raise MalformedError(
                "too-large" if length else "malformed-field",
                f"an upload has 1 to {self.max_bytes} bytes; cut a larger file into several",
                field="Upload-Length",
            )
        names = as_text(self._stores.chosen(stores, "Upload-Metadata"))
        # It is asked again at the end; but nobody is to send gigabytes in vain.
        with read_transaction(self._engine) as connection:
            check_open(connection, checked_cid(cid), organisation)
        return self._rows.add(secrets.token_urlsafe(24), organisation, cid, length, names)

    def get(self, identifier: str, organisation: str) -> Upload:
        """Return an upload as it stands.

        Raises:
            NotFoundError: There is none, it is somebody else's, or it expired: all look alike.
        """
        return self._repaired(self._rows.find(identifier, organisation))

    def append(
        self,
        identifier: str,
        organisation: str,
        offset: int,
        pieces: Iterable[bytes],
        checksum: Checksum | None = None,
    ) -> Upload:
        """Take more bytes, and with the last one move the item into the store.

        When the pieces break off, what came is kept, unless it was to be compared with a checksum.

        Args:
            identifier: Of the upload.
            organisation: Who sends.
            offset: Where the bytes belong: at the end of what is here.
            pieces: The bytes. What they raise is raised.
            checksum: Of these bytes alone.

        Raises:
            NotFoundError: As `get`.
            ConflictError: The bytes belong elsewhere, or another request is at work on the upload.
            MalformedError: There are more than the upload has.
            VerificationError: The checksum is wrong (`checksum-mismatch`: the bytes are dropped), or at the
                end the CID (`cid-mismatch`: the upload is dropped).
            UnavailableError: The disk is full, or fails.
        """
        upload = self.get(identifier, organisation)
        with self._locked(upload) as file:
            # Another request may have been at work until just now.
            upload = self.get(identifier, organisation)
            if offset != upload.offset:
                raise ConflictError(
                    "offset-mismatch",
                    f"{upload.offset} bytes are here, not {offset}; ask with HEAD where to go on",
                    field="Upload-Offset",
                )
            if upload.offset == upload.length:
                return upload
            with translated():
                file.truncate(offset)
                file.seek(offset)
            end = self._receive(upload, file, pieces, checksum)
            if end == upload.length:
                return self._finish(upload)
            return self._note(upload, end, file)

    def terminate(self, identifier: str, organisation: str) -> None:
        """Drop an upload and what is staged of it; what is in the store already stays.

        Raises:
            NotFoundError: As `get`.
            ConflictError: Another request is at work on it.
        """
        upload = self.get(identifier, organisation)
        with self._locked(upload):
            self._drop(upload.id)

    def clean(self) -> int:
        """Drop uploads that expired and files that belong to none, and return how many uploads there were."""
        with write_transaction(self._engine) as connection:
            dropped = self._rows.remove_expired(connection)
            known = self._rows.known(connection)
            with translated():
                for path in self._folder.iterdir():
                    if path.name not in known:
                        path.unlink(missing_ok=True)
        return dropped

    def _receive(
        self, upload: Upload, file: FileIO, pieces: Iterable[bytes], checksum: Checksum | None
    ) -> int:
        """Write the bytes of one request and return where they end."""
        end = noted = upload.offset
        running = None if checksum is None else hashlib.new(checksum.algorithm, usedforsecurity=False)
        try:
            for piece in pieces:
                if end + len(piece) > upload.length:
                    raise MalformedError(
                        "too-large",
                        f"the upload has {upload.length} bytes, and more came",
                        field="Upload-Length",
                    )
                with translated():
                    write_all(file, piece)
                end += len(piece)
                if running is not None:
                    running.update(piece)
                elif end - noted >= SYNC_EVERY and end < upload.length:
                    self._note(upload, end, file)
                    noted = end
        except Exception:
            # Whatever ended it, what came is on the disk and need not be sent again.
            if running is None and noted < end < upload.length:
                self._note(upload, end, file)
            raise
        if checksum is not None and running is not None and running.digest() != checksum.digest:
            raise VerificationError(
                "checksum-mismatch", "the bytes of this request were changed on the way; send them again"
            )
        return end

    def _note(self, upload: Upload, offset: int, file: FileIO) -> Upload:
        """Bring what came to the disk, and then note how much it is."""
        with translated():
            os.fsync(file.fileno())
        self._fault("note.synced")
        return self._moved(upload, offset)

    def _moved(self, upload: Upload, offset: int) -> Upload:
        with write_transaction(self._engine) as connection:
            return self._rows.move(connection, upload, offset)

    def _finish(self, upload: Upload) -> Upload:
        self._fault("finish.received")
        try:
            self._stores.of(parse_names(upload.stores, "stores")).take(self._path(upload.id), upload.cid)
        except VerificationError:
            # It can never become right: every byte of it is here.
            self._drop(upload.id)
            raise
        self._fault("finish.taken")
        return self._complete(upload)

    def _complete(self, upload: Upload) -> Upload:
        """Note that an item is in the store, and whose it is."""
        names = parse_names(upload.stores, "stores")
        self._records.record(upload.cid, upload.organisation, upload.length, names)
        self._fault("finish.recorded")
        return self._moved(upload, upload.length)

    def _repaired(self, upload: Upload) -> Upload:
        """Return an upload whose bytes are where they should be: a crash may have come between two steps."""
        if upload.offset == upload.length:
            return upload
        path = self._path(upload.id)
        with translated():
            if path.exists() and path.stat().st_size >= upload.offset:
                return upload
        if upload.offset and self._stores.everywhere.has(upload.cid):
            return self._complete(upload)
        return upload if upload.offset == 0 else self._moved(upload, 0)

    def _drop(self, identifier: str) -> None:
        with write_transaction(self._engine) as connection:
            self._rows.remove(connection, identifier)
            with translated():
                self._path(identifier).unlink(missing_ok=True)

    def _path(self, identifier: str) -> Path:
        return self._folder / identifier

    @contextmanager
    def _locked(self, upload: Upload) -> Iterator[FileIO]:
        """Give the file of an upload, for one request at a time."""
        with translated():
            file = FileIO(os.open(self._path(upload.id), os.O_RDWR | os.O_CREAT, 0o600), "r+")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConflictError(
                    "upload-busy", "another request is at work on this upload; ask with HEAD, and try again"
                ) from None
            yield file
