"""Checkpoints: made when there is something new, with one root for each size, whoever makes them."""

from pathlib import Path

import pytest

from ledger.domain.checkpoint import cosign, open_checkpoint, verify_cosignatures
from ledger.domain.entry import map_root_entry
from ledger.domain.errors import NotFoundError, UsageError, VerificationError
from ledger.domain.map import EMPTY
from ledger.domain.note import COSIGNATURE_V1, Note, NoteSignature, VerifierKey
from ledger.log.checkpoints import State, StoredCheckpoint
from ledger.log.map_store import NO_STREAMS
from ledger.log.store import LogStore
from tests.builders import NOON, a_trip, an_ed25519_key
from tests.log.checker import check_log
from tests.log.logs import Hands, a_log, appended, history, log_signer, said

WITNESS = VerifierKey("w.example", COSIGNATURE_V1, an_ed25519_key("w").public_key().public_bytes_raw())


def signed(store: LogStore) -> StoredCheckpoint:
    signer = log_signer()
    return store.checkpoints.sign(store.checkpoints.fix()[0].size, signer.key, signer.sign)


def cosignature(store: LogStore, size: int, time: int) -> NoteSignature:
    note = store.checkpoints.at(size).note
    assert note is not None
    checkpoint = open_checkpoint(note, [log_signer().key]).checkpoint
    return cosign(checkpoint, WITNESS, time, an_ed25519_key("w").sign)


