"""The stores by their names: owners choose among those that are offered, and nothing else."""

from pathlib import Path

import pytest

from ledger.domain.errors import MalformedError
from ledger.evidence.local_store import LocalStore
from ledger.evidence.stores import Stores, parse_names


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(
        {"ipfs": LocalStore(tmp_path / "b"), "local": LocalStore(tmp_path / "a")}, ("local", "ipfs")
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (None, ("local", "ipfs")),
        ("local", ("local",)),
        ("ipfs", ("ipfs",)),
        (" ipfs , local,ipfs", ("local", "ipfs")),
    ],
)
def test_an_owner_chooses_or_gets_all(stores: Stores, text: str | None, names: tuple[str, ...]) -> None:
    assert stores.chosen(text, "Corridor-Stores") == names


@pytest.mark.parametrize("text", ["", ",", "s3", "local,", "LOCAL", "local;ipfs", "../local"])
def test_what_is_no_store_is_refused(text: str) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_names(text, "Corridor-Stores")
    assert (caught.value.code, caught.value.field) == ("no-such-store", "Corridor-Stores")


def test_a_store_that_is_not_offered_is_read_and_takes_nothing_new(tmp_path: Path) -> None:
    local, ipfs = LocalStore(tmp_path / "a"), LocalStore(tmp_path / "b")
    cid = local.put([b"from before"])
    stores = Stores({"local": local, "ipfs": ipfs}, ("ipfs",))
    assert stores.chosen(None, "Corridor-Stores") == ("ipfs",)
    with pytest.raises(MalformedError):
        stores.chosen("local", "Corridor-Stores")
    assert b"".join(stores.everywhere.open(cid).chunks) == b"from before"
