"""Sealing: one pass over the bytes, in constant memory, and nothing of them is kept in the clear.

On their way the bytes are hashed into the commitment and encrypted with age in one thread; in the other one
the store names what it gets by its CID and keeps it. They are at most a few megabytes apart.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeAlias

import pyrage

from ledger.domain.errors import UsageError
from ledger.domain.evidence import EvidenceItem, Label, derive_salt
from ledger.domain.pieces import PieceReader
from ledger.evidence.pipes import PIECE, Pipe, gathered

MAX_RECIPIENTS = 64
Recipient: TypeAlias = "pyrage.x25519.Recipient | pyrage.ssh.Recipient"
Put = Callable[[Iterable[bytes]], str]
"""Stores bytes that come in pieces, all or nothing, and returns their CID."""


@dataclass(frozen=True, slots=True)
class SealedItem:
    """What came of sealing an item.

    Args:
        item: What a statement says of it.
        secret: The item's own age identity, in its 74 characters; whoever has it can read the item.
    """

    item: EvidenceItem
    secret: bytes = field(repr=False)


def seal(pieces: Iterable[bytes], label: Label, put: Put) -> SealedItem:
    """Seal bytes with a secret of their own (formats, section 12), and store them sealed.

    Args:
        pieces: The plaintext, gone through once. What it raises is raised, and nothing is stored.
        label: What to say of it.
        put: Stores the sealed bytes.
    """
    identity = pyrage.x25519.Identity.generate()
    secret = str(identity).encode()
    pipe = Pipe()
    plain = _Committing(pieces, derive_salt(secret))
    with ThreadPoolExecutor(1) as beside:
        encrypting = beside.submit(_encrypt, plain, identity.to_public(), pipe)
        try:
            cid = put(pipe)
        finally:
            pipe.close()
        encrypting.result()
    item = EvidenceItem(
        commitment=plain.running.digest(),
        cid=cid,
        size=plain.size,
        media_type=label.media_type,
        category=label.category,
        name=label.name,
    )
    return SealedItem(item, secret)


def wrap_secret(secret: bytes, recipients: Sequence[str]) -> bytes:
    """Return the secret of an item as an age file that each of the recipients can open with the `age` tool.

    Args:
        secret: The item's own age identity.
        recipients: age recipients: `age1…`, or an SSH public key `ssh-ed25519 …` or `ssh-rsa …`.

    Raises:
        UsageError: No recipients, too many, or one that is none.
    """
    return wrap_for(secret, recipients_of(recipients))


def wrap_for(secret: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return the secret of an item as an age file; see `wrap_secret`.

    Args:
        secret: The item's own age identity.
        recipients: As `recipients_of` returns them: reading them takes as long as wrapping a secret.
    """
    return bytes(pyrage.encrypt(secret, recipients))


def recipients_of(texts: Sequence[str]) -> list[Recipient]:
    """Return age recipients; raises as `wrap_secret` does."""
    if not 1 <= len(texts) <= MAX_RECIPIENTS:
        raise UsageError(
            "recipients",
            f"name 1 to {MAX_RECIPIENTS} age recipients that may read the item: else nobody ever can",
            field="recipients",
        )
    return [_recipient(text.strip(), number) for number, text in enumerate(texts, 1)]


def _recipient(text: str, number: int) -> Recipient:
    kind = pyrage.ssh.Recipient if text.startswith("ssh-") else pyrage.x25519.Recipient
    try:
        return kind.from_str(text)
    except pyrage.RecipientError:
        # It is not repeated: people mistake an identity, which is a secret, for a recipient.
        raise UsageError(
            "recipients",
            f"recipient {number} is none; give age1… or an SSH public key (ssh-ed25519 or ssh-rsa)",
            field="recipients",
        ) from None


def _encrypt(plain: "_Committing", recipient: "pyrage.x25519.Recipient", pipe: Pipe) -> None:
    """Encrypt into a pipe; what goes wrong comes out at its other end."""
    sealed, reader = _Gathering(pipe), PieceReader(plain)
    try:
        pyrage.encrypt_io(io.BufferedReader(reader, PIECE), sealed, [recipient])
        sealed.finish()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the thread at the other end has to know
        pipe.end(reader.error or error)
    else:
        pipe.end()


class _Committing:
    """A plaintext in larger pieces, hashed as it goes through."""

    def __init__(self, pieces: Iterable[bytes], salt: bytes) -> None:
        self._pieces = pieces
        self.running = sha256(salt)
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in gathered(self._pieces):
            self.running.update(piece)
            self.size += len(piece)
            yield piece


class _Gathering:
    """The file that age writes to: 64 KiB at a time, which is too little to wake another thread for."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._waiting: list[bytes] = []
        self._length = 0

    def write(self, data: bytes) -> int:
        self._waiting.append(data)
        self._length += len(data)
        if self._length >= PIECE:
            self.finish()
        return len(data)

    def flush(self) -> None:
        """Nothing: what waits is handed over when it is worth it, or at the end."""

    def finish(self) -> None:
        if self._waiting:
            self._pipe.write(b"".join(self._waiting))
            self._waiting, self._length = [], 0
