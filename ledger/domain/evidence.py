"""Evidence items: what a statement says of bytes that are stored elsewhere, sealed (formats, section 12)."""

import re
from base64 import b32decode, b32encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.domain import fields
from ledger.domain.errors import MalformedError, UsageError, VerificationError

SALT_SIZE = 32
COMMITMENT_SIZE = 32

_INFO = b"corridor/evidence/v1"
_ITEM_SECRET = re.compile(rb"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}")
_MEMBERS = ("commitment", "cid", "size", "media_type", "category")
_CATEGORY = re.compile(r"[a-z][a-z0-9-]{0,63}")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
# CIDv1 of a raw leaf or of a UnixFS tree, then SHA-256 and its length (multiformats).
_CID_HEADS = (bytes.fromhex("01551220"), bytes.fromhex("01701220"))
_CID_SIZE = 36


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of an item without looking into it.

    Args:
        media_type: Media type of the plaintext (RFC 6838), without parameters.
        category: What it is, `[a-z][a-z0-9-]*`.
        name: What to call it, for people.
    """

    media_type: str
    category: str
    name: str | None = None

    @classmethod
    def parse(cls, media_type: object, category: object, name: object = None) -> Self:
        """Read a label; the name may be None.

        Raises:
            MalformedError: One of them is not in its form.
        """
        return cls(
            media_type=_matching(_MEDIA_TYPE, media_type, "media_type", "a type and a subtype"),
            category=_matching(_CATEGORY, category, "category", "characters a-z 0-9 -"),
            name=None if name is None else fields.text(name, "name", longest=200),
        )


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One sealed item.

    Args:
        commitment: SHA-256 over the item's salt and its plaintext, 32 bytes.
        cid: CIDv1 in base32 of the stored, encrypted bytes.
        size: Bytes of the plaintext.
        media_type: Media type of the plaintext (RFC 6838), without parameters.
        category: What it is, `[a-z][a-z0-9-]*`.
        name: What to call it, for people.
    """

    commitment: bytes
    cid: str
    size: int
    media_type: str
    category: str
    name: str | None = None

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read an item as it stands in a body.

        Raises:
            MalformedError: Members other than the format's.
        """
        members = fields.exactly(value, _MEMBERS, "an evidence item", optional=("name",))
        named = {"name": fields.text(members["name"], "name", longest=200)} if "name" in members else {}
        label = Label.parse(members["media_type"], members["category"], **named)
        return cls(
            commitment=fields.from_hex(members["commitment"], COMMITMENT_SIZE, "commitment"),
            cid=checked_cid(members["cid"]),
            size=fields.natural(members["size"], "size"),
            media_type=label.media_type,
            category=label.category,
            name=label.name,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the item as it stands in a body."""
        named = {} if self.name is None else {"name": self.name}
        return {
            "commitment": self.commitment.hex(),
            "cid": self.cid,
            "size": self.size,
            "media_type": self.media_type,
            "category": self.category,
        } | named

    def verify(self, salt: bytes, chunks: Iterable[bytes]) -> None:
        """Check that a plaintext is what was committed to.

        Args:
            salt: Of the item, 32 bytes.
            chunks: The plaintext in pieces.

        Raises:
            VerificationError: It is another plaintext, or another salt.
        """
        if commitment(salt, chunks) != self.commitment:
            message = f"the bytes are not those that were committed to as {self.commitment.hex()}"
            raise VerificationError("evidence-changed", message)


def items(body: Mapping[str, Any]) -> tuple[EvidenceItem, ...]:
    """Return the evidence items of a revealed body, none when it has no member `evidence`.

    Raises:
        MalformedError: `evidence` is not an array of items.
    """
    if "evidence" not in body:
        return ()
    return tuple(EvidenceItem.parse(value) for value in fields.array(body["evidence"], "evidence"))


def derive_salt(item_secret: bytes) -> bytes:
    """Return the salt of an item, 32 bytes: HKDF-SHA256 (RFC 5869) of its secret.

    Args:
        item_secret: The X25519 age identity made for the item, 74 ASCII characters `AGE-SECRET-KEY-1…`.

    Raises:
        UsageError: The secret has another form.
    """
    if not _ITEM_SECRET.fullmatch(item_secret):
        # The message holds nothing of it: a secret does not belong into a log.
        raise UsageError("bad-item-secret", "an item's secret must be an age identity in its 74 characters")
    return HKDF(algorithm=SHA256(), length=SALT_SIZE, salt=b"", info=_INFO).derive(item_secret)


def commitment(salt: bytes, chunks: Iterable[bytes]) -> bytes:
    """Return the commitment to a plaintext, 32 bytes, in one pass.

    Args:
        salt: Of the item, 32 bytes.
        chunks: The plaintext in pieces of any sizes.

    Raises:
        UsageError: The salt has another size.
    """
    if len(salt) != SALT_SIZE:
        raise UsageError("bad-salt", f"the salt of an item has {SALT_SIZE} bytes, not {len(salt)}")
    running = sha256(salt)
    for chunk in chunks:
        running.update(chunk)
    return running.digest()


def checked_cid(value: object) -> str:
    """Return a CID in the one form that stored evidence has (formats, section 12).

    Raises:
        MalformedError: Anything else.
    """
    text = value if isinstance(value, str) else ""
    try:
        decoded = b32decode(text[1:].upper() + "=" * (-len(text[1:]) % 8))
    except ValueError:
        decoded = b""
    again = "b" + b32encode(decoded).decode().lower().rstrip("=")
    if again != text or len(decoded) != _CID_SIZE or not decoded.startswith(_CID_HEADS):
        message = "cid must be a CIDv1 in base32 of a raw leaf or a UnixFS tree, with SHA-256"
        raise MalformedError("malformed-field", message, field="cid")
    return text


def _matching(pattern: re.Pattern[str], value: object, field: str, form: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedError("malformed-field", f"{field} must be {form}", field=field)
    return value
