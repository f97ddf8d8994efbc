"""Checkpoints of a log, and what witnesses sign of them (c2sp.org/tlog-checkpoint and /tlog-cosignature)."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.domain.note import (
    COSIGNATURE_V1,
    Note,
    NoteSignature,
    Sign,
    VerifierKey,
    checked_signature,
    from_base64,
    is_key_name,
    sign_text,
    verify_note,
)

MAX_NUMBER: Final = (1 << 63) - 1
"""The largest tree size, leaf index and time: what databases can store, and C2SP's limit for a time."""
_ROOT_SIZE = 32
_TIME_SIZE = 8


def from_decimal(text: str, what: str) -> int:
    """Return a number written in decimal without sign or leading zeroes.

    Args:
        text: The text as read.
        what: What to call it in a complaint.

    Raises:
        MalformedError: It is anything else, or over 2^63 - 1.
    """
    # The length first: int() of megabytes of digits would take long.
    if (
        not 1 <= len(text) <= 19
        or not (text.isascii() and text.isdigit())
        or (text[0] == "0" and text != "0")
    ):
        raise MalformedError("decimal", f"{what} must be a decimal number without leading zeroes")
    number = int(text)
    if number > MAX_NUMBER:
        raise MalformedError("decimal", f"{what} must not exceed 2^63 - 1")
    return number


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's statement of how large it is and what it holds.

    Args:
        origin: Name of the log, a schema-less URL.
        size: Number of entries.
        root: Root of the Merkle tree over them, 32 bytes.

    Raises:
        MalformedError: A checkpoint cannot say this.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.origin):
            raise MalformedError("checkpoint-origin", "an origin is not empty and has no spaces and no plus")
        if not 0 <= self.size <= MAX_NUMBER:
            raise MalformedError("checkpoint-size", "a tree size lies between 0 and 2^63 - 1")
        if len(self.root) != _ROOT_SIZE:
            raise MalformedError("checkpoint-root", f"a root hash must be {_ROOT_SIZE} bytes")

    def body(self) -> str:
        """Return the note text: origin, size and base64 root, a line each."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the checkpoint that a note text holds.

        Raises:
            MalformedError: It is not exactly three lines, or one of them is not what it must be.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise MalformedError(
                "checkpoint", "a checkpoint has exactly three lines; extension lines are not taken"
            )
        return cls(lines[0], from_decimal(lines[1], "a tree size"), from_base64(lines[2], "a root hash"))


class SignedCheckpoint(NamedTuple):
    """A checkpoint that a trusted log key signed: its content, the note it came in, and which key it was."""

    checkpoint: Checkpoint
    note: Note
    key: VerifierKey


class Cosignature(NamedTuple):
    """A witness's word that a checkpoint was the largest consistent one it knew at a time (POSIX seconds)."""

    name: str
    timestamp: int


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Sign) -> bytes:
    """Return a checkpoint as a note signed by the log.

    Args:
        checkpoint: What to sign.
        key: The log's key, of kind `ED25519` and with the origin as name.
        sign: Signs with its private half.

    Raises:
        UsageError: The key is of another kind or has another name.
        VerificationError: `sign` uses another key.
    """
    if key.name != checkpoint.origin:
        raise UsageError("key-name", f"a checkpoint of {checkpoint.origin} is not signed as {key.name}")
    body = checkpoint.body()
    return Note(body, (sign_text(body, key, sign),)).encode()


def open_checkpoint(data: bytes, log_keys: Iterable[VerifierKey]) -> SignedCheckpoint:
    """Return the checkpoint in a note, once it has been seen to be signed by the log that it names.

    Args:
        data: The note's bytes.
        log_keys: Trusted log keys, of one log or several; those of other logs do not count.

    Raises:
        MalformedError: The note, or the checkpoint in it, is not in the format.
        VerificationError: No key of the log it names signed it, or a signature of one does not hold.
    """
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    signers = verify_note(note, [key for key in log_keys if key.name == checkpoint.origin])
    return SignedCheckpoint(checkpoint, note, signers[0])


def cosign(checkpoint: Checkpoint, key: VerifierKey, timestamp: int, sign: Sign) -> NoteSignature:
    """Return a witness's signature of a checkpoint at a time; its `.line()` is what the witness answers.

    Args:
        checkpoint: What to cosign: found consistent with all that the witness saw before.
        key: The witness's key, of kind `COSIGNATURE_V1`.
        timestamp: POSIX seconds, now.
        sign: Signs with the key's private half.

    Raises:
        UsageError: The key is of another kind, or the time is out of range.
        VerificationError: `sign` uses another key.
    """
    if key.kind != COSIGNATURE_V1:
        raise UsageError("key-kind", f"the key of {key.name} does not cosign checkpoints")
    if not 0 <= timestamp <= MAX_NUMBER:
        raise UsageError("cosignature-time", "a time lies between 0 and 2^63 - 1")
    signature = checked_signature(_message(checkpoint.body(), timestamp), key, sign)
    return NoteSignature(key.name, key.key_id, timestamp.to_bytes(_TIME_SIZE) + signature)


def verify_cosignatures(
    note: Note, witness_keys: Iterable[VerifierKey], *, pick: Callable[[Iterable[int]], int] = min
) -> list[Cosignature]:
    """Return which of the given witnesses cosigned a checkpoint and when, each witness once.

    Args:
        note: The checkpoint's note.
        witness_keys: Trusted witness keys, of kind `COSIGNATURE_V1`. Several under one name are one witness.
        pick: Which time counts when a witness cosigned more than once: the first, `min`, bounds when the
            checkpoint was made; the last, `max`, says how fresh it is.

    Raises:
        VerificationError: A cosignature by one of the keys does not hold.
        UsageError: A key is of another kind, or two witnesses share one key: a cosignature does not say which
            of the two names made it, so that one witness would count twice.
    """
    keys = list(dict.fromkeys(witness_keys))
    if any(key.kind != COSIGNATURE_V1 for key in keys):
        raise UsageError("key-kind", "a key that does not cosign checkpoints is listed as a witness")
    if len({key.public for key in keys}) != len(keys):
        raise UsageError("shared-witness-key", "one key is listed under two witness names; list it once")
    times: dict[str, list[int]] = {}
    for key in keys:
        for line in note.signatures:
            if line.is_by(key):
                times.setdefault(key.name, []).append(_verified_time(note.text, line, key))
    return [Cosignature(name, pick(seen)) for name, seen in times.items()]


def _verified_time(body: str, line: NoteSignature, key: VerifierKey) -> int:
    timestamp = int.from_bytes(line.signature[:_TIME_SIZE])
    if timestamp > MAX_NUMBER:
        raise VerificationError("cosignature-time", f"the cosignature of {key.name} has a time out of range")
    key.verify(_message(body, timestamp), line.signature[_TIME_SIZE:])
    return timestamp


def _message(body: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{body}".encode()
