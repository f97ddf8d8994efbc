"""What becomes of one anchor, decided from what the database holds and what the chain shows; no I/O.

    staged -> signed -> submitted -> mined -> final

The way back is from mined or final to submitted, when the chain has lost the anchor: it was reorganised, or
is an embedded one that went on from an older saved state. Start-up, recovery and everyday work are the same
decision.
"""

from dataclasses import dataclass
from enum import StrEnum

from ledger.chain.errors import AnchorConflictError
from ledger.domain.evm_layout import anchor_record


class State(StrEnum):
    """How far an anchor has come."""

    STAGED = "staged"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    MINED = "mined"
    FINAL = "final"


IN_A_BLOCK = frozenset((State.MINED, State.FINAL))


@dataclass(frozen=True, slots=True)
class AnchorBlock:
    """The block that an anchor is in: number, hash (32 bytes) and time in POSIX seconds."""

    number: int
    hash: bytes
    time: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """One checkpoint on its way to one chain, as the database holds it.

    Args:
        size: Of the checkpoint.
        root: Of the checkpoint, 32 bytes.
        state: How far it has come.
        nonce: Number of its transaction; None before it is signed, or when another sender anchored it.
        block: The block that it is in; None unless mined or final.
    """

    size: int
    root: bytes
    state: State
    nonce: int | None = None
    block: AnchorBlock | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What the chain shows of an anchor.

    Args:
        head_number: Number of the newest block; what follows is as of that.
        record: What the contract keeps for the size, 32 bytes, or None.
        anchored_root: Root in the event that came with the record; None when the event was not found.
        block: The block of that event.
        account_nonce: How many transactions of the operator's account are in the chain.
        is_stuck: Whether the newest transaction for this anchor has waited for too long.
    """

    head_number: int
    record: bytes | None
    anchored_root: bytes | None
    block: AnchorBlock | None
    account_nonce: int
    is_stuck: bool


class Move(StrEnum):
    """What is to be done with an anchor now."""

    WAIT = "wait"
    SIGN = "sign"
    SEND = "send"
    BUMP = "bump"
    MINE = "mine"
    LOSE = "lose"
    FINALISE = "finalise"


def decide(anchor: Anchor, seen: Observation, *, depth: int, is_first: bool) -> Move:
    """Return what is to be done with an anchor.

    Args:
        anchor: As the database holds it.
        seen: What the chain shows of it.
        depth: How many blocks must lie on top of its block before it is final.
        is_first: Whether no smaller anchor waits to be mined: only one transaction at a time is made, so that
            one that fails holds back no other.

    Raises:
        AnchorConflictError: The chain holds another root for this size.
    """
    if seen.record is not None:
        return _decide_anchored(anchor, seen, depth)
    if anchor.state in IN_A_BLOCK:
        return Move.LOSE
    if not is_first:
        return Move.WAIT if anchor.state is State.STAGED else Move.SEND
    # Signed for a nonce that is used up, or that the chain will not come to: neither is ever mined.
    if anchor.state is State.STAGED or anchor.nonce != seen.account_nonce:
        return Move.SIGN
    return Move.BUMP if anchor.state is State.SUBMITTED and seen.is_stuck else Move.SEND


def _decide_anchored(anchor: Anchor, seen: Observation, depth: int) -> Move:
    if seen.anchored_root is None or seen.block is None:
        return Move.WAIT
    if seen.anchored_root != anchor.root:
        raise AnchorConflictError(
            "anchor-conflict",
            f"the chain has root {seen.anchored_root.hex()} for size {anchor.size}, anchored in block "
            f"{seen.block.number}, and this log has {anchor.root.hex()}: somebody else anchors with the "
            "operator's key, or this database is not the log's. Nothing more is anchored; find out, and let "
            "governance rotate the operator or close the log",
        )
    if anchor_record(anchor.root, seen.block.number, seen.block.time) != seen.record:
        # The chain moved between two questions; the next look sees one state.
        return Move.WAIT
    if anchor.state not in IN_A_BLOCK or anchor.block != seen.block:
        return Move.MINE
    deep_enough = seen.head_number - seen.block.number >= depth
    return Move.FINALISE if anchor.state is State.MINED and deep_enough else Move.WAIT
