"""Makers of valid things with sensible defaults, from seeded randomness: the same call, the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256, shake_256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.domain.cose import Alg
from ledger.domain.disclosure import Path
from ledger.domain.genesis import Genesis, build_genesis, genesis_hash_of
from ledger.domain.note import ED25519, VerifierKey
from ledger.domain.statement import Draft, Reference, Seen, SignedStatement, sign_statement
from ledger.domain.subject import SUBJECT_OPENED, Subject, stream_tag
from ledger.keys.memory import MemorySigner

EXPORTER = "https://exporter.example"
ORIGIN_PORT = "https://origin-port.example"
CUSTOMS = "https://customs.example"
ORIGIN = "log.corridor.example/test"
NOON = 1_790_000_000
"""The time at which the tests live, POSIX seconds."""

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def seeded(seed: object, size: int) -> bytes:
    """Return bytes that look random and are always the same for a seed."""
    return shake_256(repr(seed).encode()).digest(size)


class Salts:
    """A source of salts and nonces that never repeats and is the same in every run."""

    def __init__(self, seed: object = "salts") -> None:
        self._seed = seed
        self._calls = 0

    def __call__(self, size: int) -> bytes:
        self._calls += 1
        return seeded((self._seed, self._calls), size)


@cache
def a_signer(seed: object = EXPORTER, alg: Alg = Alg.ES256) -> MemorySigner:
    """Return an in-memory signer, the same for the same seed."""
    if alg is Alg.EDDSA:
        return MemorySigner(an_ed25519_key(seed))
    return MemorySigner(a_p256_key(seed))


@cache
def a_p256_key(seed: object = EXPORTER) -> EllipticCurvePrivateKey:
    """Return a P-256 private key, the same for the same seed."""
    number = int.from_bytes(seeded(("p256", seed), 40)) % (_P256_ORDER - 1) + 1
    return derive_private_key(number, SECP256R1())


@cache
def an_ed25519_key(seed: object = "log") -> Ed25519PrivateKey:
    """Return an Ed25519 private key, as logs and witnesses have."""
    return Ed25519PrivateKey.from_private_bytes(seeded(("ed25519", seed), 32))


def a_log_verifier_key(origin: str = ORIGIN, seed: object = "log") -> str:
    """Return the verifier key text of `an_ed25519_key(seed)` under a name."""
    return VerifierKey(origin, ED25519, an_ed25519_key(seed).public_key().public_bytes_raw()).encode()


def a_genesis(origin: str = ORIGIN, **changes: Any) -> Genesis:
    """Return a genesis document; arguments of `build_genesis` can be given."""
    arguments: dict[str, Any] = {
        "origin": origin,
        "chain_id": 31337,
        "chain_genesis": seeded("chain genesis", 32),
        "registry": seeded("registry", 20),
        "anchor": seeded("anchor", 20),
        "inclusion": seeded("inclusion", 20),
        "log_key": a_log_verifier_key(origin),
        "receipt_key": a_signer("receipts").key,
        "profile": sha256(b"").digest(),
        "created": NOON,
    }
    return Genesis.parse(build_genesis(**(arguments | changes)))


@dataclass(frozen=True)
class Trip:
    """A container trip: its subject, its custody stream and who opens it."""

    subject: Subject
    custody_secret: bytes
    custody_tag: bytes
    iss: str

    @property
    def uri(self) -> str:
        """The subject's name."""
        return self.subject.uri


def a_trip(key: str = "MSKU1234565", *, iss: str = EXPORTER, seed: object = 0) -> Trip:
    """Return a container trip."""
    secret = seeded(("custody", key, iss, seed), 16)
    tag = stream_tag(secret)
    return Trip(Subject.create("trip", key, iss, tag), secret, tag, iss)


@dataclass
class Author:
    """An organisation that signs: gives each statement its own nonce and salts.

    Args:
        iss: Its URI.
        signer: Its key.
        aud: The log that it speaks to.
    """

    iss: str = EXPORTER
    signer: MemorySigner = field(default_factory=a_signer)
    aud: str = field(default_factory=lambda: a_genesis().audience)
    salts: Salts = field(default_factory=Salts)

    def says(
        self,
        kind: str,
        trip: Trip,
        body: Mapping[str, Any] | None = None,
        *,
        iat: int = NOON,
        seen: Seen | None = None,
        streams: Sequence[bytes] | None = None,
        subjects: Sequence[str] | None = None,
        references: Sequence[Reference] = (),
        corrects: bytes | None = None,
        conceal: Sequence[Path] = (),
    ) -> SignedStatement:
        """Return a signed statement about a trip, in its custody stream unless said otherwise."""
        draft = Draft(
            kind=kind,
            subjects=subjects or (trip.uri,),
            streams=streams or (trip.custody_tag,),
            body={"occurred_at": "2026-09-21T13:33:20Z"} if body is None else body,
            references=references,
            corrects=corrects,
        )
        return sign_statement(
            draft,
            signer=self.signer,
            iss=self.iss,
            aud=self.aud,
            seen=seen or nothing_seen(self.aud),
            iat=iat,
            nonce=self.salts(16),
            conceal=conceal,
            salts=self.salts,
        )

    def opens(self, trip: Trip, **changes: Any) -> SignedStatement:
        """Return the statement that opens a trip."""
        return self.says(SUBJECT_OPENED, trip, {}, **changes)


def an_author(iss: str = EXPORTER, *, genesis: Genesis | None = None, alg: Alg = Alg.ES256) -> Author:
    """Return an organisation with its own key, speaking to a log."""
    genesis = genesis or a_genesis()
    return Author(iss, a_signer(iss, alg), genesis.audience, Salts(iss))


def nothing_seen(aud: str | None = None) -> Seen:
    """Return what a signer says who has held no checkpoint yet."""
    return Seen(0, genesis_hash_of(aud) if aud else a_genesis().hash)


def a_statement(
    kind: str = "seal-check",
    body: Mapping[str, Any] | None = None,
    *,
    trip: Trip | None = None,
    genesis: Genesis | None = None,
    iss: str = EXPORTER,
    alg: Alg = Alg.ES256,
    seed: object = 0,
    **changes: Any,
) -> SignedStatement:
    """Return one signed statement; another seed gives another statement.

    Args:
        kind: What is said.
        body: What is said; a time of occurrence if none is given.
        trip: What it is about.
        genesis: The log that it is for.
        iss: Who says it; the key is `a_signer(iss, alg)`.
        alg: Which key signs.
        seed: Where nonce and salts come from.
        **changes: What else `Author.says` takes.
    """
    author = an_author(iss, genesis=genesis, alg=alg)
    author.salts = Salts((iss, seed))
    return author.says(kind, trip or a_trip(), body, **changes)
