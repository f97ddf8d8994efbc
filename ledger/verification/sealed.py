"""Opening sealed evidence: what comes out is what was committed to, or an error."""

import io
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

import pyrage

from ledger.domain.errors import VerificationError
from ledger.domain.evidence import EvidenceItem, derive_salt
from ledger.domain.pieces import PieceReader

Identity: TypeAlias = "pyrage.x25519.Identity | pyrage.ssh.Identity"


def unwrap_secret(wrapped: bytes, identities: Sequence[Identity]) -> bytes | None:
    """Return the secret of an item, None when it is wrapped for somebody else's keys.

    Args:
        wrapped: An age file that holds it (formats, section 12).
        identities: age identities of the reader.
    """
    if not identities:
        return None
    try:
        return bytes(pyrage.decrypt(wrapped, list(identities)))
    except pyrage.DecryptError:
        return None


def open_sealed(
    item: EvidenceItem,
    secret: bytes,
    stored: Iterable[bytes],
    out: Callable[[bytes], object] | None = None,
) -> None:
    """Decrypt an item as a stream, and compare what comes out with the statement.

    Args:
        item: What was stated.
        secret: The item's own age identity.
        stored: The sealed bytes in pieces. What they raise is raised.
        out: Gets the plaintext in pieces; they are not to be believed before this returns. What it raises is
            raised.

    Raises:
        UsageError: The secret is none.
        VerificationError: The bytes cannot be decrypted, or are others than those that were committed to.
    """
    sink, reader = _Hashing(derive_salt(secret), out), PieceReader(stored)
    try:
        identity = pyrage.x25519.Identity.from_str(secret.decode("ascii"))
        pyrage.decrypt_io(io.BufferedReader(reader), sink, [identity])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        if (ours := reader.error or sink.error) is not None:
            raise ours from None
        raise VerificationError("evidence-broken", f"it cannot be decrypted: {error}") from None
    if sink.size != item.size:
        message = f"it has {sink.size} bytes, and the statement says {item.size}"
        raise VerificationError("evidence-changed", message)
    if sink.digest() != item.commitment:
        raise VerificationError("evidence-changed", "its bytes are not those that were committed to")


class _Hashing(io.RawIOBase):
    """A file that keeps nothing of what is written to it but its commitment and size."""

    def __init__(self, salt: bytes, out: Callable[[bytes], object] | None) -> None:
        super().__init__()
        self._running = sha256(salt)
        self._out = out
        self.size = 0
        self.error: BaseException | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._running.update(data)
        self.size += len(data)
        if self._out is not None:
            try:
                self._out(bytes(data))
            except BaseException as error:
                self.error = error
                raise
        return len(data)

    def digest(self) -> bytes:
        return self._running.digest()
