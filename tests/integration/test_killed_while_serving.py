"""`corridor up`, killed again and again while statements come in over HTTP: what it acknowledged is there."""

import random
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import httpx

from ledger import operator_keys
from ledger.config import WitnessSetting, load_settings
from ledger.demo.trust import trust_of
from ledger.domain.clock import system_clock
from ledger.domain.note import VerifierKey
from ledger.domain.verdict import Outcome
from ledger.dossiers import everything
from ledger.log.http_server import listen
from ledger.log.witness_server import DATABASE
from ledger.verification.trust import Trust
from ledger.verification.verifier import verify_receipt
from ledger.wiring import Ledger
from tests.builders import EXPORTER, an_author
from tests.integration.clients import Clients
from tests.integration.stage import WITNESSES, another_trip, check_chain, packed, witnesses_of
from tests.integration.up import (
    PASSPHRASE,
    Up,
    enrol_from_outside,
    genesis_of,
    prepare,
    register,
    wait_for_receipt,
)
from tests.log.checker import check_log
from tests.verification.verdicts import not_passed

ROUNDS = 3
CLIENTS = 3
ORIGIN = "log.corridor.example/killed"
SETTINGS = """
checkpoint_seconds = 0.2
anchor_seconds = 0.2
finality_depth = 1
"""


def with_witnesses(witnesses: Sequence[WitnessSetting]) -> str:
    lines = [f'origin = "{ORIGIN}"', SETTINGS, f"quorum = {len(witnesses)}", "index_quorum = 1"]
    for one in witnesses:
        index = str(one.index_cosigner).lower()
        lines += ["[[witnesses]]", f'vkey = "{one.vkey}"', f'url = "{one.url}"', f"index_cosigner = {index}"]
    return "\n".join(lines)


def check_witnesses(folder: Path, ledger: Ledger) -> None:
    """Check that each witness has seen one root of a size, the log's, and nothing to complain about."""
    for witness in WITNESSES:
        with closing(sqlite3.connect(folder / witness.key.name / DATABASE)) as database:
            cosigned = dict(database.execute("SELECT size, root FROM cosigned"))
            refused = list(database.execute("SELECT size, reason FROM refused"))
        assert refused == []
        assert len(cosigned) > ROUNDS
        assert cosigned == {size: ledger.store.checkpoints.at(size).root for size in cosigned}


def check_receipts(ledger: Ledger, trust: Trust, acknowledged: dict[bytes, int]) -> None:
    """Check that each statement is where it was said to be, and that its receipt verifies."""
    signer = operator_keys.open_existing(ledger.settings).receipt.signer
    for identifier, index in acknowledged.items():
        assert ledger.store.statement(identifier).index == index
        file = packed(ledger.builder.receipt(identifier, EXPORTER, signer, everything))
        verdict = verify_receipt(file, trust)
        assert verdict.outcome is Outcome.ACCEPTED, not_passed(verdict)


def test_every_acknowledged_statement_survives_kills(tmp_path: Path) -> None:
    data, trip = tmp_path / "data", another_trip("killed")
    prepare(data, SETTINGS, ORIGIN)
    with listen(0) as free:
        port = free.getsockname()[1]
    with Up(data, ("--port", port)) as up:
        up.stop()
    genesis = genesis_of(data)
    author = an_author(EXPORTER, genesis=genesis)
    acknowledged: dict[bytes, int] = {}
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{port}/log"
        witnesses = stack.enter_context(witnesses_of(tmp_path, WITNESSES, genesis, url, system_clock))
        (data / "corridor.toml").write_text(with_witnesses(witnesses))
        http = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
        with Up(data, ("--port", port)) as up:
            enrol_from_outside(data)
            opening = author.opens(trip, iat=system_clock())
            acknowledged[opening.statement.id] = register(http, opening)
            # With a final anchor the embedded chain is on the disk, and with it what governance did.
            wait_for_receipt(data, opening.statement.id)
            up.kill()
        for number in range(ROUNDS):
            wanted = random.Random(number).randrange(5, 30)
            clients = Clients(genesis, trip, ("killed", number), count=CLIENTS, enough=wanted)
            with Up(data, ("--port", port)) as up, clients.submitting([up.url]):
                assert clients.enough.wait(60)
                up.kill()
            acknowledged |= clients.acknowledged
        last = author.says("status", trip, {"last": True}, iat=system_clock())
        with Up(data, ("--port", port)) as up:
            acknowledged[last.statement.id] = register(http, last)
            wait_for_receipt(data, last.statement.id)
            assert http.get("/readyz").status_code == 200
            up.stop()
        assert len(acknowledged) > ROUNDS * 5
        assert len(set(acknowledged.values())) == len(acknowledged)
        with Ledger(load_settings(data, passphrase=PASSPHRASE, port=0)) as ledger:
            check_log(ledger.store)
            assert len(check_chain(ledger)) > ROUNDS
            check_witnesses(tmp_path, ledger)
            keys = [VerifierKey.parse(one.vkey) for one in witnesses]
            trust = trust_of(
                genesis,
                ledger.client,
                block=ledger.final_block(),
                witnesses=keys,
                index_cosigners=[],
                name="a verifier of the tests",
                profile=ledger.profile,
            )
            check_receipts(ledger, trust, acknowledged)
