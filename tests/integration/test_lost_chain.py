"""The embedded chain is lost: a different chain takes its place, and nothing that was proven is touched."""

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from ledger.chain.anchor_store import AnchorStore
from ledger.config import Settings
from ledger.domain.errors import NotFoundError
from ledger.domain.verdict import Outcome
from ledger.dossiers import everything
from ledger.keys.evm import save_account
from ledger.readonly import known_chains, open_readonly
from ledger.storage.engine import read_transaction
from ledger.storage.tables import anchors, state_proofs
from ledger.verification.verifier import verify, verify_receipt
from tests.builders import EXPORTER, seeded
from tests.chain.chains import Hands
from tests.integration import crash_child
from tests.integration.stage import (
    NOT_PASSED_OFFLINE,
    ORIGIN,
    WITNESSES,
    a_ledger,
    a_stage,
    another_trip,
    check_chain,
    enrol,
    operator_keys,
    packed,
)
from tests.integration.waiting import wait_until
from tests.log.checker import check_log
from tests.verification.verdicts import NO_PASSAGE, not_passed, said

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.integration.crash_child"])


def damage(chain: Path) -> None:
    for dump in chain.glob("state*.gz"):
        dump.write_bytes(dump.read_bytes()[:-100])


LOSSES: dict[str, Callable[[Path], object]] = {
    "the folder is gone": shutil.rmtree,
    "every dump is damaged": damage,
}


def rows_of(engine: Engine, chain: bytes) -> list[tuple[object, ...]]:
    """Return everything that the database holds of a chain's anchors."""
    with read_transaction(engine) as connection:
        return [
            tuple(row)
            for table in (anchors, state_proofs)
            for row in connection.execute(select(table).where(table.c.chain == chain).order_by(table.c.size))
        ]


