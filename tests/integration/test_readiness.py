"""`/readyz` tells the truth: it names what is broken, and is silent again when that is over."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event

from api.app import create_app
from ledger.chain.accounts import LocalSigner
from ledger.chain.contracts import ANCHOR, Interface
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.errors import AnchorConflictError
from ledger.chain.governance import close_log
from ledger.chain.transactions import transact
from ledger.config import WitnessSetting
from ledger.domain.errors import CorridorError, PolicyError, UnavailableError
from ledger.founding import Governance
from ledger.log.http_server import listen, serving, url_of
from ledger.log.witness_server import WatchedLog, WitnessSettings, running
from ledger.wiring import Ledger
from tests.builders import EXPORTER, seeded
from tests.chain.chains import Hands
from tests.integration.stage import (
    FOUNDERS,
    WITNESSES,
    Stage,
    Ticks,
    a_ledger,
    a_stage,
    another_trip,
    check_chain,
    enrol,
    operator_keys,
)
from tests.integration.waiting import wait_until

PATIENCE = 3


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with a_stage(tmp_path) as stage:
        enrol(stage.ledger)
        yield stage


def fails(step: object, times: int = 1) -> CorridorError:
    """Take a step of the background work that fails, so many times, and return the last failure."""
    for _ in range(times):
        with pytest.raises(CorridorError) as caught:
            step()  # type: ignore[operator]
    return caught.value


def test_a_root_of_somebody_else_on_the_chain_halts_anchoring_and_is_told(stage: Stage) -> None:
    stage.tell(another_trip(1))
    size, operator = stage.publish(), LocalSigner(operator_keys().account)
    forged = Interface.load(ANCHOR).call("anchor", stage.ledger.genesis.origin_hash, size, seeded("root", 32))
    transact(stage.ledger.client, operator, stage.ledger.contracts.anchor, forged)
    assert isinstance(fails(stage.ledger.anchor), AnchorConflictError)
    assert "checkpoints are not anchored: the chain has root" in stage.problems()
    assert stage.http.get("/healthz").text == "ok\n"


def test_a_log_that_governance_closed_is_not_ready(stage: Stage) -> None:
    governance = Governance(stage.ledger.client, stage.ledger.contracts, FOUNDERS)
    governance.agree(close_log(stage.ledger.genesis.origin, 0))
    stage.tell(another_trip(1))
    stage.publish()
    assert isinstance(fails(stage.ledger.anchor), PolicyError)
    assert "governance has closed this log" in stage.problems()


def test_an_operator_without_money_is_told_after_some_turns(stage: Stage) -> None:
    address = operator_keys().account.address
    stage.tell(another_trip(1))
    stage.publish()
    stage.ledger.client.rpc.call("anvil_setBalance", address, "0x0")
    assert isinstance(fails(stage.ledger.anchor, PATIENCE), UnavailableError)
    assert "checkpoints are not anchored: the account cannot pay for the transaction" in stage.problems()
    stage.ledger.client.rpc.call("anvil_setBalance", address, hex(10**18))
    stage.ledger.anchor()
    assert stage.problems() == ""


def test_a_database_that_may_not_be_written_is_told_and_no_statement_is_acknowledged(stage: Stage) -> None:
    trip = another_trip(1)
    stage.tell(trip)
    engine = stage.ledger.store.engine

    def set_query_only(connection: object, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]

    event.listen(engine, "checkout", set_query_only)
    refused = stage.post(stage.says(EXPORTER, "seal-check", trip))
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:corridor:problem:database-readonly")
    assert "the database may not be written" in stage.problems()
    event.remove(engine, "checkout", set_query_only)
    engine.dispose()
    assert stage.problems() == ""
    assert stage.post(stage.says(EXPORTER, "seal-check", trip)).status_code == 201


def test_a_failed_append_is_told_until_the_database_takes_writes_again(stage: Stage) -> None:
    engine = stage.ledger.store.engine
    written: list[str] = []

    def full(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT"):
            written.append(statement)
            raise UnavailableError("database-full", "there is no room left")

    event.listen(engine, "before_cursor_execute", full)
    refused = stage.post(stage.says(EXPORTER, "subject-opened", another_trip(1)))
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:corridor:problem:database-full")
    event.remove(engine, "before_cursor_execute", full)
    assert written
    assert stage.ledger.health.appending.problem == "statements are not taken: there is no room left"
    assert stage.problems() == ""


def test_a_catalogue_that_cannot_be_filled_is_told_until_it_can(stage: Stage) -> None:
    stage.ledger.catch_up()
    stage.tell(another_trip(1))

    def fail(*_arguments: object) -> None:
        raise OSError("no space left")

    engine = stage.ledger.store.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(OSError, match="no space"):
            stage.ledger.catch_up()
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert (
        stage.problems()
        == "what is on record cannot be listed: unexpected failure (OSError); see the log file"
    )
    stage.ledger.catch_up()
    assert stage.problems() == ""


def test_a_running_ledger_fills_its_catalogue_before_anybody_asks(tmp_path: Path) -> None:
    with a_ledger(tmp_path, Hands()) as ledger:
        _, behind = ledger.gauges["catalogue_behind_entries"]
        assert behind()
        ledger.start()
        wait_until(lambda: behind() == 0)


@contextmanager
def a_witness(folder: Path, ledger: Ledger, port: int, clock: Hands) -> Iterator[None]:
    key = WITNESSES[0].key
    log = WatchedLog(ledger.genesis.origin, (ledger.genesis.log_key,))
    settings = WitnessSettings(
        vkey=key.verifier_key.encode(), sign=key.sign_note, data=folder, logs=(log,), port=port, clock=clock
    )
    with running(settings):
        yield


def test_a_witness_that_is_down_holds_publishing_back_until_it_returns(tmp_path: Path) -> None:
    clock, ticks = Hands(), Ticks()
    with listen(0) as free:
        port = free.getsockname()[1]
    vkey = WITNESSES[0].key.verifier_key.encode()
    witness = WitnessSetting(vkey=vkey, url=f"http://127.0.0.1:{port}")
    with ExitStack() as stack:
        listener = stack.enter_context(listen(0))
        ledger = stack.enter_context(
            a_ledger(tmp_path / "ledger", clock, witnesses=(witness,), quorum=1, monotonic=ticks)
        )
        enrol(ledger)
        stack.enter_context(serving(create_app(ledger), listener))
        http = stack.enter_context(httpx.Client(base_url=url_of(listener)))
        stage = Stage(ledger, url_of(listener), clock, http, ticks)
        stage.tell(another_trip(1))
        # (1) Down: nothing is published or anchored, and after some turns that is told.
        assert fails(ledger.publish).code == "not-published"
        assert stage.problems() == ""
        fails(ledger.publish, PATIENCE - 1)
        found = stage.problems()
        assert "checkpoints are not published" in found
        assert "witness witness.port.example cannot be reached" in found
        assert stage.http.get("/log/checkpoint").status_code == 404
        ledger.anchor()
        assert check_chain(ledger) == set()
        # (2) Statements are still taken: they are on record, and wait.
        assert stage.post(stage.says(EXPORTER, "subject-opened", another_trip(2))).status_code == 201
        # (3) Back: the checkpoint that waited is published, then the one with the rest.
        with a_witness(tmp_path / "witness", ledger, port, clock):
            ledger.publish()
            held_back = ledger.store.checkpoints.published()
            assert held_back is not None
            assert stage.problems() == ""
            assert stage.anchor() > held_back.size
            assert check_chain(ledger)


def test_a_chain_that_is_out_of_reach_is_told_and_nobody_is_taken_for_entitled(tmp_path: Path) -> None:
    clock, ticks = Hands(), Ticks()
    with ExitStack() as stack:
        chain = EmbeddedChain(tmp_path / "chain", clock=clock, block_seconds=0.05)
        stopping = stack.enter_context(ExitStack())
        stopping.enter_context(chain)
        for address in (operator_keys().account.address, *(one.account.address for one in FOUNDERS)):
            chain.fund(bytes.fromhex(address[2:]))
        listener = stack.enter_context(listen(0))
        ledger = stack.enter_context(a_ledger(tmp_path / "ledger", clock, rpc=chain.url, monotonic=ticks))
        stack.enter_context(serving(create_app(ledger), listener))
        http = stack.enter_context(httpx.Client(base_url=url_of(listener)))
        stage = Stage(ledger, url_of(listener), clock, http, ticks)
        assert stage.problems() == ""
        url, port = chain.url, int(chain.url.rsplit(":", 1)[1])
        stopping.close()
        assert f"the chain node at {url} cannot be reached" in stage.problems()
        assert fails(ledger.anchor, PATIENCE).code == "chain-unreachable"
        assert "checkpoints are not anchored" in ledger.health.anchoring.problem  # type: ignore[operator]
        with EmbeddedChain(tmp_path / "chain", clock=clock, port=port, block_seconds=0.05):
            ledger.anchor()
            assert stage.problems() == ""
