"""A log entry's inclusion proof and checkpoint as one text file (c2sp.org/tlog-proof, version 1)."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Final, Self

from ledger.domain.checkpoint import MAX_NUMBER, Checkpoint, from_decimal
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.note import MAX_NOTE, Note, from_base64

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF: Final = MAX_NOTE + 131_072
"""Bytes of a proof file."""
_MAX_HASHES = 64
_HASH_SIZE = 32


@dataclass(frozen=True, slots=True)
class TlogProof:
    """What shows offline that an entry is in a log; nothing of it has been verified.

    Args:
        index: Place of the entry in the log.
        hashes: Inclusion proof, 32 bytes each, from the leaf's sibling up.
        checkpoint: The checkpoint's note, byte for byte.
        extra: Data that goes with the proof and that nothing signs; none if empty.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def encode(self) -> bytes:
        """Return the proof's bytes.

        Raises:
            UsageError: No reader would take them.
        """
        head = [HEADER]
        if self.extra:
            head.append(f"extra {b64encode(self.extra).decode()}")
        head.append(f"index {self.index}")
        head += [b64encode(value).decode() for value in self.hashes]
        data = "\n".join([*head, "", ""]).encode() + self.checkpoint
        try:
            same = TlogProof.decode(data) == self
        except MalformedError as error:
            raise UsageError("tlog-proof", f"this cannot be written as a proof: {error}") from None
        if not same:
            raise UsageError(
                "tlog-proof", f"this cannot be written as a proof; indexes go up to {MAX_NUMBER}"
            )
        return data

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Return the proof that bytes hold.

        Raises:
            MalformedError: They are not in the format; the checkpoint's note has to be, too.
        """
        if len(data) > MAX_PROOF:
            raise MalformedError("too-large", f"a proof has at most {MAX_PROOF} bytes")
        head, _, checkpoint = data.partition(b"\n\n")
        try:
            header, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise MalformedError(
                "tlog-proof", "the lines before a proof's checkpoint must be ASCII"
            ) from None
        if header != HEADER:
            raise MalformedError("tlog-proof", f"a proof begins with the line {HEADER}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = from_base64(lines.pop(0).removeprefix("extra "), "a proof's extra data")
            if not extra:
                raise MalformedError("tlog-proof", "a proof without extra data has no line for it")
        if not lines or not lines[0].startswith("index "):
            raise MalformedError("tlog-proof", "a proof has a line `index` before its hashes")
        index = from_decimal(lines.pop(0).removeprefix("index "), "a proof's index")
        hashes = tuple(from_base64(line, "a hash of a proof") for line in lines)
        if len(hashes) > _MAX_HASHES or any(len(value) != _HASH_SIZE for value in hashes):
            raise MalformedError(
                "tlog-proof", f"a proof has at most {_MAX_HASHES} hashes of {_HASH_SIZE} bytes"
            )
        Checkpoint.parse(Note.parse(checkpoint).text)
        return cls(index, hashes, checkpoint, extra)
