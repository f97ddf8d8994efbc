"""The real log, published through real witnesses over HTTP; a lie about its map is stopped by one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import delete

from ledger.domain.errors import NotFoundError, PolicyError
from ledger.log.http_server import listen
from ledger.log.publisher import Cycle, Publisher, Quorum
from ledger.log.store import LogStore
from ledger.log.tiles import PREFIX, tile_router
from ledger.log.witness_client import HttpWitnessClient
from ledger.log.witness_server import WatchedLog, WitnessSettings, running
from ledger.storage.engine import write_transaction
from ledger.storage.tables import stream_entries
from tests.builders import a_genesis, an_ed25519_key
from tests.log.logs import a_log, appended, history, log_signer, noon
from tests.witness.log_simulator import witness_vkey


@contextmanager
def serving_log(store: LogStore) -> Iterator[str]:
    """Serve a log's tiles over HTTP, and give its prefix."""
    app = FastAPI()
    app.include_router(tile_router(store))

    @app.exception_handler(NotFoundError)
    def not_found(_request: Request, error: NotFoundError) -> Response:
        return Response(error.message, 404)

    with listen(0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}{PREFIX}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def a_client(folder: Path, name: str, log_url: str | None = None) -> Iterator[HttpWitnessClient]:
    """Run a witness, an index cosigner when it is given the log's prefix, and give a client of it."""
    genesis = a_genesis()
    vkey = witness_vkey(name, name)
    settings = WitnessSettings(
        vkey=vkey,
        sign=an_ed25519_key(name).sign,
        data=folder / name,
        logs=(WatchedLog(genesis.origin, (genesis.log_key,), log_url, genesis.hash),),
        index_cosigner=log_url is not None,
        clock=noon,
    )
    with running(settings) as url:
        yield HttpWitnessClient(url, vkey, clock=noon)


@contextmanager
def published_by(store: LogStore, folder: Path) -> Iterator[Publisher]:
    """Publish a log through two witnesses and one index cosigner, all of whom are needed."""
    with (
        serving_log(store) as log_url,
        a_client(folder, "one.example") as one,
        a_client(folder, "two.example") as two,
        a_client(folder, "index.example", log_url) as index,
        Publisher(
            store,
            log_signer(),
            noon,
            witnesses=[one, two],
            index_cosigners=[index],
            quorum=Quorum(2, 1),
        ) as publisher,
    ):
        yield publisher


def refusals(cycle: Cycle) -> list[str]:
    return [f"{failure.witness}: {failure.error}" for failure in cycle.failures]


def test_a_log_is_published_with_the_cosignatures_of_all(tmp_path: Path) -> None:
    with a_log(tmp_path) as store, published_by(store, tmp_path) as publisher:
        for round_ in range(3):
            appended(store, history(4, 30, seed=round_))
            cycle = publisher.run_once()
            assert cycle.published, refusals(cycle)
            assert set(cycle.cosigned) == {"one.example", "two.example", "index.example"}
        published = store.checkpoints.published()
        assert published is not None
        assert published.size == store.size() == 1 + 3 * (4 + 4 * 30 + 1)


def test_witnesses_that_were_restarted_go_on(tmp_path: Path) -> None:
    with a_log(tmp_path) as store:
        for round_ in range(2):
            with published_by(store, tmp_path) as publisher:
                appended(store, history(4, 30, seed=round_))
                cycle = publisher.run_once()
                assert cycle.published, refusals(cycle)


@pytest.mark.parametrize("before", [0, 1])
def test_a_map_that_leaves_one_entry_out_is_stopped_by_the_index_cosigner_alone(
    tmp_path: Path, before: int
) -> None:
    with a_log(tmp_path) as store, published_by(store, tmp_path) as publisher:
        for round_ in range(before):
            appended(store, history(2, 2, seed=round_))
            assert publisher.run_once().published
        out = appended(store, history(4, 3, seed="lie"))[-1].index
        with write_transaction(store.engine) as connection:
            connection.execute(delete(stream_entries).where(stream_entries.c.idx == out))
        for _ in range(2):
            cycle = publisher.run_once()
            assert not cycle.published
            [failure] = cycle.failures
            assert failure.witness == "index.example"
            assert isinstance(failure.error, PolicyError)
            assert "map-root-mismatch" in failure.error.message
