"""A watch tells of work that fails, of work that has no end, and of nothing else."""

from threading import Event, Thread

import pytest

from ledger.domain.errors import ConflictError, CorridorError, UnavailableError
from ledger.log.watch import Watch

AWAY = UnavailableError("away", "the other side is away")
WRONG = ConflictError("wrong", "the other side is somebody else")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def turn(watch: Watch, error: Exception | None = None) -> None:
    """Take one turn that ends well, or raises."""
    if error is None:
        with watch.turn():
            pass
        return
    with pytest.raises(type(error)), watch.turn():
        raise error


def test_nothing_is_wrong_with_what_was_not_tried_or_works() -> None:
    watch = Watch("work")
    assert watch.problem is None
    turn(watch)
    assert watch.problem is None


def test_what_is_out_of_reach_is_told_after_some_turns_in_a_row() -> None:
    watch = Watch("work", patience=3)
    for _ in range(2):
        turn(watch, AWAY)
        assert watch.problem is None
    turn(watch)
    for _ in range(3):
        assert watch.problem is None
        turn(watch, AWAY)
    assert watch.problem == "work: the other side is away"


@pytest.mark.parametrize("error", [WRONG, CorridorError("code", "the other side is somebody else")])
def test_what_does_not_go_away_by_itself_is_told_at_once(error: Exception) -> None:
    watch = Watch("work")
    turn(watch, error)
    assert watch.problem == "work: the other side is somebody else"


def test_what_nobody_foresaw_is_told_without_its_details() -> None:
    watch = Watch("work")
    turn(watch, RuntimeError("with a secret in it"))
    assert watch.problem == "work: unexpected failure (RuntimeError); see the log file"


def test_a_turn_that_ends_well_ends_the_problem() -> None:
    watch = Watch("work")
    turn(watch, WRONG)
    turn(watch)
    assert watch.problem is None
    turn(watch, AWAY)
    assert watch.problem is None


def test_what_is_seen_to_be_over_is_forgotten() -> None:
    watch = Watch("work")
    turn(watch, WRONG)
    watch.forget()
    assert watch.problem is None


def test_a_turn_without_an_end_is_told_while_it_lasts() -> None:
    seconds, begun, end = Seconds(), Event(), Event()
    watch = Watch("work", slow_seconds=60, monotonic=seconds)

    def hang() -> None:
        with watch.turn():
            begun.set()
            end.wait(30)

    thread = Thread(target=hang)
    thread.start()
    assert begun.wait(30)
    seconds.now = 60.0
    early = watch.problem
    seconds.now = 75.2
    late = watch.problem
    end.set()
    thread.join()
    assert (early, late, watch.problem) == (None, "work: no end after 75 s", None)
