"""Erasure: said first, then done until nothing is left, whatever happens in between."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.errors import CorridorError, NotFoundError, PolicyError, UnavailableError
from ledger.evidence.local_store import LocalStore
from ledger.sharing.erasures import Erasures
from ledger.storage.faults import Fault
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_trip
from tests.catalogue.office import STRANGER
from tests.databases import on_sqlite_only
from tests.sharing.cellar import MARK, Cellar, a_cellar


@pytest.fixture
def cellar(tmp_path: Path) -> Iterator[Cellar]:
    """A trip, and nothing stored."""
    with a_cellar(tmp_path) as cellar:
        yield cellar


@on_sqlite_only
def test_what_its_owner_erases_is_gone_from_the_store_and_from_every_file_of_the_database(
    cellar: Cellar,
) -> None:
    gone, stays = cellar.stored("gone"), cellar.stored("stays")
    secret, kept = cellar.wrap(gone), cellar.wrap(stays)
    assert cellar.holds_bytes(secret)
    cellar.erase(gone)
    assert cellar.work.run() == 1
    assert (cellar.room.store.has(gone.cid), cellar.room.store.has(stays.cid)) == (False, True)
    assert (cellar.wrapped(gone), len(cellar.wrapped(stays))) == (set(), 1)
    assert cellar.holds_bytes(secret) == []
    assert cellar.holds_bytes(kept)
    assert (cellar.due(), cellar.work.run()) == (0, 0)


def test_of_many_secrets_that_are_erased_no_page_of_the_database_keeps_one(cellar: Cellar) -> None:
    items = [cellar.stored(number) for number in range(40)]
    for item in items:
        for reader in (EXPORTER, ORIGIN_PORT, CUSTOMS, STRANGER):
            cellar.wrap(item, reader=reader)
    cellar.erase(*items[:20])
    cellar.erase(*items[20:])
    assert cellar.work.run() == 40
    assert cellar.holds_bytes(MARK) == []


def test_who_might_have_read_it_is_told_when_it_was_erased(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.reads(item, ORIGIN_PORT)
    cellar.erase(item)
    with pytest.raises(NotFoundError, match="erased on 2026-09-21") as told:
        cellar.reads(item, ORIGIN_PORT)
    assert told.value.code == "erased"


def test_nothing_of_an_erased_item_is_taken_in_again(cellar: Cellar) -> None:
    item = cellar.stored()
    sealed = b"".join(cellar.room.store.open(item.cid).chunks)
    begun = cellar.room.uploads.create(ORIGIN_PORT, len(sealed), item.cid)
    cellar.erase(item)
    cellar.office.catalogue.catch_up()
    attempts = (
        lambda: cellar.room.uploads.append(begun.id, ORIGIN_PORT, 0, [sealed]),
        lambda: cellar.room.uploads.create(ORIGIN_PORT, len(sealed), item.cid),
        lambda: cellar.room.records.record(item.cid, EXPORTER, len(sealed)),
    )
    for attempt in attempts:
        with pytest.raises(NotFoundError) as refused:
            attempt()
        assert refused.value.code == "erased"
        cellar.work.run()
        assert not cellar.room.store.has(item.cid)


def test_an_upload_that_is_under_way_goes_with_the_item(cellar: Cellar) -> None:
    item = cellar.stored()
    begun = cellar.room.uploads.create(ORIGIN_PORT, 1_000, item.cid)
    cellar.room.uploads.append(begun.id, ORIGIN_PORT, 0, [b"sealed"])
    cellar.erase(item)
    cellar.work.run()
    with pytest.raises(NotFoundError) as refused:
        cellar.room.uploads.get(begun.id, ORIGIN_PORT)
    assert refused.value.code == "no-upload"


STEPS = ("rows", "bytes", "flushed", "done")


def stop_at(step: str) -> Fault:
    def fault(reached: str) -> None:
        if reached == f"erase.{step}":
            raise UnavailableError("killed", "the process ends here")

    return fault


@pytest.mark.parametrize("step", STEPS)
def test_an_erasure_that_broke_off_at_any_step_is_done_by_whoever_comes_next(
    cellar: Cellar, step: str
) -> None:
    item = cellar.stored()
    secret = cellar.wrap(item)
    cellar.erase(item)
    with pytest.raises(UnavailableError, match="ends here"):
        cellar.worker(stop_at(step)).run()
    assert cellar.due() == (0 if step == "done" else 1)
    cellar.worker().run()
    assert cellar.due() == 0
    assert not cellar.room.store.has(item.cid)
    assert cellar.holds_bytes(secret) == []


def test_a_copy_of_the_evidence_that_is_put_back_is_erased_at_the_next_start(tmp_path: Path) -> None:
    with a_cellar(tmp_path / "a") as cellar:
        item = cellar.stored()
        shutil.copytree(cellar.folder / "evidence", tmp_path / "copy")
        cellar.erase(item)
        cellar.work.run()
    shutil.copytree(tmp_path / "copy", tmp_path / "a" / "evidence", dirs_exist_ok=True)
    with a_cellar(tmp_path / "a") as again:
        assert again.room.store.has(item.cid)
        again.work.run()
        assert not again.room.store.has(item.cid)


def test_each_process_empties_its_own_store(cellar: Cellar) -> None:
    item = cellar.stored()
    sealed = b"".join(cellar.room.store.open(item.cid).chunks)
    elsewhere = LocalStore(cellar.folder / "elsewhere")
    office = cellar.office
    other = Erasures(office.store.engine, elsewhere, office.catalogue, office.clock)
    assert other.run() == 0
    elsewhere.put([sealed])
    cellar.erase(item)
    assert (cellar.work.run(), other.run()) == (1, 1)
    assert (cellar.room.store.has(item.cid), elsewhere.has(item.cid)) == (False, False)
    assert (cellar.work.run(), other.run()) == (0, 0)


def test_rows_that_are_put_back_are_erased_at_the_next_start(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.erase(item)
    cellar.work.run()
    secret = cellar.wrap(item)
    cellar.office.catalogue.rebuild()
    cellar.worker().run()
    assert cellar.wrapped(item) == set()
    assert cellar.holds_bytes(secret) == []


def test_a_store_that_fails_leaves_the_erasure_due(cellar: Cellar, monkeypatch: pytest.MonkeyPatch) -> None:
    item = cellar.stored()
    cellar.erase(item)

    def gone(_cid: str) -> None:
        raise UnavailableError("store-away", "the store cannot be reached")

    with monkeypatch.context() as patched:
        patched.setattr(cellar.room.store, "delete", gone)
        with pytest.raises(UnavailableError):
            cellar.work.run()
        assert cellar.due() == 1
    cellar.work.run()
    assert (cellar.due(), cellar.room.store.has(item.cid)) == (0, False)


def test_two_processes_may_erase_the_same_at_once(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.wrap(item)
    cellar.erase(item)
    other = cellar.worker()

    def meanwhile(step: str) -> None:
        if step == "erase.rows":
            other.run()

    assert cellar.worker(meanwhile).run() == 1
    assert (cellar.due(), cellar.room.store.has(item.cid), cellar.wrapped(item)) == (0, False, set())


def test_of_an_item_that_another_claims_only_the_erasers_secrets_go(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.claim(item, ORIGIN_PORT)
    mine, theirs = cellar.wrap(item, EXPORTER, CUSTOMS), cellar.wrap(item, ORIGIN_PORT, CUSTOMS)
    own = cellar.wrap(item, CUSTOMS, CUSTOMS)
    cellar.erase(item)
    cellar.work.run()
    assert cellar.wrapped(item) == {(ORIGIN_PORT, CUSTOMS)}
    assert (cellar.holds_bytes(mine), cellar.holds_bytes(own)) == ([], [])
    assert cellar.room.store.has(item.cid)
    cellar.reads(item, CUSTOMS)
    # Whoever claims it last decides on the bytes.
    cellar.erase(item, who=ORIGIN_PORT)
    cellar.work.run()
    assert not cellar.room.store.has(item.cid)
    assert cellar.holds_bytes(theirs) == []
    with pytest.raises(NotFoundError, match="erased"):
        cellar.reads(item, CUSTOMS)


def test_a_claim_that_is_copied_after_the_erasure_brings_nothing_back(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.erase(item)
    cellar.claim(item, ORIGIN_PORT)
    cellar.work.run()
    assert not cellar.room.store.has(item.cid)
    with pytest.raises(NotFoundError, match="erased"):
        cellar.reads(item, ORIGIN_PORT)


def test_readers_of_the_erasers_stream_alone_read_no_more(cellar: Cellar) -> None:
    item = cellar.stored()
    other = cellar.office.opens(a_trip("MSKU7654321", iss=STRANGER))
    cellar.claim(item, STRANGER, other)
    cellar.erase(item)
    with pytest.raises(NotFoundError, match="erased"):
        cellar.reads(item, ORIGIN_PORT)
    cellar.reads(item, STRANGER)


def refused(cellar: Cellar, code: str, **arguments: object) -> None:
    item = arguments.pop("item")
    before = cellar.office.store.size()
    with pytest.raises(CorridorError) as caught:
        cellar.erase(item, **arguments)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert cellar.office.store.size() == before


def test_nobody_erases_what_another_claims(cellar: Cellar) -> None:
    refused(cellar, "not-yours", item=cellar.stored(), who=ORIGIN_PORT)


def test_leniency_erases_nothing_of_others(cellar: Cellar) -> None:
    refused(cellar, "not-yours", item=cellar.stored(), who=ORIGIN_PORT, lenient=True)


def test_what_nothing_claims_is_not_erased_but_swept(cellar: Cellar) -> None:
    refused(cellar, "not-yours", item=cellar.store())


def test_an_erasure_stands_where_the_claim_stands(cellar: Cellar) -> None:
    other = cellar.office.opens(a_trip("MSKU7654321"))
    refused(cellar, "other-stream", item=cellar.stored(), trip=other)


def test_an_erasure_that_conceals_what_it_erases_is_refused(cellar: Cellar) -> None:
    item = cellar.stored()
    signed = cellar.office.signs(
        EXPORTER,
        "erasure",
        cellar.trip,
        {"items": [{"commitment": item.commitment.hex(), "cid": item.cid}], "because": "request"},
        conceal=[("items",)],
    )
    with pytest.raises(CorridorError) as caught:
        cellar.office.registrar.register(signed.raw, ())
    assert caught.value.code == "missing-field"


def test_a_claim_that_only_its_author_can_read_is_not_known_here(cellar: Cellar) -> None:
    item = cellar.store()
    body = {"evidence": [item.to_json()]}
    signed = cellar.office.signs(EXPORTER, "document", cellar.trip, body, conceal=[("evidence",)])
    cellar.office.registrar.register(signed.raw, ())
    with pytest.raises(PolicyError, match="that this log can read"):
        cellar.erase(item)


def test_the_same_erasure_may_be_said_again(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.erase(item)
    cellar.work.run()
    cellar.erase(item)
    assert cellar.work.run() == 0


def test_tables_made_again_from_the_log_say_the_same(cellar: Cellar) -> None:
    item = cellar.stored()
    cellar.erase(item)
    cellar.office.catalogue.rebuild()
    assert cellar.work.run() == 1
    assert not cellar.room.store.has(item.cid)
