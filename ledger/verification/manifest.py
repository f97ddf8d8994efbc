"""The manifest of a container: what it is, for whom, and the hash of every member (formats, section 10)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.fields import array, exactly, from_hex, natural, organisation, text
from ledger.domain.subject import Subject

FORMAT = "corridor-dossier/1"
DOSSIER = "dossier"
RECEIPT = "receipt"
MANIFEST = "manifest.json"
CUSTODY = "custody"
MAX_MANIFEST = 16 * 1024 * 1024
MAX_MEMBERS = 20_000
MAX_NAME = 200
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")
_STREAM_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class CoveredStream:
    """A stream that the dossier covers completely.

    Args:
        subject: URI of the subject whose stream it is.
        name: `custody`, or the name of a restricted stream.
        tag: Public tag of the stream, 32 bytes.
        count: Number of its entries under the target checkpoint.
    """

    subject: str
    name: str
    tag: bytes
    count: int


@dataclass(frozen=True, slots=True)
class MemberDigest:
    """SHA-256 (32 bytes) and size in bytes of a member."""

    sha256: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Header:
    """What a manifest says beside the list of its members.

    Args:
        kind: `dossier` or `receipt`.
        shipment: The subject that it is about.
        audience: URI of the organisation that it was made for; said by the maker, not proven.
        target: Size of the target checkpoint.
        streams: Streams that are covered completely.
    """

    kind: str
    shipment: str
    audience: str
    target: int
    streams: tuple[CoveredStream, ...]


def is_member_name(name: str) -> bool:
    """Return whether a name may be a member's: no traversal, nothing hidden, ASCII in lower case only."""
    return len(name) <= MAX_NAME and _NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A parsed manifest.

    Args:
        header: What is said of the whole.
        members: Digest of every member but the manifest itself.
    """

    header: Header
    members: Mapping[str, MemberDigest]

    def encode(self) -> bytes:
        """Return the manifest as strict JSON."""
        head = self.header
        return strict_json.dumps(
            {
                "format": FORMAT,
                "kind": head.kind,
                "shipment": head.shipment,
                "audience": head.audience,
                "target": head.target,
                "streams": [
                    {"subject": one.subject, "name": one.name, "tag": one.tag.hex(), "count": one.count}
                    for one in head.streams
                ],
                "members": {
                    name: {"sha256": digest.sha256.hex(), "size": digest.size}
                    for name, digest in sorted(self.members.items())
                },
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Return the manifest that strict JSON says.

        Raises:
            MalformedError: Not strict JSON, not of this format and version, or a member has a wrong form.
        """
        members = ("format", "kind", "shipment", "audience", "target", "streams", "members")
        value = exactly(strict_json.loads(data, max_bytes=MAX_MANIFEST), members, MANIFEST)
        if value["format"] != FORMAT:
            raise MalformedError(
                "unknown-format", f'{MANIFEST} is not of format "{FORMAT}", the one read here', field="format"
            )
        if value["kind"] not in (DOSSIER, RECEIPT):
            raise MalformedError("malformed-field", 'kind must be "dossier" or "receipt"', field="kind")
        header = Header(
            kind=value["kind"],
            shipment=Subject.parse(value["shipment"], "shipment").uri,
            audience=organisation(value["audience"], "audience"),
            target=natural(value["target"], "target"),
            streams=tuple(_stream(one) for one in array(value["streams"], "streams")),
        )
        tags = {one.tag for one in header.streams}
        if len(tags) != len(header.streams):
            raise MalformedError("duplicate-stream", "the manifest names a stream twice", field="streams")
        return cls(header, _members(value["members"]))


def _stream(value: object) -> CoveredStream:
    one = exactly(value, ("subject", "name", "tag", "count"), "a stream of the manifest")
    name = text(one["name"], "streams.name", longest=64)
    if not _STREAM_NAME.fullmatch(name):
        raise MalformedError(
            "malformed-field", "streams.name must be lower-case letters, digits and -", field="streams.name"
        )
    return CoveredStream(
        subject=Subject.parse(one["subject"], "streams.subject").uri,
        name=name,
        tag=from_hex(one["tag"], 32, "streams.tag"),
        count=natural(one["count"], "streams.count"),
    )


def _members(value: Any) -> dict[str, MemberDigest]:
    if not isinstance(value, dict):
        raise MalformedError("malformed-field", "members must be an object", field="members")
    return {name: _digest(name, one) for name, one in value.items()}


def _digest(name: str, value: object) -> MemberDigest:
    if not is_member_name(name) or name == MANIFEST:
        raise MalformedError(
            "member-name", f"the manifest lists a member that cannot be one: {name[:80]!a}", field="members"
        )
    one = exactly(value, ("sha256", "size"), f"members.{name}")
    return MemberDigest(from_hex(one["sha256"], 32, "members.sha256"), natural(one["size"], "members.size"))
