"""The bytes that a log and a witness exchange: C2SP tlog-witness, `add-checkpoint`.

The request is an old size line, at most 63 lines with the hashes of a consistency proof, an empty line, and
the checkpoint. The answer is one or more cosignature lines, or a refusal by its status.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ledger.domain.checkpoint import MAX_NUMBER, from_decimal
from ledger.domain.errors import ConflictError, MalformedError, UsageError
from ledger.domain.merkle import HASH_SIZE
from ledger.domain.note import from_base64

PATH: Final = "/add-checkpoint"
SIZE_MEDIA_TYPE: Final = "text/x.tlog.size"
MAX_REQUEST: Final = 65_536
"""Bytes of a request. 63 proof lines take 2,835; the rest is room for a checkpoint with many signatures."""
MAX_ANSWER: Final = 16_384
MAX_PROOF: Final = 63


class WitnessConflict(ConflictError):  # noqa: N818 - the protocol's own word
    """The witness has cosigned another size, or another root of this size, than the request goes on from.

    Args:
        code: `witness-conflict`, which is cured by a proof from `size`; or `witness-other-root`: the witness
            has cosigned this very size with another root, a split view that asking again does not cure.
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
            UsageError: A size out of range, a proof that is too long or holds something but hashes, or a note
                that is too large.
        """
        request = cls(old_size, tuple(proof), note)
        if not 0 <= old_size <= MAX_NUMBER:
            raise UsageError("witness-request", f"a tree size lies between 0 and 2^63 - 1, not {old_size}")
        if len(proof) > MAX_PROOF or any(len(value) != HASH_SIZE for value in proof):
            raise UsageError(
                "witness-request", f"a consistency proof is up to {MAX_PROOF} hashes of 32 bytes"
            )
        if len(request.encode()) > MAX_REQUEST:
            raise UsageError("witness-request", f"the checkpoint makes a request of over {MAX_REQUEST} bytes")
        return request

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
        head, empty_line, note = body.partition(b"\n\n")
        first, *lines = head.decode("ascii", "replace").split("\n")
        if not empty_line or not first.startswith("old "):
            raise MalformedError(
                "witness-request",
                "a request is the line `old` with a tree size, proof lines, an empty line and a checkpoint",
            )
        if len(lines) > MAX_PROOF:
            raise MalformedError("witness-request", f"a request has at most {MAX_PROOF} proof lines")
        proof = tuple(_hash(line, number) for number, line in enumerate(lines, 2))
        return cls(from_decimal(first.removeprefix("old "), "the old size"), proof, note)


def _hash(line: str, number: int) -> bytes:
    value = from_base64(line, f"line {number}")
    if len(value) != HASH_SIZE:
        raise MalformedError("witness-request", f"line {number} must hold a hash of {HASH_SIZE} bytes")
    return value
