"""A step that is repeated in the background survives its own failures and stops when it is told to."""

import logging
from threading import Event

import pytest

from ledger.domain.errors import UnavailableError
from ledger.log.background import Background

NEVER = 3600.0


class Step:
    """Counts its turns, lets a test wait for each, and fails when it is told to."""

    def __init__(self) -> None:
        self.turns = 0
        self.done = Event()
        self.failure: Exception | None = None

    def __call__(self) -> None:
        self.turns += 1
        self.done.set()
        if self.failure is not None:
            raise self.failure

    def next_turn(self) -> None:
        assert self.done.wait(60)
        self.done.clear()


def test_the_first_turn_comes_at_once_and_the_next_when_it_is_woken() -> None:
    step = Step()
    with Background(step, NEVER, "test") as background:
        step.next_turn()
        background.wake()
        step.next_turn()
    assert step.turns == 2


def test_turns_follow_each_other_after_the_interval() -> None:
    step = Step()
    with Background(step, 0.001, "test"):
        for _ in range(3):
            step.next_turn()


@pytest.mark.parametrize(
    ("failure", "level"),
    [(UnavailableError("away", "the chain is away"), logging.WARNING), (ValueError("a bug"), logging.ERROR)],
    ids=["ours", "a bug"],
)
def test_a_step_that_fails_is_reported_and_tried_again(
    failure: Exception, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    step = Step()
    step.failure = failure
    with Background(step, NEVER, "anchoring") as background:
        step.next_turn()
        step.failure = None
        background.wake()
        step.next_turn()
    # The wake-up may have come before the failure was reported; by now the thread is done.
    assert [(record.levelno, "anchoring" in record.getMessage()) for record in caplog.records][:1] == [
        (level, True)
    ]


def test_a_thread_that_was_never_started_can_be_stopped() -> None:
    Background(Step(), NEVER, "test").stop()


def test_no_turn_begins_after_the_stop() -> None:
    step = Step()
    background = Background(step, NEVER, "test")
    background.start()
    step.next_turn()
    background.stop()
    turns = step.turns
    background.wake()
    assert step.turns == turns
