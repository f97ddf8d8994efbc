"""How a log begins, and what it refuses to begin on or to go on with."""

import multiprocessing
import shutil
import signal
from pathlib import Path

import pytest
from eth_account import Account

from ledger.chain.embedded import EmbeddedChain
from ledger.config import Settings
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError, UnavailableError, UsageError
from ledger.domain.genesis import Genesis
from ledger.founding import Organisation
from ledger.operator_keys import FOUNDERS_FOLDER
from ledger.wiring import Ledger
from tests.chain.chains import Hands, a_chain
from tests.databases import database_url
from tests.integration import crash_child
from tests.integration.stage import (
    FOUNDERS,
    ORIGIN,
    a_ledger,
    a_stage,
    another_trip,
    check_chain,
    enrol,
    operator_keys,
)
from tests.log.checker import check_log

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.integration.crash_child"])
OTHER = "log.corridor.example/other"


def begun(folder: Path, **changes: object) -> Genesis:
    """Start a ledger and close it; return the genesis document of its log."""
    with a_ledger(folder, Hands(), **changes) as ledger:
        check_log(ledger.store)
        return ledger.genesis


def refusal(folder: Path, **changes: object) -> CorridorError:
    """Return why a ledger does not start."""
    with pytest.raises(CorridorError) as caught, a_ledger(folder, Hands(), **changes):
        pass
    return caught.value


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def die(folder: Path, step: str) -> None:
    process = CONTEXT.Process(target=crash_child.start, args=(folder, step))
    process.start()
    process.join(120)
    assert process.exitcode == -signal.SIGKILL, f"{step} was never reached"
    process.close()


@pytest.mark.parametrize("step", ["deployed", "opened", "saved", "created"])
def test_killed_while_it_begins_the_next_start_goes_on(tmp_path: Path, step: str) -> None:
    die(tmp_path / "ledger", step)
    with a_stage(tmp_path) as stage:
        enrol(stage.ledger)
        stage.tell(another_trip(step))
        assert stage.anchor() in check_chain(stage.ledger)
        check_log(stage.ledger.store)


def test_killed_right_after_it_began_a_log_has_its_contracts(tmp_path: Path) -> None:
    die(tmp_path / "ledger", "created")
    with a_ledger(tmp_path / "ledger", Hands()) as ledger:
        assert ledger.embedded is not None
        assert not ledger.embedded.is_fresh
        assert ledger.client.code(ledger.genesis.registry)
        assert ledger.client.code(ledger.genesis.anchor)


def test_a_second_start_finds_the_same_log_and_chain(tmp_path: Path) -> None:
    first = begun(tmp_path)
    assert begun(tmp_path) == first
    assert (tmp_path / "genesis.json").read_bytes() == first.document


def test_a_folder_given_by_a_relative_path_keeps_its_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begun(Path("data"))
    with a_ledger(Path("data"), Hands()) as ledger:
        assert ledger.embedded is not None
        assert not ledger.embedded.is_fresh


def test_only_its_owner_can_look_into_a_data_folder(tmp_path: Path) -> None:
    begun(tmp_path / "ledger")
    assert (tmp_path / "ledger").stat().st_mode & 0o077 == 0


def test_a_second_ledger_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with a_ledger(tmp_path, Hands()) as ledger:
        refused = refusal(tmp_path)
        assert (type(refused), refused.code) == (ConflictError, "already-running")
        assert ledger.problems() == []


def test_a_log_does_not_change_its_name(tmp_path: Path) -> None:
    first = begun(tmp_path)
    before = files(tmp_path / "chain")
    refused = refusal(tmp_path, origin=OTHER)
    assert (type(refused), refused.code) == (UsageError, "other-origin")
    assert ORIGIN in refused.message
    assert files(tmp_path / "chain") == before
    assert begun(tmp_path) == first


def test_without_the_setting_a_log_keeps_the_name_that_it_has(tmp_path: Path) -> None:
    begun(tmp_path)
    settings = Settings(data=tmp_path, database=database_url(tmp_path))
    with Ledger(settings, clock=Hands(), keys=operator_keys(), founders=FOUNDERS) as ledger:
        assert ledger.genesis.origin == ORIGIN


def test_nothing_is_signed_with_the_keys_of_another_log(tmp_path: Path) -> None:
    begun(tmp_path)
    refused = refusal(tmp_path, keys=operator_keys(OTHER))
    assert (type(refused), refused.code) == (UsageError, "other-keys")


def test_a_lost_database_is_not_taken_for_a_new_log(tmp_path: Path) -> None:
    begun(tmp_path)
    empty = tmp_path / "empty"
    empty.mkdir()
    refused = refusal(tmp_path, database=database_url(empty))
    assert (type(refused), refused.code) == (ConflictError, "database-lost")


