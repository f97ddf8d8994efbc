"""The trust file: all that a verifier takes for granted, none of it from a dossier (formats, section 14)."""

import json
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic import ValidationError as PydanticError

from ledger.domain import strict_json
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.fields import b64url
from ledger.domain.genesis import Genesis
from ledger.domain.verdict import ALL_CHECKS, CHECKS
from ledger.verification.trust_fields import (
    Address,
    Hash,
    Hash0x,
    LogKey,
    Natural,
    Pem,
    ReceiptKey,
    RpcUrl,
    WitnessKey,
    distinct,
)

FORMAT = "corridor-trust/1"
MAX_TRUST_FILE = 4 * 1024 * 1024
DEFAULT_MAX_AGE = 86_400
ONLY_IF_ASKED = ("evidence", "passages")
"""Checks that a trust file requires only where its maker says so.

Evidence passes only with the reader's own keys and with every item in the file, and most readers are meant to
hold some of the items only. Gate passages are there only once a container has passed a gate, and hold
together for those only who are shown the records. Where one of them fails, the dossier is rejected all the
same.
"""
DEFAULT_REQUIRED = tuple(name for name in CHECKS if name not in ONLY_IF_ASKED)
"""What has to pass unless the verifier says otherwise; where a corridor has rules, see `trust_defaults`."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ContractTrust(_Model):
    """A contract: its address (20 bytes) and the Keccak-256 hash of its deployed code (32 bytes)."""

    address: Address
    code_hash: Hash0x


class PinnedBlock(_Model):
    """A block that the verifier takes for final: number and hash (32 bytes)."""

    number: Natural
    hash: Hash0x


class ChainTrust(_Model):
    """The chain that anchors are looked for on.

    Its identifier is `id`, its identity `genesis`, the hash of block 0. `control` says whether the log's
    operator runs it (`operator`): then its block times are the operator's clock. `rpc` is a node of the
    verifier's own.
    """

    id: Natural
    genesis: Hash0x
    control: Literal["operator", "independent"]
    rpc: RpcUrl | None
    registry: ContractTrust
    anchor: ContractTrust
    pinned: tuple[PinnedBlock, ...]

    @model_validator(mode="after")
    def _one_hash_a_block(self) -> Self:
        if len({block.number for block in self.pinned}) != len(self.pinned):
            raise ValueError("pinned must not name a block number twice")
        return self


class _Range(_Model):
    from_size: Natural
    to_size: Natural | None

    def covers(self, size: int) -> bool:
        """Return whether the key was good for checkpoints of a size; both ends are included."""
        return self.from_size <= size and (self.to_size is None or size <= self.to_size)

    @model_validator(mode="after")
    def _not_backwards(self) -> Self:
        if self.to_size is not None and self.to_size < self.from_size:
            raise ValueError("to_size must not be smaller than from_size")
        return self


class LogKeyTrust(_Range):
    """A log key and the tree sizes that it signs checkpoints of."""

    vkey: LogKey


class ReceiptKeyTrust(_Range):
    """A receipt key and the tree sizes that it signs receipts of."""

    cose_key: ReceiptKey


class WitnessTrust(_Model):
    """Witness keys, and how many witnesses have to have cosigned; 0 when witnesses are not asked."""

    quorum: Natural
    keys: Annotated[tuple[WitnessKey, ...], AfterValidator(distinct)]

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        names = {key.name for key in self.keys}
        if self.quorum > len(names):
            raise ValueError(f"a quorum of {self.quorum} cannot be reached by {len(names)} witnesses")
        if self.quorum == 0 and names:
            raise ValueError("a quorum of 0 would count no witness; name at least 1 or no keys")
        if len({key.public for key in self.keys}) != len(self.keys):
            raise ValueError("two witnesses must not have one key")
        return self


class LastSeen(_Model):
    """The newest checkpoint that the verifier saw itself: size and root (32 bytes)."""

    size: Natural
    root: Hash


class Trust(_Model):
    """A parsed trust file; the members are those of the format."""

    format: Literal["corridor-trust/1"]
    name: Annotated[str, Field(max_length=200)]
    origin: Annotated[str, Field(min_length=1, max_length=200)]
    genesis: Hash
    chain: ChainTrust
    log_keys: Annotated[tuple[LogKeyTrust, ...], Field(min_length=1)]
    receipt_keys: tuple[ReceiptKeyTrust, ...]
    witnesses: WitnessTrust
    index_cosigners: Annotated[tuple[WitnessKey, ...], AfterValidator(distinct)]
    tsa: tuple[Pem, ...]
    times: Annotated[tuple[Literal["chain", "witnesses", "tsa"], ...], AfterValidator(distinct)]
    max_age: Natural | None
    profile: Hash
    last_seen: LastSeen | None
    required: Annotated[tuple[str, ...], AfterValidator(distinct)]

    @model_validator(mode="after")
    def _known(self) -> Self:
        if len({key.public for key in self.index_cosigners}) != len(self.index_cosigners):
            raise ValueError("two index cosigners must not have one key")
        unknown = [name for name in self.required if name not in ALL_CHECKS]
        if unknown:
            raise ValueError(f"required names no check: {unknown[0][:40]!a}")
        if any(one.vkey.name != self.origin for one in self.log_keys):
            raise ValueError("every log key must have the origin as its name")
        return self

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a trust file.

        Raises:
            MalformedError: Not strict JSON, or not the members of the format; the message names the first.
        """
        value = strict_json.loads(data, max_bytes=MAX_TRUST_FILE)
        try:
            return cls.model_validate(value)
        except PydanticError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])[:120]
            what = first["msg"].removeprefix("Value error, ")
            raise MalformedError(
                "trust-file", f"the trust file is not usable: {where or 'as a whole'}: {what}", field=where
            ) from None

    def encode(self) -> bytes:
        """Return the trust file as strict JSON, indented for the people who keep it."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False).encode() + b"\n"

    def with_pinned(self, block: PinnedBlock) -> Self:
        """Return the same trust with one more pinned block.

        Raises:
            UsageError: Another block is pinned at that number: the chain was rewritten, or is another one.
        """
        for known in self.chain.pinned:
            if known.number == block.number and known.hash != block.hash:
                raise UsageError(
                    "pinned-differently",
                    f"block {block.number} is pinned as {known.hash.hex()[:16]}… and the node says "
                    f"{block.hash.hex()[:16]}…: this is another chain, or it was rewritten",
                )
        pinned = {one.number: one for one in (*self.chain.pinned, block)}
        chain = self.chain.model_copy(update={"pinned": tuple(pinned[number] for number in sorted(pinned))})
        return self.model_copy(update={"chain": chain})

    def with_last_seen(self, seen: LastSeen) -> Self:
        """Return the same trust with the newest checkpoint that the verifier has come to believe.

        An older one than is known changes nothing.

        Raises:
            UsageError: At the same size another root is known: the log has two histories.
        """
        known = self.last_seen
        if known is not None and known.size == seen.size and known.root != seen.root:
            message = f"at size {seen.size} another root was seen before: the log has two histories"
            raise UsageError("seen-differently", message)
        if known is not None and known.size >= seen.size:
            return self
        return self.model_copy(update={"last_seen": seen})

    def summary(self) -> tuple[tuple[str, str], ...]:
        """Return what is trusted, line by line, for people: what `corridor trust show` prints."""
        chain = self.chain
        pinned = max(chain.pinned, key=lambda one: one.number, default=None)
        whose = "run by the log's operator" if chain.control == "operator" else "independent of the operator"
        witnesses = sorted({key.name for key in self.witnesses.keys})
        return (
            ("log", f"{self.origin}, genesis {self.genesis.hex()}"),
            ("corridor rules", self.profile.hex()),
            ("chain", f"{chain.id}, {whose}, genesis 0x{chain.genesis.hex()}"),
            ("node", chain.rpc or "none: dossiers are verified by their state proofs"),
            ("newest pinned block", f"{pinned.number}, 0x{pinned.hash.hex()}" if pinned else "none"),
            ("witnesses", f"{self.witnesses.quorum} of {', '.join(witnesses)}" if witnesses else "none"),
            ("index cosigners", ", ".join(key.name for key in self.index_cosigners) or "none"),
            ("time-stamping authorities", str(len(self.tsa)) if self.tsa else "none"),
            ("accepted clocks", ", ".join(self.times) or "none: time is never checked"),
            ("maximum age", "none" if self.max_age is None else f"{self.max_age} s"),
            ("last seen", f"size {self.last_seen.size}" if self.last_seen else "nothing yet"),
            ("must pass", ", ".join(self.required) or "nothing: whatever does not fail is accepted"),
        )


def load(path: Path) -> Trust:
    """Read a trust file from disk.

    Raises:
        MalformedError: It is not one.
        OSError: It cannot be read.
    """
    return Trust.parse(path.read_bytes())


def save(trust: Trust, path: Path) -> None:
    """Write a trust file, all of it or nothing.

    Raises:
        OSError: It cannot be written; what was there is still there.
    """
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("wb") as file:
            file.write(trust.encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def derive(
    genesis: Genesis,
    chain: ChainTrust,
    *,
    name: str,
    witnesses: WitnessTrust,
    index_cosigners: tuple[str, ...] = (),
    tsa: tuple[str, ...] = (),
    times: tuple[str, ...],
    max_age: int | None = DEFAULT_MAX_AGE,
    required: tuple[str, ...] = DEFAULT_REQUIRED,
) -> Trust:
    """Return a trust file for a log whose genesis document and chain the verifier has come to trust.

    Args:
        genesis: The log's genesis document, got by another way than the dossiers.
        chain: What the verifier's own node says of the chain.
        name: For people.
        witnesses: Whose cosignatures count.
        index_cosigners: Verifier keys of witnesses that replay the log into the map.
        tsa: Certificates of time-stamping authorities, PEM.
        times: Which of `chain`, `witnesses`, `tsa` are accepted as time.
        max_age: Seconds after which a dossier is stale unless it holds the newest anchor; None for no limit.
        required: Names of the checks that must pass.

    Raises:
        MalformedError: The values do not make a trust file.
    """
    value = {
        "format": FORMAT,
        "name": name,
        "origin": genesis.origin,
        "genesis": genesis.hash.hex(),
        "chain": chain.model_dump(mode="json"),
        "log_keys": [{"vkey": genesis.log_key, "from_size": 0, "to_size": None}],
        "receipt_keys": [
            {"cose_key": b64url(genesis.receipt_key.encoded), "from_size": 0, "to_size": None},
        ],
        "witnesses": witnesses.model_dump(mode="json"),
        "index_cosigners": list(index_cosigners),
        "tsa": list(tsa),
        "times": list(times),
        "max_age": max_age,
        "profile": genesis.profile.hex(),
        "last_seen": None,
        "required": list(required),
    }
    return Trust.parse(strict_json.dumps(value))
