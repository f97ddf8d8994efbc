"""The log over HTTP: the paths, bytes and headers of C2SP tlog-tiles."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.checkpoint import open_checkpoint
from ledger.domain.errors import NotFoundError
from ledger.domain.merkle import leaf_hash
from ledger.log.publisher import Publisher, Quorum
from ledger.log.store import LogStore
from ledger.log.tile_path import parse_tile_path, tile_path
from ledger.log.tiles import tile_router
from tests.builders import a_genesis
from tests.domain import merkle_reference
from tests.log.logs import FakeWitness, a_log, appended, history, log_signer, noon


def served(store: LogStore) -> FastAPI:
    app = FastAPI()
    app.include_router(tile_router(store))

    @app.exception_handler(NotFoundError)
    def not_found(_request: Request, error: NotFoundError) -> Response:
        return Response(error.message, 404)

    return app


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LogStore, FastAPI]]:
    """A log of 1 + 605 entries, all of them committed, none published."""
    with a_log(tmp_path_factory.mktemp("tiles")) as store:
        appended(store, history(5, 120))
        yield store, served(store)


def entries_of(bundle: bytes) -> list[bytes]:
    entries = []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    return entries


def get(app: FastAPI, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://log.example") as client:
            return await client.get(f"/log/{path}")

    return asyncio.run(ask())


def test_the_tiles_hold_the_leaves(log: tuple[LogStore, FastAPI]) -> None:
    store, app = log
    leaves = [leaf_hash(entry) for entry in store.entries(0, 606)]
    read = b"".join(get(app, f"tile/0/{path}").content for path in ("000", "001", "002.p/94"))
    assert read == b"".join(leaves)


def test_a_tile_above_holds_the_roots_of_the_tiles_below(log: tuple[LogStore, FastAPI]) -> None:
    store, app = log
    entries = store.entries(0, 606)
    assert get(app, "tile/1/000.p/2").content == merkle_reference.tree_hash(
        entries[:256]
    ) + merkle_reference.tree_hash(entries[256:512])


@pytest.mark.parametrize("width", [1, 2, 3, 93])
def test_a_partial_tile_is_the_beginning_of_the_fuller_one(log: tuple[LogStore, FastAPI], width: int) -> None:
    _, app = log
    for path in ("tile/0/002", "tile/entries/002"):
        assert get(app, f"{path}.p/94").content.startswith(get(app, f"{path}.p/{width}").content)
        assert get(app, f"{path[:-1]}1").content.startswith(get(app, f"{path[:-1]}1.p/{width}").content)


def test_the_bundles_hold_the_entries(log: tuple[LogStore, FastAPI]) -> None:
    store, app = log
    bundles = [get(app, f"tile/entries/{path}").content for path in ("000", "001", "002.p/94")]
    assert [entry for bundle in bundles for entry in entries_of(bundle)] == store.entries(0, 606)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "tile/0/002",
            "tile/0/002.p/95",
            "tile/0/003.p/1",
            "tile/1/000",
            "tile/1/000.p/3",
            "tile/2/000.p/1",
        ),
        *("tile/entries/002", "tile/entries/002.p/95", "tile/entries/003.p/1"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p"),
        *("tile/0/0", "tile/0/0000", "tile/0/x000/000", "tile/0/x000", "tile/0/-01", "tile/0/٠٠٠", "tile/0/"),
        *(
            "tile/00/000",
            "tile/64/000",
            "tile/8/000",
            "tile/-1/000",
            "tile/entries/",
            "tile/data/000",
            "tile/",
        ),
        *("tile/0/000/", "tile/0//000", "tile/0/000%2f", "tile/0/x999/x999/x999/x999/x999/x999/x999/000"),
    ],
)
def test_any_other_path_is_not_found(log: tuple[LogStore, FastAPI], path: str) -> None:
    _, app = log
    assert get(app, path).status_code == 404


def test_full_tiles_may_be_kept_for_ever_and_others_not(log: tuple[LogStore, FastAPI]) -> None:
    _, app = log
    for path in ("tile/0/000", "tile/entries/000", "genesis"):
        assert "immutable" in get(app, path).headers["cache-control"]
    for path in ("tile/0/000.p/9", "tile/1/000.p/1", "tile/entries/000.p/1"):
        assert "immutable" not in get(app, path).headers["cache-control"]
    assert get(app, "tile/0/000").headers["content-type"] == "application/octet-stream"
    assert get(app, "tile/entries/000").headers["content-type"] == "application/octet-stream"


def test_the_genesis_document_is_served_as_it_is(log: tuple[LogStore, FastAPI]) -> None:
    _, app = log
    answer = get(app, "genesis")
    assert answer.content == a_genesis().document
    assert answer.headers["content-type"] == "application/json"


def test_the_newest_published_checkpoint_is_served(tmp_path: Path) -> None:
    witness = FakeWitness()
    with (
        a_log(tmp_path) as store,
        Publisher(store, log_signer(), noon, witnesses=[witness], quorum=Quorum(1)) as publisher,
    ):
        app = served(store)
        assert get(app, "checkpoint").status_code == 404
        publisher.run_once()
        witness.down = True
        appended(store, history(1, 1))
        publisher.run_once()
        answer = get(app, "checkpoint")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.headers["cache-control"] == "no-cache"
        signed = open_checkpoint(answer.content, [log_signer().key])
        assert signed.checkpoint.size == 2
        assert [line.name for line in signed.note.signatures][1:] == [witness.name]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("0/000", (0, 0, 256)),
        ("1/001.p/5", (1, 1, 5)),
        ("0/x001/x234/067", (0, 1_234_067, 256)),
        ("entries/x001/000.p/255", (None, 1000, 255)),
    ],
)
def test_paths_as_the_specification_writes_them(path: str, named: tuple[int | None, int, int]) -> None:
    assert parse_tile_path(path) == named
    assert tile_path(*named) == path


@given(st.none() | st.integers(0, 7), st.integers(0, 2**55), st.integers(1, 256))
def test_every_tile_has_one_path(level: int | None, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, index, width)) == (level, index, width)
