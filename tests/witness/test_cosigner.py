"""An index cosigner signs what it replayed, and names what is wrong with what it does not sign."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.domain.entry import genesis_entry, map_root_entry, statement_entry
from ledger.domain.errors import VerificationError
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
