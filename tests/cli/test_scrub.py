"""`corridor evidence scrub`: what it says to people and to programs, how it ends, and what it heals."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from ledger.domain.cid import CHUNK, cid_of
from ledger.evidence.ipfs_store import IpfsStore
from ledger.evidence.local_store import LocalStore
from ledger.evidence.records import EvidenceRecords
from ledger.evidence.stores import Stores
from tests.builders import EXPORTER, seeded
from tests.cli.corridor import EXECUTABLE, Ran, corridor, refused
from tests.log.logs import a_log
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]

DATA = seeded("scrubbed by command", 2 * CHUNK + 5)
CID = cid_of([DATA])


@dataclass
class House:
    """A data folder with a log, whose evidence lies in a folder and in an IPFS node."""

    data: Path
    stores: Stores

    def scrub(self, *more: object) -> Ran:
        return corridor("evidence", "scrub", "--data", self.data, *more)

    def rot(self) -> None:
        (path,) = (self.data / "evidence").rglob(CID)
        path.write_bytes(b"!" + path.read_bytes()[1:])


@pytest.fixture
def house(tmp_path: Path, ipfs_api: str) -> Iterator[House]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "corridor.toml").write_text(f'evidence_stores = "local,ipfs"\nipfs_api = "{ipfs_api}"\n')
    with closing(IpfsStore(ipfs_api)) as ipfs, a_log(data) as log:
        for cid in list(ipfs.cids()):
            ipfs.delete(cid)
        stores = Stores({"local": LocalStore(data / "evidence"), "ipfs": ipfs}, ("local", "ipfs"))
        records = EvidenceRecords(log.engine, stores.everywhere, lambda: 1)
        records.record(stores.everywhere.put([DATA]), EXPORTER, len(DATA), ("local", "ipfs"))
        yield House(data, stores)


def test_all_is_good(house: House) -> None:
    ran = house.scrub("--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json == {"items": 2, "bytes": 2 * len(DATA), "good": True, "findings": []}
    said = house.scrub()
    assert (said.code, said.err) == (0, "")
    assert said.text == f"2 copies of items are good, {2 * len(DATA)} bytes were read\n"


def test_what_was_healed_is_told_and_no_failure(house: House) -> None:
    house.rot()
    ran = house.scrub("--json")
    assert (ran.code, ran.json["good"]) == (0, True)
    (found,) = ran.json["findings"]
    message = found.pop("message")
    assert found == {"store": "local", "cid": CID, "state": "rotten", "healed": True}
    assert CID in message
    assert b"".join(house.stores.by_name["local"].open(CID).chunks) == DATA
    assert house.scrub("--json").json["findings"] == []


def test_what_stays_bad_ends_with_a_failure(house: House) -> None:
    house.stores.by_name["ipfs"].delete(CID)
    house.rot()
    ran = house.scrub("--json")
    assert (ran.code, ran.json["good"], ran.json["items"]) == (1, False, 0)
    states = {one["store"]: (one["state"], one["healed"]) for one in ran.json["findings"]}
    assert states == {"local": ("rotten", False), "ipfs": ("missing", False)}
    said = house.scrub()
    assert (said.code, said.err) == (1, "")
    assert [line.split()[:2] for line in said.text.splitlines()[:2]] == [
        ["missing", "NOT"],
        ["rotten", "NOT"],
    ]


def test_a_node_that_is_gone_ends_with_a_failure_and_the_folder_is_read(house: House) -> None:
    settings = 'evidence_stores = "local,ipfs"\nipfs_api = "/ip4/127.0.0.1/tcp/1"\n'
    (house.data / "corridor.toml").write_text(settings)
    ran = house.scrub("--json")
    assert (ran.code, ran.json["items"]) == (1, 1)
    (found,) = ran.json["findings"]
    assert (found["store"], found["cid"], found["state"]) == ("ipfs", None, "unreadable")


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    refused(corridor("evidence", "scrub", "--data", tmp_path), 1, "log-missing")
    refused(corridor("evidence", "scrub", "--data", tmp_path / "absent"), 1, "no-data")


def test_progress_is_shown_to_who_watches_and_stays_out_of_the_json(house: House) -> None:
    watching, terminal = os.openpty()
    try:
        command = [str(EXECUTABLE), "evidence", "scrub", "--data", str(house.data), "--json"]
        environment = os.environ | {"TERM": "xterm"}
        ran = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=terminal, env=environment, timeout=120, check=False
        )
        shown = os.read(watching, 65_536).decode()
    finally:
        os.close(watching)
        os.close(terminal)
    assert (ran.returncode, json.loads(ran.stdout)["good"]) == (0, True)
    assert "scrubbing" in shown