def test_the_smallest_checkpoint_has_size_two(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        checkpoint, fixed = store.checkpoints.fix()
        assert (checkpoint.size, checkpoint.map, fixed) == (2, NO_STREAMS, True)
        assert store.entry(1) == map_root_entry(EMPTY)
        check_log(store)


def test_without_a_new_statement_there_is_no_new_checkpoint(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        for batch in ([], history(1, 2)):
            store.append(batch)
            first = store.checkpoints.fix()
            assert first[1]
            assert store.checkpoints.fix() == (first[0], False)
            check_log(store)


def test_a_refused_or_repeated_statement_makes_no_checkpoint(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        first, second = history(1, 1)
        appended(store, [first, second])
        checkpoint, _ = store.checkpoints.fix()
        store.append([second, said(a_trip(seed="unopened"), 1)])
        assert store.checkpoints.fix() == (checkpoint, False)


def test_of_two_processes_that_want_a_checkpoint_the_second_takes_that_of_the_first(tmp_path: Path) -> None:
    batches = [history(1, 2)[:1], history(1, 2)[1:2], history(1, 2)[2:]]
    with a_log(tmp_path) as store, a_log(tmp_path) as other:
        assert store.checkpoints.fix(0)[1]
        for batch in batches:
            appended(store, batch)
            read = store.checkpoints.newest()
            assert read is not None
            first, fixed = other.checkpoints.fix(read.size)
            assert fixed
            # However much came since: without its quorum, none comes behind it.
            appended(store, history(1, 0, seed=first.size))
            assert store.checkpoints.fix(read.size) == (first, False)
        check_log(store)


def test_checkpoints_of_every_age_stay_provable(tmp_path: Path) -> None:
    everything = history(7, 30)
    with a_log(tmp_path) as store:
        done = 0
        for size in (1, 1, 2, 3, 50, 100, 60):
            appended(store, everything[done : done + size])
            done += size
            store.checkpoints.fix()
        assert done == len(everything)
        # The checker proves streams and consistency at each of them.
        check_log(store)


def test_a_log_opened_anew_goes_on_where_it_was(tmp_path: Path) -> None:
    everything = history(3, 3)
    for submission in everything:
        with a_log(tmp_path) as store:
            appended(store, [submission])
            store.checkpoints.fix()
            check_log(store)


def test_times_are_those_of_the_logs_clock(tmp_path: Path) -> None:
    clock = Hands()
    with a_log(tmp_path, clock=clock) as store:
        checkpoint = signed(store)
        clock.now += 7
        published = store.checkpoints.publish(checkpoint.size)
        assert (published.fixed_at, published.published_at) == (NOON, NOON + 7)


def test_signing_again_keeps_the_note(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        checkpoint = signed(store)
        assert checkpoint.state is State.SIGNED
        other = VerifierKey(log_signer().key.name, log_signer().key.kind, WITNESS.public)
        again = store.checkpoints.sign(checkpoint.size, other, an_ed25519_key("w").sign)
        assert again == checkpoint
        check_log(store)


def test_a_signer_with_another_key_signs_nothing(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        checkpoint, _ = store.checkpoints.fix()
        with pytest.raises(VerificationError):
            store.checkpoints.sign(checkpoint.size, log_signer().key, an_ed25519_key("thief").sign)
        assert store.checkpoints.at(checkpoint.size) == checkpoint


def test_publishing_comes_after_signing_and_counts_once(tmp_path: Path) -> None:
    clock = Hands()
    with a_log(tmp_path, clock=clock) as store:
        checkpoint, _ = store.checkpoints.fix()
        with pytest.raises(UsageError) as caught:
            store.checkpoints.publish(checkpoint.size)
        assert caught.value.code == "checkpoint-unsigned"
        signed(store)
        published = store.checkpoints.publish(checkpoint.size)
        clock.now += 1
        assert store.checkpoints.publish(checkpoint.size) == published
        assert store.checkpoints.published() == published
        check_log(store)


def test_a_note_carries_the_first_and_the_latest_cosignature(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        size = signed(store).size
        for time in (NOON + 20, NOON, NOON + 10, NOON):
            store.checkpoints.add_cosignature(size, WITNESS, time, cosignature(store, size, time))
        note = Note.parse(store.checkpoints.note(size))
        assert len(note.signatures) == 3
        assert verify_cosignatures(note, [WITNESS], pick=min)[0].timestamp == NOON
        assert verify_cosignatures(note, [WITNESS], pick=max)[0].timestamp == NOON + 20
        assert [stored.time for stored in store.checkpoints.cosignatures(size)] == [
            NOON,
            NOON + 10,
            NOON + 20,
        ]
        check_log(store)


def test_the_log_remembers_where_a_witness_stands(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        assert store.checkpoints.last_cosigned(WITNESS) == 0
        for submission in history(1, 2):
            appended(store, [submission])
            size = signed(store).size
            store.checkpoints.add_cosignature(size, WITNESS, NOON, cosignature(store, size, NOON))
            assert store.checkpoints.last_cosigned(WITNESS) == size
        other = VerifierKey("other.example", COSIGNATURE_V1, WITNESS.public)
        assert store.checkpoints.last_cosigned(other) == 0


def test_an_entry_is_covered_by_the_first_published_checkpoint_above_it(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        sizes = []
        for submission in history(1, 3):
            appended(store, [submission])
            sizes.append(signed(store).size)
        assert sizes == [3, 5, 7, 9]
        for size in (5, 9):
            store.checkpoints.publish(size)
        assert [store.checkpoints.covering(index).size for index in (0, 1, 3, 4, 5, 7)] == [5, 5, 5, 5, 9, 9]
        with pytest.raises(NotFoundError) as caught:
            store.checkpoints.covering(9)
        assert caught.value.code == "not-published"


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        assert store.checkpoints.newest() is None
        assert store.checkpoints.published() is None
        for ask in (store.checkpoints.at, store.checkpoints.note, store.checkpoints.publish):
            with pytest.raises(NotFoundError):
                ask(2)
        store.checkpoints.fix()
        with pytest.raises(NotFoundError, match="not signed"):
            store.checkpoints.note(2)
        for read in (
            lambda: store.entry(2),
            lambda: store.statement(bytes(32)),
            lambda: store.statement_at(1),
            lambda: store.map_proof(bytes(32), 1),
            lambda: store.root(3),
            lambda: store.inclusion_proof(2, 3),
            lambda: store.consistency_proof(2, 3),
        ):
            with pytest.raises(NotFoundError):
                read()
        assert store.entries(2, 9) == []
        assert store.stream(bytes(32), 2) == []
