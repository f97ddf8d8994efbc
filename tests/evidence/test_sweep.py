"""Sweeping and noting evidence: no transaction waits for a store, and nothing acknowledged is removed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ledger.domain.cid import cid_of
from ledger.domain.errors import UnavailableError
from ledger.evidence.local_store import LocalStore
from ledger.evidence.records import EvidenceRecords, claim
from ledger.evidence.tombstones import is_nowhere_member
from ledger.storage.engine import open_database, read_transaction, write_transaction
from ledger.storage.evidence_tables import evidence_items, evidence_sweeps
from ledger.storage.migrate import migrate
from ledger.storage.tables import log
from tests.builders import CUSTOMS, EXPORTER
from tests.databases import database_url

DATA = b"what nobody claims"
CID = cid_of([DATA])
KEPT_SECONDS = 100


class Watched(LocalStore):
    """A store that sees at each call whether somebody else could write to the database meanwhile."""

    def __init__(self, folder: Path, database: str) -> None:
        super().__init__(folder)
        self._other = open_database(database, busy_timeout_ms=1)
        self.calls: list[str] = []
        self.fails: set[str] = set()

    def size(self, cid: str) -> int:
        self._look("size")
        return super().size(cid)

    def has(self, cid: str) -> bool:
        self._look("has")
        return super().has(cid)

    def delete(self, cid: str) -> None:
        self._look("delete")
        super().delete(cid)

    def cids(self) -> Iterator[str]:
        self._look("cids")
        yield from super().cids()

    def _look(self, call: str) -> None:
        self.calls.append(call)
        with write_transaction(self._other):
            pass
        if call in self.fails:
            raise UnavailableError("ipfs-slow", "the store does not answer")

    def close(self) -> None:
        self._other.dispose()


@dataclass
class Cellar:
    """A store, the rows about it, and what happens at the steps of noting and sweeping."""

    engine: Engine
    store: Watched
    now: int = 0
    at: dict[str, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.records = EvidenceRecords(self.engine, self.store, lambda: self.now, fault=self._step)

    def _step(self, step: str) -> None:
        # Once: what happens there may come by again.
        if does := self.at.pop(step, None):
            does()

    def add(self, organisation: str = EXPORTER) -> None:
        """Store the bytes and note whose they are."""
        self.records.record(self.store.put([DATA]), organisation, len(DATA))

    def sweep(self, catch_up: Callable[[], object] = lambda: None) -> list[str]:
        return self.records.sweep(KEPT_SECONDS, catch_up)

    def claim(self) -> None:
        with write_transaction(self.engine) as connection:
            claim(connection, 0, [CID])

    def is_there(self) -> bool:
        """Return whether the item is here with its row; it is all here or nothing of it is."""
        has = CID in self.store.cids()
        assert self.records.may_read(CID, EXPORTER, is_nowhere_member) == has
        return has

    def marks(self) -> list[str]:
        with read_transaction(self.engine) as connection:
            return list(connection.execute(select(evidence_sweeps.c.cid)).scalars())


@pytest.fixture
def cellar(tmp_path: Path) -> Iterator[Cellar]:
    database = database_url(tmp_path)
    engine = open_database(database, create=True)
    migrate(engine)
    store = Watched(tmp_path / "evidence", database)
    yield Cellar(engine, store)
    store.close()
    engine.dispose()


@pytest.fixture
def old(cellar: Cellar) -> Cellar:
    """One in which the item is due."""
    cellar.add()
    cellar.now = KEPT_SECONDS
    return cellar


class Crash(BaseException):
    """The process ends here."""


def crash() -> None:
    raise Crash


def refused(does: Callable[[], object]) -> str:
    with pytest.raises(UnavailableError) as caught:
        does()
    return caught.value.code


def test_others_write_while_a_store_is_asked(old: Cellar) -> None:
    orphan = old.store.put([b"its row was never written"])
    assert old.sweep() == [CID]
    assert set(old.store.calls) == {"size", "has", "delete", "cids"}
    old.now += KEPT_SECONDS
    assert old.sweep() == [orphan]


def test_what_is_claimed_after_it_was_found_due_stays(old: Cellar) -> None:
    assert old.sweep(old.claim) == []
    assert old.is_there()


def test_while_a_claim_may_not_be_noted_yet_nothing_is_swept(old: Cellar) -> None:
    def one_is_appended() -> None:
        with write_transaction(old.engine) as connection:
            connection.execute(log.insert().values(id=1, genesis=b"", profile=b"", size=1))

    old.at["sweep.caught-up"] = one_is_appended
    assert old.sweep() == []
    assert old.is_there()


def test_what_is_sent_again_after_it_was_found_due_stays(old: Cellar) -> None:
    old.at["sweep.caught-up"] = lambda: old.add(CUSTOMS)
    assert old.sweep() == []
    assert old.is_there()


@pytest.mark.parametrize("step", ["sweep.marked", "sweep.removed"])
def test_what_is_sent_again_while_it_is_removed_is_not_acknowledged(old: Cellar, step: str) -> None:
    codes: list[str] = []
    old.at[step] = lambda: codes.append(refused(old.add))
    assert old.sweep() == [CID]
    assert codes == ["evidence-swept"]
    assert not old.records.may_read(CID, EXPORTER, is_nowhere_member)
    assert old.marks() == []
    old.add()
    assert old.is_there()


@pytest.mark.parametrize("step", ["sweep.caught-up", "sweep.marked", "sweep.removed"])
def test_a_sweep_that_ended_early_is_ended_by_the_next(old: Cellar, step: str) -> None:
    old.at[step] = crash
    with pytest.raises(Crash):
        old.sweep()
    assert old.sweep() == [CID]
    assert not old.is_there()
    assert old.marks() == []
    old.add()
    assert old.is_there()


@pytest.mark.parametrize("step", ["sweep.marked", "sweep.removed"])
def test_what_one_process_is_about_to_remove_another_leaves_to_it(old: Cellar, step: str) -> None:
    other = EvidenceRecords(old.engine, old.store, lambda: old.now)

    def another_sweeps() -> None:
        assert other.sweep(KEPT_SECONDS, lambda: None) == []
        # Were it taken in here, the first one would remove it.
        assert refused(old.add) == "evidence-swept"

    old.at[step] = another_sweeps
    assert old.sweep() == [CID]
    old.add()
    assert other.sweep(KEPT_SECONDS, lambda: None) == []
    assert old.is_there()


def test_what_a_process_that_died_was_about_to_remove_another_removes(old: Cellar) -> None:
    other = EvidenceRecords(old.engine, old.store, lambda: old.now)
    old.at["sweep.marked"] = crash
    with pytest.raises(Crash):
        old.sweep()
    assert [other.sweep(KEPT_SECONDS, lambda: None) for _ in range(3)] == [[], [CID], []]
    assert not old.is_there()
    assert old.marks() == []


def test_a_store_that_fails_is_asked_again_at_the_next_sweep(old: Cellar) -> None:
    old.store.fails = {"delete"}
    assert refused(old.sweep) == "ipfs-slow"
    assert old.marks() == [CID]
    assert refused(old.add) == "evidence-swept"
    old.store.fails = set()
    assert old.sweep() == [CID]
    assert not old.is_there()


def test_a_store_that_cannot_be_listed_keeps_nothing_from_being_swept(old: Cellar) -> None:
    old.store.fails = {"cids"}
    assert refused(old.sweep) == "ipfs-slow"
    old.store.fails = set()
    assert not old.is_there()


def test_what_is_not_there_any_more_is_not_acknowledged(cellar: Cellar) -> None:
    cellar.at["record.noted"] = lambda: cellar.store.delete(CID)
    assert refused(cellar.add) == "evidence-swept"
    assert not cellar.is_there()


def test_what_another_one_brings_meanwhile_is_acknowledged(cellar: Cellar) -> None:
    cellar.at["record.noted"] = lambda: cellar.store.delete(CID)
    cellar.at["record.taken-back"] = lambda: cellar.store.put([DATA])
    cellar.add()
    assert cellar.is_there()


def test_a_store_that_cannot_be_asked_acknowledges_nothing_and_can_be_asked_again(cellar: Cellar) -> None:
    cellar.store.fails = {"has"}
    assert refused(cellar.add) == "ipfs-slow"
    cellar.store.fails = set()
    cellar.add()
    assert cellar.is_there()


def test_what_is_removed_while_the_store_is_listed_is_not_found_again(old: Cellar, tmp_path: Path) -> None:
    class Late(Watched):
        def cids(self) -> Iterator[str]:
            # Another process sweeps, and is done before this one looks at the rows.
            old.sweep()
            return iter([CID])

    store = Late(tmp_path / "evidence", str(old.engine.url))
    EvidenceRecords(old.engine, store, lambda: 0).sweep(KEPT_SECONDS, lambda: None)
    store.close()
    with read_transaction(old.engine) as connection:
        assert connection.execute(select(evidence_items)).all() == []
