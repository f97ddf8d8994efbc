"""A replay that fails, is interrupted or overtaken leaves nothing behind that a later one could build on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.domain.entry import map_root_entry, statement_entry
from ledger.domain.errors import CorridorError, UnavailableError, UsageError, VerificationError
from ledger.log.cosigner import IndexCosigner, ReplayedLog
from ledger.log.witness_ports import Saved
from ledger.log.witness_protocol import WitnessConflict
from ledger.log.witness_store import SqliteWitnessStore
from tests.witness.log_simulator import SimulatedLog, a_cosigner, a_store, a_witness, tag


@pytest.fixture
def log() -> SimulatedLog:
    log = SimulatedLog()
    log.grow("a", "b")
    return log


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteWitnessStore]:
    store = a_store(tmp_path, "index-cosigner")
    yield store
    store.close()


class Serves:
    """A source of entries that are not always those of the log."""

    def __init__(self, entries: list[bytes]) -> None:
        self.entries = entries
        self.fails_at: int | None = None

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Serve entries."""
        if number == self.fails_at:
            raise UnavailableError("entries-missing", "the log does not serve this now")
        return self.entries[256 * number : 256 * number + width]


def test_entries_that_are_not_those_signed_are_refused_and_not_kept_in_mind(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    true = log.entries
    for wrong in (
        [*true[:1], true[2], true[1], *true[3:]],
        [*true[:-1], map_root_entry(bytes(32))],
        [*true[:2], statement_entry(bytes(32), [tag("b")]), *true[3:]],
        [b"", *true[1:]],
    ):
        with pytest.raises(VerificationError) as error:
            a_cosigner(store, log, source=Serves(wrong)).add_checkpoint(log.request(0))
        assert error.value.code == "entries-of-another-tree"
    a_cosigner(store, log).add_checkpoint(log.request(0))


def test_entries_that_cannot_be_had_are_asked_for_again_next_time(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    source = Serves(log.entries)
    source.fails_at = 0
    cosigner = a_cosigner(store, log, source=source)
    with pytest.raises(UnavailableError):
        cosigner.add_checkpoint(log.request(0))
    source.fails_at = None
    cosigner.add_checkpoint(log.request(0))


def a_long_log() -> SimulatedLog:
    """Return a log of some bundles with checkpoints in it."""
    log = SimulatedLog()
    for number in range(1400):
        log.say(number % 97)
        if number in (100, 700, 1100):
            log.close()
    log.close()
    return log


def test_a_long_replay_goes_on_where_it_was_interrupted(store: SqliteWitnessStore) -> None:
    log = a_long_log()
    source = Serves(log.entries)
    source.fails_at = 4
    with pytest.raises(UnavailableError):
        a_cosigner(store, log, source=source, part=256).add_checkpoint(log.request(0))
    assert store.newest(log.origin) is None
    saved = store.load_replay(log.origin)
    assert isinstance(saved, Saved)
    assert (saved.progress.size, saved.pending, len(saved.streams)) == (1024, True, 97)
    a_cosigner(store, log, part=256).add_checkpoint(log.request(0))
    assert log.asked == 2
    saved = store.load_replay(log.origin)
    assert isinstance(saved, Saved)
    assert (saved.progress.size, saved.pending, len(saved.streams)) == (len(log.entries), False, 97)


def test_a_part_that_turns_out_wrong_is_forgotten_and_the_replay_begins_again(
    store: SqliteWitnessStore,
) -> None:
    log = a_long_log()
    source = Serves([*log.entries[:300], statement_entry(bytes(32), [tag(1)]), *log.entries[301:]])
    source.fails_at = 4
    cosigner = a_cosigner(store, log, source=source, part=256)
    with pytest.raises(UnavailableError):
        cosigner.add_checkpoint(log.request(0))
    source.fails_at = None
    # First while it is still served wrong: resumed, wrong; begun again, wrong.
    with pytest.raises(VerificationError) as error:
        cosigner.add_checkpoint(log.request(0))
    assert error.value.code == "entries-of-another-tree"
    assert store.load_replay(log.origin) is None
    source.fails_at = 4
    with pytest.raises(UnavailableError):
        cosigner.add_checkpoint(log.request(0))
    source.fails_at, source.entries = None, log.entries
    cosigner.add_checkpoint(log.request(0))


def test_a_part_past_the_checkpoint_that_is_asked_for_is_not_used(store: SqliteWitnessStore) -> None:
    log = a_long_log()
    source = Serves(log.entries)
    source.fails_at = 4
    cosigner = a_cosigner(store, log, source=source, part=256)
    with pytest.raises(UnavailableError):
        cosigner.add_checkpoint(log.request(0))
    source.fails_at = None
    cosigner.add_checkpoint(log.request(0, 103))
    cosigner.add_checkpoint(log.request(103))


def test_a_lie_in_a_long_replay_is_refused_by_name_each_time(store: SqliteWitnessStore) -> None:
    log = a_long_log()
    log.say("late")
    log.close(bytes(32))
    for _ in range(2):
        with pytest.raises(VerificationError) as error:
            a_cosigner(store, log, part=256).add_checkpoint(log.request(0))
        assert error.value.code == "map-root-mismatch"
    a_cosigner(store, log, part=256).add_checkpoint(log.request(0, len(log.entries) - 2))


class Overtaken(Serves):
    """Lets something happen once, when a bundle is asked for."""

    def __init__(self, entries: list[bytes], number: int, happens: Callable[[], None]) -> None:
        super().__init__(entries)
        self.number = number
        self.happens = [happens]

    def bundle(self, number: int, width: int) -> list[bytes]:
        """Serve entries."""
        if number == self.number and self.happens:
            self.happens.pop()()
        return super().bundle(number, width)


def test_a_replay_that_another_process_finished_first_is_given_up(store: SqliteWitnessStore) -> None:
    log = a_long_log()

    def other_process() -> None:
        a_cosigner(store, log, part=256).add_checkpoint(log.request(0))

    slow = a_cosigner(store, log, source=Overtaken(log.entries, 3, other_process), part=256)
    with pytest.raises(WitnessConflict) as conflict:
        slow.add_checkpoint(log.request(0))
    assert conflict.value.size == len(log.entries)
    slow.add_checkpoint(log.request(len(log.entries)))
    size = len(log.entries)
    log.grow("a", "new")
    slow.add_checkpoint(log.request(size))


@pytest.mark.parametrize("number", [3, 5])
def test_two_replays_of_one_database_do_not_mix_their_parts(store: SqliteWitnessStore, number: int) -> None:
    log = a_long_log()
    interrupted = Serves(log.entries)
    interrupted.fails_at = 2

    def other_process() -> None:
        store.drop_pending(log.origin)
        with pytest.raises(UnavailableError, match="not serve this now"):
            a_cosigner(store, log, source=interrupted, part=256).add_checkpoint(log.request(0))

    slow = a_cosigner(store, log, source=Overtaken(log.entries, number, other_process), part=256)
    with pytest.raises(UnavailableError) as error:
        slow.add_checkpoint(log.request(0))
    assert error.value.code == "witness-busy"
    slow.add_checkpoint(log.request(0))
    size = len(log.entries)
    log.grow(0, "new")
    a_cosigner(store, log).add_checkpoint(log.request(size))


def test_a_stored_replay_that_does_not_fit_its_cosignature_is_not_built_on(
    tmp_path: Path, log: SimulatedLog
) -> None:
    # As if somebody had let a plain witness work on the database of an index cosigner.
    store = a_store(tmp_path, "index-cosigner")
    a_witness(store, log).add_checkpoint(log.request(0))
    size = len(log.entries)
    log.grow("c")
    with pytest.raises(UnavailableError) as error:
        a_cosigner(store, log).add_checkpoint(log.request(size))
    assert error.value.code == "witness-damaged"
    store.close()


def test_a_decision_that_could_not_be_stored_leaves_a_cosigner_that_goes_on(
    tmp_path: Path, log: SimulatedLog
) -> None:
    failures = ["commit"]

    def fault(step: str) -> None:
        if failures and step == failures[-1]:
            raise UnavailableError(failures.pop(), "there is no room left")

    store = a_store(tmp_path, "index-cosigner", fault=fault)
    cosigner = a_cosigner(store, log, fault=fault)
    for old_size in (0, len(log.entries)):
        if old_size:
            log.grow("c")
            failures.append("commit")
        with pytest.raises(CorridorError):
            cosigner.add_checkpoint(log.request(old_size))
        cosigner.add_checkpoint(log.request(old_size))
    store.close()


def test_a_genesis_hash_is_a_hash(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    with pytest.raises(UsageError, match="32 bytes"):
        IndexCosigner({log.origin: ReplayedLog(b"", log)}, store)
