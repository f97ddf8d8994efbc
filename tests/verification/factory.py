"""A corridor in memory: a log, witnesses, a chain, and dossiers of them, all made from domain code.

The operator's keys are at hand, so that tests can do whatever an operator could.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain import evm_layout, merkle
from ledger.domain import map as stream_map
from ledger.domain.checkpoint import Checkpoint, cosign, sign_checkpoint
from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.frontier import Frontier, each_node
from ledger.domain.note import COSIGNATURE_V1, ED25519, Note, VerifierKey
from ledger.domain.statement import Seen, SignedStatement
from ledger.domain.tlog_proof import TlogProof
from ledger.verification.chain_view import Contract
from ledger.verification.container import Part
from ledger.verification.dossier import (
    AnchorOpening,
    Dossier,
    EarlierCheckpoint,
    LoggedStatement,
    MapMember,
    build_container,
)
from ledger.verification.manifest import DOSSIER, RECEIPT, CoveredStream, Header
from ledger.verification.receipt import Inclusion, make_receipt
from ledger.verification.trust import ChainTrust, Trust, WitnessTrust, derive
from tests.builders import (
    CUSTOMS,
    EXPORTER,
    NOON,
    ORIGIN_PORT,
    Author,
    Trip,
    a_genesis,
    a_signer,
    a_trip,
    an_author,
    an_ed25519_key,
)
from tests.verification.chain import SyntheticChain

ROLES = {EXPORTER: "exporter", ORIGIN_PORT: "origin-port", CUSTOMS: "destination-customs"}
WITNESSES = ("witness-a.example/w", "witness-b.example/w", "witness-c.example/w")
INDEX_COSIGNER = WITNESSES[2]


def witness_key(name: str) -> VerifierKey:
    """Return the verifier key of a witness."""
    return VerifierKey(name, COSIGNATURE_V1, an_ed25519_key(name).public_key().public_bytes_raw())


@dataclass
class Logged:
    """A statement in the log, with the tags under which the operator really filed it."""

    signed: SignedStatement
    entry: bytes


@dataclass
class World:
    """One log on one chain; time passes only when told.

    Args:
        control: Who runs the chain.
        seed: Another seed gives another chain with the same identifier.
        now: The time that all clocks show.
        organisations: Role of each organisation, by URI.
        on: A chain that is there already.
        corridor: Whose rules the log is under.
    """

    control: str = "independent"
    seed: object = "chain"
    now: int = NOON
    organisations: Mapping[str, str] = field(default_factory=lambda: ROLES)
    on: SyntheticChain | None = None
    corridor: Profile = field(default_factory=foundation_profile)

    def __post_init__(self) -> None:
        self.chain = self.on or SyntheticChain(self.now - 100, seed=self.seed)
        self.profile = self.corridor.document
        self.genesis = a_genesis(
            chain_genesis=self.chain.genesis,
            registry=self.chain.addresses[Contract.REGISTRY],
            anchor=self.chain.addresses[Contract.ANCHOR],
            profile=self.corridor.hash,
        )
        log_key = an_ed25519_key("log")
        self.log_key = VerifierKey(self.genesis.origin, ED25519, log_key.public_key().public_bytes_raw())
        self.entries: list[bytes] = []
        self.logged: dict[int, Logged] = {}
        self.notes: dict[int, bytes] = {}
        self.map_roots: dict[int, bytes] = {}
        self.anchors: dict[int, AnchorOpening] = {}
        self._frontier = Frontier()
        self._tree: dict[tuple[int, int], bytes] = {}
        self._map_nodes: dict[bytes, bytes] = {}
        self._map_root = stream_map.EMPTY
        self._values: dict[bytes, stream_map.MapValue] = {}
        self.authors: dict[str, Author] = {}
        for uri, role in self.organisations.items():
            self.enrol(uri, role)
        self.chain.mine(self.now - 50)
        self.append(genesis_entry(self.genesis.hash))

    # Participants

    def enrol(self, uri: str, role: str) -> Author:
        """Let an organisation take part from the next block on."""
        author = an_author(uri, genesis=self.genesis)
        self.chain.enrol(uri, role, author.signer.key)
        self.authors[uri] = author
        return author

    def says(self, kind: str, trip: Trip, body: Any = None, *, by: str = EXPORTER, **more: Any) -> int:
        """Sign and log a statement; return its index."""
        more.setdefault("iat", self.now)
        more.setdefault("seen", self.seen())
        return self.submit(self.authors[by].says(kind, trip, body, **more))

    def opens(self, trip: Trip) -> int:
        """Log the statement that opens a trip."""
        return self.submit(self.authors[trip.iss].opens(trip, iat=self.now, seen=self.seen()))

    def seen(self) -> Seen:
        """Return the newest checkpoint, as a signer would hold it."""
        if not self.notes:
            return Seen(0, self.genesis.hash)
        size = max(self.notes)
        return Seen(size, self.root(size))

    # The log

    def append(self, entry: bytes) -> int:
        """Append any entry; return its index."""
        self._frontier, runs = self._frontier.append([merkle.leaf_hash(entry)])
        self._tree.update({(level, place): value for level, place, value in each_node(runs)})
        self.entries.append(entry)
        return len(self.entries) - 1

    def submit(
        self, signed: SignedStatement, *, tags: Sequence[bytes] | None = None, in_map: bool = True
    ) -> int:
        """Log a statement; return its index.

        Args:
            signed: The statement.
            tags: Other tags than the statement's own to file it under.
            in_map: False to leave it out of the map.
        """
        filed = signed.statement.streams if tags is None else tags
        entry = statement_entry(signed.statement.envelope, filed)
        index = self.append(entry)
        self.logged[index] = Logged(signed, entry)
        if in_map:
            changes = stream_map.replay([(index, entry, filed)], self._values.get)
            self._values |= changes
            self._map_root, nodes = stream_map.update(self._map_nodes.__getitem__, self._map_root, changes)
            self._map_nodes |= nodes
        return index

    def checkpoint(
        self,
        *,
        anchor: bool = True,
        cosigners: Iterable[str] = WITNESSES,
        times: Mapping[str, int] | None = None,
    ) -> int:
        """Fix, sign, cosign and anchor a checkpoint now; return its size."""
        self.append(map_root_entry(self._map_root))
        size = len(self.entries)
        self.map_roots[size] = self._map_root
        checkpoint = Checkpoint(self.genesis.origin, size, self.root(size))
        note = Note.parse(sign_checkpoint(checkpoint, self.log_key, an_ed25519_key("log").sign))
        for name in cosigners:
            time = (times or {}).get(name, self.now)
            note = note.add(cosign(checkpoint, witness_key(name), time, an_ed25519_key(name).sign))
        self.notes[size] = note.encode()
        if anchor:
            number, time = self.chain.anchor(self.genesis.origin_hash, size, checkpoint.root, self.now)
            self.anchors[size] = AnchorOpening(size, number, time)
        return size

    def root(self, size: int) -> bytes:
        """Return the root at a size."""
        return merkle.root(size, self._node)

    def path(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return an inclusion proof."""
        return tuple(merkle.inclusion_proof(index, size, self._node))

    def _node(self, level: int, place: int) -> bytes:
        return self._tree[level, place]

    # What is handed out

    def dossier(
        self, *trips: Trip, target: int | None = None, streams: Sequence[tuple[str, str, bytes]] = ()
    ) -> Dossier:
        """Return the dossier of trips, the first being the shipment, with their custody streams."""
        target = target or max(self.notes)
        wanted = [(trip.uri, "custody", trip.custody_tag) for trip in trips] + list(streams)
        tags = {tag for _, _, tag in wanted}
        indices = [
            index
            for index, logged in self.logged.items()
            if index < target and tags & set(logged.signed.statement.streams)
        ]
        counts = {
            tag: sum(tag in self.logged[index].signed.statement.streams for index in indices) for tag in tags
        }
        covered = tuple(CoveredStream(uri, name, tag, counts[tag]) for uri, name, tag in wanted)
        return self._assemble(Header(DOSSIER, trips[0].uri, CUSTOMS, target, covered), indices, target)

    def receipt(self, index: int) -> Dossier:
        """Return the receipt file of one statement."""
        target = min(size for size in self.notes if size > index)
        statement = self.logged[index].signed.statement
        header = Header(RECEIPT, statement.sub, CUSTOMS, target, ())
        dossier = self._assemble(header, [index], target)
        path = self.path(index, target)
        entry = self.logged[index].entry
        cose = make_receipt(
            a_signer("receipts"),
            origin=self.genesis.origin,
            sub=statement.sub,
            entry=entry,
            inclusion=Inclusion(target, index, path),
        )
        proof = TlogProof(index, path, self.notes[target], entry).encode()
        return replace_receipt(dossier, (cose, proof))

    def _assemble(self, header: Header, indices: Sequence[int], target: int) -> Dossier:
        statements = [self.logged[index].signed for index in indices]
        anchors = [anchor for size, anchor in sorted(self.anchors.items()) if size <= target]
        earlier = {anchor.size for anchor in anchors} | {one.statement.seen.size for one in statements}
        keys = {self.authors[one.statement.iss].signer.key for one in statements}
        return Dossier(
            header=header,
            genesis=self.genesis.document,
            profile=self.profile,
            keys=tuple(key.encoded for key in sorted(keys, key=lambda key: key.thumbprint)),
            statements=tuple(
                LoggedStatement(index, one.raw, one.disclosures, self.path(index, target))
                for index, one in zip(indices, statements, strict=True)
            ),
            target=self.notes[target],
            checkpoints=tuple(
                EarlierCheckpoint(self.notes[size], tuple(merkle.consistency_proof(size, target, self._node)))
                for size in sorted(earlier - {0, target})
                if size < target
            ),
            map=MapMember(
                self.map_roots[target],
                self.path(target - 1, target),
                tuple((one.tag, self.map_proof(one.tag, target)) for one in header.streams),
            ),
            anchors=tuple(anchors),
            state_proofs=(self.state_proof(statements, [anchor.size for anchor in anchors]),),
        )

    def map_proof(self, tag: bytes, size: int) -> bytes:
        """Return the encoded map proof of a stream."""
        return stream_map.prove(self._map_nodes.__getitem__, self.map_roots[size], tag).encode()

    def state_proof(self, statements: Sequence[SignedStatement], sizes: Iterable[int]) -> Any:
        """Return the proof, in the newest block's state, of all that a verifier asks."""
        origin = self.genesis.origin_hash
        slots = [(Contract.ANCHOR, evm_layout.anchor_slot(origin, size)) for size in sizes]
        slots += [(Contract.ANCHOR, evm_layout.head_slot(origin))]
        slots += [(Contract.ANCHOR, slot) for slot in evm_layout.closure_slots(origin)]
        for uri in {one.statement.iss for one in statements}:
            organisation = evm_layout.organisation_id(uri)
            slots.append((Contract.REGISTRY, evm_layout.organisation_slot(organisation)))
            kinds = {one.statement.kind for one in statements if one.statement.iss == uri}
            for name in {name for kind in kinds for name in self.corridor.roles_for(kind)}:
                role = evm_layout.role_id(name)
                slots.append((Contract.REGISTRY, evm_layout.role_count_slot(organisation, role)))
                for index in range(3):
                    slot = evm_layout.role_interval_slot(organisation, role, index)
                    slots.append((Contract.REGISTRY, slot))
            thumbprint = self.authors[uri].signer.key.thumbprint
            slots += [(Contract.REGISTRY, slot) for slot in evm_layout.key_slots(thumbprint)]
        return self.chain.proof(self.chain.number, slots)

    # The verifier's side

    def trust(self, **changes: Any) -> Trust:
        """Return a trust file that accepts this world, with its newest block pinned."""
        chain = ChainTrust.model_validate(
            {
                "id": self.chain.id,
                "genesis": "0x" + self.chain.genesis.hex(),
                "control": self.control,
                "rpc": None,
                "pinned": [
                    {
                        "number": self.chain.number,
                        "hash": "0x" + self.chain.block_hash(self.chain.number).hex(),
                    }
                ],
                **{
                    contract.value: {
                        "address": "0x" + self.chain.addresses[contract].hex(),
                        "code_hash": "0x" + self.chain.code_hashes[contract].hex(),
                    }
                    for contract in Contract
                },
            }
        )
        keys = [witness_key(name) for name in WITNESSES]
        trust = derive(
            self.genesis,
            chain,
            name="tests",
            witnesses=WitnessTrust(quorum=2, keys=tuple(keys)),
            index_cosigners=(witness_key(INDEX_COSIGNER).encode(),),
            times=("chain", "witnesses"),
        )
        return Trust.model_validate({**trust.model_dump(mode="json"), **changes})

    @property
    def clock(self) -> Callable[[], int]:
        """The verifier's clock."""
        return lambda: self.now


def replace_receipt(dossier: Dossier, receipt: tuple[bytes, bytes]) -> Dossier:
    """Return the content of a receipt file with other receipts."""
    from dataclasses import replace

    return replace(dossier, receipt=receipt)


def packed(dossier: Dossier, evidence: Mapping[str, Part] | None = None) -> bytes:
    """Return the container of a dossier."""
    out = io.BytesIO()
    build_container(dossier, out, evidence)
    return out.getvalue()


def a_small_world(**changes: Any) -> tuple[World, Trip]:
    """Return a world in which a trip got five statements and two anchors."""
    world = World(**changes)
    trip = a_trip()
    world.opens(trip)
    world.says("manifest", trip, {"packages": 1500})
    world.checkpoint()
    world.now += 600
    world.says("gate-passage", trip, {"lane": 4}, by=ORIGIN_PORT)
    world.says("scan", trip, {"conclusion": "clear"}, by=ORIGIN_PORT)
    world.says("seal-check", trip, {"seal": "ABC123"}, by=EXPORTER)
    world.checkpoint()
    return world, trip
