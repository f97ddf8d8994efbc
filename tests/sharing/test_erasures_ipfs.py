"""Erasure reaches a real IPFS node, and waits for one that is away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.evidence.ipfs_store import IpfsStore
from tests.sharing.cellar import Cellar, a_cellar
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]


@pytest.fixture
def node(ipfs_api: str) -> IpfsStore:
    """The node as another one of its users sees it."""
    return IpfsStore(ipfs_api)


@pytest.fixture
def cellar(tmp_path: Path, ipfs_api: str) -> Iterator[Cellar]:
    """A room with a folder and a node."""
    with a_cellar(tmp_path, IpfsStore(ipfs_api)) as cellar:
        yield cellar


def test_an_erased_item_is_in_the_node_no_more(cellar: Cellar, node: IpfsStore) -> None:
    gone, stays = cellar.stored("gone"), cellar.stored("stays")
    assert (node.has(gone.cid), cellar.room.local.has(gone.cid)) == (True, True)
    cellar.erase(gone)
    assert cellar.work.run() == 1
    assert (node.has(gone.cid), cellar.room.local.has(gone.cid)) == (False, False)
    with pytest.raises(NotFoundError):
        node.open(gone.cid)
    assert node.has(stays.cid)


def test_a_copy_that_is_put_back_into_the_node_is_erased_at_the_next_start(
    cellar: Cellar, node: IpfsStore
) -> None:
    item = cellar.stored("put back")
    sealed = b"".join(node.open(item.cid).chunks)
    cellar.erase(item)
    cellar.work.run()
    assert node.put([sealed]) == item.cid
    cellar.worker().run()
    assert not node.has(item.cid)


def test_while_the_node_is_away_the_erasure_stays_due(tmp_path: Path, ipfs_api: str) -> None:
    with a_cellar(tmp_path, IpfsStore(ipfs_api)) as cellar:
        item = cellar.stored("away")
        cellar.erase(item)
    with a_cellar(tmp_path, IpfsStore("/ip4/127.0.0.1/tcp/1")) as cellar:
        with pytest.raises(UnavailableError):
            cellar.work.run()
        assert cellar.due() == 1
        assert not cellar.room.local.has(item.cid)
    with a_cellar(tmp_path, IpfsStore(ipfs_api)) as cellar:
        cellar.work.run()
        assert cellar.due() == 0
    assert not IpfsStore(ipfs_api).has(item.cid)
