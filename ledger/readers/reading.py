"""What a reader says of an evidence item: findings, complaints, renditions, fingerprints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["read", "complained", "not-understood"]


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is wrong with an item, or that hindered its reading.

    Args:
        code: `[a-z][a-z0-9-]*`, such as `truncated`, `clock-jump`, `signature-broken`, `out-of-memory`.
        message: A sentence for people, which never quotes the item: it is recorded in the clear.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rendition:
    """A picture of an item for people; never the item itself.

    Args:
        title: What it shows, such as `window 0 to 65535`, `spectrum`, `poster`, `page 1`.
        media_type: `image/png` or `image/jpeg`.
        data: The bytes.
    """

    title: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What the same content has in common in two files; secret like the content itself.

    Args:
        kind: `scan`, `photo`, `spectrum`, `clip` or `document`.
        exact: SHA-256 of the content without its wrapping (pixels, counts, coded frames), 32 bytes.
        perceptual: PDQ hash of an image, 32 bytes, most significant bit first; None where there is none.
    """

    kind: str
    exact: bytes = field(repr=False)
    perceptual: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader says of one item.

    Args:
        reader: Name of the reader and of the library behind it, such as `n42/SpecUtils`.
        version: Of both, such as `1/0.0.11`.
        format: What the item is by its content, such as `N42.42-2006`; None when nobody knows.
        found: What was read out of it: JSON, at most 64 KiB.
        complaints: What is wrong with it. A format with complaints counts as complained.
        renditions: For people.
        fingerprints: To find the same content again.
    """

    reader: str
    version: str
    format: str | None
    found: Mapping[str, Any] = field(default_factory=dict)
    complaints: tuple[Complaint, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """`not-understood` without a format, `complained` with complaints, else `read`."""
        if self.format is None:
            return "not-understood"
        return "complained" if self.complaints else "read"
