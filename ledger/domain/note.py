"""C2SP signed notes: text that is signed line by line, and the verifier keys that go with it.

A note is text that ends in a newline, an empty line, and signature lines `— name base64(key id ‖ signature)`.
Signatures by unknown keys are kept and mean nothing (c2sp.org/signed-note, version 1).
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.domain.ed25519 import is_public_key
from ledger.domain.errors import MalformedError, UsageError, VerificationError

ED25519: Final = 0x01
COSIGNATURE_V1: Final = 0x04
MAX_NOTE: Final = 131_072
"""Bytes of a note: room for 16 post-quantum signatures, which every reader must take."""
MAX_SIGNATURES: Final = 100
_PREFIX = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID_SIZE = 4
_SIGNATURE_SIZE = 64

Sign = Callable[[bytes], bytes]
"""Returns the 64-byte Ed25519 signature of a message: a key in memory, in a file, in an HSM."""


def from_base64(text: str, what: str) -> bytes:
    """Return the bytes of padded base64 (RFC 4648 section 4) in its one canonical form.

    Args:
        text: The text as read.
        what: What to call it in a complaint.

    Raises:
        MalformedError: It is anything else: other characters, wrong padding, bits set that say nothing.
    """
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if b64encode(data).decode() != text:
        raise MalformedError("base64", f"{what} must be canonical base64")
    return data


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return a key's id under its name: the first 4 bytes of `SHA-256(name ‖ 0A ‖ kind ‖ public)`."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_KEY_ID_SIZE]


def is_key_name(name: str) -> bool:
    """Return whether a text may name a key: not empty, no Unicode spaces, no plus, no control characters."""
    # Half a surrogate pair, as JSON can spell one, has no UTF-8 form.
    return name != "" and not any(
        char.isspace() or char < " " or char == "+" or "\ud800" <= char <= "\udfff" for char in name
    )


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public Ed25519 key under a name, for one kind of signature.

    Args:
        name: Key name, better a schema-less URL.
        kind: `ED25519` for signatures over the note, `COSIGNATURE_V1` for a witness's.
        public: 32 bytes (RFC 8032).

    Raises:
        MalformedError: The name is none, the kind is not known, or the bytes are no key.
    """

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise MalformedError("verifier-key", "a key name is not empty and has no spaces and no plus")
        if self.kind not in (ED25519, COSIGNATURE_V1):
            raise MalformedError("verifier-key", f"the key of {self.name} is of the unknown kind {self.kind}")
        if not is_public_key(self.public):
            raise MalformedError(
                "verifier-key", f"the key of {self.name} is no Ed25519 key that binds its owner"
            )

    @property
    def key_id(self) -> bytes:
        """The key's id, 4 bytes."""
        return key_id(self.name, self.kind, self.public)

    def encode(self) -> str:
        """Return `name+hex key id+base64(kind ‖ public)`."""
        material = b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the key that a verifier key text holds.

        Raises:
            MalformedError: The text is not in that form, or its key id is not that of the key.
        """
        name, _, rest = text.partition("+")
        # The base64 may hold a plus itself.
        material = from_base64(rest.partition("+")[2], "the key of a verifier key")
        key = cls(name, material[0] if material else 0, material[1:])
        if key.encode() != text:
            raise MalformedError("verifier-key", f"the verifier key of {name} does not have the key's own id")
        return key

    def verify(self, message: bytes, signature: bytes) -> None:
        """Check a bare signature.

        Raises:
            VerificationError: This key did not make it over this message.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise VerificationError("note-signature", f"the signature of {self.name} does not hold") from None


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note; `signature` is whatever follows the 4 bytes of the key id."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """Return the line, newline included."""
        return f"{_PREFIX}{self.name} {b64encode(self.key_id + self.signature).decode()}\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """Return the signature that a line holds.

        Args:
            line: One line, without its newline.

        Raises:
            MalformedError: It is not a signature line.
        """
        name, space, encoded = line.removeprefix(_PREFIX).partition(" ")
        if not line.startswith(_PREFIX) or not space or not is_key_name(name):
            raise MalformedError("note-signature-line", "a signature line is `— name base64`")
        data = from_base64(encoded, "the signature in a signature line")
        if len(data) <= _KEY_ID_SIZE:
            raise MalformedError("note-signature-line", "a signature is longer than its 4-byte key id")
        return cls(name, data[:_KEY_ID_SIZE], data[_KEY_ID_SIZE:])

    def is_by(self, key: VerifierKey) -> bool:
        """Return whether this claims to be by a key; what it claims is not verified."""
        return self.name == key.name and self.key_id == key.key_id


@dataclass(frozen=True, slots=True)
class Note:
    """Text and the signature lines under it, verified or not."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """Return the note's bytes.

        Raises:
            UsageError: No reader would take them: the text does not end in a newline, there is no signature,
                a control character, a limit exceeded.
        """
        lines = "".join(signature.line() for signature in self.signatures)
        try:
            data = f"{self.text}\n{lines}".encode()
            same = Note.parse(data) == self
        except (MalformedError, UnicodeEncodeError) as error:
            raise UsageError("note", f"this cannot be written as a note: {error}") from None
        if not same:
            raise UsageError("note", "this cannot be written as a note: its text must end in a newline")
        return data

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the note that bytes hold; no signature is verified.

        Raises:
            MalformedError: They are not a signed note, or exceed `MAX_NOTE` or `MAX_SIGNATURES`.
        """
        if len(data) > MAX_NOTE:
            raise MalformedError("too-large", f"a note has at most {MAX_NOTE} bytes")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise MalformedError("note", "a note must be UTF-8") from None
        if _CONTROL.search(whole):
            raise MalformedError("note", "a note must not hold control characters")
        text, empty_line, block = whole.rpartition("\n\n")
        if not empty_line or not block.endswith("\n"):
            raise MalformedError("note", "a note is text, an empty line, and signature lines")
        return cls(text + "\n", parse_signatures(block))

    def add(self, *signatures: NoteSignature) -> "Note":
        """Return the note with more signature lines at its end; lines that it has are not repeated."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def parse_signatures(block: str) -> tuple[NoteSignature, ...]:
    """Return the signatures of some lines, as a witness answers them or as they end a note.

    Args:
        block: At least one signature line, each ending in a newline.

    Raises:
        MalformedError: They are anything else, or more than `MAX_SIGNATURES`.
    """
    *lines, rest = block.split("\n")
    if rest or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise MalformedError(
            "note", f"1 to {MAX_SIGNATURES} lines of signatures are taken, each ended by a newline"
        )
    return tuple(NoteSignature.parse(line) for line in lines)


def sign_text(text: str, key: VerifierKey, sign: Sign) -> NoteSignature:
    """Return a key's signature over a note's text, checked under that key.

    Args:
        text: The text, its last newline included.
        key: The public half, of kind `ED25519`.
        sign: Signs with the private half.

    Raises:
        UsageError: The key is of another kind.
        VerificationError: `sign` uses another key.
    """
    if key.kind != ED25519:
        raise UsageError("key-kind", f"the key of {key.name} does not sign notes")
    return NoteSignature(key.name, key.key_id, checked_signature(text.encode(), key, sign))


def checked_signature(message: bytes, key: VerifierKey, sign: Sign) -> bytes:
    """Return what `sign` makes of a message, once it has been seen to verify under the key."""
    signature = sign(message)
    # A wrong key behind `sign` has to show here, before anything that is signed with it is kept or sent.
    if len(signature) != _SIGNATURE_SIZE:
        raise VerificationError("note-signature", f"the signer of {key.name} returned {len(signature)} bytes")
    key.verify(message, signature)
    return signature


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> list[VerifierKey]:
    """Return those of the given keys that signed a note, at least one, in the order given.

    Args:
        note: The note.
        keys: Trusted keys of kind `ED25519`.

    Raises:
        VerificationError: A signature of one of the keys does not hold, or there is none by any of them.
        UsageError: A key is of another kind.
    """
    signers = []
    for key in dict.fromkeys(keys):
        if key.kind != ED25519:
            raise UsageError("key-kind", f"the key of {key.name} does not sign notes")
        theirs = [line for line in note.signatures if line.is_by(key)]
        for line in theirs:
            key.verify(note.text.encode(), line.signature)
        if theirs:
            signers.append(key)
    if not signers:
        raise VerificationError("note-unsigned", "the note is not signed by any of the trusted keys")
    return signers
