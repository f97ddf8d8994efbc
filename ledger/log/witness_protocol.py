"""The bytes that a log and a witness exchange: C2SP tlog-witness, `add-checkpoint`.

The request is an old size line, at most 63 lines with the hashes of a consistency proof, an empty line, and the
checkpoint. The answer is one or more cosignature lines, or a refusal by its status.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ledger.domain.errors import ConflictError, MalformedError, UsageError

PATH: Final = "/add-checkpoint"
SIZE_MEDIA_TYPE: Final = "text/x.tlog.size"
MAX_REQUEST: Final = 65_536
"""Bytes of a request. 63 proof lines take 2,835; the rest is room for a checkpoint with many signatures."""
MAX_ANSWER: Final = 16_384
MAX_PROOF: Final = 63
MAX_SIZE: Final = (1 << 63) - 1
"""The largest tree size: what SQLite and PostgreSQL can store, and more than any log will have."""


class WitnessConflict(ConflictError):  # noqa: N818 - named like its parent's meaning: the protocol's own word
    """The witness has cosigned another size, or another root of this size, than the request goes on from.

    Args:
        code: `witness-conflict`; or `witness-other-root` when the witness has cosigned this very size with another
            root, which is a split view and not cured by asking again.
        message: See `CorridorError`.
        size: Size of the checkpoint that the witness cosigned last; 0 when it has cosigned none.
    """

    def __init__(self, code: str, message: str, size: int) -> None:
        super().__init__(code, message, field="size")
        self.size = size

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.code, self.message, self.size))


@dataclass(frozen=True, slots=True)
class Request:
    """One `add-checkpoint` request.

    Args:
        old_size: Size of the checkpoint that the witness is thought to have cosigned last.
        proof: Consistency proof from that size to the checkpoint's, 32 bytes each; empty from size 0.
        note: The checkpoint, a signed note.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    @classmethod
    def make(cls, old_size: int, proof: Sequence[bytes], note: bytes) -> Self:
        """Return a request that a witness can read.

        Raises:
            UsageError: The size is out of range, or the proof is too long or holds something but hashes.
        """
        if not 0 <= old_size <= MAX_SIZE:
            raise UsageError("witness-request", f"a tree size lies between 0 and 2^63 - 1, not {old_size}")
        if len(proof) > MAX_PROOF or any(len(value) != 32 for value in proof):
            raise UsageError(
                "witness-request", f"a consistency proof is at most {MAX_PROOF} hashes of 32 bytes"
            )
        return cls(old_size, tuple(proof), note)

    def encode(self) -> bytes:
        """Return the body of the HTTP request."""
        head = [b"old %d" % self.old_size, *(b64encode(value) for value in self.proof), b"", b""]
        return b"\n".join(head) + self.note

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Return what a request body says; the checkpoint in it is not looked at.

        Raises:
            MalformedError: It is not in the form that the protocol gives.
        """
        if len(body) > MAX_REQUEST:
            raise MalformedError("too-large", f"a request has at most {MAX_REQUEST} bytes")
        head, separator, note = body.partition(b"\n\n")
        if not separator:
            raise MalformedError("witness-request", "no empty line stands before the checkpoint")
        first, *lines = head.split(b"\n", MAX_PROOF + 1)
        if len(lines) > MAX_PROOF:
            raise MalformedError("witness-request", f"a request has at most {MAX_PROOF} proof lines")
        if not first.startswith(b"old "):
            raise MalformedError("witness-request", "the first line must be `old` and a tree size")
        old_size = parse_size(first.removeprefix(b"old "))
        return cls(old_size, tuple(_hash(line, number) for number, line in enumerate(lines, 2)), note)


def parse_size(text: bytes) -> int:
    """Return a tree size written in decimal, without sign or leading zeroes.

    Raises:
        MalformedError: It is anything else.
    """
    # The length first: int() of megabytes of digits would take long.
    if not 1 <= len(text) <= 19 or not text.isdigit() or (text[0] == ord("0") and text != b"0"):
        raise MalformedError(
            "tree-size", "a tree size is a decimal number without leading zeroes", field="size"
        )
    size = int(text)
    if size > MAX_SIZE:
        raise MalformedError("tree-size", "a tree size is at most 2^63 - 1", field="size")
    return size


def _hash(line: bytes, number: int) -> bytes:
    try:
        value = b64decode(line, validate=True)
    except binascii.Error:
        value = b""
    # Encoding again refuses the second spellings of base64: trailing bits that are not zero.
    if len(value) != 32 or b64encode(value) != line:
        raise MalformedError(
            "witness-request", f"line {number} is not the base64 of a 32-byte hash", field="proof"
        )
    return value
