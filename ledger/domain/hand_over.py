"""Hand-overs: the terms that two parties agree on, and what each of them says (formats, section 13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from ledger.domain import fields, strict_json
from ledger.domain.errors import MalformedError
from ledger.domain.subject import Subject

HAND_OVER = "hand-over"
"""Kind of the statements by which a giver and a taker sign the same terms."""

TERMS_FORMAT = "corridor-terms/1"
MAX_TERMS_BYTES = 65_536

_MEMBERS = ("format", "from", "to", "subjects", "place", "at", "remarks", "nonce")
_MAX_SUBJECTS = 16
_MAX_REMARKS = 64


class Role(StrEnum):
    """Which side of a hand-over a statement speaks for."""

    GIVER = "giver"
    TAKER = "taker"


class Result(StrEnum):
    """What a side says of the terms."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_REMARKS = "accepted-with-remarks"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Terms:
    """What both parties agree on.

    Args:
        document: The bytes that both parties hold.
        hash: SHA-256 of the document, 32 bytes.
        giver: URI of the organisation that gives.
        taker: URI of the organisation that takes.
        subjects: URIs of what is handed over.
        place: UN/LOCODE or free text.
        at: When.
        remarks: What both have seen: damage, a broken seal.
    """

    document: bytes
    hash: bytes
    giver: str
    taker: str
    subjects: tuple[str, ...]
    place: str
    at: datetime
    remarks: tuple[str, ...]

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Read terms.

        Raises:
            MalformedError: Not strict JSON, or members other than the format's.
        """
        members = fields.exactly(
            strict_json.loads(document, max_bytes=MAX_TERMS_BYTES), _MEMBERS, "the terms"
        )
        if members["format"] != TERMS_FORMAT:
            raise MalformedError(
                "unknown-format", f"the terms must have format {TERMS_FORMAT}", field="format"
            )
        fields.from_hex(members["nonce"], 16, "nonce")
        subjects = [Subject.parse(uri).uri for uri in fields.array(members["subjects"], "subjects")]
        remarks = [
            fields.text(text, "a remark", longest=2000)
            for text in fields.array(members["remarks"], "remarks")
        ]
        if not 1 <= len(subjects) <= _MAX_SUBJECTS or len(set(subjects)) != len(subjects):
            message = f"the terms must name 1 to {_MAX_SUBJECTS} different subjects"
            raise MalformedError("malformed-field", message, field="subjects")
        if len(remarks) > _MAX_REMARKS:
            message = f"the terms may hold at most {_MAX_REMARKS} remarks"
            raise MalformedError("malformed-field", message, field="remarks")
        return cls(
            document=document,
            hash=sha256(document).digest(),
            giver=fields.organisation(members["from"], "from"),
            taker=fields.organisation(members["to"], "to"),
            subjects=tuple(subjects),
            place=fields.text(members["place"], "place", longest=200),
            at=fields.timestamp(members["at"], "at"),
            remarks=tuple(remarks),
        )


def build_terms(
    *,
    giver: str,
    taker: str,
    subjects: Sequence[str],
    place: str,
    at: str,
    nonce: bytes,
    remarks: Sequence[str] = (),
) -> Terms:
    """Write terms.

    Args:
        giver: URI of the organisation that gives.
        taker: URI of the organisation that takes.
        subjects: URIs of what is handed over.
        place: UN/LOCODE or free text.
        at: When, RFC 3339 with offset.
        nonce: 16 random bytes, so that the hash tells nobody what was agreed.
        remarks: What both have seen.

    Raises:
        MalformedError: An argument that the format does not take.
    """
    members = {
        "format": TERMS_FORMAT,
        "from": giver,
        "to": taker,
        "subjects": list(subjects),
        "place": place,
        "at": at,
        "remarks": list(remarks),
        "nonce": nonce.hex(),
    }
    return Terms.parse(strict_json.dumps(members))


def hand_over_body(terms: Terms, role: Role, result: Result = Result.ACCEPTED) -> dict[str, Any]:
    """Return the body by which a party signs terms.

    Args:
        terms: What was agreed.
        role: Which side it is.
        result: What it says.
    """
    agreed = terms.document.decode()
    return {"terms": terms.hash.hex(), "role": role.value, "result": result.value, "agreed": agreed}


@dataclass(frozen=True, slots=True)
class Claim:
    """What one party says of a hand-over.

    Args:
        terms_hash: The terms that it signs, 32 bytes.
        role: Which side it is.
        result: What it says.
        terms: The terms themselves, None when they were left out or withheld.
    """

    terms_hash: bytes
    role: Role
    result: Result
    terms: Terms | None

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """Read the revealed body of a hand-over statement; members beyond those of the format may be there.

        Raises:
            MalformedError: A member is missing or wrong, or the terms are not those that were hashed.
        """
        for name in ("terms", "role", "result"):
            if name not in body:
                raise MalformedError("missing-field", f'a hand-over has no member "{name}"', field=name)
        terms_hash = fields.from_hex(body["terms"], 32, "terms")
        terms = None
        if "agreed" in body:
            terms = Terms.parse(fields.text(body["agreed"], "agreed", longest=MAX_TERMS_BYTES).encode())
            if terms.hash != terms_hash:
                message = "the terms under agreed do not have the hash that was signed"
                raise MalformedError("terms-mismatch", message, field="agreed")
        if body["role"] not in list(Role) or body["result"] not in list(Result):
            message = "role must be giver or taker; result accepted, accepted-with-remarks or refused"
            raise MalformedError("malformed-field", message, field="role")
        return cls(terms_hash, Role(body["role"]), Result(body["result"]), terms)
