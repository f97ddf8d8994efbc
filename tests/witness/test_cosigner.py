"""An index cosigner signs what it replayed, and names what is wrong with what it does not sign."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.errors import CorridorError, UnavailableError, UsageError, VerificationError
from ledger.log.cosigner import IndexCosigner, ReplayedLog
from ledger.log.witness_ports import Saved
from ledger.log.witness_protocol import WitnessConflict
from ledger.log.witness_store import SqliteWitnessStore
from tests.builders import seeded
from tests.witness.log_simulator import SimulatedLog, a_cosigner, a_store, a_witness, tag, true_map_root
from tests.witness.test_witness import evidence, time_of

Lie = Callable[[SimulatedLog], None]


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


def test_an_honest_log_is_cosigned_from_its_genesis_on(store: SqliteWitnessStore) -> None:
    log = SimulatedLog()
    cosigner = a_cosigner(store, log)
    old_size = 0
    # Sizes below, at and above the edges of entry bundles; streams new and old; one and several streams.
    for count in (0, 1, 3, 249, 0, 1, 255, 700):
        for number in range(count):
            log.say(number % 17, f"{count}/{number}") if number % 5 == 0 else log.say(number % 11)
        if count or old_size == 0:
            log.close()
        assert time_of(cosigner.add_checkpoint(log.request(old_size)), log.note())
        old_size = len(log.entries)


def test_only_what_is_new_is_fetched(store: SqliteWitnessStore) -> None:
    log = SimulatedLog()
    for number in range(600):
        log.say(number)
    size = log.close()
    cosigner = a_cosigner(store, log)
    cosigner.add_checkpoint(log.request(0))
    assert log.asked == 3
    log.grow("a")
    cosigner.add_checkpoint(log.request(size))
    assert log.asked == 4


def test_after_a_restart_it_goes_on_from_what_is_stored(store: SqliteWitnessStore, log: SimulatedLog) -> None:
    old_size = 0
    for name in ("a", "c", "b", "a"):
        a_cosigner(store, log).add_checkpoint(log.request(old_size))
        old_size = len(log.entries)
        log.grow(name, "new")
    log.say("c")
    log.close(bytes(32))
    with pytest.raises(VerificationError) as error:
        a_cosigner(store, log).add_checkpoint(log.request(old_size))
    assert error.value.code == "map-root-mismatch"


def test_checkpoints_that_it_was_not_asked_about_are_replayed_all_the_same(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    for name in ("c", "a", "d"):
        log.grow(name)
    a_cosigner(store, log).add_checkpoint(log.request(0))


def test_the_same_checkpoint_is_cosigned_anew_without_a_new_replay(
    store: SqliteWitnessStore, log: SimulatedLog
) -> None:
    cosigner = a_cosigner(store, log)
    cosigner.add_checkpoint(log.request(0))
    asked = log.asked
    cosigner.add_checkpoint(log.request(len(log.entries)))
    assert log.asked == asked


def map_leaves_one_entry_out(log: SimulatedLog) -> None:
    log.say("c")
    without = [*log.entries[:2], b"\x00" + bytes(32), *log.entries[3:]]
    log.close(true_map_root(without))


def map_leaves_the_newest_entry_out(log: SimulatedLog) -> None:
    before = true_map_root(log.entries)
    log.say("c")
    log.close(before)


def map_files_an_entry_under_a_wrong_tag(log: SimulatedLog) -> None:
    log.say("c")
    elsewhere = statement_entry(log.entries[-1][1:33], [tag("d")])
    log.close(true_map_root([*log.entries[:-1], elsewhere]))


def map_holds_another_entry(log: SimulatedLog) -> None:
    log.say("c")
    other = statement_entry(bytes(32), [tag("c")])
    log.close(true_map_root([*log.entries[:-1], other]))


def map_holds_an_entry_twice(log: SimulatedLog) -> None:
    log.say("c")
    log.close(true_map_root([*log.entries, log.entries[-1]]))


def map_forgets_the_second_stream_of_a_statement(log: SimulatedLog) -> None:
    log.say("c", "d")
    one = statement_entry(log.entries[-1][1:33], [tag("c")])
    log.close(true_map_root([*log.entries[:-1], one]))


def map_is_empty(log: SimulatedLog) -> None:
    log.say("c")
    log.close(bytes(32))


def a_wrong_map_root_is_put_right_later(log: SimulatedLog) -> None:
    log.say("c")
    log.close(bytes(32))
    log.grow("d")


def no_map_root_at_the_end(log: SimulatedLog) -> None:
    log.say("c")


def map_root_and_then_a_statement(log: SimulatedLog) -> None:
    log.grow("c")
    log.say("d")


def two_map_roots(log: SimulatedLog) -> None:
    log.grow("c")
    log.close()


def a_map_root_where_no_checkpoint_ended(log: SimulatedLog) -> None:
    log.close()
    log.grow("c")


def a_second_genesis(log: SimulatedLog) -> None:
    log.say("c")
    log.entries.append(genesis_entry(log.genesis_hash))
    log.grow("d")


def a_statement_before_the_genesis(log: SimulatedLog) -> None:
    log.entries = [statement_entry(bytes(32), [tag("a")]), genesis_entry(log.genesis_hash)]
    log.grow("c")


def a_map_root_at_the_beginning(log: SimulatedLog) -> None:
    log.entries = [map_root_entry(bytes(32))]
    log.grow("c")


def another_genesis(log: SimulatedLog) -> None:
    log.entries[0] = genesis_entry(seeded("another genesis", 32))


def an_entry_of_no_known_form(log: SimulatedLog) -> None:
    log.say("c")
    log.entries.append(b"\x03" + bytes(32))
    log.grow("d")


def an_entry_that_names_a_stream_twice(log: SimulatedLog) -> None:
    log.entries.append(b"\x01" + bytes(32) + (2).to_bytes(2) + tag("a") * 2)
    log.grow("d")


def an_empty_entry(log: SimulatedLog) -> None:
    log.entries.append(b"")
    log.grow("d")


FROM_THE_BEGINNING = [
    (a_second_genesis, "misplaced-genesis"),
    (a_statement_before_the_genesis, "genesis-missing"),
    (a_map_root_at_the_beginning, "genesis-missing"),
    (another_genesis, "genesis-mismatch"),
]
AT_ANY_TIME = [
    (map_leaves_one_entry_out, "map-root-mismatch"),
    (map_leaves_the_newest_entry_out, "map-root-mismatch"),
    (map_files_an_entry_under_a_wrong_tag, "map-root-mismatch"),
    (map_holds_another_entry, "map-root-mismatch"),
    (map_holds_an_entry_twice, "map-root-mismatch"),
    (map_forgets_the_second_stream_of_a_statement, "map-root-mismatch"),
    (map_is_empty, "map-root-mismatch"),
    (a_wrong_map_root_is_put_right_later, "map-root-mismatch"),
    (no_map_root_at_the_end, "misplaced-map-root"),
    (map_root_and_then_a_statement, "misplaced-map-root"),
    (two_map_roots, "misplaced-map-root"),
    (a_map_root_where_no_checkpoint_ended, "misplaced-map-root"),
    (a_second_genesis, "misplaced-genesis"),
    (an_entry_of_no_known_form, "malformed-entry"),
    (an_entry_that_names_a_stream_twice, "malformed-entry"),
    (an_empty_entry, "malformed-entry"),
]


@pytest.mark.parametrize(("lie", "code"), [*FROM_THE_BEGINNING, *AT_ANY_TIME])
def test_a_lie_told_from_the_beginning_is_refused_by_name_and_kept(
    store: SqliteWitnessStore, log: SimulatedLog, tmp_path: Path, lie: Lie, code: str
) -> None:
    lie(log)
    with pytest.raises(VerificationError) as error:
        a_cosigner(store, log).add_checkpoint(log.request(0))
    assert error.value.code == code
    assert store.newest(log.origin) is None
    assert evidence(tmp_path) == [(len(log.entries), code)]


@pytest.mark.parametrize(("lie", "code"), AT_ANY_TIME)
@pytest.mark.parametrize("restart", [False, True])
def test_a_lie_told_later_is_refused_by_name_and_the_truth_is_cosigned_after_it(
    store: SqliteWitnessStore, log: SimulatedLog, lie: Lie, code: str, restart: bool
) -> None:
    size = len(log.entries)
    liar = log.fork(size)
    lie(liar)
    log.grow("c")
    log.grow("a", "d")
    served = log.entries
    cosigner = a_cosigner(store, log, source=log)
    cosigner.add_checkpoint(log.request(0, size))
    log.entries = liar.entries
    for _ in range(2):
        with pytest.raises(VerificationError) as error:
            cosigner.add_checkpoint(liar.request(size))
        assert error.value.code == code
    newest = store.newest(log.origin)
    assert newest is not None
    assert newest.size == size
    log.entries = served
    cosigner = a_cosigner(store, log) if restart else cosigner
    cosigner.add_checkpoint(log.request(size))


@pytest.mark.parametrize(("lie", "code"), AT_ANY_TIME)
def test_a_plain_witness_would_have_signed_each_lie(
    tmp_path: Path, log: SimulatedLog, lie: Lie, code: str
) -> None:
    lie(log)
    store = a_store(tmp_path)
    a_witness(store, log).add_checkpoint(log.request(0))
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
