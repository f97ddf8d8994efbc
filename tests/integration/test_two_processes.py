"""Two `corridor up` on one database: one log, one chain, and nothing is lost when one of them is killed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx

from ledger.config import load_settings
from ledger.domain.clock import system_clock
from ledger.domain.fields import from_b64url
from ledger.domain.genesis import Genesis
from ledger.domain.login import TYP, sign_login
from ledger.domain.statement import SignedStatement
from ledger.wiring import Ledger
from tests.builders import EXPORTER, Trip, a_signer, an_author
from tests.databases import database_url
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
# No more checkpoints than blocks, or the last one would wait for all before it.
SETTINGS = """
checkpoint_seconds = 1
anchor_seconds = 0.1
finality_depth = 1
"""


def a_second_folder(first: Path, second: Path, settings: str) -> Path:
    """Make a data folder for another process on the same log: its database, chain and keys."""
    second.mkdir()
    shutil.copytree(first / "keys", second / "keys")
    (second / "corridor.toml").write_text(settings)
    return second


def submitted_at_once(signed: SignedStatement, urls: list[str]) -> list[httpx.Response]:
    """Submit a statement to several ledgers at the same moment."""
    together = Barrier(len(urls))

    def to(url: str) -> httpx.Response:
        with httpx.Client() as http:
            together.wait(60)
            return submit(http, signed, url)

    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(to, urls))


def a_session(http: httpx.Client, genesis: Genesis, urls: list[str]) -> dict[str, str]:
    """Open a session of the exporter at one ledger with a challenge of another."""
    challenge = http.post(f"{urls[0]}/v1/challenges").json()["challenge"]
    message = sign_login(
        a_signer(EXPORTER),
        iss=EXPORTER,
        aud=genesis.audience,
        iat=system_clock(),
        challenge=from_b64url(challenge, "challenge"),
    )
    opened = http.post(f"{urls[1]}/v1/sessions", content=message, headers={"Content-Type": TYP})
    assert opened.status_code == 201, opened.text
    return {"Authorization": f"Bearer {opened.json()['token']}"}


def told(http: httpx.Client, url: str, session: dict[str, str], trip: Trip) -> list[Any]:
    """Return what a ledger tells of a trip, but for how far each statement is by now."""
    answers: list[Any] = []
    after: dict[str, str] = {}
    while True:
        statements = f"{url}/v1/subjects/{trip.uri}/statements"
        page = http.get(statements, params={"limit": "50"} | after, headers=session)
        assert page.status_code == 200, page.text
        answers += [(one["id"], one["index"]) for one in page.json()["items"]]
        if page.json().get("next") is None:
            break
        after = {"cursor": page.json()["next"]}
    for what in ("", "/custody"):
        answer = http.get(f"{url}/v1/subjects/{trip.uri}{what}", headers=session)
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return answers


def test_two_processes_on_one_database_are_one_log(tmp_path: Path) -> None:
    data, trip = tmp_path / "one", another_trip("shared")
    settings = f'{SETTINGS}database = "{database_url(tmp_path)}"\n'
    prepare(data, settings, ORIGIN)
    with Up(data, ("--port", 0)) as one:
        other = a_second_folder(data, tmp_path / "two", settings)
        enrol_from_outside(data)
        genesis = genesis_of(data)
        author = an_author(EXPORTER, genesis=genesis)
        with Up(other, ("--port", 0, "--rpc", (data / "rpc").read_text())) as two, httpx.Client() as http:
            urls = [one.url, two.url]
            assert genesis_of(other) == genesis
            # (1) The same statement to both at once is one statement.
            opening = author.opens(trip, iat=system_clock())
            acknowledged: dict[bytes, int] = {}
            with httpx.Client(base_url=one.url) as first:
                acknowledged[opening.statement.id] = register(first, opening)
            with httpx.Client(base_url=two.url) as second:
                # As soon as it knows who signs.
                assert register(second, opening) == acknowledged[opening.statement.id]
            for number in range(10):
                said = author.says("status", trip, {"at once": number}, iat=system_clock())
                answers = submitted_at_once(said, urls)
                assert sorted(answer.status_code for answer in answers) == [200, 201]
                (index,) = {answer.json()["index"] for answer in answers}
                acknowledged[said.statement.id] = index
            # (2) Many clients, each speaking to both in turn.
            together = Clients(genesis, trip, "together", count=4, enough=60)
            with together.submitting(urls):
                assert together.enough.wait(60)
            # (3) Both tell the same of it, to whoever asks with a session of either.
            session = a_session(http, genesis, urls)
            tells = [told(http, url, session, trip) for url in urls]
            assert tells[0] == tells[1]
            acknowledged |= together.acknowledged
            assert {identifier.hex() for identifier in acknowledged} <= {one[0] for one in tells[0][:-2]}
            # (4) The second is killed under load, and the first goes on under its own.
            beside = Clients(genesis, trip, "beside", count=2, enough=40)
            alone = Clients(genesis, trip, "alone", count=2, enough=20)
            with beside.submitting([one.url]):
                with alone.submitting([two.url]):
                    assert alone.enough.wait(60)
                    two.kill()
                assert beside.enough.wait(60)
            last = author.says("status", trip, {"last": True}, iat=system_clock())
            acknowledged |= beside.acknowledged | alone.acknowledged
            acknowledged[last.statement.id] = submit(http, last, one.url).json()["index"]
            wait_for_receipt(data, last.statement.id)
            assert http.get(f"{one.url}/readyz").status_code == 200
            one.stop()
    with Ledger(load_settings(data, passphrase=PASSPHRASE, port=0)) as ledger:
        check_log(ledger.store)
        assert len(set(acknowledged.values())) == len(acknowledged)
        assert {identifier: ledger.store.statement(identifier).index for identifier in acknowledged} == (
            acknowledged
        )
        assert check_chain(ledger)
