"""The publishing cycle: nothing is published without its quorum, and what is behind catches up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from ledger.domain.checkpoint import open_checkpoint, verify_cosignatures
from ledger.domain.errors import CorridorError, UsageError, VerificationError
from ledger.domain.note import Note
from ledger.log.checkpoints import State
from ledger.log.publisher import Publisher, Quorum
from ledger.log.store import LogStore
from tests.builders import NOON
from tests.log.checker import check_log
from tests.log.logs import FakeWitness, Hands, a_log, appended, history, log_signer, noon

NAMES = ("one.example", "two.example", "three.example")


@contextmanager
def a_publisher(
    store: LogStore, witnesses: Sequence[Any] = (), quorum: int = 0, **more: Any
) -> Iterator[Publisher]:
    clock = more.pop("clock", noon)
    index_quorum = more.pop("index_quorum", 0)
    with Publisher(
        store, log_signer(), clock, witnesses=witnesses, quorum=Quorum(quorum, index_quorum), **more
    ) as publisher:
        yield publisher


def some_witnesses() -> list[FakeWitness]:
    return [FakeWitness(name) for name in NAMES]


class Answering(FakeWitness):
    """A witness that answers something else."""

    def __init__(self, name: str, answer: bytes | CorridorError) -> None:
        super().__init__(name)
        self.answer = answer

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
        if isinstance(self.answer, CorridorError):
            raise self.answer
        return self.answer


class Slow(FakeWitness):
    """A witness that answers when it is told to."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.go = Event()

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
        assert self.go.wait(60)
        return super().add_checkpoint(old_size, proof, note)


def test_without_witnesses_a_checkpoint_is_published_at_once(tmp_path: Path) -> None:
    with a_log(tmp_path) as store, a_publisher(store) as publisher:
        cycle = publisher.run_once()
        assert (cycle.checkpoint.size, cycle.fixed, cycle.published) == (2, True, True)
        again = publisher.run_once()
        assert (again.checkpoint, again.fixed, again.published) == (cycle.checkpoint, False, False)
        check_log(store)


def test_a_published_checkpoint_carries_its_quorum(tmp_path: Path) -> None:
    witnesses = some_witnesses()
    with a_log(tmp_path) as store, a_publisher(store, witnesses, 3) as publisher:
        for batch in ([], history(3, 3)):
            store.append(batch)
            cycle = publisher.run_once()
            assert cycle.published
            assert cycle.cosigned == NAMES
            note = Note.parse(store.checkpoints.note(cycle.checkpoint.size))
            assert len(verify_cosignatures(note, [witness.key for witness in witnesses])) == 3
            assert open_checkpoint(note.encode(), [log_signer().key]).checkpoint.root == cycle.checkpoint.root
            check_log(store)
        assert [witness.requests for witness in witnesses] == [[0, 2]] * 3


def test_without_its_quorum_nothing_is_published_and_no_size_is_added(tmp_path: Path) -> None:
    witnesses = some_witnesses()
    for witness in witnesses[1:]:
        witness.down = True
    with a_log(tmp_path) as store, a_publisher(store, witnesses, 2) as publisher:
        first = publisher.run_once()
        assert (first.published, first.cosigned) == (False, ("one.example",))
        assert {failure.error.code for failure in first.failures} == {"witness-down"}
        appended(store, history(1, 1))
        second = publisher.run_once()
        assert (second.checkpoint.size, second.fixed, second.published) == (2, False, False)
        assert store.checkpoints.published() is None
        check_log(store)
        # Once they are back, the one that was held back goes out, and then the next.
        witnesses[1].down = False
        third, fourth = publisher.run_once(), publisher.run_once()
        assert (third.checkpoint.size, third.published) == (2, True)
        assert (fourth.checkpoint.size, fourth.published) == (5, True)
        assert witnesses[0].requests == [0, 2]
        check_log(store)


def test_a_slow_witness_holds_nobody_up_once_there_are_enough(tmp_path: Path) -> None:
    slow = Slow("slow.example")
    quick = FakeWitness("quick.example")
    with a_log(tmp_path) as store:
        with a_publisher(store, [slow, quick], 1) as publisher:
            cycle = publisher.run_once()
            assert (cycle.published, cycle.waiting) == (True, ("slow.example",))
            appended(store, history(1, 1))
            # It is not asked a second thing while it thinks about the first.
            assert publisher.run_once().waiting == ("slow.example",)
            slow.go.set()
        assert [line.witness for line in store.checkpoints.cosignatures(2)] == sorted([slow.vkey, quick.vkey])
        check_log(store)


def test_who_missed_a_checkpoint_cosigns_the_newest_one(tmp_path: Path) -> None:
    late, prompt = FakeWitness("late.example"), FakeWitness("prompt.example")
    late.down = True
    with a_log(tmp_path) as store, a_publisher(store, [late, prompt], 1) as publisher:
        for submission in history(1, 3):
            appended(store, [submission])
            publisher.run_once()
        late.down = False
        publisher.run_once()
        publisher.close()
        newest = store.checkpoints.newest()
        assert newest is not None
        assert late.cosigned == [(newest.size, newest.root)]
        check_log(store)


def test_a_witness_that_stands_elsewhere_is_met_where_it_stands(tmp_path: Path) -> None:
    witness = FakeWitness()
    with a_log(tmp_path) as store:
        with a_publisher(store, [witness], 1) as publisher:
            publisher.run_once()
        appended(store, history(1, 1))
        # Its cosignature got lost on the way: the log thinks that it stands at 2.
        checkpoint, _ = store.checkpoints.fix()
        signer = log_signer()
        note = store.checkpoints.sign(checkpoint.size, signer.key, signer.sign).note
        assert note is not None
        witness.add_checkpoint(2, store.consistency_proof(2, checkpoint.size), note)
        with a_publisher(store, [witness], 1) as publisher:
            assert publisher.run_once().published
        assert witness.requests == [0, 2, 2, 5]
        check_log(store)


