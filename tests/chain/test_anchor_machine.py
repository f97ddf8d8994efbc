"""What becomes of an anchor is decided from what was seen: at start, at work and after a crash alike."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.anchor_machine import IN_A_BLOCK, Anchor, AnchorBlock, Move, Observation, State, decide
from ledger.chain.errors import AnchorConflictError
from ledger.domain.evm_layout import anchor_record
from tests.builders import NOON, seeded

ROOT = seeded("root", 32)
BLOCK = AnchorBlock(10, seeded("block", 32), NOON)
MOVED = AnchorBlock(10, seeded("another block", 32), NOON)
NOT_THERE = Observation(20, None, None, None, 5, False)
THERE = Observation(20, anchor_record(ROOT, BLOCK.number, BLOCK.time), ROOT, BLOCK, 5, False)


def anchor(state: State, nonce: int | None = 5, block: AnchorBlock | None = None) -> Anchor:
    if state is State.STAGED:
        nonce = None
    if state in IN_A_BLOCK and block is None:
        block = BLOCK
    return Anchor(7, ROOT, state, nonce, block)


def move(one: Anchor, seen: Observation, *, depth: int = 2, is_first: bool = True) -> Move:
    return decide(one, seen, depth=depth, is_first=is_first)


FIRST_OF_THOSE_THAT_WAIT = {
    "staged": (anchor(State.STAGED), NOT_THERE, Move.SIGN),
    "signed": (anchor(State.SIGNED), NOT_THERE, Move.SEND),
    "submitted": (anchor(State.SUBMITTED), NOT_THERE, Move.SEND),
    "submitted long ago": (anchor(State.SUBMITTED), replace(NOT_THERE, is_stuck=True), Move.BUMP),
    "signed long ago": (anchor(State.SIGNED), replace(NOT_THERE, is_stuck=True), Move.SEND),
    "signed for a nonce used up": (anchor(State.SIGNED, nonce=4), NOT_THERE, Move.SIGN),
    "submitted with a nonce used up": (anchor(State.SUBMITTED, nonce=4), NOT_THERE, Move.SIGN),
    "submitted after a gap": (anchor(State.SUBMITTED, nonce=6), NOT_THERE, Move.SIGN),
    "submitted, its nonce given to another": (anchor(State.SUBMITTED, nonce=None), NOT_THERE, Move.SIGN),
    "mined and lost": (anchor(State.MINED), NOT_THERE, Move.LOSE),
    "final and lost": (anchor(State.FINAL), NOT_THERE, Move.LOSE),
}


@pytest.mark.parametrize(
    ("one", "seen", "expected"), FIRST_OF_THOSE_THAT_WAIT.values(), ids=FIRST_OF_THOSE_THAT_WAIT
)
def test_what_the_chain_does_not_have_is_brought_there(
    one: Anchor, seen: Observation, expected: Move
) -> None:
    assert move(one, seen) is expected


@pytest.mark.parametrize("state", State)
def test_behind_another_that_waits_nothing_new_is_signed(state: State) -> None:
    for nonce, is_stuck in itertools.product((4, 5, 6), (True, False)):
        found = move(anchor(state, nonce), replace(NOT_THERE, is_stuck=is_stuck), is_first=False)
        assert found in {Move.WAIT, Move.SEND, Move.LOSE}


@pytest.mark.parametrize("state", [one for one in State if one not in IN_A_BLOCK])
def test_what_the_chain_has_is_mined_however_it_came_there(state: State) -> None:
    assert move(anchor(state, nonce=99), THERE) is Move.MINE


def test_an_anchor_is_final_when_enough_blocks_lie_on_top() -> None:
    depth = THERE.head_number - BLOCK.number
    assert move(anchor(State.MINED), THERE, depth=depth + 1) is Move.WAIT
    assert move(anchor(State.MINED), THERE, depth=depth) is Move.FINALISE
    assert move(anchor(State.FINAL), THERE, depth=depth) is Move.WAIT


@pytest.mark.parametrize("state", sorted(IN_A_BLOCK))
def test_an_anchor_in_another_block_is_mined_anew(state: State) -> None:
    assert move(anchor(state), replace(THERE, block=MOVED)) is Move.MINE


@pytest.mark.parametrize("state", State)
def test_a_record_whose_event_is_not_shown_waits(state: State) -> None:
    assert move(anchor(state), replace(THERE, anchored_root=None, block=None)) is Move.WAIT


@pytest.mark.parametrize("state", State)
def test_a_record_that_does_not_fit_its_event_waits_for_a_better_look(state: State) -> None:
    torn = replace(THERE, block=AnchorBlock(11, seeded("later block", 32), NOON + 1))
    assert move(anchor(state), torn) is Move.WAIT


@pytest.mark.parametrize("state", State)
def test_another_root_is_a_conflict_in_every_state(state: State) -> None:
    other = seeded("another root", 32)
    seen = replace(THERE, anchored_root=other, record=anchor_record(other, BLOCK.number, BLOCK.time))
    with pytest.raises(AnchorConflictError, match="Nothing more is anchored"):
        move(anchor(state), seen)


observations = st.builds(
    Observation,
    head_number=st.integers(0, 40),
    record=st.sampled_from([None, THERE.record, bytes(32)]),
    anchored_root=st.sampled_from([None, ROOT]),
    block=st.sampled_from([None, BLOCK, MOVED]),
    account_nonce=st.integers(0, 9),
    is_stuck=st.booleans(),
)


@given(
    state=st.sampled_from(State),
    nonce=st.none() | st.integers(0, 9),
    seen=observations,
    depth=st.integers(0, 20),
    is_first=st.booleans(),
)
def test_nothing_is_final_without_a_record_that_fits_and_enough_blocks(
    state: State, nonce: int | None, seen: Observation, depth: int, is_first: bool
) -> None:
    found = decide(anchor(state, nonce), seen, depth=depth, is_first=is_first)
    if found is Move.FINALISE:
        assert state is State.MINED
        assert seen.record == THERE.record
        assert seen.block == BLOCK
        assert seen.head_number >= BLOCK.number + depth
    if found in (Move.SIGN, Move.BUMP):
        assert seen.record is None, "nothing is signed for a size that the chain has"
        assert is_first
