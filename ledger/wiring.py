"""The composition root: the only module that knows all parts and puts them together."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.chain.accounts import LocalSigner
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.anchoring import AnchorRunner, AnchorSettings
from ledger.chain.client import ChainClient
from ledger.chain.directory import RegistryMirror
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.governance import Contracts, open_log
from ledger.chain.proofs import StateProver, StateQuestion
from ledger.chain.published import DatabaseCheckpoints, signers_between
from ledger.chain.reader import ChainReader
from ledger.config import Settings
from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.clock import Clock, system_clock
from ledger.domain.cose import Signer
from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, UsageError
from ledger.domain.genesis import Genesis
from ledger.dossiers import DossierBuilder
from ledger.founding import Governance, Organisation, found_log
from ledger.log.background import Background
from ledger.log.policy import RegistrationPolicy
from ledger.log.publisher import Publisher, Quorum
from ledger.log.sequencer import Sequencer
from ledger.log.store import LogStore
from ledger.log.witness_client import HttpWitnessClient
from ledger.operator_keys import OperatorKeys, founder_account, open_or_create
from ledger.storage.engine import open_database
from ledger.storage.folder_lock import only_one
from ledger.storage.migrate import migrate
from ledger.verification.dossier import AnchorOpening
from ledger.verification.state_proof import StateProof

_logger = logging.getLogger(__name__)
RPC_FILE = "rpc"
"""Where a running ledger says how its chain is reached, for commands that read the same data folder."""


class AnchoredChain:
    """What can be shown of the chain: final anchors, and state proofs by a node or as stored.

    Args:
        store: The anchors of the chain in use.
        prover: Takes state proofs from the node, None when there is no node.
        block: Returns the number of the block whose state is shown.
    """

    def __init__(self, store: AnchorStore, prover: StateProver | None, block: Callable[[], int]) -> None:
        self._store = store
        self._prover = prover
        self._block = block

    def anchors(self) -> Sequence[AnchorOpening]:
        """Return the final anchors, ascending by size."""
        return [
            AnchorOpening(one.size, one.block.number, one.block.time)
            for one in self._store.final()
            if one.block is not None
        ]

    def state_proofs(self, question: StateQuestion) -> Sequence[StateProof]:
        """Return one proof by the node, or those that were stored when the anchors became final."""
        if self._prover is not None:
            try:
                return [StateProof.from_bytes(self._prover.prove(self._block(), question))]
            except UnavailableError:
                pass
        return [StateProof.from_bytes(one.proof) for one in self._store.proofs(list(question.sizes))]


@dataclass(frozen=True, slots=True)
class OpenLedger:
    """A data folder opened for reading.

    Args:
        store: The log.
        builder: Makes dossiers and receipt files.
        receipt_signer: The receipt key.
    """

    store: LogStore
    builder: DossierBuilder
    receipt_signer: Signer


@contextmanager
def open_readonly(settings: Settings, clock: Clock = system_clock) -> Iterator[OpenLedger]:
    """Open a data folder beside the process that runs it, or without one.

    Raises:
        NotFoundError: There is no log in the folder.
    """
    if not (settings.data / "keys").is_dir():
        raise NotFoundError("log-missing", f"there is no log in {settings.data}; `corridor up` begins one")
    with ExitStack() as stack:
        engine = open_database(settings.database_url)
        stack.callback(engine.dispose)
        store = LogStore(engine, clock)
        genesis = store.genesis
        chain_genesis, prover, reader = genesis.chain_genesis, None, _running_chain(settings)
        if reader is not None:
            stack.callback(reader.close)
            chain_genesis = reader.identity().genesis
        anchors = AnchorStore(engine, chain_genesis)
        contracts = anchors.contracts()
        if reader is not None and contracts is not None:
            prover = StateProver(reader, *contracts, genesis.origin_hash)
        evidence = AnchoredChain(anchors, prover, lambda: _final_block(reader, settings.finality_depth))
        builder = DossierBuilder(store, Profile.parse(store.profile), evidence)
        yield OpenLedger(store, builder, open_or_create(settings).receipt.signer)


class Ledger:
    """One running ledger: log, chain, registration, publishing, anchoring.

    Use it as a context manager. `publish` and `anchor` do one step each; `start` repeats them.

    Args:
        settings: Of this ledger.
        clock: The one clock of everything in it.
        keys: The operator's keys; those of the data folder if None.
        founders: Who founds the registry of a new log; two organisations made up in the data folder if None.
        profile: Rules of a new log's corridor; the foundation's if None.
        block_seconds: See `EmbeddedChain`; None mines only when it is needed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        keys: OperatorKeys | None = None,
        founders: Sequence[Organisation] | None = None,
        profile: Profile | None = None,
        block_seconds: float | None = 1.0,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._keys = keys
        self._founders = founders
        self._new_profile = profile
        self._block_seconds = block_seconds
        self._stack = ExitStack()
        self.embedded: EmbeddedChain | None = None

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    def publish(self) -> None:
        """Fix, sign, cosign and publish one checkpoint, as far as that can be done now."""
        self.publisher.run_once()

    def anchor(self) -> None:
        """Bring published checkpoints one step nearer to final anchors."""
        self.anchors.step()

    def start(self) -> None:
        """Publish and anchor in the background until the ledger is closed."""
        for step, interval, name in (
            (self.publish, self.settings.checkpoint_seconds, "publisher"),
            (self.anchor, self.settings.anchor_seconds, "anchoring"),
        ):
            self._stack.enter_context(Background(step, interval, name))

    def final_block(self) -> int:
        """Return the number of the newest block that is deep enough to be final."""
        return _final_block(self.client, self.settings.finality_depth)

    def problems(self) -> list[str]:
        """Return what keeps this ledger from doing its work, a sentence each; for `/readyz`."""
        found = []
        for check in (self.store.size, self.client.identity, self.mirror.state):
            try:
                check()
            except CorridorError as error:
                found.append(error.message)
        return found

    # --- putting it together ---

    def _open(self) -> None:
        settings = self.settings
        self._stack.enter_context(only_one(settings.data))
        self.keys = self._keys or open_or_create(settings)
        self.client = self._connect()
        engine = open_database(settings.database_url, create=True)
        self._stack.callback(engine.dispose)
        migrate(engine)
        self.store = LogStore(engine, self.clock)
        self.genesis = self._genesis()
        self.profile = Profile.parse(self.store.profile)
        self._wire()

    def _connect(self) -> ChainClient:
        settings = self.settings
        if settings.rpc is None:
            chain = EmbeddedChain(
                settings.data / "chain",
                anvil=settings.anvil,
                clock=self.clock,
                block_seconds=self._block_seconds,
                settle_blocks=settings.finality_depth,
            )
            self.embedded = self._stack.enter_context(chain)
            client = chain.client()
        else:
            client = ChainClient(settings.rpc)
        self._stack.callback(client.close)
        _announce_rpc(settings.data, settings.rpc or chain.url, self._stack)
        return client

    def _genesis(self) -> Genesis:
        """Return the log's genesis document; begin the log when the database has none."""
        try:
            return self.store.genesis
        except NotFoundError:
            pass
        profile = self._new_profile or foundation_profile()
        self.governance = Governance.found(self.client, self._fund_founders())
        document = found_log(
            self.governance,
            self.client,
            self.keys,
            origin=self.settings.origin,
            profile=profile,
            clock=self.clock,
        )
        return self.store.create(document, profile.document)

    def _contracts(self) -> Contracts:
        """Return where the contracts are on the chain that is there: the first one, or a later one."""
        genesis, identity = self.genesis, self.client.identity()
        if identity.genesis == genesis.chain_genesis:
            return Contracts(genesis.registry, genesis.anchor, genesis.inclusion)
        known = AnchorStore(self.store.engine, identity.genesis).contracts()
        if known is not None:
            return Contracts(*known, genesis.inclusion)
        if self.embedded is None:
            raise UsageError(
                "other-chain",
                f"the node serves the chain with genesis 0x{identity.genesis.hex()}; this log was founded on "
                f"0x{genesis.chain_genesis.hex()}: set the URL of a node of that chain",
            )
        _logger.warning(
            "the embedded chain was lost and began anew: this log goes on on another chain, where every "
            "participant has to be enrolled again; earlier receipts keep their anchors on the lost one"
        )
        founders = self._fund_founders()
        self.governance = Governance.found(self.client, founders)
        self.governance.agree(open_log(genesis.origin, LocalSigner(self.keys.account).address))
        return self.governance.contracts

    def _wire(self) -> None:
        settings, genesis = self.settings, self.genesis
        self.contracts = self._contracts()
        self.mirror = RegistryMirror(self.client, self.contracts.registry, self.profile.roles)
        self.policy = RegistrationPolicy(
            self.mirror, self.profile, genesis, self.clock, future_seconds=settings.future_seconds
        )
        self.sequencer = self._stack.enter_context(Sequencer(self.store))
        clients = [
            (one.index_cosigner, HttpWitnessClient(one.url, one.vkey, clock=self.clock))
            for one in settings.witnesses
        ]
        self.publisher = Publisher(
            self.store,
            self.keys.log_signer,
            self.clock,
            witnesses=[client for _, client in clients],
            index_cosigners=[client for is_index, client in clients if is_index],
            quorum=Quorum(settings.quorum, settings.index_quorum),
        )
        self._stack.callback(self.publisher.close)
        self.anchors = AnchorRunner(
            self.store.engine,
            self.client,
            self.contracts,
            origin=genesis.origin,
            signer=LocalSigner(self.keys.account),
            published=DatabaseCheckpoints(self.store.engine),
            clock=self.clock,
            settings=AnchorSettings(depth=settings.finality_depth),
            signers_between=signers_between(self.store.engine, self.profile.roles_for),
            make_durable=(lambda: None) if self.embedded is None else self.embedded.save,
        )
        self.builder = DossierBuilder(
            self.store,
            self.profile,
            AnchoredChain(
                AnchorStore(self.store.engine, self.client.identity().genesis),
                StateProver(self.client, self.contracts.registry, self.contracts.anchor, genesis.origin_hash),
                self.final_block,
            ),
        )

    def _fund_founders(self) -> Sequence[Organisation]:
        founders = self._founders or [
            Organisation(f"https://{name}.example", founder_account(self.settings, name))
            for name in ("founder-one", "founder-two")
        ]
        if self.embedded is not None:
            for address in (
                LocalSigner(self.keys.account).address,
                *(one.signer.address for one in founders),
            ):
                self.embedded.fund(address)
        return founders


def _announce_rpc(data: Path, url: str, stack: ExitStack) -> None:
    path = data / RPC_FILE
    path.write_text(url + "\n", encoding="utf-8")
    stack.callback(path.unlink, missing_ok=True)


def _running_chain(settings: Settings) -> ChainReader | None:
    """Return the chain of a ledger that runs in this folder, None when none answers."""
    path = settings.data / RPC_FILE
    if not path.exists():
        return None
    reader = ChainReader(path.read_text(encoding="utf-8").strip())
    try:
        reader.identity()
    except UnavailableError:
        reader.close()
        return None
    return reader


def _final_block(reader: ChainReader | None, depth: int) -> int:
    if reader is None:
        raise UnavailableError("no-chain", "no chain is running")
    return max(0, reader.head().number - depth)