def test_the_database_of_another_log_is_refused(tmp_path: Path) -> None:
    begun(tmp_path / "one")
    begun(tmp_path / "two")
    refused = refusal(tmp_path / "one", database=database_url(tmp_path / "two"))
    assert (type(refused), refused.code) == (ConflictError, "other-log")


def test_a_node_of_another_chain_is_refused(tmp_path: Path) -> None:
    begun(tmp_path / "ledger")
    with a_chain(tmp_path / "chain", Hands()) as chain:
        refused = refusal(tmp_path / "ledger", rpc=chain.url)
    assert (type(refused), refused.code, refused.field) == (UsageError, "other-chain", "rpc")


def test_a_node_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    refused = refusal(tmp_path, rpc="http://127.0.0.1:1")
    assert (type(refused), refused.code) == (UnavailableError, "chain-unreachable")


def test_accounts_without_money_are_named_before_anything_is_sent(tmp_path: Path) -> None:
    with a_chain(tmp_path / "chain", Hands()) as chain:
        refused = refusal(tmp_path / "ledger", rpc=chain.url)
        assert (type(refused), refused.code) == (UsageError, "no-money")
        for founder in FOUNDERS:
            assert f"0x{founder.signer.address.hex()}" in refused.message
        assert chain.client().head().number == 0


def test_a_log_begins_on_a_node_of_ones_own(tmp_path: Path) -> None:
    clock = Hands()
    with EmbeddedChain(tmp_path / "chain", clock=clock, block_seconds=0.05) as chain:
        for address in (operator_keys().account.address, *(one.account.address for one in FOUNDERS)):
            chain.fund(bytes.fromhex(address[2:]))
        with a_ledger(tmp_path / "ledger", clock, rpc=chain.url) as ledger:
            assert ledger.embedded is None
            assert ledger.genesis.chain_genesis == chain.identity.genesis
            assert ledger.problems() == []


def test_one_founder_is_not_enough(tmp_path: Path) -> None:
    refused = refusal(tmp_path, founders=FOUNDERS[:1])
    assert (type(refused), refused.code) == (UsageError, "founders")


def test_a_chain_older_than_the_log_is_refused(tmp_path: Path) -> None:
    """Somebody puts back a copy of the chain's folder from before the log began."""
    data = tmp_path / "ledger"
    with a_chain(data / "chain", Hands()):
        pass
    shutil.copytree(data / "chain", tmp_path / "copy")
    begun(data)
    shutil.rmtree(data / "chain")
    shutil.copytree(tmp_path / "copy", data / "chain")
    refused = refusal(data)
    assert (type(refused), refused.code) == (UnavailableError, "contracts-missing")
    # What was opened is closed again: the chain runs no more, and the folder is free.
    assert not (data / "rpc").exists()
    with a_chain(data / "chain", Hands()):
        pass


def test_settings_that_cannot_be_met_are_found_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="quorum asks for 1 cosignatures of 0 witnesses"):
        Settings(data=tmp_path, quorum=1)
    witness = {"vkey": "no key", "url": "http://127.0.0.1:1"}
    refused = refusal(tmp_path / "ledger", witnesses=(witness,))
    assert refused.code == "verifier-key"
    assert not (tmp_path / "ledger").exists()


def test_the_founders_of_a_data_folder_are_those_of_the_settings(tmp_path: Path) -> None:
    uris = ("https://customs.one.example", "https://customs.two.example")
    settings = Settings(data=tmp_path, origin=ORIGIN, founders=uris, passphrase="correct horse")
    with Ledger(settings, clock=Hands(), keys=operator_keys(), block_seconds=None) as ledger:
        organisations = {one.uri for one in ledger.mirror.state().organisations.values()}
        assert organisations == set(uris)
    kept = sorted(path.name for path in (tmp_path / FOUNDERS_FOLDER).iterdir())
    assert kept == ["founder-one.json", "founder-two.json"]


def test_founders_that_are_missing_on_a_new_chain_are_asked_for(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, origin=ORIGIN, passphrase="correct horse")
    clock = Hands()
    with Ledger(settings, clock=clock, keys=operator_keys(), block_seconds=None):
        pass
    (tmp_path / FOUNDERS_FOLDER).rename(tmp_path / "elsewhere")
    with Ledger(settings, clock=clock, keys=operator_keys(), block_seconds=None) as ledger:
        assert ledger.problems() == []
    shutil.rmtree(tmp_path / "chain")
    with (
        pytest.raises(NotFoundError) as caught,
        Ledger(settings, clock=clock, keys=operator_keys(), block_seconds=None),
    ):
        pass
    assert caught.value.code == "founder-missing"
    (tmp_path / "elsewhere").rename(tmp_path / FOUNDERS_FOLDER)
    with Ledger(settings, clock=clock, keys=operator_keys(), block_seconds=None) as ledger:
        assert ledger.genesis.origin == ORIGIN


def test_an_organisation_shows_no_secret(tmp_path: Path) -> None:
    account = Account.create()
    assert account.key.hex() not in repr(Organisation("https://a.example", account))
