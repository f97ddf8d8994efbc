"""What the operations guide tells people to do, done."""

import re
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from typer.main import get_command

from ledger.chain.errors import AnchorConflictError
from ledger.cli.app import app
from ledger.keys.evm import save_account
from ledger.keys.files import KeyFile, KeyKind
from tests.builders import EXPORTER, a_p256_key, seeded
from tests.chain.chains import Hands
from tests.cli.corridor import corridor
from tests.integration.stage import (
    FOUNDERS,
    Stage,
    a_stage,
    another_trip,
    check_chain,
    enrol,
)
from tests.log.checker import check_log

GUIDE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")


def copied(stage: Stage, to: Path) -> Path:
    """Copy the database of a running ledger by the command of the guide."""
    (command,) = re.findall(r'^\$ sqlite3 /var/lib/corridor/ledger\.db "(.*)"$', GUIDE, re.MULTILINE)
    statement = command.replace("/backup/ledger-$(date +%F).db", str(to))
    assert statement == f"VACUUM INTO '{to}'"
    with closing(sqlite3.connect(stage.ledger.settings.data / "ledger.db")) as database:
        database.execute(statement)
    return to


def put_back(copy: Path, data: Path) -> None:
    for name in ("ledger.db-wal", "ledger.db-shm"):
        (data / name).unlink(missing_ok=True)
    (data / "ledger.db").write_bytes(copy.read_bytes())


def test_the_newest_copy_put_back_goes_on(tmp_path: Path) -> None:
    clock, trip = Hands(), another_trip("copied")
    with a_stage(tmp_path, clock=clock) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        stage.anchor()
        # First the chain, then the database, with an anchor in between.
        shutil.copytree(tmp_path / "ledger" / "chain", tmp_path / "chain")
        assert stage.post(stage.says(EXPORTER, "seal-check", trip, {"between": True})).status_code == 201
        between = stage.anchor()
        copy = copied(stage, tmp_path / "copy.db")
    put_back(copy, tmp_path / "ledger")
    shutil.rmtree(tmp_path / "ledger" / "chain")
    shutil.copytree(tmp_path / "chain", tmp_path / "ledger" / "chain")
    with a_stage(tmp_path, clock=clock) as stage:
        check_log(stage.ledger.store)
        assert between not in check_chain(stage.ledger)
        assert stage.ledger.embedded is not None
        stage.ledger.anchors.until_final(between, stage.ledger.embedded.mine)
        assert between in check_chain(stage.ledger)
        assert stage.post(stage.says(EXPORTER, "seal-check", trip)).status_code == 201
        assert stage.anchor() in check_chain(stage.ledger)
        assert stage.problems() == ""


def test_a_copy_older_than_what_was_anchored_is_noticed_at_once(tmp_path: Path) -> None:
    clock, trip = Hands(), another_trip("old copy")
    with a_stage(tmp_path, clock=clock) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        stage.anchor()
        copy = copied(stage, tmp_path / "copy.db")
        assert stage.post(stage.says(EXPORTER, "seal-check", trip)).status_code == 201
        size = stage.anchor()
    put_back(copy, tmp_path / "ledger")
    with a_stage(tmp_path, clock=clock) as stage:
        with pytest.raises(AnchorConflictError) as caught:
            stage.ledger.anchor()
        assert caught.value.code == "anchor-unknown"
        said = (
            f"the chain has an anchor of this log for size {size}, and this database has no such checkpoint"
        )
        assert f"checkpoints are not anchored: {said}" in stage.problems()
        assert f"| checkpoints are not anchored: {said.replace(str(size), '…')} |" in GUIDE


def test_organisations_are_enrolled_as_the_guide_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (lines,) = re.findall(r"test_operations\.py\. -->\n```console\n(.*?)```", GUIDE, re.DOTALL)
    exporter = Account.from_key(seeded("exporter of the guide", 32))
    monkeypatch.setenv("CORRIDOR_PASSPHRASE", "guide")
    monkeypatch.chdir(tmp_path)
    accounts = {"founder-one": FOUNDERS[0].account, "founder-two": FOUNDERS[1].account, "exporter": exporter}
    for name, account in accounts.items():
        save_account(Path(f"{name}.json"), "guide", account, scrypt_cost=2)
    KeyFile(KeyKind.STATEMENT, EXPORTER, a_p256_key(EXPORTER)).save(Path("exporter.key"), "guide", rounds=1)
    with a_stage(tmp_path, block_seconds=0.02) as stage:
        data, proposed = str(stage.ledger.settings.data), list[str]()
        for line in re.findall(r"^\$ (corridor .*)$", lines, re.MULTILINE):
            told = line.replace("/var/lib/corridor", data).replace("$ADMIN", exporter.address)
            words = shlex.split(told.replace("$PROPOSALS", " ".join(proposed)))[1:]
            asks = "--account" in words
            ran = corridor(*words, *["--yes"] * asks)
            assert ran.code == 0, ran
            if words[1] == "propose":
                proposed += [ran.text.split()[0]]
        stage.ticks.ahead += 2
        opening = stage.says(EXPORTER, "subject-opened", another_trip("guide"))
        assert stage.post(opening).status_code == 201


def commands() -> list[list[str]]:
    """Return the corridor commands of the guide, word by word."""
    lines = re.findall(r"^(?:\$ |ExecStart=/opt/corridor/bin/)(corridor .*)$", GUIDE, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def test_the_commands_of_the_guide_exist_with_their_options() -> None:
    assert len(commands()) >= 4
    for words in commands():
        command: Any = get_command(app)
        rest = words[1:]
        while hasattr(command, "commands"):
            command = command.commands[rest.pop(0)]
        options = {name for option in command.params for name in option.opts}
        assert {word for word in rest if word.startswith("--")} <= options
        required = {one.opts[0] for one in command.params if one.required and one.opts[0].startswith("--")}
        assert required <= set(rest)
