"""Statements: what a participant says of subjects, signed (formats, section 5; RFC 9943)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

from ledger.domain import cose, disclosure, fields, strict_json
from ledger.domain.cose import Alg, CoseKey, Sign1, Signer
from ledger.domain.disclosure import Path, SaltSource
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.header import Header, check_key
from ledger.domain.statement_payload import MAX_BYTES, Payload, Reference, Seen

__all__ = [
    "Draft",
    "Reference",
    "Seen",
    "SignedStatement",
    "Statement",
    "StatementFile",
    "sign_statement",
]

FILE_FORMAT = "corridor-statement/1"
FILE_MEDIA_TYPE = "application/vnd.corridor-ledger.statement+json"
MAX_FILE_BYTES = 2_097_152


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A well-formed statement; whether its signature holds is for `verify` to say. Equality is that of `raw`.

    Args:
        raw: The bytes as received, which are all that is ever hashed, stored and handed on.
        id: SHA-256 of the Sig_structure: the name of what is said, whatever the signature.
        envelope: SHA-256 of `raw`: what the log commits to.
        alg: Algorithm that the header names.
        kid: Thumbprint of the signing key, 32 bytes.
        iss: URI of the organisation that says it.
        sub: The first subject.
        aud: Audience URI of the log that it is for.
        iat: Time of signing as claimed, POSIX seconds.
        kind: What is said.
        subjects: URIs of the subjects, `sub` first.
        streams: Tags of the streams, 32 bytes each, in the order of the log entry.
        references: Other statements.
        corrects: Id of the statement that this one corrects.
        seen: The newest checkpoint that the signer held.
        nonce: 16 random bytes.
        body: What is said, with digests where something is concealed.
        to_be_signed: The Sig_structure.
        signature: 64 bytes.
    """

    raw: bytes
    id: bytes
    envelope: bytes
    alg: Alg
    kid: bytes
    iss: str
    sub: str
    aud: str
    iat: int
    kind: str
    subjects: tuple[str, ...]
    streams: tuple[bytes, ...]
    references: tuple[Reference, ...]
    corrects: bytes | None
    seen: Seen
    nonce: bytes
    body: dict[str, Any]
    to_be_signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Read a statement.

        Args:
            raw: The COSE_Sign1 in its one serialisation, at most 262,144 bytes.

        Raises:
            MalformedError: Anything that section 5 of the formats does not allow.
        """
        if len(raw) > MAX_BYTES:
            message = f"the statement has {len(raw)} bytes; at most {MAX_BYTES} are taken"
            raise MalformedError("too-large", message)
        sign1 = Sign1.parse(raw)
        header = Header.parse(sign1.protected)
        payload = Payload.parse(sign1.payload, header.aud)
        if payload.subjects[0] != header.sub:
            message = "sub in the header is not the first of subjects"
            raise MalformedError("wrong-subject", message, field="sub")
        return cls(
            raw=raw,
            id=sign1.id,
            envelope=sha256(raw).digest(),
            alg=header.alg,
            kid=header.kid,
            iss=header.iss,
            sub=header.sub,
            aud=header.aud,
            iat=header.iat,
            kind=payload.kind,
            subjects=payload.subjects,
            streams=payload.streams,
            references=payload.references,
            corrects=payload.corrects,
            seen=payload.seen,
            nonce=payload.nonce,
            body=payload.body,
            to_be_signed=sign1.to_be_signed,
            signature=sign1.signature,
        )

    def verify(self, key: CoseKey) -> None:
        """Check that this key signed it.

        Args:
            key: The key registered under the thumbprint `kid`.

        Raises:
            VerificationError: Another key, another algorithm than the key's, or a signature that does not
                hold.
        """
        check_key(key, self.kid, self.alg, "the statement")
        key.verify(self.to_be_signed, self.signature)

    def reveal(self, disclosures: Sequence[str]) -> dict[str, Any]:
        """Return the body with what the disclosures say; see `disclosure.reveal`."""
        return disclosure.reveal(self.body, disclosures)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statement) and self.raw == other.raw

    def __hash__(self) -> int:
        return hash(self.raw)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said, before it is signed.

    Args:
        kind: What is said.
        subjects: URIs of the subjects, the one that it is filed under first.
        streams: Tags of the streams, 32 bytes each.
        body: What is said, in the clear.
        references: Other statements.
        corrects: Id of the statement that this one corrects.
    """

    kind: str
    subjects: Sequence[str]
    streams: Sequence[bytes]
    body: Mapping[str, Any]
    references: Sequence[Reference] = ()
    corrects: bytes | None = None


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A statement as its author holds it.

    Args:
        statement: The statement.
        disclosures: What opens the concealed values, to be handed on with care.
    """

    statement: Statement
    disclosures: tuple[str, ...]

    @property
    def raw(self) -> bytes:
        """The statement's bytes."""
        return self.statement.raw


