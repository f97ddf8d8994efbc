"""Fingerprints of contents: what finds the same scan, spectrum or clip that is offered for two trips."""

import re
from dataclasses import dataclass, field
from typing import Any, Final, Self

from ledger.domain import fields
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.evidence import checked_cid
from ledger.domain.subject import Subject

EXACT_SIZE: Final = 32
PERCEPTUAL_SIZE: Final = 32
BAND_SIZE: Final = 2
"""Bytes of a perceptual hash that are looked up together: 16 bands."""
ALIKE: Final = 31
"""Bits in which perceptual hashes of alike images differ at most, as PDQ's makers advise: with 16 bands there
is one that differs in one bit at most, so that `probes` find all of them. docs/evidence.md has the rates."""

_KIND = re.compile(r"[a-z][a-z0-9-]{0,15}")


@dataclass(frozen=True, slots=True)
class Offer:
    """That an item with certain content belongs to a trip.

    Args:
        cid: Of the item's sealed bytes.
        subject: URI of the trip.
        kind: `scan`, `spectrum`, `clip`, `document` or another name of at most 16 characters.
        exact: SHA-256 of the content without its wrapping, 32 bytes; secret like the content.
        perceptual: PDQ hash of an image, 32 bytes; None where there is none.
    """

    cid: str
    subject: str
    kind: str
    exact: bytes = field(repr=False)
    perceptual: bytes | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read one as it is sent.

        Raises:
            MalformedError: A member that is missing, unknown or of another form.
            UsageError: The subject is no trip.
        """
        said = fields.exactly(
            value, ("cid", "subject", "kind", "exact"), "the body", optional=("perceptual",)
        )
        kind = said["kind"]
        if not isinstance(kind, str) or not _KIND.fullmatch(kind):
            message = "kind must be 1 to 16 characters a-z 0-9 -, a letter first, such as scan"
            raise MalformedError("malformed-field", message, field="kind")
        subject = Subject.parse(said["subject"])
        if subject.type != "trip":
            message = "fingerprints are compared between container trips: name the trip of the box"
            raise UsageError("no-trip", message, field="subject")
        perceptual = said.get("perceptual")
        return cls(
            checked_cid(said["cid"]),
            subject.uri,
            kind,
            fields.from_hex(said["exact"], EXACT_SIZE, "exact"),
            None if perceptual is None else fields.from_hex(perceptual, PERCEPTUAL_SIZE, "perceptual"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as it is sent."""
        said = {"cid": self.cid, "subject": self.subject, "kind": self.kind, "exact": self.exact.hex()}
        return said if self.perceptual is None else said | {"perceptual": self.perceptual.hex()}


def bands(perceptual: bytes) -> tuple[bytes, ...]:
    """Return the parts of a perceptual hash by which alike ones find it, each with its place."""
    parts = range(0, len(perceptual), BAND_SIZE)
    return tuple(bytes([at]) + perceptual[at : at + BAND_SIZE] for at in parts)


def probes(perceptual: bytes) -> tuple[bytes, ...]:
    """Return what to look for among the bands of others: its own bands, and those that differ in one bit.

    One of them is a band of every hash that differs in at most `ALIKE` bits.
    """
    flips = (0, *(1 << bit for bit in range(8 * BAND_SIZE)))
    return tuple(
        band[:1] + (int.from_bytes(band[1:]) ^ flip).to_bytes(BAND_SIZE)
        for band in bands(perceptual)
        for flip in flips
    )


def distance(one: bytes, other: bytes) -> int:
    """Return in how many bits two hashes of one size differ."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
