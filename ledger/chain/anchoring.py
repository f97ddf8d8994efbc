"""Bringing published checkpoints to a chain, one transaction each, through crashes, forks and lost replies.

`AnchorRunner.step` looks at database and chain and does whatever is next. It is called again and again, after
a crash too, and nothing else is needed. A raw transaction is stored before it is sent, the same bytes are
sent again, and a size has one root in the database, for ever.
"""

import logging
from collections.abc import Callable

from sqlalchemy import Engine

from ledger.chain.accounts import TransactionSigner
from ledger.chain.anchor_contract import AnchorContract
from ledger.chain.anchor_machine import IN_A_BLOCK, Anchor, State
from ledger.chain.anchor_moves import AnchorMoves, AnchorSettings, Look
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.client import ChainClient
from ledger.chain.errors import AnchorConflictError
from ledger.chain.governance import Contracts, origin_hash
from ledger.chain.proofs import StateProver
from ledger.chain.published import PublishedCheckpoints, SignersBetween
from ledger.domain.clock import Clock
from ledger.domain.errors import NotFoundError, PolicyError, UnavailableError, VerificationError
from ledger.domain.evm_layout import anchor_record
from ledger.storage.faults import Fault, no_fault

__all__ = ["AnchorRunner", "AnchorSettings"]

_logger = logging.getLogger(__name__)