def sign_statement(
    draft: Draft,
    *,
    signer: Signer,
    iss: str,
    aud: str,
    seen: Seen,
    iat: int,
    nonce: bytes,
    conceal: Sequence[Path] = (),
    salts: SaltSource = secrets.token_bytes,
) -> SignedStatement:
    """Sign a statement; nothing but the key is needed.

    Args:
        draft: What is said.
        signer: Whose key signs.
        iss: URI of the organisation that says it.
        aud: Audience URI of the log.
        seen: The newest checkpoint held; before any, size 0 and the genesis hash.
        iat: Time of signing, POSIX seconds.
        nonce: 16 random bytes.
        conceal: Ways to the values of the body that are to be concealed.
        salts: Where the salts of the disclosures come from.

    Raises:
        MalformedError: What is said does not fit the format.
        UsageError: A value to conceal that is not there, or one that JSON cannot say.
        UnavailableError: The signer's device does not answer.
    """
    if not draft.subjects:
        raise UsageError("bad-draft", "a statement needs a subject", field="subjects")
    body, disclosures = disclosure.conceal(draft.body, conceal, salts)
    payload = Payload(
        kind=draft.kind,
        subjects=tuple(draft.subjects),
        streams=tuple(draft.streams),
        references=tuple(draft.references),
        corrects=draft.corrects,
        seen=seen,
        nonce=nonce,
        body=body,
    )
    header = Header(signer.key.alg, signer.key.thumbprint, iss, payload.subjects[0], aud, iat)
    sign1 = cose.sign1(header.to_map(), payload.encode(), signer)
    # Read back by the rules of those who will receive it: what they would refuse is not handed out.
    return SignedStatement(Statement.parse(sign1.encode()), tuple(disclosures))


@dataclass(frozen=True, slots=True)
class StatementFile:
    """What travels and is stored beside a statement.

    Args:
        statement: The COSE_Sign1.
        disclosures: Disclosure texts.
    """

    statement: bytes
    disclosures: tuple[str, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a statement file; the statement in it stays unread.

        Raises:
            MalformedError: Not strict JSON of exactly the format's members.
        """
        document = strict_json.loads(data, max_bytes=MAX_FILE_BYTES)
        members = fields.exactly(document, ("format", "statement", "disclosures"), "the statement file")
        if members["format"] != FILE_FORMAT:
            message = f"the statement file must have format {FILE_FORMAT}"
            raise MalformedError("unknown-format", message, field="format")
        disclosures = fields.array(members["disclosures"], "disclosures")
        if not all(isinstance(text, str) for text in disclosures):
            message = "disclosures must be an array of texts"
            raise MalformedError("malformed-field", message, field="disclosures")
        return cls(fields.from_b64url(members["statement"], "statement"), tuple(disclosures))

    def encode(self) -> bytes:
        """Write the statement file."""
        members = {
            "format": FILE_FORMAT,
            "statement": fields.b64url(self.statement),
            "disclosures": self.disclosures,
        }
        return strict_json.dumps(members)
