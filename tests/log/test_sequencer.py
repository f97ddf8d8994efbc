"""Group commit: everybody hears what became of his own submission, and one failure does not stop the next."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from ledger.domain.errors import PolicyError, UnavailableError
from ledger.log.append import Appended, Outcome, Submission
from ledger.log.sequencer import Sequencer
from tests.builders import a_trip
from tests.log.checker import check_log
from tests.log.logs import a_log, history, said

DULL = UnavailableError("database-full", "there is no room left")


class Held:
    """Appends to nothing; waits before each group until it is let go."""

    def __init__(self) -> None:
        self.go = Event()
        self.begun = Event()
        self.groups: list[int] = []
        self.failure: Exception | None = None

    def append(self, batch: Sequence[Submission]) -> list[Outcome]:
        self.begun.set()
        assert self.go.wait(60)
        self.groups.append(len(batch))
        if self.failure is not None:
            raise self.failure
        return [Appended(0, submission.statement.id, duplicate=False) for submission in batch]


def codes(futures: Sequence["Future[Appended]"]) -> list[object]:
    """Return the indices of what was appended and the codes of what was not."""
    errors = [future.exception(60) for future in futures]
    return [
        future.result().index if error is None else getattr(error, "code", error)
        for future, error in zip(futures, errors, strict=True)
    ]


def test_many_callers_get_one_log(tmp_path: Path) -> None:
    everything = history(10, 20)
    openings, rest = everything[:10], everything[10:]
    with a_log(tmp_path) as store:
        with Sequencer(store) as sequencer, ThreadPoolExecutor(16) as pool:
            places = list(pool.map(sequencer.append, openings))
            places += pool.map(sequencer.append, rest)
        for place, submission in zip(places, everything, strict=True):
            assert store.statement(submission.statement.id).index == place.index
        assert sorted(place.index for place in places) == list(range(1, 211))
        check_log(store)


def test_what_is_submitted_in_order_is_appended_in_order(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        with Sequencer(store, batch=7) as sequencer:
            futures = [sequencer.submit(submission) for submission in history(5, 10)]
            assert codes(futures) == list(range(1, 56))
        check_log(store)


def test_a_refusal_reaches_only_its_own_caller(tmp_path: Path) -> None:
    opened, spoken = history(1, 1)
    with a_log(tmp_path) as store:
        with Sequencer(store) as sequencer:
            batch = [opened, said(a_trip(seed="unopened"), 1), spoken, spoken]
            assert codes([sequencer.submit(one) for one in batch]) == [1, "stream-unknown", 2, 2]
            with pytest.raises(PolicyError):
                sequencer.append(batch[1])
        check_log(store)


def test_those_who_wait_together_are_appended_together() -> None:
    store = Held()
    first, *rest = history(1, 9)
    with Sequencer(store, batch=4, linger=0) as sequencer:
        futures = [sequencer.submit(first)]
        assert store.begun.wait(60)
        futures += [sequencer.submit(submission) for submission in rest]
        store.go.set()
        assert codes(futures) == [0] * 10
    assert store.groups == [1, 4, 4, 1]


@pytest.mark.parametrize("failure", [DULL, ValueError("a mistake of ours")], ids=["full disk", "bug"])
def test_a_failure_reaches_all_who_wait_and_the_next_group_is_tried_anew(failure: Exception) -> None:
    store = Held()
    store.failure = failure
    store.go.set()
    batch = history(1, 3)
    with Sequencer(store) as sequencer:
        errors = [future.exception(60) for future in [sequencer.submit(one) for one in batch]]
        assert [type(error) for error in errors] == [type(failure)] * 4
        assert {str(error) for error in errors} == {str(failure)}
        store.failure = None
        assert codes([sequencer.submit(one) for one in batch]) == [0] * 4


def test_each_caller_gets_an_exception_of_his_own() -> None:
    store = Held()
    store.failure = DULL
    store.go.set()
    with Sequencer(store, batch=2, linger=60) as sequencer:
        one, other = (future.exception(60) for future in [sequencer.submit(s) for s in history(1, 1)])
    assert one is not other


def test_too_many_who_wait_are_sent_away() -> None:
    store = Held()
    first, *rest = history(1, 4)
    with Sequencer(store, waiting=2) as sequencer:
        futures = [sequencer.submit(first)]
        # The first group gathers until its time is up; what it has not taken by then fills the queue.
        assert store.begun.wait(60)
        futures += [sequencer.submit(submission) for submission in rest[:2]]
        with pytest.raises(UnavailableError) as caught:
            sequencer.submit(rest[2])
        assert caught.value.code == "log-busy"
        store.go.set()
        assert codes(futures) == [0] * 3


def test_a_caller_that_gave_up_takes_its_submission_along() -> None:
    store = Held()
    first, second, third = history(1, 2)
    with Sequencer(store) as sequencer:
        futures = [sequencer.submit(first)]
        assert store.begun.wait(60)
        given_up = sequencer.submit(second)
        futures.append(sequencer.submit(third))
        assert given_up.cancel()
        store.go.set()
        assert codes(futures) == [0, 0]
    assert store.groups == [1, 1]


def test_closing_appends_what_waits_and_takes_no_more() -> None:
    store = Held()
    batch = history(1, 3)
    sequencer = Sequencer(store)
    sequencer.start()
    futures = [sequencer.submit(submission) for submission in batch]
    store.go.set()
    sequencer.close()
    sequencer.close()
    assert codes(futures) == [0] * 4
    with pytest.raises(UnavailableError) as caught:
        sequencer.submit(batch[0])
    assert caught.value.code == "log-closed"
