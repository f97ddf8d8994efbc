"""`corridor drop`: from a folder on a machine of the port to a ledger that runs, and what clerks are told."""

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pyrage
import pytest
from PIL import Image

from tests.builders import EXPORTER
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.town import Town
from tests.readers.credentials import maker, signed

SETTINGS = """
folder = "in"
state = "state"
quarantine = "quarantine"
taken = "taken"
key = "{key}"
passphrase_file = "{passphrase}"
url = "{url}"
genesis = "{genesis}"
recipients = ["{recipient}"]
trips = "trips.json"
quiet_seconds = 0

[[rules]]
pattern = "*.json"
kind = "temperature-log"
category = "log"
media_type = "application/json"
read = "if-possible"
"""


@dataclass
class Gate:
    """A drop at a gate, on disk.

    Args:
        folder: Everything lies here.
        town: Whose ledger it sends to.
    """

    folder: Path
    town: Town

    @property
    def settings(self) -> Path:
        return self.folder / "drop.toml"

    def run(self, command: str, *words: object) -> Ran:
        return corridor("drop", command, self.settings, *words)

    def status(self) -> Any:
        ran = self.run("status", "--json")
        assert ran.code == 0, ran
        return ran.json


@pytest.fixture
def gate(town: Town, tmp_path: Path) -> Gate:
    gate = Gate(tmp_path, town)
    (tmp_path / "in").mkdir()
    secret = tmp_path / "passphrase"
    secret.write_text("words\n")
    secret.chmod(0o600)
    gate.settings.write_text(
        SETTINGS.format(
            key=town.key(EXPORTER),
            passphrase=secret,
            url=town.stage.url,
            genesis=town.folder / "genesis.json",
            recipient=pyrage.x25519.Identity.generate().to_public(),
        )
    )
    opened = town.opened(EXPORTER)
    trip = {"subject": opened["subject"], "stream": opened["stream"]}
    (tmp_path / "trips.json").write_text(json.dumps({"MSKU1234565": trip}))
    return gate


def test_what_lies_in_the_folder_gets_on_record(gate: Gate) -> None:
    checked = gate.run("check")
    assert (checked.code, checked.text) == (0, "nothing is wrong with it\n")
    (gate.folder / "in" / "MSKU1234565.json").write_text('{"celsius": 4}')
    ran = gate.run("watch", "--once", "--json")
    assert (ran.code, ran.json["on_record"], ran.json["waiting"]) == (0, 1, {}), ran
    assert ran.err == ""
    (subject,) = json.loads((gate.folder / "trips.json").read_bytes()).values()
    shown = gate.town.did(EXPORTER, "subject", "show", subject["subject"])
    assert [one["kind"] for one in shown["statements"]] == ["subject-opened", "temperature-log", "reading"]
    assert [path.name for path in (gate.folder / "taken").iterdir()] == ["MSKU1234565.json"]


def test_what_is_set_aside_is_shown_and_put_back(gate: Gate) -> None:
    (gate.folder / "in" / "portal.json").write_text("{}")
    assert gate.run("watch", "--once").code == 0
    (aside,) = gate.status()["aside"]
    assert (aside["name"], aside["code"]) == ("portal.json", "container-unknown")
    ran = gate.run("retry", "portal.json")
    assert (ran.code, ran.err) == (0, ""), ran
    assert [path.name for path in (gate.folder / "in").iterdir()] == ["portal.json"]
    refused(gate.run("retry", "portal.json"), 1, "not-in-quarantine")


def test_a_ledger_that_is_gone_is_said_and_the_exit_code_tells(gate: Gate) -> None:
    gate.settings.write_text(gate.settings.read_text().replace(gate.town.stage.url, "http://127.0.0.1:9"))
    (gate.folder / "in" / "MSKU1234565.json").write_text('{"celsius": 5}')
    ran = gate.run("watch", "--once")
    assert ran.code == 4
    assert gate.status()["to_send"] == ["MSKU1234565.json"]
    assert gate.status()["stopped"]