class AnchorRunner:
    """Anchors one log on one chain.

    Args:
        engine: The database.
        client: The chain. Another block 0 behind the same URL is another chain, with anchors of its own.
        contracts: Where the contracts are.
        origin: The log's origin line.
        signer: The operator's account on that chain; only anchors may be sent from it.
        published: The checkpoints that may be anchored.
        clock: POSIX seconds.
        settings: Depth, patience and limits.
        signers_between: Whose keys a state proof shows.
        make_durable: Called before an anchor is called final; the embedded chain saves itself.
        fault: Lets a test fail a step.
    """

    def __init__(
        self,
        engine: Engine,
        client: ChainClient,
        contracts: Contracts,
        *,
        origin: str,
        signer: TransactionSigner,
        published: PublishedCheckpoints,
        clock: Clock,
        settings: AnchorSettings | None = None,
        signers_between: SignersBetween = lambda _start, _end: {},
        make_durable: Callable[[], object] = lambda: None,
        fault: Fault = no_fault,
    ) -> None:
        self._engine = engine
        self._client = client
        self._contracts = contracts
        self._address = signer.address
        self._published = published
        self._clock = clock
        self._settings = settings or AnchorSettings()
        self._fault = fault
        log = origin_hash(origin)
        self._contract = AnchorContract(client, contracts.anchor, log, contracts.from_block)
        self._moves = AnchorMoves(
            client,
            self._contract,
            StateProver(client, contracts.registry, contracts.anchor, log),
            signer,
            clock,
            settings=self._settings,
            signers_between=signers_between,
            make_durable=make_durable,
            fault=fault,
        )

    def step(self) -> bool:
        """Do whatever is next, and return whether anything changed in the database.

        Raises:
            AnchorConflictError: The chain holds something for this log that is not this log's. It is raised
                again at every step, and nothing is anchored, until that is cleared up.
            PolicyError: Governance closed the log, or made another account its operator.
            UnavailableError: The chain cannot be used now; the next step goes on.
            VerificationError: The node serves another chain than the client expects.
        """
        look = self._look()
        changed = self._find_lost(look)
        changed |= self._adopt(look)
        changed |= self._stage(look.store)
        # One slot: the smallest anchor that is in no block may be signed and bumped, the others wait.
        is_first = True
        late: UnavailableError | VerificationError | None = None
        for anchor in look.store.unfinished():
            try:
                after = self._moves.advance(look, anchor, is_first)
            except (UnavailableError, VerificationError) as error:
                # What hinders one to become final hinders no other.
                if anchor.state is not State.MINED:
                    raise
                late, after = error, anchor
            changed |= after != anchor
            is_first = is_first and after is not None and after.state in IN_A_BLOCK
        if late is not None:
            raise late
        return changed

    def want(self, size: int) -> None:
        """Have a published checkpoint anchored, also on a chain that began after it or fell behind.

        Args:
            size: Of the checkpoint; larger than every size anchored on this chain.

        Raises:
            NotFoundError: No checkpoint of this size was published.
            PolicyError: A larger size was anchored on this chain: it takes growing sizes only.
        """
        checkpoint = self._published.at(size)
        if checkpoint is None:
            raise NotFoundError("checkpoint-unknown", f"no checkpoint of size {size} was published")
        look = self._look()
        if look.store.at(size) is None:
            if size < max(look.store.largest(), look.head.size):
                raise PolicyError("size-not-grown", f"a larger size than {size} was anchored on this chain")
            look.store.stage(size, checkpoint.root)

    def until_final(self, size: int, while_waiting: Callable[[], object], *, turns: int = 1000) -> Anchor:
        """Take steps until the anchor of a size is final, and return it.

        Args:
            size: Of a published checkpoint.
            while_waiting: Called between two steps; lets time pass, or a block be mined.
            turns: How many steps to take at most.

        Raises:
            UnavailableError: It is not final after so many steps.
        """
        self.want(size)
        for _ in range(turns):
            self.step()
            anchor = self._store(self._client.identity().genesis).at(size)
            if anchor is not None and anchor.state is State.FINAL:
                return anchor
            while_waiting()
        raise UnavailableError("not-final", f"the anchor of size {size} is not final after {turns} steps")

    # --- before the anchors one by one ---

    def _look(self) -> Look:
        identity = self._client.identity()
        store = self._store(identity.genesis)
        number = self._client.head().number
        head = self._contract.head(number)
        nonce = self._client.nonce(self._address, number)
        store.register(
            identity,
            registry=self._contracts.registry,
            anchor=self._contracts.anchor,
            nonce=nonce,
            now=self._clock(),
        )
        return Look(store, identity.chain_id, number, head, nonce)

    def _store(self, genesis: bytes) -> AnchorStore:
        return AnchorStore(self._engine, genesis, fault=self._fault)

    def _find_lost(self, look: Look) -> bool:
        """Find final anchors that the chain has lost all the same: it went back to an older saved state."""
        changed = False
        while (anchor := look.store.newest_final()) is not None:
            assert anchor.block is not None
            expected = anchor_record(anchor.root, anchor.block.number, anchor.block.time)
            if self._contract.record(anchor.size, look.number) == expected:
                break
            _logger.error("the chain has lost the final anchor of size %d; anchoring it again", anchor.size)
            changed |= look.store.lost(anchor) is not None
        return changed

    def _adopt(self, look: Look) -> bool:
        """Take note of an anchor that the chain has and the database does not."""
        size = look.head.size
        if size <= look.store.largest():
            return False
        checkpoint = self._published.at(size)
        if checkpoint is None:
            raise AnchorConflictError(
                "anchor-unknown",
                f"the chain has an anchor of this log for size {size}, and this database has no such "
                "checkpoint: it is older than the log, or somebody else anchors with the operator's key. "
                "Nothing more is anchored; find out first",
            )
        look.store.stage(size, checkpoint.root)
        return True

    def _stage(self, store: AnchorStore) -> bool:
        """Choose the next checkpoint to anchor, when none is on its way."""
        if any(anchor.state not in IN_A_BLOCK for anchor in store.unfinished()):
            return False
        newest = self._published.latest()
        largest = store.largest()
        if newest is None or newest.size <= largest:
            return False
        following = self._published.after(largest, self._settings.max_behind + 1)
        # A chain that is new to the log gets the newest only: the earlier ones prove no earlier time.
        is_behind = largest == 0 or len(following) > self._settings.max_behind
        chosen = newest if is_behind else following[0]
        store.stage(chosen.size, chosen.root)
        return True
