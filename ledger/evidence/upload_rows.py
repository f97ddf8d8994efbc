"""The rows of resumable uploads."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, delete, func, select, update

from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, NotFoundError
from ledger.storage.engine import hold, read_transaction, write_transaction
from ledger.storage.evidence_tables import evidence_uploads

MAX_OPEN = 64
"""Uploads of one organisation that may be open at the same time."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload.

    Args:
        id: Its name; not to be guessed.
        organisation: Whose it is.
        cid: The CID that the bytes must have.
        length: How many bytes it will have.
        offset: How many are here and durable; all when the item is in the store.
        expires_at: When it is dropped, POSIX seconds.
        stores: Names of the stores that the item goes to, as in `local,ipfs`.
    """

    id: str
    organisation: str
    cid: str
    length: int
    offset: int
    expires_at: int
    stores: str


class UploadRows:
    """The rows of one ledger's uploads.

    Args:
        engine: The ledger's database.
        clock: Tells the time.
        lifetime: Seconds without a new byte after which an upload is dropped.
    """

    def __init__(self, engine: Engine, clock: Clock, lifetime: int) -> None:
        self._engine = engine
        self._clock = clock
        self._lifetime = lifetime

    def add(self, identifier: str, organisation: str, cid: str, length: int, stores: str) -> Upload:
        """Begin an upload.

        Raises:
            ConflictError: Too many of the organisation's are open.
        """
        upload = Upload(identifier, organisation, cid, length, 0, self._clock() + self._lifetime, stores)
        column = evidence_uploads.c
        unfinished = select(func.count()).where(
            column.organisation == organisation,
            column.offset < column.length,
            column.expires_at > self._clock(),
        )
        with write_transaction(self._engine) as connection:
            hold(connection, evidence_uploads)
            if connection.execute(unfinished).scalar_one() >= MAX_OPEN:
                raise ConflictError(
                    "too-many-uploads", f"{MAX_OPEN} uploads are open; finish some, or end them with DELETE"
                )
            values = {name: getattr(upload, name) for name in Upload.__slots__}
            connection.execute(evidence_uploads.insert().values(values))
        return upload

    def find(self, identifier: str, organisation: str) -> Upload:
        """Return an upload.

        Raises:
            NotFoundError: There is none, it is somebody else's, or it expired: all look alike.
        """
        query = select(evidence_uploads).where(
            evidence_uploads.c.id == identifier,
            evidence_uploads.c.organisation == organisation,
            evidence_uploads.c.expires_at > self._clock(),
        )
        with read_transaction(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            message = "there is no such upload of yours, or it expired; begin a new one"
            raise NotFoundError("no-upload", message)
        return Upload(**row)

    def move(self, connection: Connection, upload: Upload, offset: int) -> Upload:
        """Note how many bytes are here, and return the upload; it lives on for its lifetime."""
        moved = replace(upload, offset=offset, expires_at=self._clock() + self._lifetime)
        connection.execute(
            update(evidence_uploads)
            .where(evidence_uploads.c.id == upload.id)
            .values(offset=offset, expires_at=moved.expires_at)
        )
        return moved

    def remove(self, connection: Connection, identifier: str) -> None:
        """Drop an upload."""
        connection.execute(delete(evidence_uploads).where(evidence_uploads.c.id == identifier))

    def remove_expired(self, connection: Connection) -> int:
        """Drop what expired, and return how many uploads those were."""
        over = evidence_uploads.c.expires_at <= self._clock()
        return connection.execute(delete(evidence_uploads).where(over)).rowcount

    def known(self, connection: Connection) -> frozenset[str]:
        """Return the names of all uploads."""
        return frozenset(connection.execute(select(evidence_uploads.c.id)).scalars())