@pytest.mark.parametrize("loss", LOSSES)
def test_a_log_whose_chain_is_lost_goes_on_on_another(tmp_path: Path, loss: str) -> None:
    clock, trip = Hands(), another_trip("before")
    with a_stage(tmp_path, clock=clock, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        ids = stage.tell(trip)
        size = stage.anchor()
        lost = stage.ledger.genesis.chain_genesis
        old_trust, old_dossier = stage.trust(), packed(stage.dossier(trip))
        opening = stage.says(EXPORTER, "seal-check", trip)
        assert stage.post(opening).status_code == 201
        kept = rows_of(stage.ledger.store.engine, lost)
    LOSSES[loss](tmp_path / "ledger" / "chain")

    with a_stage(tmp_path, clock=clock, witnesses=WITNESSES) as stage:
        ledger = stage.ledger
        # (1) It is a different chain, with contracts of its own, and the log is what it was.
        new = ledger.client.identity().genesis
        assert new != lost
        assert ledger.genesis.chain_genesis == lost
        assert known_chains(ledger.store) == [lost, new]
        assert ledger.problems() == []
        check_log(ledger.store)
        # (2) Nobody takes part in it yet, and whoever submits is told so; what is on record stays there.
        refused = stage.post(stage.says(EXPORTER, "seal-check", trip, {"after": True}))
        assert (refused.status_code, refused.json()["type"]) == (403, "urn:corridor:problem:key-unknown")
        again = stage.post(opening)
        assert (again.status_code, again.json()["duplicate"]) == (200, True)
        # (3) The newest checkpoint is anchored there; what the lost chain had stays as it was.
        newest = stage.anchor()
        assert newest > size
        assert check_chain(ledger) == {newest}
        assert [one.size for one in AnchorStore(ledger.store.engine, new).final()] == [newest]
        assert rows_of(ledger.store.engine, lost) == kept
        # (4) Whoever trusts the lost chain gets the same verdict as before, and can get receipts still.
        verdict = verify(old_dossier, old_trust, clock=clock)
        assert (verdict.outcome, set(not_passed(verdict))) == (Outcome.ACCEPTED, NOT_PASSED_OFFLINE)
        keys(the_settings(tmp_path))
        with open_readonly(the_settings(tmp_path), clock, chain=lost) as opened:
            file = packed(opened.builder.receipt(ids[0], EXPORTER, opened.receipt_signer, everything))
        assert verify_receipt(file, old_trust).outcome is Outcome.ACCEPTED
        # (5) It goes on with those who are enrolled again.
        enrol(ledger)
        after = another_trip("after")
        stage.tell(after)
        stage.anchor()
        fresh = verify(packed(stage.dossier(after)), stage.trust(), clock=clock, chain_view=stage.view())
        assert (fresh.outcome, not_passed(fresh)) == (Outcome.ACCEPTED, NO_PASSAGE)

    with a_ledger(tmp_path / "ledger", clock) as ledger:
        assert ledger.client.identity().genesis == new
        assert known_chains(ledger.store) == [lost, new]
        assert check_chain(ledger)


@pytest.mark.parametrize("step", ["deployed", "opened", "saved"])
def test_killed_while_it_goes_on_elsewhere_the_next_start_does(tmp_path: Path, step: str) -> None:
    folder = tmp_path / "ledger"
    with a_ledger(folder, Hands()) as ledger:
        lost = ledger.genesis.chain_genesis
    shutil.rmtree(folder / "chain")
    process = CONTEXT.Process(target=crash_child.start, args=(folder, step))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    process.close()
    with a_stage(tmp_path) as stage:
        enrol(stage.ledger)
        stage.tell(another_trip(step))
        assert stage.anchor() in check_chain(stage.ledger)
        assert lost not in known_chains(stage.ledger.store)
        assert stage.ledger.problems() == []


def test_a_chain_lost_while_it_runs_is_told_and_nothing_is_registered(tmp_path: Path) -> None:
    trip = another_trip("running")
    with a_stage(tmp_path) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        chain = stage.ledger.embedded
        assert chain is not None
        for dump in (tmp_path / "ledger" / "chain").glob("state*"):
            dump.unlink()
        lost, identity = chain.pid, chain.identity
        os.kill(lost, signal.SIGKILL)
        wait_until(lambda: chain.identity != identity)
        assert "start the ledger again" in stage.problems()
        refused = stage.post(stage.says(EXPORTER, "seal-check", trip))
        assert refused.status_code == 503, refused.text
        stage.publish()
        with pytest.raises(Exception, match="expected is chain"):
            stage.ledger.anchor()
    with a_stage(tmp_path) as stage:
        assert stage.ledger.problems() == []
        assert stage.anchor() in check_chain(stage.ledger)


def test_reading_beside_a_ledger_or_without_one_shows_the_chain_that_it_uses(tmp_path: Path) -> None:
    clock, trip = Hands(), another_trip("readonly")
    settings = the_settings(tmp_path)
    with pytest.raises(NotFoundError) as missing, open_readonly(settings, clock):
        pass
    assert missing.value.code == "log-missing"
    assert not (tmp_path / "ledger").exists()
    with a_stage(tmp_path, clock=clock) as stage:
        enrol(stage.ledger)
        (identifier, *_) = stage.tell(trip)
        stage.anchor()
        trust, block = stage.trust(required=()), stage.ledger.final_block()
        with pytest.raises(NotFoundError) as keyless, open_readonly(settings, clock):
            pass
        assert keyless.value.code == "keys-missing"
        keys(settings)
        with open_readonly(settings, clock) as opened:
            online = opened.builder.receipt(identifier, EXPORTER, opened.receipt_signer, everything)
        with pytest.raises(NotFoundError) as unknown, open_readonly(settings, clock, chain=seeded("no", 32)):
            pass
        assert unknown.value.code == "chain-unknown"
    with open_readonly(settings, clock) as opened:
        offline = opened.builder.receipt(identifier, EXPORTER, opened.receipt_signer, everything)
    for made in (online, offline):
        verdict = verify_receipt(packed(made), trust)
        assert verdict.outcome is Outcome.ACCEPTED, (block, not_passed(verdict))
        assert said(verdict, "anchor") == ("passed", "ok")


def the_settings(folder: Path) -> Settings:
    return Settings(data=folder / "ledger", passphrase="correct horse", origin=ORIGIN, finality_depth=1)


def keys(settings: Settings) -> None:
    """Put the operator's keys of the tests into the files of a data folder."""
    folder = settings.data / "keys"
    folder.mkdir()
    assert settings.passphrase is not None
    operator_keys().log.save(folder / "log.key", settings.passphrase, rounds=1)
    operator_keys().receipt.save(folder / "receipt.key", settings.passphrase, rounds=1)
    save_account(folder / "operator.json", settings.passphrase, operator_keys().account, scrypt_cost=2)


def test_a_leftover_of_a_killed_ledger_is_not_taken_for_its_chain(tmp_path: Path) -> None:
    clock = Hands()
    settings = the_settings(tmp_path)
    with a_stage(tmp_path, clock=clock) as stage:
        enrol(stage.ledger)
        (identifier, *_) = stage.tell(another_trip("leftover"))
        stage.anchor()
    keys(settings)
    with a_ledger(tmp_path / "another", clock) as another:
        (settings.data / "rpc").write_text(another.client.rpc.url)
        with open_readonly(settings, clock) as opened:
            assert opened.builder.receipt(
                identifier, EXPORTER, opened.receipt_signer, everything
            ).state_proofs
