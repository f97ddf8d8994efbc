"""The genesis document, with which a log begins (formats, section 2)."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from ledger.domain import fields, strict_json
from ledger.domain.cose import Alg, CoseKey
from ledger.domain.errors import MalformedError
from ledger.domain.note import ED25519, VerifierKey

FORMAT = "corridor-genesis/1"
MAX_BYTES = 16_384

_ORIGIN = re.compile(r"[a-z0-9./_:-]{1,200}")
# The last of 43 characters has two bits that say nothing and are zero in the one canonical form.
_AUDIENCE = re.compile(r"ni:///sha-256;[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_MEMBERS = ("format", "origin", "chain", "contracts", "log_key", "receipt_key", "profile", "created")


@dataclass(frozen=True, slots=True)
class Genesis:
    """What a log says of itself before its first entry.

    Args:
        document: The bytes as written; they alone decide equality.
        hash: SHA-256 of the document, 32 bytes.
        origin: The log's C2SP origin line.
        chain_id: EIP-155 number of the chain.
        chain_genesis: Hash of block 0, 32 bytes.
        registry: Address of the first ParticipantRegistry, 20 bytes.
        anchor: Address of the first CheckpointAnchor, 20 bytes.
        inclusion: Address of the first InclusionVerifier, 20 bytes.
        log_key: Verifier key of the log (section 7); its name is the origin.
        receipt_key: The first key of receipts, ES256.
        profile: SHA-256 of the corridor profile's bytes, 32 bytes.
        created: POSIX seconds.
    """

    document: bytes
    hash: bytes
    origin: str
    chain_id: int
    chain_genesis: bytes
    registry: bytes
    anchor: bytes
    inclusion: bytes
    log_key: str
    receipt_key: CoseKey
    profile: bytes
    created: int

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Read a genesis document.

        Raises:
            MalformedError: Not strict JSON, or members other than the format's.
        """
        members = fields.exactly(
            strict_json.loads(document, max_bytes=MAX_BYTES), _MEMBERS, "the genesis document"
        )
        if members["format"] != FORMAT:
            raise MalformedError(
                "unknown-format", f"the genesis document must have format {FORMAT}", field="format"
            )
        chain = fields.exactly(members["chain"], ("id", "genesis"), "chain")
        contracts = fields.exactly(members["contracts"], ("registry", "anchor", "inclusion"), "contracts")
        origin = checked_origin(members["origin"])
        return cls(
            document=document,
            hash=sha256(document).digest(),
            origin=origin,
            chain_id=fields.natural(chain["id"], "chain.id"),
            chain_genesis=fields.from_0x_hex(chain["genesis"], 32, "chain.genesis"),
            registry=fields.from_0x_hex(contracts["registry"], 20, "contracts.registry"),
            anchor=fields.from_0x_hex(contracts["anchor"], 20, "contracts.anchor"),
            inclusion=fields.from_0x_hex(contracts["inclusion"], 20, "contracts.inclusion"),
            log_key=_log_key(members["log_key"], origin),
            receipt_key=_receipt_key(members["receipt_key"]),
            profile=fields.from_hex(members["profile"], 32, "profile"),
            created=fields.natural(members["created"], "created"),
        )

    @property
    def origin_hash(self) -> bytes:
        """Name of the log in the anchor contract, 32 bytes."""
        return sha256(self.origin.encode()).digest()

    @property
    def audience(self) -> str:
        """What statements for this log carry as `aud`: an RFC 6920 URI."""
        return audience_of(self.hash)


def checked_origin(value: object) -> str:
    """Return an origin line.

    Raises:
        MalformedError: Not 1 to 200 characters `a-z 0-9 . - / _ :`.
    """
    if not isinstance(value, str) or not _ORIGIN.fullmatch(value):
        message = "origin must be a schema-less URL of 1 to 200 characters a-z 0-9 . - / _ :"
        raise MalformedError("malformed-origin", message, field="origin")
    return value


def audience_of(genesis_hash: bytes) -> str:
    """Return the audience URI of the log with this genesis hash (RFC 6920 section 3)."""
    return "ni:///sha-256;" + fields.b64url(genesis_hash)


def checked_audience(value: object, field: str = "aud") -> str:
    """Return an audience URI.

    Raises:
        MalformedError: Not `ni:///sha-256;` and 32 bytes in base64url.
    """
    if not isinstance(value, str) or not _AUDIENCE.fullmatch(value):
        message = f"{field} must be ni:///sha-256; and the log's genesis hash in base64url"
        raise MalformedError("malformed-audience", message, field=field)
    return value


def genesis_hash_of(audience: str) -> bytes:
    """Return the genesis hash, 32 bytes, that an audience URI names.

    Raises:
        MalformedError: Not such a URI.
    """
    return fields.from_b64url(checked_audience(audience).partition(";")[2], "aud", length=32)


def build_genesis(
    *,
    origin: str,
    chain_id: int,
    chain_genesis: bytes,
    registry: bytes,
    anchor: bytes,
    inclusion: bytes,
    log_key: str,
    receipt_key: CoseKey,
    profile: bytes,
    created: int,
) -> bytes:
    """Write a genesis document; the arguments are those of `Genesis`.

    Raises:
        MalformedError: An argument that the format does not take.
    """
    document = strict_json.dumps(
        {
            "format": FORMAT,
            "origin": origin,
            "chain": {"id": chain_id, "genesis": "0x" + chain_genesis.hex()},
            "contracts": {
                "registry": "0x" + registry.hex(),
                "anchor": "0x" + anchor.hex(),
                "inclusion": "0x" + inclusion.hex(),
            },
            "log_key": log_key,
            "receipt_key": fields.b64url(receipt_key.encoded),
            "profile": profile.hex(),
            "created": created,
        }
    )
    Genesis.parse(document)
    return document


def _log_key(value: object, origin: str) -> str:
    key = VerifierKey.parse(fields.text(value, "log_key", longest=400))
    if key.kind != ED25519 or key.name != origin:
        message = "log_key must be an Ed25519 verifier key whose name is the origin"
        raise MalformedError("malformed-key", message, field="log_key")
    return key.encode()


def _receipt_key(value: object) -> CoseKey:
    key = CoseKey.parse(fields.from_b64url(value, "receipt_key"))
    if key.alg is not Alg.ES256:
        raise MalformedError("malformed-key", "receipt_key must be a P-256 key", field="receipt_key")
    return key
