"""Appending: one order, one index for each statement, nothing that contradicts the log."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import update

from ledger.domain.cose import Sign1
from ledger.domain.errors import ConflictError, NotFoundError, PolicyError, UnavailableError, UsageError
from ledger.domain.statement import Seen, Statement
from ledger.domain.subject import STREAM_OPENED
from ledger.log.append import Appended, Submission
from ledger.log.store import LogStore
from ledger.log.writer import HeadMovedError
from ledger.storage.engine import write_transaction
from ledger.storage.tables import log
from tests.builders import a_genesis, a_trip, an_author
from tests.log.checker import check_log
from tests.log.logs import PROFILE, a_database, a_log, appended, history, noon, opening, said

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def other_signature(statement: Statement) -> Statement:
    """Return the same statement under its signature's malleated twin: another envelope, the same id."""
    sign1 = Sign1.parse(statement.raw)
    s = P256_ORDER - int.from_bytes(sign1.signature[32:])
    return Statement.parse(
        Sign1(sign1.protected, sign1.payload, sign1.signature[:32] + s.to_bytes(32)).encode()
    )


def refusal(store: LogStore, submission: Submission) -> str:
    (outcome,) = store.append([submission])
    assert isinstance(outcome, PolicyError)
    return outcome.code


def test_a_new_log_holds_its_genesis_and_nothing_else(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        assert check_log(store) == [b"\x00" + a_genesis().hash]
        assert store.genesis == a_genesis()
        assert store.profile == PROFILE


def test_creating_the_same_log_again_changes_nothing(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        appended(store, history(1, 1))
        before = check_log(store)
        store.create(a_genesis().document, PROFILE)
        assert check_log(store) == before


def test_several_may_create_the_same_log_at_once(tmp_path: Path) -> None:
    together = Barrier(4)

    def dawdle(_step: str) -> None:
        sleep(0.02)

    def create(_number: int) -> None:
        engine = a_database(tmp_path)
        together.wait(60)
        LogStore(engine, noon, fault=dawdle).create(a_genesis().document, PROFILE)
        engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(create, range(4))) == [None] * 4
    with a_log(tmp_path) as store:
        assert check_log(store) == [b"\x00" + a_genesis().hash]


def test_another_log_in_the_same_database_is_refused(tmp_path: Path) -> None:
    with a_log(tmp_path) as store, pytest.raises(ConflictError) as caught:
        store.create(a_genesis("log.corridor.example/other").document, PROFILE)
    assert caught.value.code == "other-log"


def test_a_profile_that_the_genesis_document_does_not_name_is_refused(tmp_path: Path) -> None:
    engine = a_database(tmp_path)
    with pytest.raises(UsageError) as caught:
        LogStore(engine, noon).create(a_genesis().document, b"other")
    assert caught.value.code == "profile-mismatch"
    engine.dispose()


def test_a_database_without_a_log_says_so(tmp_path: Path) -> None:
    engine = a_database(tmp_path)
    store = LogStore(engine, noon)
    for ask in (store.size, lambda: store.genesis, store.checkpoints.fix):
        with pytest.raises(NotFoundError) as caught:
            ask()
        assert caught.value.code == "log-missing"
    engine.dispose()


@pytest.mark.parametrize("size", [1, 2, 7, 300])
def test_statements_stand_in_the_order_of_their_batch(tmp_path: Path, size: int) -> None:
    everything = history(5, 60)
    with a_log(tmp_path) as store:
        places = [
            place
            for start in range(0, len(everything), size)
            for place in appended(store, everything[start : start + size])
        ]
        assert places == [
            Appended(index, submission.statement.id, duplicate=False)
            for index, submission in enumerate(everything, 1)
        ]
        check_log(store)


def test_an_empty_batch_does_nothing(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        assert store.append([]) == []
        check_log(store)


def test_the_same_statement_again_gives_the_same_index(tmp_path: Path) -> None:
    first, second = history(1, 1)
    with a_log(tmp_path) as store:
        (one, two) = appended(store, [first, second])
        assert appended(store, [second, first]) == [
            Appended(two.index, two.id, duplicate=True),
            Appended(one.index, one.id, duplicate=True),
        ]
        assert len(check_log(store)) == 3


def test_the_same_statement_twice_in_one_batch_gives_one_entry(tmp_path: Path) -> None:
    (first,) = history(1, 0)
    with a_log(tmp_path) as store:
        assert appended(store, [first, first, first]) == [
            Appended(1, first.statement.id, duplicate=False),
            Appended(1, first.statement.id, duplicate=True),
            Appended(1, first.statement.id, duplicate=True),
        ]
        assert len(check_log(store)) == 2


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_the_first_envelope_of_an_id_wins(tmp_path: Path, in_one_batch: bool) -> None:
    (first,) = history(1, 0)
    twin = Submission(other_signature(first.statement), ("later",))
    assert twin.statement.id == first.statement.id
    assert twin.statement.envelope != first.statement.envelope
    with a_log(tmp_path) as store:
        batches = [[first, twin]] if in_one_batch else [[first], [twin]]
        places = [place for batch in batches for place in appended(store, batch)]
        assert places[1] == Appended(places[0].index, first.statement.id, duplicate=True)
        kept = store.statement(first.statement.id)
        assert (kept.statement, kept.disclosures) == (first.statement.raw, ())
        check_log(store)


def test_a_stream_is_opened_before_it_is_used(tmp_path: Path) -> None:
    trip = a_trip()
    with a_log(tmp_path) as store:
        assert refusal(store, said(trip, 1)) == "stream-unknown"
        appended(store, [opening(trip), said(trip, 1)])
        check_log(store)


def test_every_stream_of_a_statement_must_be_open(tmp_path: Path) -> None:
    here, elsewhere = a_trip(seed=1), a_trip(seed=2)
    both = [here.custody_tag, elsewhere.custody_tag]
    with a_log(tmp_path) as store:
        appended(store, [opening(here)])
        assert refusal(store, said(here, 1, streams=both)) == "stream-unknown"
        appended(store, [opening(elsewhere), said(here, 1, streams=both)])
        assert [kept.index for kept in store.stream(here.custody_tag, store.size())] == [1, 3]
        assert [kept.index for kept in store.stream(elsewhere.custody_tag, store.size())] == [2, 3]
        check_log(store)


def test_a_stream_is_opened_once(tmp_path: Path) -> None:
    trip = a_trip()
    again = an_author().says(STREAM_OPENED, trip, {"stream": "enforcement"})
    with a_log(tmp_path) as store:
        appended(store, [opening(trip)])
        assert refusal(store, Submission(again.statement)) == "stream-already-opened"
        check_log(store)


def test_a_refusal_concerns_nobody_else_in_the_batch(tmp_path: Path) -> None:
    trip, unopened = a_trip(seed=1), a_trip(seed=2)
    with a_log(tmp_path) as store:
        outcomes = store.append([said(unopened, 1), opening(trip), said(unopened, 2), said(trip, 3)])
        assert [outcome.index if isinstance(outcome, Appended) else outcome.code for outcome in outcomes] == [
            "stream-unknown",
            1,
            "stream-unknown",
            2,
        ]
        check_log(store)


def test_a_statement_may_have_seen_any_checkpoint_of_the_log(tmp_path: Path) -> None:
    trip = a_trip()
    with a_log(tmp_path) as store:
        first, _ = store.checkpoints.fix()
        appended(store, [opening(trip, seen=Seen(first.size, first.root))])
        second, _ = store.checkpoints.fix()
        appended(store, [said(trip, 1, seen=Seen(first.size, first.root))])
        appended(store, [said(trip, 2, seen=Seen(second.size, second.root))])
        check_log(store)


def test_a_statement_that_has_seen_another_log_is_refused(tmp_path: Path) -> None:
    elsewhere = a_genesis("log.corridor.example/other")
    trip = a_trip()
    submission = Submission(an_author(genesis=elsewhere).opens(trip).statement)
    with a_log(tmp_path) as store:
        assert refusal(store, submission) == "seen-unknown"
        check_log(store)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(Seen(2, bytes(32)), id="another root"),
        pytest.param(Seen(1, a_genesis().hash), id="a size without checkpoint"),
        pytest.param(Seen(99, bytes(32)), id="a size to come"),
    ],
)
def test_what_this_log_never_showed_cannot_have_been_seen(tmp_path: Path, seen: Seen) -> None:
    with a_log(tmp_path) as store:
        store.checkpoints.fix()
        assert refusal(store, opening(a_trip(), seen=seen)) == "seen-unknown"
        check_log(store)