def test_a_camera_whose_manifests_are_missing_is_complained_of(gate: Gate) -> None:
    own = maker()
    (gate.folder / "makers.pem").write_text(own.anchor)
    rule = ('pattern = "*.png"', 'kind = "photo"', 'category = "photo"', 'media_type = "image/png"')
    expected = ('c2pa = "expected"', 'anchors = "makers.pem"')
    text = "\n".join(("[[rules]]", *rule, *expected, ""))
    gate.settings.write_text(gate.settings.read_text() + text)
    assert gate.run("check").code == 0
    picture = BytesIO()
    Image.linear_gradient("L").save(picture, "PNG")
    (gate.folder / "in" / "MSKU1234565-0.png").write_bytes(picture.getvalue())
    (gate.folder / "in" / "MSKU1234565-1.png").write_bytes(signed(picture.getvalue(), "image/png", own))
    assert gate.run("watch", "--once").code == 0
    (subject,) = json.loads((gate.folder / "trips.json").read_bytes()).values()
    shown = gate.town.did(EXPORTER, "subject", "show", subject["subject"])
    told = [one["body"] for one in shown["statements"] if one["kind"] == "reading"]
    codes = [sorted(each["code"] for each in one["complaints"]) for one in told]
    assert sorted(codes) == [[], ["c2pa-expected-but-absent"]]


BAD: dict[str, tuple[str, str, str]] = {
    "no folder": ('folder = "in"', 'folder = "nowhere"', "folder"),
    "a folder within another": ('quarantine = "quarantine"', 'quarantine = "in/aside"', "quarantine"),
    "no key": ('key = "', 'key = "x', "key"),
    "a recipient that is none": ('recipients = ["age1', 'recipients = ["bge1', "recipients"),
    "a setting that there is not": ("quiet_seconds = 0", "quite_seconds = 0", "quite_seconds"),
    "a negative time": ("quiet_seconds = 0", "quiet_seconds = -1", "quiet_seconds"),
    "a kind with capitals": ("temperature-log", "Temperature", "rules.0.kind"),
    "a media type that is none": ("application/json", "json", "rules.0.media_type"),
    "a word that is none of those known": ('"if-possible"', '"maybe"', "rules.0.read"),
    "no TOML": ("[[rules]]", "[[rules", "file"),
    "no trips": ('trips = "trips.json"', "", "rules.0.subject"),
    "trips that are not there": ('"trips.json"', '"nowhere.json"', "trips"),
    "a manifest that is hoped for": ('read = "if-possible"', 'c2pa = "hoped for"', "rules.0.c2pa"),
    "a manifest of what is not read": (
        'read = "if-possible"',
        'read = "no"\nc2pa = "expected"',
        "rules.0.c2pa",
    ),
    "certificates that are not there": ('read = "if-possible"', 'anchors = "nowhere"', "rules.0.anchors"),
    "certificates that are none": ('read = "if-possible"', 'anchors = "trips.json"', "rules.0.anchors"),
    "a subject without its stream": ("quiet_seconds = 0", "subject = 7", "subject"),
    "a number for a text": ('folder = "in"', "folder = 7", "folder"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_with_the_settings_is_told_by_its_place(gate: Gate, name: str) -> None:
    before, after, where = BAD[name]
    text = gate.settings.read_text()
    assert before in text
    gate.settings.write_text(text.replace(before, after, 1))
    ran = gate.run("check", "--json")
    assert ran.code == 1
    assert where in [one["where"] for one in ran.json], ran


def test_all_that_is_wrong_is_told_at_once(gate: Gate) -> None:
    gate.settings.write_text('folder = 1\nwhole = "soon"\n')
    places = [one["where"] for one in gate.run("check", "--json").json]
    assert {"folder", "whole", "state", "key", "rules", "recipients"} <= set(places)
    refused(gate.run("watch"), 2, "drop-settings")


def test_two_cannot_watch_one_folder(gate: Gate) -> None:
    from ledger.storage.folder_lock import only_one

    with only_one(gate.folder / "state"):
        refused(gate.run("watch", "--once"), 1, "already-running")
