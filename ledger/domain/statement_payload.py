"""The payload of a statement: strict JSON of exactly the members of the format (formats, section 5)."""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from ledger.domain import disclosure, fields, strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.genesis import audience_of
from ledger.domain.subject import is_subject_uri

MAX_BYTES = 262_144
MAX_SUBJECTS = 16
MAX_STREAMS = 16
MAX_REFERENCES = 64
NONCE_SIZE = 16

VERSION = 1
SD_ALG = "sha-256"

_KIND = re.compile(r"[a-z][a-z0-9-]{1,63}")
_MEMBERS = ("v", "kind", "subjects", "streams", "references", "seen", "nonce", "body", "_sd_alg")


@dataclass(frozen=True, slots=True)
class Reference:
    """That one statement has to do with another.

    Args:
        rel: How, a name like a kind.
        id: Id of the other statement, 32 bytes; it need not be logged yet.
    """

    rel: str
    id: bytes


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest checkpoint that a signer held.

    Args:
        size: Its size; 0 before any.
        root: Its root, 32 bytes; with size 0 the genesis hash.
    """

    size: int
    root: bytes


class Payload(NamedTuple):
    """What the payload says; the members are those of `Statement`."""

    kind: str
    subjects: tuple[str, ...]
    streams: tuple[bytes, ...]
    references: tuple[Reference, ...]
    corrects: bytes | None
    seen: Seen
    nonce: bytes
    body: dict[str, Any]

    @classmethod
    def parse(cls, payload: bytes, audience: str) -> Self:
        """Read the payload.

        Args:
            payload: As signed.
            audience: `aud` of the header, which fixes what `seen` says before any checkpoint.

        Raises:
            MalformedError: Anything that section 5 of the formats does not allow.
        """
        document = strict_json.loads(payload, max_bytes=MAX_BYTES)
        members = fields.exactly(document, _MEMBERS, "the payload", optional=("corrects",))
        _check_constants(members)
        body = members["body"]
        if not isinstance(body, dict):
            raise MalformedError("malformed-field", "body must be an object", field="body")
        disclosure.reveal(body, ())
        return cls(
            kind=name_of_kind(members["kind"], "kind"),
            subjects=_subjects(members["subjects"]),
            streams=_streams(members["streams"]),
            references=_references(members["references"]),
            corrects=fields.from_hex(members["corrects"], 32, "corrects") if "corrects" in members else None,
            seen=_seen(members["seen"], audience),
            nonce=fields.from_hex(members["nonce"], NONCE_SIZE, "nonce"),
            body=body,
        )

    def encode(self) -> bytes:
        """Write the payload, members in the order of the format."""
        members: dict[str, Any] = {
            "v": VERSION,
            "kind": self.kind,
            "subjects": self.subjects,
            "streams": [tag.hex() for tag in self.streams],
            "references": [{"rel": r.rel, "id": r.id.hex()} for r in self.references],
        }
        if self.corrects is not None:
            members["corrects"] = self.corrects.hex()
        members |= {
            "seen": {"size": self.seen.size, "root": self.seen.root.hex()},
            "nonce": self.nonce.hex(),
            "body": self.body,
            "_sd_alg": SD_ALG,
        }
        return strict_json.dumps(members)


def name_of_kind(value: object, what: str) -> str:
    """Return the name of a kind of statement or of reference.

    Raises:
        MalformedError: Not `[a-z][a-z0-9-]{1,63}`.
    """
    if not isinstance(value, str) or not _KIND.fullmatch(value):
        message = f"{what} must be 2 to 64 characters a-z 0-9 -, a letter first"
        raise MalformedError("malformed-field", message, field=what)
    return value


def _check_constants(members: dict[str, Any]) -> None:
    if type(members["v"]) is not int or members["v"] != VERSION:
        raise MalformedError("unknown-format", f"v must be {VERSION}", field="v")
    if members["_sd_alg"] != SD_ALG:
        raise MalformedError("unknown-format", f"_sd_alg must be {SD_ALG}", field="_sd_alg")


def _subjects(value: object) -> tuple[str, ...]:
    uris = fields.array(value, "subjects")
    if (
        not 1 <= len(uris) <= MAX_SUBJECTS
        or not all(map(is_subject_uri, uris))
        or len(set(uris)) != len(uris)
    ):
        message = f"subjects must be 1 to {MAX_SUBJECTS} different names of subjects (formats, section 4)"
        raise MalformedError("malformed-subject", message, field="subjects")
    return tuple(uris)


def _streams(value: object) -> tuple[bytes, ...]:
    tags = tuple([fields.from_hex(tag, 32, "streams") for tag in fields.array(value, "streams")])
    if not 1 <= len(tags) <= MAX_STREAMS or len(set(tags)) != len(tags):
        message = f"streams must be 1 to {MAX_STREAMS} different stream tags"
        raise MalformedError("malformed-field", message, field="streams")
    return tags


def _references(value: object) -> tuple[Reference, ...]:
    references = fields.array(value, "references")
    if len(references) > MAX_REFERENCES:
        message = f"references must be at most {MAX_REFERENCES}"
        raise MalformedError("malformed-field", message, field="references")
    return tuple([_reference(reference) for reference in references])


def _reference(value: object) -> Reference:
    members = fields.exactly(value, ("rel", "id"), "a reference")
    return Reference(name_of_kind(members["rel"], "rel"), fields.from_hex(members["id"], 32, "id"))


def _seen(value: object, audience: str) -> Seen:
    members = fields.exactly(value, ("size", "root"), "seen")
    seen = Seen(
        fields.natural(members["size"], "seen.size"), fields.from_hex(members["root"], 32, "seen.root")
    )
    if seen.size == 0 and audience_of(seen.root) != audience:
        message = "seen with size 0 must have the genesis hash that aud names as root"
        raise MalformedError("malformed-field", message, field="seen.root")
    return seen
