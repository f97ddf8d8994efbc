"""`corridor receipt` and `corridor dossier`: from a real ledger, while it runs and when it is gone."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account import Account

from api.app import create_app
from ledger.config import Settings
from ledger.domain.note import Note
from ledger.domain.statement import StatementFile
from ledger.domain.tlog_proof import TlogProof
from ledger.founding import Governance, Organisation
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.http_server import listen, serving
from ledger.wiring import Ledger
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN, ORIGIN_PORT, a_signer, a_trip, seeded
from tests.cli.corridor import Ran, corridor, corridor_alone, refused
from tests.log.logs import Hands

TRIP = a_trip()
LATER = NOON + 60


def an_organisation(uri: str) -> Organisation:
    return Organisation(uri, Account.from_key(seeded(("admin", uri), 32)))


@dataclass
class House:
    """A ledger, and everything that was handed out of it while it ran.

    Args:
        folder: Where all files lie; `data` is the ledger's.
        ids: Of the statements, in the order of the log.
    """

    folder: Path
    ids: list[str]

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def receipt(self, identifier: str, *more: object) -> Ran:
        """Ask for a receipt."""
        return corridor("receipt", identifier, "--data", self / "data", *more)

    def dossier(self, out: Path, *more: object) -> Ran:
        """Ask for a dossier."""
        stream = f"{TRIP.uri}=custody={TRIP.custody_tag.hex()}"
        common = ("--data", self / "data", "--shipment", TRIP.uri, "--audience", CUSTOMS)
        return corridor("dossier", *common, "--stream", stream, "--out", out, *more)


def said(folder: Path, kind: str, body: object, url: str) -> str:
    """Sign a statement and submit it, as an exporter does."""
    (folder / "body.json").write_text(json.dumps(body))
    out = folder / f"{kind}.statement"
    options = [
        "--key",
        folder / "exporter.key",
        "--passphrase-file",
        folder / "passphrase",
        "--iss",
        EXPORTER,
    ]
    options += [
        "--genesis",
        folder / "genesis.json",
        "--subject",
        TRIP.uri,
        "--stream",
        TRIP.custody_tag.hex(),
    ]
    options += ["--body", folder / "body.json", "--kind", kind, "--out", out, "--now", NOON]
    ran = corridor("statement", "sign", *options)
    assert ran.code == 0, ran
    submitted = corridor("statement", "submit", out, "--to", url)
    assert submitted.code == 0, submitted
    return ran.text.strip()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A ledger that ran once: two statements are anchored, a third one is only logged."""
    folder = tmp_path_factory.mktemp("house")
    KeyFile(KeyKind.STATEMENT, EXPORTER, a_signer(EXPORTER).private_key).save(
        folder / "exporter.key", "words", rounds=1
    )
    (folder / "passphrase").write_text("words\n")
    clock = Hands(NOON)
    founders = [an_organisation(ORIGIN_PORT), an_organisation(CUSTOMS)]
    settings = Settings(data=folder / "data", origin=ORIGIN, port=0)
    with (
        Ledger(settings, clock=clock, founders=founders, block_seconds=None) as ledger,
        listen(0) as listener,
    ):
        assert ledger.embedded is not None
        (folder / "genesis.json").write_bytes(ledger.genesis.document)
        governance = Governance(ledger.client, ledger.contracts, founders)
        exporter = an_organisation(EXPORTER)
        ledger.embedded.fund(exporter.signer.address)
        governance.admit(exporter, ["exporter"])
        governance.add_key(exporter, a_signer(EXPORTER).key)
        with serving(create_app(ledger), listener) as url:
            found = House(folder, [said(folder, "subject-opened", {}, url)])
            found.ids.append(said(folder, "manifest", {"packages": 1500}, url))
            clock.now = LATER
            ledger.publish()
            ledger.anchors.until_final(ledger.store.size(), ledger.embedded.mine)
            found.ids.append(said(folder, "seal-check", {"seal": "A"}, url))
        trusted(folder, ledger)
        assert found.dossier(folder / "while-running.zip").code == 0
        assert found.receipt(found.ids[1], "--out", folder / "while-running.receipt").code == 0
    return found


def trusted(folder: Path, ledger: Ledger) -> None:
    """Make the trust file of a verifier, as its node shows the chain."""
    options = ["--genesis", folder / "genesis.json", "--rpc", ledger.client.rpc.url, "--control", "operator"]
    options += ["--block", ledger.final_block(), "--max-age", 0]
    required = ("readable", "signature", "authority", "inclusion", "anchor", "custody")
    for check in required:
        options += ["--require", check]
    ran = corridor("trust", "init", *options, "--out", folder / "trust.json")
    assert ran.code == 0, ran


def test_a_dossier_of_a_running_ledger_is_accepted_when_everything_is_gone(house: House) -> None:
    ran = corridor_alone("verify", house / "while-running.zip", "--trust", house / "trust.json", "--offline")
    assert (ran.code, ran.err) == (0, ""), ran.text


def test_a_receipt_of_a_running_ledger_is_accepted_when_everything_is_gone(house: House) -> None:
    command = (
        "receipt-verify",
        house / "while-running.receipt",
        "--trust",
        house / "trust.json",
        "--offline",
    )
    ran = corridor_alone(*command, "--json")
    assert (ran.code, ran.json["outcome"]) == (0, "accepted")


