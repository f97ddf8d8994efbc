"""Evidence that comes in the clear: sealed on its way, in one pass, and never anywhere in the clear."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ledger.domain.errors import MalformedError
from ledger.domain.evidence import EvidenceItem, Label
from ledger.evidence.records import EvidenceRecords
from ledger.evidence.sealing import recipients_of, seal, wrap_secret
from ledger.evidence.stores import Stores

STORES_HEADER = "Corridor-Stores"
"""The header of a request that names the stores that an item shall go to."""


@dataclass(frozen=True, slots=True)
class Received:
    """An item that is stored.

    Args:
        item: What a statement says of it.
        wrapped: Its secret, as an age file for the recipients. The ledger keeps no copy.
    """

    item: EvidenceItem
    wrapped: bytes = field(repr=False)


class EvidenceIntake:
    """Takes evidence in.

    Args:
        stores: Where the sealed bytes may go.
        records: Notes whose they are.
        max_bytes: Of one item, sealed.
    """

    def __init__(self, stores: Stores, records: EvidenceRecords, max_bytes: int) -> None:
        self._stores = stores
        self._records = records
        self.max_bytes = max_bytes

    def receive(
        self,
        organisation: str,
        pieces: Iterable[bytes],
        label: Label,
        recipients: Sequence[str],
        *,
        size: int | None = None,
        stores: str | None = None,
    ) -> Received:
        """Seal an item and store it; when this returns it is durable.

        Args:
            organisation: Who sends it.
            pieces: The plaintext. What they raise is raised.
            label: What to say of it.
            recipients: age recipients of its secret.
            size: How many bytes the sender announced.
            stores: Names of the stores that it chooses, as in `local,ipfs`; all that are offered when None.

        Raises:
            MalformedError: Nothing came, too much, or less than was announced; or a store is not offered.
            UsageError: The recipients are none.
            UnavailableError: The store or the database failed, or the disk is full. Nothing is left behind.
        """
        recipients_of(recipients)
        names = self._stores.chosen(stores, STORES_HEADER)
        store = self._stores.of(names)
        if size is not None and size > self.max_bytes:
            raise too_large(self.max_bytes)
        stored = 0

        def put(sealed: Iterable[bytes]) -> str:
            nonlocal stored
            counted = Counted(sealed, self.max_bytes)
            cid = store.put(counted)
            stored = counted.size
            return cid

        sealed = seal(_complete(pieces, size), label, put)
        self._records.record(sealed.item.cid, organisation, stored, names)
        return Received(sealed.item, wrap_secret(sealed.secret, recipients))


class Counted:
    """Pieces of bytes that are counted as they pass.

    Args:
        pieces: The bytes.
        max_bytes: How many there may be.
    """

    def __init__(self, pieces: Iterable[bytes], max_bytes: int) -> None:
        self._pieces = pieces
        self._max_bytes = max_bytes
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            if self.size > self._max_bytes:
                raise too_large(self._max_bytes)
            yield piece


def too_large(max_bytes: int) -> MalformedError:
    """Return the error that says that an item is too large."""
    message = f"an item has at most {max_bytes} bytes when it is sealed; cut it into several"
    return MalformedError("too-large", message)


def _complete(pieces: Iterable[bytes], announced: int | None) -> Iterator[bytes]:
    """Yield pieces, and see that they are all there at the end."""
    size = 0
    for piece in pieces:
        size += len(piece)
        yield piece
    if announced is not None and size != announced:
        raise MalformedError("cut-off", f"{announced} bytes were announced and {size} came; send them again")
    if size == 0:
        raise MalformedError("empty", "there is not one byte in it: an empty file is no evidence")
