"""Subjects, what statements are about, and the tags of their streams (formats, section 4)."""

import re
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Self

from ledger.domain import fields
from ledger.domain.errors import MalformedError

SECRET_SIZE = 16
TAG_SIZE = 32

SUBJECT_OPENED = "subject-opened"
"""Kind of the statement by which an organisation opens a subject and its custody stream."""
STREAM_OPENED = "stream-opened"
"""Kind of the statement by which an authority opens a restricted stream."""

TYPES = ("trip", "consignment", "booking", "voyage", "organisation")
"""What a subject can be; an organisation is the subject of what is said of itself and its devices."""

_URI = re.compile(rf"urn:corridor:({'|'.join(TYPES)}):([A-Z0-9._-]{{1,64}}):([0-9a-f]{{64}})")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about, under a name that commits to its creator and its one custody stream.

    Args:
        type: One of `TYPES`.
        key: The number in trade use: 1 to 64 characters of `A-Z 0-9 . _ -`.
        id: Hash over type, key, creator and custody tag, 32 bytes.
    """

    type: str
    key: str
    id: bytes

    @classmethod
    def parse(cls, uri: object, field: str = "subject") -> Self:
        """Read `urn:corridor:<type>:<key>:<id>`.

        Raises:
            MalformedError: Anything else.
        """
        match = _URI.fullmatch(uri) if isinstance(uri, str) else None
        if match is None:
            message = f"{field} must be urn:corridor:<type>:<key>:<id> as in section 4 of the formats"
            raise MalformedError("malformed-subject", message, field=field)
        return cls(match[1], match[2], bytes.fromhex(match[3]))

    @classmethod
    def create(cls, subject_type: str, key: str, iss: str, custody_tag: bytes) -> Self:
        """Name a new subject.

        Args:
            subject_type: One of `TYPES`.
            key: The number in trade use.
            iss: URI of the organisation that opens it.
            custody_tag: Tag of its custody stream, 32 bytes.

        Raises:
            MalformedError: A type, key or URI that the format does not know.
        """
        fields.organisation(iss, "iss")
        identifier = _identifier(subject_type, key, iss, custody_tag)
        return cls.parse(f"urn:corridor:{subject_type}:{key}:{identifier.hex()}")

    @property
    def uri(self) -> str:
        """The name in statements."""
        return f"urn:corridor:{self.type}:{self.key}:{self.id.hex()}"

    def opened_by(self, iss: str, custody_tag: bytes) -> bool:
        """Return whether this organisation, with this custody tag, is the one that the name commits to."""
        return compare_digest(self.id, _identifier(self.type, self.key, iss, custody_tag))


def is_subject_uri(text: object) -> bool:
    """Return whether a text has the form of a subject's name."""
    return isinstance(text, str) and _URI.fullmatch(text) is not None


def stream_tag(secret: bytes) -> bytes:
    """Return the public tag of a stream, 32 bytes.

    Args:
        secret: The stream's secret, 16 random bytes.

    Raises:
        MalformedError: The secret has another size.
    """
    if len(secret) != SECRET_SIZE:
        raise MalformedError(
            "malformed-secret", f"a stream secret has {SECRET_SIZE} bytes, not {len(secret)}"
        )
    return sha256(b"corridor/stream/v1" + secret).digest()


def _identifier(subject_type: str, key: str, iss: str, custody_tag: bytes) -> bytes:
    if len(custody_tag) != TAG_SIZE:
        raise MalformedError("malformed-tag", f"a stream tag has {TAG_SIZE} bytes, not {len(custody_tag)}")
    texts = ("corridor/subject/v1", subject_type, key, iss)
    return sha256(b"\x00".join([*(text.encode() for text in texts), custody_tag])).digest()
