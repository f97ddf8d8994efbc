"""Key files: a PKCS#8 private key with its purpose, in age encryption under a passphrase.

What is encrypted is one line that says what the key is for, and the key in PEM:

    corridor-key/1 log log.example/corridor
    -----BEGIN PRIVATE KEY-----
    ...

PEM readers skip text before the first dashes (RFC 7468 section 2): `age -d FILE | openssl pkey` opens such a
file, years later too.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from ledger.domain.cose import Alg
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.note import COSIGNATURE_V1, ED25519, VerifierKey
from ledger.keys import passphrase as encryption
from ledger.keys import secret_file
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
        if not _FIRST_LINE.fullmatch(f"{FORMAT} {self.kind.value} {self.name}\n"):
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
    def open(cls, path: Path, passphrase: str, kind: KeyKind | None) -> Self:
        """Read a key file; one that others may read is logged as a warning.

        Args:
            path: Where it is.
            passphrase: What it was encrypted under.
            kind: What the key is wanted for; None to take any.

        Raises:
            NotFoundError: There is no such file.
            UnavailableError: It cannot be read.
            UsageError: The passphrase is wrong, or the key is for something else.
            MalformedError: Not a key file, cut off, or changed.
        """
        plaintext = encryption.decrypt(secret_file.read(path), passphrase, str(path))
        key = cls._parse(plaintext, path)
        if kind is not None and key.kind is not kind:
            message = f"{path} holds a {key.kind.value} key; a {kind.value} key is needed here"
            raise UsageError("wrong-key-kind", message)
        return key

    def save(self, path: Path, passphrase: str, *, work_factor: int = encryption.WORK_FACTOR) -> None:
        """Write the key into a new file.

        Args:
            path: Where; nothing may be there yet.
            passphrase: What to encrypt it under; it is not kept.
            work_factor: Binary logarithm of scrypt's cost.

        Raises:
            ConflictError: Something is there already.
            NotFoundError: The folder is not there.
            UnavailableError: The folder cannot be written to, or the disk is full.
            UsageError: The passphrase is empty.
        """
        secret_file.write_new(path, encryption.encrypt(self._encode(), passphrase, work_factor=work_factor))

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

    def _note_kind(self) -> KeyKind:
        if self.kind not in _NOTE_KINDS:
            raise UsageError("wrong-key-kind", f"a {self.kind.value} key does not sign checkpoints")
        return self.kind

    def _ed25519(self) -> Ed25519PrivateKey:
        if not isinstance(self.private_key, Ed25519PrivateKey):
            raise UsageError("wrong-key-type", "checkpoints are signed with Ed25519 keys")
        return self.private_key

    def _encode(self) -> bytes:
        pem = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return f"{FORMAT} {self.kind.value} {self.name}\n".encode() + pem

    @classmethod
    def _parse(cls, plaintext: bytes, path: Path) -> Self:
        first_line, newline, pem = plaintext.partition(b"\n")
        match = _FIRST_LINE.fullmatch((first_line + newline).decode("ascii", "replace"))
        if match is None or match[1] not in list(KeyKind):
            raise _no_key(path, f"it does not begin with {FORMAT} and a purpose")
        try:
            private_key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise _no_key(path, "what follows is no private key in PEM") from None
        if isinstance(private_key, EllipticCurvePrivateKey) and not isinstance(private_key.curve, SECP256R1):
            raise _no_key(path, "its curve is not P-256")
        if not isinstance(private_key, EllipticCurvePrivateKey | Ed25519PrivateKey):
            raise _no_key(path, "its key is neither P-256 nor Ed25519")
        return cls(KeyKind(match[1]), match[2], private_key)


def _no_key(path: Path, why: str) -> MalformedError:
    return MalformedError("key-file-malformed", f"{path} holds no key of ours: {why}")
