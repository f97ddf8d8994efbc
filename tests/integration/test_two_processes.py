"""Two `corridor up` on one database: one log, one chain, and nothing is lost when one of them is killed."""

import shutil
from pathlib import Path

import httpx

from ledger.config import load_settings
from ledger.domain.clock import system_clock
from ledger.wiring import Ledger
from tests.builders import EXPORTER, an_author
from tests.integration.clients import Clients
from tests.integration.stage import another_trip, check_chain
from tests.integration.up import (
    PASSPHRASE,
    Up,
    enrol_from_outside,
    genesis_of,
    prepare,
    register,
    submit,
    wait_for_receipt,
)
from tests.log.checker import check_log

ORIGIN = "log.corridor.example/shared"
SETTINGS = """
checkpoint_seconds = 0.1
anchor_seconds = 0.1
finality_depth = 1
"""


def a_second_folder(first: Path, second: Path) -> Path:
    """Make a data folder for another process on the same log: its database, chain and keys."""
    second.mkdir()
    shutil.copytree(first / "keys", second / "keys")
    database = f'database = "sqlite:///{first / "ledger.db"}"\n'
    (second / "corridor.toml").write_text(SETTINGS + database)
    return second


def test_two_processes_on_one_database_are_one_log(tmp_path: Path) -> None:
    data, trip = tmp_path / "one", another_trip("shared")
    prepare(data, SETTINGS, ORIGIN)
    with Up(data, ("--port", 0)) as one:
        other = a_second_folder(data, tmp_path / "two")
        enrol_from_outside(data)
        genesis = genesis_of(data)
        author = an_author(EXPORTER, genesis=genesis)
        with Up(other, ("--port", 0, "--rpc", (data / "rpc").read_text())) as two, httpx.Client() as http:
            urls = [one.url, two.url]
            assert genesis_of(other) == genesis
            # (1) The same statement through both is one statement.
            opening = author.opens(trip, iat=system_clock())
            with httpx.Client(base_url=one.url) as first:
                index = register(first, opening)
            answer = submit(http, opening, two.url)
            assert (answer.status_code, answer.json()["index"]) == (200, index)
            # (2) Many clients, each speaking to both in turn.
            together = Clients(genesis, trip, "together", count=4, enough=60)
            with together.submitting(urls):
                assert together.enough.wait(60)
            # (3) The second is killed under load, and the first goes on.
            alone = Clients(genesis, trip, "alone", count=2, enough=20)
            with alone.submitting([two.url]):
                assert alone.enough.wait(60)
                two.kill()
            last = author.says("status", trip, {"last": True}, iat=system_clock())
            acknowledged = together.acknowledged | alone.acknowledged
            acknowledged[last.statement.id] = submit(http, last, one.url).json()["index"]
            wait_for_receipt(data, last.statement.id)
            assert http.get(f"{one.url}/readyz").status_code == 200
            one.stop()
    with Ledger(load_settings(data, passphrase=PASSPHRASE, port=0)) as ledger:
        check_log(ledger.store)
        assert {ledger.store.statement(id_).index: id_ for id_ in acknowledged} == {
            index: id_ for id_, index in acknowledged.items()
        }
        assert check_chain(ledger)
