"""Key files: a private key in OpenSSH's encrypted format, under a line that says what it is for.

    corridor-key/1 log log.example/corridor
    -----BEGIN OPENSSH PRIVATE KEY-----
    ...

The line is text before the dashes as RFC 7468 section 2 allows it. What follows it is a file of its own for
`ssh-keygen`: `tail -n +2 FILE > ssh.key`. The line is neither encrypted nor authenticated; the record of the
decision (docs/adr, "Key files") says why nothing rests on it.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.domain.cose import Alg, CoseKey
from ledger.domain.errors import CorridorError, MalformedError, UsageError
from ledger.domain.note import COSIGNATURE_V1, ED25519, VerifierKey
from ledger.keys import openssh, secret_file
from ledger.keys.memory import MemorySigner, PrivateKey

FORMAT = "corridor-key/1"

_FIRST_LINE = re.compile(r"corridor-key/1 ([a-z]+) ([\x21-\x7e]{1,200})\n")


class KeyKind(StrEnum):
    """What a key is for. A key is never used for two things."""

    STATEMENT = "statement"
    RECEIPT = "receipt"
    LOG = "log"
    WITNESS = "witness"


_ALGS = {
    KeyKind.STATEMENT: (Alg.ES256, Alg.EDDSA),
    KeyKind.RECEIPT: (Alg.ES256,),
    KeyKind.LOG: (Alg.EDDSA,),
    KeyKind.WITNESS: (Alg.EDDSA,),
}
_NOTE_KINDS = {KeyKind.LOG: ED25519, KeyKind.WITNESS: COSIGNATURE_V1}


@dataclass(frozen=True, slots=True)
class PublicHalf:
    """What others may know of a key.

    Args:
        kind: What it is for.
        name: Whose it is.
        key: The public key.
    """

    kind: KeyKind
    name: str
    key: CoseKey

    @property
    def verifier_key(self) -> VerifierKey | None:
        """The key of a log or a witness under its name, None for a key that signs statements or receipts.

        Raises:
            MalformedError: The key or the name cannot stand in a note.
        """
        if self.kind not in _NOTE_KINDS or not isinstance(self.key.public_key, Ed25519PublicKey):
            return None
        return VerifierKey(self.name, _NOTE_KINDS[self.kind], self.key.public_key.public_bytes_raw())


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key and what it is for.

    Args:
        kind: What it is for.
        name: Whose it is: an organisation's URI for statements, the origin of a log, the name of a witness.
            1 to 200 visible ASCII characters.
        private_key: P-256 or Ed25519, as the kind allows.

    Raises:
        UsageError: A name or a key that the kind does not allow.
    """

    kind: KeyKind
    name: str
    private_key: PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        if not _FIRST_LINE.fullmatch(self._first_line):
            message = "the name of a key must be 1 to 200 visible ASCII characters"
            raise UsageError("bad-key-name", message, field="name")
        alg = MemorySigner(self.private_key).key.alg
        if alg not in _ALGS[self.kind]:
            message = f"a {self.kind.value} key cannot be one for {alg.name}"
            raise UsageError("wrong-key-type", message)
        if self.kind in _NOTE_KINDS:
            self.verifier_key.encode()

    @classmethod
    def generate(cls, kind: KeyKind, name: str, alg: Alg | None = None) -> Self:
        """Make a new key.

        Args:
            kind: What it is for.
            name: Whose it is.
            alg: Which algorithm; the kind's first where nothing is said.
        """
        return cls(kind, name, MemorySigner.generate(alg or _ALGS[kind][0]).private_key)

    @classmethod
    def open(cls, path: Path, passphrase: str, kind: KeyKind | None = None) -> Self:
        """Read a key file; one that others may read is logged as a warning.

        Args:
            path: Where it is.
            passphrase: What it was encrypted under.
            kind: What the key is wanted for; None to take any.

        Raises:
            NotFoundError: There is no such file.
            UnavailableError: It cannot be read.
            UsageError: The passphrase is wrong, or the key is for something else.
            MalformedError: Not a key file, not encrypted, cut off, or changed.
        """
        found, name, pem = _parts(path)
        if kind is not None and found is not kind:
            message = f"{path} holds a {found.value} key; a {kind.value} key is needed here"
            raise UsageError("wrong-key-kind", message)
        private_key = openssh.decrypt(pem, passphrase, str(path))
        try:
            return cls(found, name, private_key)
        except CorridorError as error:
            message = f"{path} holds no key of ours: its first line does not fit its key: {error.message}"
            raise MalformedError("key-file-malformed", message) from None

    @staticmethod
    def read_public(path: Path) -> "PublicHalf":
        """Read what of a key file is not encrypted: only opening it can tell if that was changed.

        Args:
            path: Where it is.

        Raises:
            NotFoundError: There is no such file.
            UnavailableError: It cannot be read.
            MalformedError: Not a key file, not encrypted, or cut off.
        """
        kind, name, pem = _parts(path)
        try:
            return PublicHalf(kind, name, CoseKey.from_public_key(openssh.public_key(pem, str(path))))
        except UsageError as error:
            raise MalformedError("key-file-malformed", f"{path} holds no key of ours: {error}") from None

    def save(self, path: Path, passphrase: str, *, rounds: int = openssh.ROUNDS) -> None:
        """Write the key into a new file.

        Args:
            path: Where; nothing may be there yet.
            passphrase: What to encrypt it under; it is not kept.
            rounds: Of bcrypt-pbkdf.

        Raises:
            ConflictError: Something is there already.
            NotFoundError: The folder is not there.
            UnavailableError: The folder cannot be written to, or the disk is full.
            UsageError: The passphrase is empty.
        """
        pem = openssh.encrypt(self.private_key, passphrase, rounds=rounds)
        secret_file.write_new(path, self._first_line.encode() + pem)

    @property
    def signer(self) -> MemorySigner:
        """The key for COSE signatures: statements and receipts.

        Raises:
            UsageError: The key signs notes.
        """
        if self.kind in _NOTE_KINDS:
            raise UsageError("wrong-key-kind", f"a {self.kind.value} key signs checkpoints and nothing else")
        return MemorySigner(self.private_key)

    @property
    def verifier_key(self) -> VerifierKey:
        """The public half of a log's or a witness's key, under its name.

        Raises:
            UsageError: The key signs statements or receipts.
            MalformedError: The name cannot stand in a note.
        """
        return VerifierKey(
            self.name, _NOTE_KINDS[self._note_kind()], self._ed25519().public_key().public_bytes_raw()
        )

    def sign_note(self, message: bytes) -> bytes:
        """Return the bare Ed25519 signature, 64 bytes, of a log's or a witness's key.

        Raises:
            UsageError: The key signs statements or receipts.
        """
        self._note_kind()
        return self._ed25519().sign(message)

    @property
    def _first_line(self) -> str:
        return f"{FORMAT} {self.kind.value} {self.name}\n"

    def _note_kind(self) -> KeyKind:
        if self.kind not in _NOTE_KINDS:
            raise UsageError("wrong-key-kind", f"a {self.kind.value} key does not sign checkpoints")
        return self.kind

    def _ed25519(self) -> Ed25519PrivateKey:
        if not isinstance(self.private_key, Ed25519PrivateKey):
            raise UsageError("wrong-key-type", "checkpoints are signed with Ed25519 keys")
        return self.private_key


def _parts(path: Path) -> tuple[KeyKind, str, bytes]:
    """Return purpose, name and PEM of a key file."""
    first_line, newline, pem = secret_file.read(path).partition(b"\n")
    purpose = _FIRST_LINE.fullmatch((first_line + newline).decode("ascii", "replace"))
    if purpose is None or purpose[1] not in list(KeyKind):
        message = f"{path} holds no key of ours: it does not begin with {FORMAT}, a purpose and a name"
        raise MalformedError("key-file-malformed", message)
    return KeyKind(purpose[1]), purpose[2], pem
