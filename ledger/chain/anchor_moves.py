"""The single moves of an anchor: looking at the chain, signing, sending, paying more, becoming final."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ledger.chain.accounts import TransactionSigner, transaction_hash, unsigned
from ledger.chain.anchor_contract import AnchorContract
from ledger.chain.anchor_machine import Anchor, Move, Observation, State, decide
from ledger.chain.anchor_store import AnchorStore, StoredTransaction
from ledger.chain.client import ChainClient
from ledger.chain.errors import RevertedError
from ledger.chain.fees import Fees
from ledger.chain.proofs import StateProver, StateQuestion
from ledger.chain.published import SignersBetween
from ledger.domain.clock import Clock
from ledger.domain.errors import PolicyError, UnavailableError
from ledger.domain.evm_layout import Head, anchor_record
from ledger.storage.faults import Fault

MAX_GAS = 120_000
"""Twice what an anchor may cost: a node that estimates more is not asked to spend it."""

_SEEN_TOO_LATE = {"AlreadyAnchored", "SizeNotGrown"}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AnchorSettings:
    """How a log is anchored.

    Args:
        depth: How many blocks must lie on top of an anchor's block before it is final.
        stuck_seconds: How long a transaction may wait before another one pays more.
        max_behind: How many checkpoints may wait for a slow chain before all but the newest are passed over.
        earlier: How many earlier anchors are shown in the state proof of a final one.
    """

    depth: int = 2
    stuck_seconds: int = 120
    max_behind: int = 32
    earlier: int = 16


@dataclass(frozen=True, slots=True)
class Look:
    """What one step saw of the chain; all of it as of one block.

    Args:
        store: The anchors on this chain.
        chain_id: EIP-155 number.
        number: Number of the block.
        head: What the anchor contract says of the log.
        account_nonce: How many transactions of the operator's account are in the chain.
    """

    store: AnchorStore
    chain_id: int
    number: int
    head: Head
    account_nonce: int


class AnchorMoves:
    """Makes the moves that `anchor_machine.decide` asks for.

    Args:
        client: The chain.
        contract: The log's part of the anchor contract.
        prover: Takes state proofs of the contracts.
        signer: The operator's account.
        clock: POSIX seconds.
        settings: Depth and patience.
        signers_between: Whose keys a state proof shows.
        make_durable: Called before an anchor is called final.
        fault: Lets a test fail a step.
    """

    def __init__(
        self,
        client: ChainClient,
        contract: AnchorContract,
        prover: StateProver,
        signer: TransactionSigner,
        clock: Clock,
        *,
        settings: AnchorSettings,
        signers_between: SignersBetween,
        make_durable: Callable[[], object],
        fault: Fault,
    ) -> None:
        self._client = client
        self._contract = contract
        self._prover = prover
        self._signer = signer
        self._clock = clock
        self._settings = settings
        self._signers_between = signers_between
        self._make_durable = make_durable
        self._fault = fault

    def advance(self, look: Look, anchor: Anchor, is_first: bool) -> Anchor | None:
        """Move an anchor as far as it goes; None when it was dropped, or another process moved it.

        Args:
            look: What was seen of the chain.
            anchor: As it was read.
            is_first: Whether no smaller one waits to be mined.
        """
        seen = self._observe(look, anchor)
        try:
            return self._go(look, anchor, seen, is_first)
        except RevertedError as error:
            if error.error not in _SEEN_TOO_LATE:
                raise
            # The chain went on since it was looked at, and has what was to be signed: the next step sees it.
            return anchor

    def _go(self, look: Look, anchor: Anchor, seen: Observation, is_first: bool) -> Anchor | None:
        current: Anchor | None = anchor
        while current is not None:
            move = decide(current, seen, depth=self._settings.depth, is_first=is_first)
            match move:
                case Move.WAIT:
                    return current
                case Move.SIGN:
                    current = self._sign(look, current)
                case Move.SEND:
                    return self._send(look, current)
                case Move.BUMP:
                    return self._bump(look, current)
                case Move.LOSE:
                    _logger.warning(
                        "the chain has lost the anchor of size %d; sending it again", current.size
                    )
                    current = look.store.lost(current)
                case Move.MINE:
                    assert seen.block is not None
                    current = look.store.mined(current, seen.block)
                case Move.FINALISE:
                    current = self._finalise(look, current)
        return None

    def _observe(self, look: Look, anchor: Anchor) -> Observation:
        record = self._contract.record(anchor.size, look.number)
        transactions = look.store.transactions(anchor.size)
        root, block = None, anchor.block
        if record is not None:
            if block is not None and self._is_unchanged(anchor, record):
                root = anchor.root
            else:
                hashes = [one.hash for one in reversed(transactions)]
                root, block = self._contract.find(anchor.size, hashes, look.number) or (None, None)
        signed_at = max((one.signed_at for one in transactions), default=self._clock())
        return Observation(
            head_number=look.number,
            record=record,
            anchored_root=root,
            block=block,
            account_nonce=look.account_nonce,
            is_stuck=self._clock() - signed_at >= self._settings.stuck_seconds,
        )

    def _is_unchanged(self, anchor: Anchor, record: bytes) -> bool:
        block = anchor.block
        if block is None or anchor_record(anchor.root, block.number, block.time) != record:
            return False
        found = self._client.block(block.number)
        return found is not None and found.hash == block.hash

    def _sign(self, look: Look, anchor: Anchor) -> Anchor | None:
        if look.head.size > anchor.size:
            # The chain takes growing sizes only, and the larger one covers all that this one would have.
            _logger.warning("size %d was overtaken on the chain; it gets no anchor", anchor.size)
            look.store.drop(anchor)
            return None
        self._check_may_anchor(look.head)
        expected = look.store.next_nonce()
        transaction = self._transaction(look, anchor, look.account_nonce, self._client.fees())
        return look.store.sign(anchor, transaction, expected)

    def _check_may_anchor(self, head: Head) -> None:
        if not any(head.operator):
            raise UnavailableError(
                "log-not-open", "governance has not opened this log for anchoring yet; let it do so"
            )
        if head.closed:
            raise PolicyError("log-closed", "governance has closed this log: the chain takes no more anchors")
        if head.operator != self._signer.address:
            raise PolicyError(
                "not-operator",
                f"the operator of this log is the account 0x{head.operator.hex()}, not "
                f"0x{self._signer.address.hex()}; use its key, or let governance rotate the operator",
            )

    def _transaction(self, look: Look, anchor: Anchor, nonce: int, fees: Fees) -> StoredTransaction:
        data = self._contract.anchoring(anchor.size, anchor.root)
        gas = self._client.estimate(self._signer.address, self._contract.address, data, cap=MAX_GAS)
        raw = self._signer.sign(
            unsigned(
                chain_id=look.chain_id,
                nonce=nonce,
                to=self._contract.address,
                data=data,
                gas=gas,
                fees=fees,
            )
        )
        return StoredTransaction(transaction_hash(raw), nonce, raw, fees.max_fee, self._clock())

    def _send(self, look: Look, anchor: Anchor) -> Anchor | None:
        stored = [one for one in look.store.transactions(anchor.size) if one.nonce == anchor.nonce]
        if stored:
            self._fault("send.begin")
            self._client.send(stored[-1].raw)
            self._fault("send.sent")
        return look.store.submitted(anchor) if anchor.state is State.SIGNED else anchor

    def _bump(self, look: Look, anchor: Anchor) -> Anchor | None:
        stored = [one for one in look.store.transactions(anchor.size) if one.nonce == anchor.nonce]
        assert anchor.nonce is not None
        fees = self._client.affordable(self._client.fees().replacing(Fees.of_transaction(stored[-1].raw)))
        _logger.warning("the anchor of size %d is stuck; paying up to %d wei", anchor.size, fees.max_fee)
        if not look.store.bump(anchor, self._transaction(look, anchor, anchor.nonce, fees)):
            return None
        return self._send(look, anchor)

    def _finalise(self, look: Look, anchor: Anchor) -> Anchor | None:
        self._make_durable()
        before = look.store.final_sizes(anchor.size, self._settings.earlier)
        question = StateQuestion(
            sizes=(*before, anchor.size),
            signers=self._signers_between(before[-1] if before else 0, anchor.size),
        )
        at = look.number - self._settings.depth
        proof = self._prover.prove(at, question)
        self._fault("prove.taken")
        return look.store.finalise(anchor, at, proof)