def test_a_node_that_is_gone_is_said_and_the_proofs_do(house: House) -> None:
    ran = corridor("verify", house / "while-running.zip", "--trust", house / "trust.json", "--json")
    assert (ran.code, ran.reason) == (0, "chain-unreachable")


def test_without_the_chain_a_dossier_is_made_of_the_proofs_that_were_stored(
    house: House, tmp_path: Path
) -> None:
    ran = house.dossier(tmp_path / "dossier.zip", "--json")
    assert (ran.code, ran.err) == (0, "")
    # What is not anchored yet is in no dossier.
    assert (ran.json["statements"], ran.json["size"]) == (2, 4)
    verified = corridor(
        "verify", tmp_path / "dossier.zip", "--trust", house / "trust.json", "--offline", "--json"
    )
    assert verified.code == 0, verified.text


def test_a_receipt_is_given_in_all_its_forms_or_said_in_words(house: House, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("receipt.zip", "receipt.cose", "receipt.tlog-proof")]
    options = [part for pair in zip(("--out", "--cose", "--tlog-proof"), files, strict=True) for part in pair]
    ran = house.receipt(house.ids[1], *options, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["id"], ran.json["index"], ran.json["size"]) == (house.ids[1], 2, 4)
    assert files[1].read_bytes()[:1] == b"\xd2"
    proof = TlogProof.decode(files[2].read_bytes())
    assert (proof.index, Note.parse(proof.checkpoint).text.split("\n")[:2]) == (2, [ORIGIN, "4"])
    assert house.receipt(house.ids[1], "--json").json == ran.json


def test_an_audience_can_be_named(house: House, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert house.receipt(house.ids[0], "--out", one).code == 0
    assert house.receipt(house.ids[0], "--out", other, "--audience", CUSTOMS).code == 0
    assert EXPORTER.encode() in one.read_bytes()
    assert b'"audience":"' + CUSTOMS.encode() in other.read_bytes()


def test_the_chain_whose_anchors_are_wanted_can_be_named(house: House, tmp_path: Path) -> None:
    genesis = json.loads((house / "genesis.json").read_bytes())["chain"]["genesis"]
    for number, name in enumerate((genesis, genesis.removeprefix("0x"))):
        assert house.receipt(house.ids[0], "--chain", name, "--json").json["size"] == 4
        assert house.dossier(tmp_path / str(number), "--chain", name).code == 0
    refused(house.receipt(house.ids[0], "--chain", "00" * 32), 1, "chain-unknown")
    refused(house.dossier(tmp_path / "x", "--chain", "00" * 32), 1, "chain-unknown")
    refused(house.receipt(house.ids[0], "--chain", "main"), 1, "malformed-field")


def test_a_folder_goes_before_the_url_of_the_environment(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORRIDOR_URL", "http://127.0.0.1:1")
    assert house.receipt(house.ids[0]).code == 0


def test_a_statement_that_is_not_anchored_yet_has_no_receipt(house: House, tmp_path: Path) -> None:
    refused(house.receipt(house.ids[2], "--out", tmp_path / "a"), 1, "not-final")
    assert list(tmp_path.iterdir()) == []


def test_a_statement_that_is_not_there_has_no_receipt(house: House) -> None:
    refused(house.receipt("00" * 32), 1, "statement-unknown")
    refused(house.receipt("00"), 1, "malformed-field")


def test_files_that_are_there_are_replaced_only_by_force_and_all_or_none(
    house: House, tmp_path: Path
) -> None:
    out, cose = tmp_path / "out", tmp_path / "cose"
    cose.write_text("precious")
    refused(house.receipt(house.ids[0], "--out", out, "--cose", cose), 1, "file-exists")
    assert ([path.name for path in tmp_path.iterdir()], cose.read_text()) == (["cose"], "precious")
    assert house.receipt(house.ids[0], "--out", out, "--cose", cose, "--force").code == 0
    refused(house.dossier(out), 1, "file-exists")


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        (["--shipment", "MSKU1234565"], 1, "malformed-subject"),
        (["--audience", "customs"], 1, "malformed-field"),
        (["--stream", "custody"], 2, "bad-stream"),
        (["--stream", f"{TRIP.uri}=custody=00"], 1, "malformed-field"),
        (["--stream", f"{TRIP.uri}=Custody={'00' * 32}"], 1, "malformed-field"),
        (["--stream", f"{TRIP.uri}=enforcement={'00' * 32}"], 1, "stream-empty"),
        (["--data", "/nowhere"], 1, "no-data"),
        (["--out", "/nowhere/dossier.zip"], 1, "no-folder"),
        (["--out", "/proc/dossier.zip"], 1, "no-folder"),
        (["--out", "/dev/null"], 1, "file-exists"),
    ],
)
def test_a_dossier_that_cannot_be_made_leaves_nothing_behind(
    house: House, tmp_path: Path, options: list[str], code: int, reason: str
) -> None:
    refused(house.dossier(tmp_path / "dossier.zip", *options), code, reason)
    assert list(tmp_path.iterdir()) == []


def test_what_a_signer_disclosed_is_in_the_dossier(house: House) -> None:
    file = StatementFile.parse((house / "manifest.statement").read_bytes())
    assert file.statement in (house / "while-running.zip").read_bytes()


def test_the_log_of_the_folder_replays(house: House) -> None:
    ran = corridor("log", "check", "--data", house / "data", "--json")
    assert (ran.code, ran.json["size"], ran.json["statements"]) == (0, 4, 2)
