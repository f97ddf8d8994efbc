"""`corridor evidence add --ipfs` and `get --ipfs`: evidence that its owner keeps in a node of its own."""

from pathlib import Path

import pyrage
import pytest

from tests.builders import seeded
from tests.cli.corridor import corridor, refused
from tests.tools import bad_node
from tests.tools.fixtures import ipfs_api

__all__ = ["ipfs_api"]

SCAN = seeded("kept in a node of one's own", 400_000)


def adding(folder: Path, api: str, identity: pyrage.x25519.Identity) -> list[object]:
    (folder / "scan.png").write_bytes(SCAN)
    (folder / "sealed").mkdir(exist_ok=True)
    (folder / "me.age").write_text(f"{identity}\n")
    return [
        *("evidence", "add", folder / "scan.png", "--media-type", "image/png", "--category", "scan"),
        *("--recipient", identity.to_public(), "--out", folder / "sealed", "--ipfs", api),
    ]


def test_it_goes_into_the_node_and_comes_back(tmp_path: Path, ipfs_api: str) -> None:
    added = corridor(*adding(tmp_path, ipfs_api, pyrage.x25519.Identity.generate()), "--json")
    assert added.code == 0, added.err
    (made,) = added.json
    assert (made["sent"], made["ipfs"]) == (False, ipfs_api)
    names = sorted(path.name for path in (tmp_path / "sealed").iterdir())
    assert names == ["scan.png.item.json", "scan.png.secret.age"]
    got = corridor(
        *("evidence", "get", tmp_path / "sealed" / "scan.png.item.json", "--ipfs", ipfs_api),
        *("--secret", made["secret"], "--identity", tmp_path / "me.age", "--out", tmp_path / "again.png"),
    )
    assert got.code == 0, got.err
    assert (tmp_path / "again.png").read_bytes() == SCAN


@pytest.mark.parametrize("announcing", [True, False], ids=["announcing", "no address"])
def test_a_node_that_will_not_do_is_refused_before_anything_is_sealed(
    tmp_path: Path, ipfs_api: str, announcing: bool
) -> None:
    with bad_node.bad_node(ipfs_api) as node:
        node.answers["config/show"] = bad_node.answers({"Routing": {"Type": "auto"}})
        api = node.api if announcing else "127.0.0.1:5001"
        ran = corridor(*adding(tmp_path, api, pyrage.x25519.Identity.generate()))
    refused(ran, 2, "ipfs-announces" if announcing else "ipfs-api")
    assert list((tmp_path / "sealed").iterdir()) == []
