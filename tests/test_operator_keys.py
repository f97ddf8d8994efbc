"""The operator's key files: made once, never replaced, opened by their passphrase and for their log only."""

from pathlib import Path

import pytest

from ledger import operator_keys
from ledger.config import Settings
from ledger.domain.errors import NotFoundError, UnavailableError, UsageError
from ledger.operator_keys import FOLDER, OperatorKeys
from tests.builders import a_genesis

ORIGIN = "log.corridor.example/keys"
FILES = ("log.key", "receipt.key", "operator.json")


def settings(folder: Path, **changes: object) -> Settings:
    return Settings.model_validate(
        {"data": folder, "origin": ORIGIN, "passphrase": "correct horse"} | changes
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with keys; not to be changed."""
    folder = tmp_path_factory.mktemp("keys")
    operator_keys.create(settings(folder))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    (tmp_path / FOLDER).mkdir(mode=0o700)
    for name in FILES:
        (tmp_path / FOLDER / name).write_bytes((made / FOLDER / name).read_bytes())
        (tmp_path / FOLDER / name).chmod(0o600)
    return tmp_path


def public(keys: OperatorKeys) -> tuple[object, ...]:
    return keys.log.verifier_key, keys.receipt.signer.key, keys.account.address


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / FOLDER).iterdir())}


def test_they_are_the_same_at_every_start(folder: Path) -> None:
    before = content(folder)
    assert public(operator_keys.create(settings(folder))) == public(
        operator_keys.open_existing(settings(folder))
    )
    assert content(folder) == before


@pytest.mark.parametrize("missing", FILES)
def test_a_start_that_was_cut_off_makes_what_is_missing_and_keeps_the_rest(
    folder: Path, missing: str
) -> None:
    (folder / FOLDER / missing).unlink()
    before = content(folder)
    operator_keys.create(settings(folder))
    after = content(folder)
    assert after.keys() == set(FILES)
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("missing", FILES)
def test_a_key_that_is_missing_is_never_made_for_a_log_that_is_there(folder: Path, missing: str) -> None:
    (folder / FOLDER / missing).unlink()
    before = content(folder)
    with pytest.raises(NotFoundError) as caught:
        operator_keys.open_existing(settings(folder))
    assert caught.value.code == "keys-missing"
    assert missing in caught.value.message
    assert content(folder) == before


def test_no_folder_is_made_by_opening(tmp_path: Path) -> None:
    for changes in ({}, {"passphrase": None}):
        with pytest.raises(NotFoundError) as caught:
            operator_keys.open_existing(settings(tmp_path, **changes))
        assert caught.value.code == "keys-missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("open_", [operator_keys.create, operator_keys.open_existing])
def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(folder: Path, open_: object) -> None:
    before = content(folder)
    with pytest.raises(UsageError) as caught:
        open_(settings(folder, passphrase="wrong"))  # type: ignore[operator]
    assert caught.value.code == "wrong-passphrase"
    assert content(folder) == before


def test_keys_with_a_passphrase_are_not_given_another(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        operator_keys.create(settings(folder, passphrase=None))
    assert caught.value.code == "no-passphrase"
    assert "passphrase" not in content(folder)


def test_without_a_passphrase_one_is_made_and_kept_beside(tmp_path: Path) -> None:
    without = settings(tmp_path, passphrase=None)
    keys = operator_keys.create(without)
    kept = tmp_path / FOLDER / "passphrase"
    assert kept.stat().st_mode & 0o077 == 0
    assert (tmp_path / FOLDER).stat().st_mode & 0o077 == 0
    assert len(kept.read_text()) >= 32
    assert public(operator_keys.open_existing(without)) == public(keys)
    # The guide's way to another place for it.
    passphrase = kept.read_text()
    kept.unlink()
    assert public(operator_keys.open_existing(settings(tmp_path, passphrase=passphrase))) == public(keys)


def test_keys_begun_for_another_origin_are_not_used(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        operator_keys.create(settings(folder, origin="log.corridor.example/other"))
    assert caught.value.code == "other-origin"


def test_they_are_held_against_the_genesis_document() -> None:
    keys = OperatorKeys.generate(ORIGIN)
    log, receipt = keys.log.verifier_key.encode(), keys.receipt.signer.key
    keys.check_they_are_of(a_genesis(ORIGIN, log_key=log, receipt_key=receipt))
    other = OperatorKeys.generate(ORIGIN)
    for changes in (
        {"log_key": other.log.verifier_key.encode(), "receipt_key": receipt},
        {"log_key": log, "receipt_key": other.receipt.signer.key},
    ):
        with pytest.raises(UsageError) as caught:
            keys.check_they_are_of(a_genesis(ORIGIN, **changes))
        assert caught.value.code == "other-keys"


def test_no_secret_is_shown() -> None:
    keys = OperatorKeys.generate(ORIGIN)
    assert repr(keys) == "OperatorKeys()"


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / FOLDER).touch()
    with pytest.raises(UnavailableError) as caught:
        operator_keys.create(settings(tmp_path))
    assert caught.value.code == "cannot-write"
