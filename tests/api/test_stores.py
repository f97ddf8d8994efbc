"""Owners choose the store of an item over HTTP, at a service that keeps evidence in a folder and in IPFS."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pyrage
import pytest
from sqlalchemy import select

from ledger.domain.cid import cid_of
from ledger.evidence.ipfs_store import IpfsStore
from ledger.storage.engine import read_transaction
from ledger.storage.evidence_tables import evidence_items
from tests.api.evidence_desk import Desk, a_desk
from tests.api.test_evidence import refused
from tests.api.test_uploads import PART, TUS, patch
from tests.builders import seeded
from tests.tools import bad_node
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]

PLAIN = seeded("a scan for two stores", 700_000)
SEALED = seeded("sealed for two stores", 600_000)
CID = cid_of([SEALED])
CHOICES = [(None, "local,ipfs"), ("ipfs", "ipfs"), ("local", "local"), ("ipfs,local", "local,ipfs")]


@pytest.fixture
def desk(tmp_path: Path, ipfs_api: str) -> Iterator[Desk]:
    with closing(IpfsStore(ipfs_api)) as ipfs:
        for cid in list(ipfs.cids()):
            ipfs.delete(cid)
        with a_desk(tmp_path, ipfs=ipfs, offered=("local", "ipfs")) as desk:
            yield desk


@pytest.fixture
def http(desk: Desk) -> Iterator[httpx.Client]:
    with desk.http() as http:
        yield http


def lies_in(desk: Desk, cid: str) -> str:
    """Return the stores that have an item, which are those that the ledger notes of it."""
    has = ",".join(name for name, store in desk.room.stores.by_name.items() if store.has(cid))
    with read_transaction(desk.engine) as connection:
        noted = connection.execute(
            select(evidence_items.c.stores).where(evidence_items.c.cid == cid)
        ).scalar()
    assert noted == (has or None)
    return has


def begin(http: httpx.Client, stores: str | None) -> httpx.Response:
    said = {"cid": CID} | ({} if stores is None else {"stores": stores})
    metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())
    return http.post(
        "/v1/uploads", headers=TUS | {"Upload-Length": str(len(SEALED)), "Upload-Metadata": metadata}
    )


@pytest.mark.parametrize(("said", "names"), CHOICES)
def test_what_is_sealed_here_goes_where_its_owner_says(
    desk: Desk, http: httpx.Client, said: str | None, names: str
) -> None:
    identity = pyrage.x25519.Identity.generate()
    headers = {"Corridor-Recipients": str(identity.to_public()), "Content-Type": "application/octet-stream"}
    answer = http.post(
        "/v1/evidence?media_type=image/png&category=scan",
        content=PLAIN,
        headers=headers | ({} if said is None else {"Corridor-Stores": said}),
    )
    assert answer.status_code == 201, answer.text
    cid = answer.json()["item"]["cid"]
    assert lies_in(desk, cid) == names
    assert cid_of([http.get(f"/v1/evidence/{cid}").content]) == cid


@pytest.mark.parametrize(("said", "names"), CHOICES)
def test_an_upload_in_parts_goes_where_its_owner_says(
    desk: Desk, http: httpx.Client, said: str | None, names: str
) -> None:
    answer = begin(http, said)
    assert answer.status_code == 201, answer.text
    where = answer.headers["location"]
    assert patch(http, where, 0, SEALED[:250_000]).status_code == 204
    assert lies_in(desk, CID) == ""
    assert patch(http, where, 250_000, SEALED[250_000:]).status_code == 204
    assert lies_in(desk, CID) == names
    part = http.get(f"/v1/evidence/{CID}", headers={"Range": "bytes=300000-300099"})
    assert (part.status_code, part.content) == (206, SEALED[300_000:300_100])
    # Nothing of what was staged is left, and the folder has the item only where it should.
    assert desk.files() == ([CID] if "local" in names else [])


@pytest.mark.parametrize("said", ["s3", ",", "local;ipfs"])
def test_an_upload_to_what_is_no_store_is_refused(desk: Desk, http: httpx.Client, said: str) -> None:
    refused(begin(http, said), 400, "no-such-store")
    assert desk.files() == []


def test_an_upload_whose_node_is_gone_is_not_acknowledged_and_goes_on_later(
    tmp_path: Path, ipfs_api: str
) -> None:
    with bad_node.bad_node(ipfs_api) as node, closing(IpfsStore(node.api, seconds=5)) as ipfs:
        for cid in list(ipfs.cids()):
            ipfs.delete(cid)
        with a_desk(tmp_path, ipfs=ipfs, offered=("local", "ipfs")) as desk, desk.http() as http:
            where = begin(http, "ipfs").headers["location"]
            node.answers["add"] = bad_node.full
            refused(patch(http, where, 0, SEALED), 503, "disk-full")
            assert lies_in(desk, CID) == ""
            del node.answers["add"]
            here = int(http.head(where, headers=TUS).headers["upload-offset"])
            again = http.patch(where, content=SEALED[here:], headers=PART | {"Upload-Offset": str(here)})
            assert again.status_code == 204, again.text
            assert lies_in(desk, CID) == "ipfs"
