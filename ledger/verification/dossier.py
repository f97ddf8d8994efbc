"""The members of a dossier or receipt file as objects, and back; none is believed (formats, section 11)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO, Self, TypeVar

from ledger.domain import strict_cbor
from ledger.domain.errors import MalformedError, UsageError
from ledger.verification.cbor_shapes import ascending, blob, hash32, hashes, many, record, texts, uint
from ledger.verification.container import STREAMED, Container, Packed, Part, pack
from ledger.verification.manifest import RECEIPT, Header, Manifest
from ledger.verification.state_proof import StateProof

GENESIS = "genesis.json"
PROFILE = "profile.toml"
KEYS = "keys.cbor"
STATEMENTS = "statements.cbor"
TARGET = "target.checkpoint"
CHECKPOINTS = "checkpoints.cbor"
MAP = "map.cbor"
ANCHORS = "anchors.cbor"
CHAIN = "chain.cbor"
TIMESTAMPS = "timestamps.cbor"
SECRETS = "evidence.cbor"
RECEIPT_COSE = "receipt.cose"
TLOG_PROOF = "statement.tlog-proof"
_T = TypeVar("_T")
_ALWAYS = frozenset({GENESIS, PROFILE, KEYS, STATEMENTS, TARGET, CHECKPOINTS, MAP, ANCHORS, CHAIN})
_OPTIONAL = frozenset({TIMESTAMPS, SECRETS})
_OF_RECEIPT = frozenset({RECEIPT_COSE, TLOG_PROOF})


@dataclass(frozen=True, slots=True)
class LoggedStatement:
    """A statement and where it stands in the log.

    Args:
        index: Its place.
        raw: The statement's bytes.
        disclosures: What the reader may know of it.
        path: Inclusion proof in the target, 32 bytes each.
    """

    index: int
    raw: bytes
    disclosures: tuple[str, ...]
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class EarlierCheckpoint:
    """A checkpoint before the target: its note, and its consistency proof to the target."""

    note: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class MapMember:
    """The target's last leaf and what hangs from it.

    Args:
        map_root: What the last leaf says, 32 bytes.
        path: That leaf's inclusion proof in the target.
        proofs: For each covered stream its tag and its encoded map proof, in the order of the manifest.
    """

    map_root: bytes
    path: tuple[bytes, ...]
    proofs: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class AnchorOpening:
    """What opens an anchor record beside the root: size, number and time of the block."""

    size: int
    block_number: int
    block_time: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """The content of a dossier, or of a receipt file when `receipt` is there.

    Args:
        header: What the manifest says beside its members.
        genesis: The genesis document.
        profile: Bytes of the corridor profile.
        keys: COSE_Keys of the statements.
        statements: Ascending by index.
        target: Note of the target checkpoint.
        checkpoints: Earlier ones, ascending by size.
        map: Last leaf and map proofs.
        anchors: Ascending by size.
        state_proofs: Of the chain, one or several blocks.
        timestamps: Tree size and RFC 3161 TimeStampResp, ascending by size.
        secrets: Commitment and wrapped secret of evidence items, ascending.
        receipt: COSE Receipt and tlog-proof of the one statement, in a receipt file.
    """

    header: Header
    genesis: bytes
    profile: bytes
    keys: tuple[bytes, ...]
    statements: tuple[LoggedStatement, ...]
    target: bytes
    checkpoints: tuple[EarlierCheckpoint, ...]
    map: MapMember
    anchors: tuple[AnchorOpening, ...]
    state_proofs: tuple[StateProof, ...]
    timestamps: tuple[tuple[int, bytes], ...] = ()
    secrets: tuple[tuple[bytes, bytes], ...] = ()
    receipt: tuple[bytes, bytes] | None = None

    @classmethod
    def parse(cls, container: Container) -> Self:
        """Read the members of a container.

        Raises:
            MalformedError: A member is absent, or is not what it has to be; the message names it.
        """
        header = container.manifest.header
        always = _ALWAYS | _OF_RECEIPT if header.kind == RECEIPT else _ALWAYS
        names = {name for name in container.names if not name.startswith(STREAMED)}
        if absent := sorted(always - names):
            raise MalformedError("absent-member", f"the {header.kind} has no member {absent[0]}")
        if surplus := sorted(names - always - _OPTIONAL):
            raise MalformedError("unknown-member", f"the {header.kind} has the unknown member {surplus[0]}")
        receipt = None
        if header.kind == RECEIPT:
            receipt = (container.read(RECEIPT_COSE), container.read(TLOG_PROOF))
        dossier = cls(
            header=header,
            genesis=container.read(GENESIS),
            profile=container.read(PROFILE),
            keys=_read(container, KEYS, _keys),
            statements=_read(container, STATEMENTS, _statements),
            target=container.read(TARGET),
            checkpoints=_read(container, CHECKPOINTS, _checkpoints),
            map=_read(container, MAP, _map),
            anchors=_read(container, ANCHORS, _anchors),
            state_proofs=_read(container, CHAIN, _state_proofs),
            timestamps=_read(container, TIMESTAMPS, _timestamps) if TIMESTAMPS in names else (),
            secrets=_read(container, SECRETS, _secrets) if SECRETS in names else (),
            receipt=receipt,
        )
        if header.kind == RECEIPT and (len(dossier.statements) != 1 or header.streams):
            raise MalformedError("receipt-content", "a receipt file holds one statement and covers no stream")
        return dossier

    def parts(self) -> dict[str, bytes]:
        """Return all members but the manifest and evidence; `parse` reads them back."""
        statements = [[one.index, one.raw, one.disclosures, one.path] for one in self.statements]
        parts = {
            GENESIS: self.genesis,
            PROFILE: self.profile,
            KEYS: strict_cbor.dumps(self.keys),
            STATEMENTS: strict_cbor.dumps(statements),
            TARGET: self.target,
            CHECKPOINTS: strict_cbor.dumps([[one.note, one.proof] for one in self.checkpoints]),
            MAP: strict_cbor.dumps([self.map.map_root, self.map.path, self.map.proofs]),
            ANCHORS: strict_cbor.dumps(
                [[one.size, one.block_number, one.block_time] for one in self.anchors]
            ),
            CHAIN: strict_cbor.dumps([proof.encode() for proof in self.state_proofs]),
        }
        if self.timestamps:
            parts[TIMESTAMPS] = strict_cbor.dumps(self.timestamps)
        if self.secrets:
            parts[SECRETS] = strict_cbor.dumps(self.secrets)
        if self.receipt is not None:
            parts[RECEIPT_COSE], parts[TLOG_PROOF] = self.receipt
        return parts


def pack_dossier(dossier: Dossier, evidence: Mapping[str, Part] | None = None) -> Packed:
    """Return a dossier or receipt file that is ready to be written.

    Args:
        dossier: Its content.
        evidence: Stored bytes of evidence items by their CID.

    Raises:
        UsageError: The content has another kind than its header says, or is too large.
    """
    if (dossier.header.kind == RECEIPT) != (dossier.receipt is not None):
        raise UsageError(
            "wrong-kind", "a receipt file, and nothing else, holds a COSE Receipt and a tlog-proof"
        )
    parts: dict[str, Part] = {**dossier.parts()}
    parts.update({STREAMED + cid: part for cid, part in (evidence or {}).items()})
    return pack(dossier.header, parts)


def build_container(dossier: Dossier, out: BinaryIO, evidence: Mapping[str, Part] | None = None) -> Manifest:
    """Write a dossier or receipt file; see `pack_dossier`.

    Args:
        dossier: Its content.
        out: Where to write; need not be seekable.
        evidence: Stored bytes of evidence items by their CID.

    Raises:
        UsageError: As `pack_dossier`.
        ConflictError: An evidence item changed meanwhile.
    """
    packed = pack_dossier(dossier, evidence)
    out.writelines(packed.pieces())
    return packed.manifest


def _read(container: Container, name: str, read: Callable[[Any], _T]) -> _T:
    try:
        return read(strict_cbor.loads(container.read(name)))
    except MalformedError as error:
        raise MalformedError(error.code, f"{name}: {error.message}", field=name) from None


def _keys(value: Any) -> tuple[bytes, ...]:
    keys = many(value, lambda one: blob(one, "a key"), "the keys")
    ascending((sha256(key).digest() for key in keys), "thumbprints")
    return keys


def _statements(value: Any) -> tuple[LoggedStatement, ...]:
    statements = many(value, _statement, "the statements")
    ascending((one.index for one in statements), "log indices")
    return statements


def _statement(value: Any) -> LoggedStatement:
    index, raw, disclosures, path = record(value, 4, "a statement")
    return LoggedStatement(
        uint(index, "a log index"),
        blob(raw, "a statement"),
        texts(disclosures, "disclosures"),
        hashes(path, "an inclusion proof"),
    )


def _checkpoints(value: Any) -> tuple[EarlierCheckpoint, ...]:
    return many(value, _checkpoint, "the checkpoints")


def _checkpoint(value: Any) -> EarlierCheckpoint:
    note, proof = record(value, 2, "a checkpoint")
    return EarlierCheckpoint(blob(note, "a checkpoint"), hashes(proof, "a consistency proof"))


def _map(value: Any) -> MapMember:
    map_root, path, proofs = record(value, 3, "the map")
    return MapMember(
        hash32(map_root, "the map root"),
        hashes(path, "an inclusion proof"),
        many(proofs, _map_proof, "map proofs"),
    )


def _map_proof(value: Any) -> tuple[bytes, bytes]:
    tag, proof = record(value, 2, "a map proof")
    return hash32(tag, "a stream tag"), blob(proof, "a map proof")


def _anchors(value: Any) -> tuple[AnchorOpening, ...]:
    anchors = many(value, _anchor, "the anchors")
    ascending((one.size for one in anchors), "sizes")
    return anchors


def _anchor(value: Any) -> AnchorOpening:
    size, number, time = record(value, 3, "an anchor")
    return AnchorOpening(uint(size, "a size"), uint(number, "a block number"), uint(time, "a block time"))


def _state_proofs(value: Any) -> tuple[StateProof, ...]:
    return many(value, StateProof.parse, "the state proofs")


def _timestamps(value: Any) -> tuple[tuple[int, bytes], ...]:
    def read(one: Any) -> tuple[int, bytes]:
        size, token = record(one, 2, "a timestamp")
        return uint(size, "a size"), blob(token, "a timestamp")

    timestamps = many(value, read, "the timestamps")
    ascending(timestamps, "timestamps")
    return timestamps


def _secrets(value: Any) -> tuple[tuple[bytes, bytes], ...]:
    def read(one: Any) -> tuple[bytes, bytes]:
        commitment, wrapped = record(one, 2, "a secret")
        return hash32(commitment, "a commitment"), blob(wrapped, "a wrapped secret")

    secrets = many(value, read, "the secrets")
    ascending((commitment for commitment, _ in secrets), "commitments")
    return secrets