def test_the_keys_of_logged_statements_are_kept(tmp_path: Path) -> None:
    (first,) = history(1, 0)
    assert first.key is not None
    with a_log(tmp_path) as store:
        appended(store, [first])
        assert store.cose_key(first.key.thumbprint) == first.key
        with pytest.raises(NotFoundError):
            store.cose_key(bytes(32))


def test_an_append_starts_over_when_the_head_moved(tmp_path: Path) -> None:
    moves = iter([True, True, False])

    def fault(step: str) -> None:
        if step == "append.checked" and next(moves):
            raise HeadMovedError

    with a_log(tmp_path, fault=fault) as store:
        assert [place.index for place in appended(store, history(1, 1))] == [1, 2]
        assert next(moves, None) is None
        check_log(store)


def test_a_head_that_never_rests_is_reported(tmp_path: Path) -> None:
    def fault(step: str) -> None:
        if step == "append.checked":
            raise HeadMovedError

    with a_log(tmp_path, fault=fault) as store:
        with pytest.raises(UnavailableError) as caught:
            store.append(history(1, 0))
        assert caught.value.code == "log-busy"
        check_log(store)


def test_a_tree_that_is_not_the_size_of_the_head_stops_the_log(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        with write_transaction(store.engine) as connection:
            connection.execute(update(log).values(size=4))
        with pytest.raises(UnavailableError) as caught:
            store.append(history(1, 0))
        assert caught.value.code == "database-damaged"
