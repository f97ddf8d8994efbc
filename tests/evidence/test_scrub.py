"""Scrubbing finds what has rotted or is missing in every store, and heals it from where it is good."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.domain.cid import CHUNK, cid_of
from ledger.evidence.ipfs_node import IpfsNode
from ledger.evidence.ipfs_store import IpfsStore
from ledger.evidence.local_store import LocalStore
from ledger.evidence.records import EvidenceRecords
from ledger.evidence.scrub import Scrub, Scrubbed, State, in_words
from ledger.evidence.stores import Stores
from ledger.storage.engine import open_database
from ledger.storage.migrate import migrate
from tests.builders import EXPORTER, seeded
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]

DATA = seeded("scrubbed", 3 * CHUNK + 17)
CID = cid_of([DATA])


@dataclass
class Room:
    """Two stores and the rows about what lies in them."""

    folder: Path
    engine: Engine
    stores: Stores
    records: EvidenceRecords

    def add(self, data: bytes, *names: str) -> str:
        cid = self.stores.of(names).put([data])
        self.records.record(cid, EXPORTER, len(data), names)
        return cid

    def scrub(self) -> Scrubbed:
        return Scrub(self.engine, self.stores).run()

    def rot(self, cid: str) -> None:
        (path,) = (self.folder / "local").rglob(cid)
        path.write_bytes(b"!" + path.read_bytes()[1:])


@pytest.fixture
def room(tmp_path: Path, ipfs_api: str) -> Iterator[Room]:
    engine = open_database(f"sqlite:///{tmp_path / 'ledger.db'}", create=True)
    try:
        migrate(engine)
        with closing(IpfsStore(ipfs_api)) as ipfs:
            for cid in list(ipfs.cids()):
                ipfs.delete(cid)
            stores = Stores({"local": LocalStore(tmp_path / "local"), "ipfs": ipfs}, ("local", "ipfs"))
            yield Room(tmp_path, engine, stores, EvidenceRecords(engine, stores.everywhere, lambda: 1))
    finally:
        engine.dispose()


def found(done: Scrubbed) -> list[tuple[str, str | None, State, bool]]:
    return [(one.store, one.cid, one.state, one.healed) for one in done.findings]


def test_what_is_good_is_read_once_in_each_store(room: Room) -> None:
    room.add(DATA, "local", "ipfs")
    room.add(b"another one", "local")
    seen: list[tuple[int, int | None]] = []
    done = Scrub(room.engine, room.stores).run(lambda at, of: seen.append((at, of)))
    assert (done.items, done.size, done.findings, done.is_good) == (3, 2 * len(DATA) + 11, (), True)
    assert seen[-1] == (done.size, done.size)


def test_a_rotten_file_is_healed_from_ipfs(room: Room) -> None:
    room.add(DATA, "local", "ipfs")
    room.rot(CID)
    done = room.scrub()
    assert (found(done), done.is_good) == ([("local", CID, State.ROTTEN, True)], True)
    assert "healed" in in_words(done.findings)[0]
    assert room.scrub().findings == ()


def test_a_block_that_is_gone_from_ipfs_is_healed_from_the_folder(room: Room, ipfs_api: str) -> None:
    room.add(DATA, "local", "ipfs")
    with closing(IpfsNode(ipfs_api)) as node:
        node.unpin(CID)
        node.remove([CID])
    assert found(room.scrub()) == [("ipfs", CID, State.MISSING, True)]
    assert room.scrub().findings == ()
    assert b"".join(room.stores.by_name["ipfs"].open(CID).chunks) == DATA


def test_what_rotted_in_the_only_store_stays_bad(room: Room) -> None:
    room.add(DATA, "local")
    room.rot(CID)
    done = room.scrub()
    assert (found(done), done.is_good) == ([("local", CID, State.ROTTEN, False)], False)


def test_what_is_gone_from_the_only_store_is_missing(room: Room) -> None:
    room.add(DATA, "local")
    room.stores.by_name["local"].delete(CID)
    assert found(room.scrub()) == [("local", CID, State.MISSING, False)]


def test_an_item_is_not_copied_where_its_owner_did_not_want_it(room: Room) -> None:
    room.add(DATA, "ipfs")
    assert room.scrub().is_good
    assert not room.stores.by_name["local"].has(CID)


def test_what_no_row_speaks_of_is_looked_at_too(room: Room) -> None:
    room.stores.by_name["local"].put([DATA])
    room.rot(CID)
    assert found(room.scrub()) == [("local", CID, State.ROTTEN, False)]


def test_sent_again_to_another_store_it_should_be_in_both(room: Room) -> None:
    room.add(DATA, "local")
    room.add(DATA, "ipfs")
    room.stores.by_name["local"].delete(CID)
    assert found(room.scrub()) == [("local", CID, State.MISSING, True)]


def test_a_store_that_is_gone_is_one_finding(room: Room) -> None:
    room.add(DATA, "local", "ipfs")
    gone = Stores({"local": room.stores.by_name["local"], "ipfs": IpfsStore("/ip4/127.0.0.1/tcp/1")}, ())
    done = Scrub(room.engine, gone).run()
    assert (found(done), done.items) == ([("ipfs", None, State.UNREADABLE, False)], 1)


def test_a_store_that_is_not_set_up_any_more_is_told_of(room: Room) -> None:
    room.add(DATA, "ipfs")
    done = Scrub(room.engine, Stores({"local": room.stores.by_name["local"]}, ("local",))).run()
    assert found(done) == [("ipfs", None, State.UNREADABLE, False)]