def test_a_witness_of_a_larger_log_is_reported_and_not_argued_with(tmp_path: Path) -> None:
    witness = FakeWitness()
    witness.cosigned = [(99, bytes(32))]
    with a_log(tmp_path) as store, a_publisher(store, [witness], 1) as publisher:
        cycle = publisher.run_once()
        assert not cycle.published
        assert [failure.error.code for failure in cycle.failures] == ["witness-conflict"]
        assert witness.requests == [0]
        check_log(store)


def test_a_witness_with_another_root_is_reported_and_nothing_published(tmp_path: Path) -> None:
    witness = FakeWitness()
    witness.cosigned = [(2, bytes(32))]
    with a_log(tmp_path) as store, a_publisher(store, [witness], 1) as publisher:
        cycle = publisher.run_once()
        assert not cycle.published
        assert [failure.error.code for failure in cycle.failures] == ["witness-other-root"]
        check_log(store)


NO_COSIGNATURES = {
    "nothing": b"",
    "not UTF-8": b"\xff\xfe",
    "a page": b"<html>hello</html>",
    "a broken line": "— one.example AAAA\n".encode(),
}


@pytest.mark.parametrize("answer", NO_COSIGNATURES.values(), ids=NO_COSIGNATURES)
def test_an_answer_that_is_no_cosignature_is_neither_kept_nor_counted(tmp_path: Path, answer: bytes) -> None:
    with a_log(tmp_path) as store, a_publisher(store, [Answering("one.example", answer)], 1) as publisher:
        cycle = publisher.run_once()
        assert not cycle.published
        assert len(cycle.failures) == 1
        assert store.checkpoints.cosignatures(2) == []
        check_log(store)


def test_a_cosignature_of_something_else_is_neither_kept_nor_counted(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    witness = FakeWitness("one.example")
    with a_log(elsewhere) as store, a_publisher(store, [witness], 1) as publisher:
        appended(store, history(1, 1, seed="elsewhere"))
        publisher.run_once()
        line = store.checkpoints.cosignatures(4)[0].signature.line().encode()
    with a_log(tmp_path) as store, a_publisher(store, [Answering("one.example", line)], 1) as publisher:
        cycle = publisher.run_once()
        assert not cycle.published
        assert isinstance(cycle.failures[0].error, VerificationError)
        assert store.checkpoints.cosignatures(2) == []


def test_a_cosignature_of_another_witness_does_not_count_for_this_one(tmp_path: Path) -> None:
    class Borrowed(FakeWitness):
        def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
            return FakeWitness("two.example").add_checkpoint(0, [], note)

    with a_log(tmp_path) as store, a_publisher(store, [Borrowed("one.example")], 1) as publisher:
        cycle = publisher.run_once()
        assert [failure.error.code for failure in cycle.failures] == ["witness-answer"]
        assert not cycle.published


def test_index_cosigners_are_counted_beside_the_quorum(tmp_path: Path) -> None:
    witness, index = FakeWitness("plain.example"), FakeWitness("index.example")
    index.down = True
    with (
        a_log(tmp_path) as store,
        a_publisher(store, [witness], 1, index_cosigners=[index], index_quorum=1) as publisher,
    ):
        assert not publisher.run_once().published
        index.down = False
        assert publisher.run_once().published
        assert witness.requests == [0]
        check_log(store)


def test_a_witness_that_is_index_cosigner_too_is_asked_once(tmp_path: Path) -> None:
    both = FakeWitness()
    with (
        a_log(tmp_path) as store,
        a_publisher(store, [both], 1, index_cosigners=[both], index_quorum=1) as publisher,
    ):
        assert publisher.run_once().published
        assert both.requests == [0]


def test_the_newest_checkpoint_is_cosigned_again_when_its_cosignatures_grow_old(tmp_path: Path) -> None:
    clock = Hands()
    witness = FakeWitness(clock=clock)
    with a_log(tmp_path) as store:
        for later, times in ((0, [NOON]), (59, [NOON]), (60, [NOON, NOON + 60]), (61, [NOON, NOON + 60])):
            clock.now = NOON + later
            with a_publisher(store, [witness], 1, clock=clock, recosign_seconds=60) as publisher:
                publisher.run_once()
            assert [line.time for line in store.checkpoints.cosignatures(2)] == times
        check_log(store)


@pytest.mark.parametrize(
    ("witnesses", "quorum"),
    [
        pytest.param([], Quorum(1), id="more than there are"),
        pytest.param([FakeWitness()], Quorum(1, 1), id="more index cosigners than there are"),
        pytest.param([FakeWitness(), FakeWitness()], Quorum(2), id="one witness twice"),
    ],
)
def test_a_quorum_that_cannot_be_had_is_refused(tmp_path: Path, witnesses: list[Any], quorum: Quorum) -> None:
    with a_log(tmp_path) as store, pytest.raises(UsageError) as caught:
        Publisher(store, log_signer(), noon, witnesses=witnesses, quorum=quorum)
    assert caught.value.code == "quorum"


def test_two_publishers_of_one_log_make_one_history(tmp_path: Path) -> None:
    witness = FakeWitness()
    with (
        a_log(tmp_path) as store,
        a_publisher(store, [witness], 1) as one,
        a_publisher(store, [witness], 1) as other,
    ):
        for submission in history(1, 3):
            appended(store, [submission])
            cycles = one.run_once(), other.run_once()
            assert cycles[0].checkpoint == cycles[1].checkpoint
            assert cycles[0].checkpoint.state is State.PUBLISHED
        check_log(store)
