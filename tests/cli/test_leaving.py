"""Secrets that lie on a machine come to the ledger, for their own organisation: by hand, and from drops."""

import json
from pathlib import Path

import pytest

from tests.builders import CUSTOMS, EXPORTER
from tests.cli.corridor import Ran, corridor, refused
from tests.cli.test_drop import SETTINGS
from tests.cli.test_sharing import SCAN, Parties, parties
from tests.cli.town import Town

__all__ = ["parties"]


def sealed_before(parties: Parties, name: str) -> Path:
    """Seal and claim a file for the clerk alone, as before anybody said keys; return the folder of it all."""
    folder = parties.folder / f"old-{name}"
    folder.mkdir()
    (parties.folder / name).write_bytes(SCAN)
    town, body = parties.town, folder / "body.json"
    clerk = ("--recipient", parties.recipient("clerk"), "--media-type", "image/png", "--category", "scan")
    added = town.did(
        EXPORTER, "evidence", "add", parties.folder / name, *clerk, "--out", folder, "--body", body
    )
    town.did(EXPORTER, "statement", "say", "document", "--subject", parties.trip, "--body", body)
    assert added[0]["sent"]
    return folder


def leaves(parties: Parties, *words: object) -> Ran:
    return parties.town.run(
        EXPORTER, "evidence", "leave", *words, "--identity", parties.identity("clerk"), "--json"
    )


@pytest.fixture
def newcomer(town: Town, tmp_path: Path) -> Parties:
    """The exporter before it has said any keys."""
    return Parties(town, tmp_path, town.opened(EXPORTER)["subject"], {})


def test_older_secrets_are_left_and_can_be_shared_then(newcomer: Parties) -> None:
    folder = sealed_before(newcomer, "scan.png")
    secret = folder / "scan.png.secret.age"
    refused(leaves(newcomer, secret), 2, "recipients")
    newcomer.says_keys(EXPORTER, "exporter")
    newcomer.says_keys(CUSTOMS, "customs")
    newcomer.town.did(EXPORTER, "stream", "grant", newcomer.trip, "--member", CUSTOMS)
    for _ in range(2):
        ran = leaves(newcomer, secret)
        assert (ran.code, ran.json) == (0, {"left": 1, "not_left": []}), ran
    assert newcomer.shares(CUSTOMS)["shared"] == 1
    got, out = newcomer.gets(CUSTOMS, folder / "scan.png.item.json", "customs")
    assert (got.code, out.read_bytes()) == (0, SCAN)


def test_an_item_whose_file_is_gone_is_found_by_its_subject(newcomer: Parties) -> None:
    folder = sealed_before(newcomer, "scan.png")
    newcomer.says_keys(EXPORTER, "exporter")
    # The town is one for all of these tests: it may have said others before.
    newcomer.town.run(EXPORTER, "organisation", "readers", EXPORTER, "--accept-new-key")
    item = folder / "scan.png.item.json"
    cid = json.loads(item.read_bytes())["cid"]
    item.rename(folder / "elsewhere.json")
    by_cid = (folder / "scan.png.secret.age").rename(folder / f"{cid}.secret.age")
    refused(leaves(newcomer, by_cid), 1, "no-item")
    ran = leaves(newcomer, by_cid, "--subject", newcomer.trip)
    assert (ran.code, ran.json["left"]) == (0, 1), ran


def test_what_cannot_be_left_is_told_and_the_rest_is_left(newcomer: Parties) -> None:
    good, erased = sealed_before(newcomer, "a.png"), sealed_before(newcomer, "b.png")
    foreign = sealed_before(newcomer, "c.png") / "c.png.secret.age"
    newcomer.says_keys(EXPORTER, "exporter")
    # The town is one for all of these tests: it may have said others before.
    newcomer.town.run(EXPORTER, "organisation", "readers", EXPORTER, "--accept-new-key")
    gone = ("--subject", newcomer.trip, "--because", "request", "--yes")
    newcomer.town.did(EXPORTER, "evidence", "erase", erased / "b.png.item.json", *gone)
    foreign.write_bytes(b"age-encryption.org/v1\n-> X25519 nothing\n")
    secrets = [good / "a.png.secret.age", erased / "b.png.secret.age", foreign]
    ran = leaves(newcomer, *secrets)
    assert ran.out, ran
    assert (ran.code, ran.json["left"], len(ran.json["not_left"])) == (1, 1, 2), ran
    assert "[erased]" in ran.err
    assert "Traceback" not in ran.err


def test_what_a_drop_took_is_shared_with_its_rendition(parties: Parties) -> None:
    town, folder = parties.town, parties.folder / "gate"
    (folder / "in").mkdir(parents=True)
    (folder / "passphrase").write_text("words\n")
    (folder / "passphrase").chmod(0o600)
    settings = folder / "drop.toml"
    settings.write_text(
        SETTINGS.format(
            key=town.key(EXPORTER),
            passphrase=folder / "passphrase",
            url=town.stage.url,
            genesis=town.folder / "genesis.json",
            recipient=parties.recipient("clerk"),
        )
    )
    shown = town.did(EXPORTER, "subject", "show", parties.trip)
    (stream,) = [one["tag"] for one in shown["streams"] if one["name"] == "custody"]
    trips = {"MSKU1234565": {"subject": parties.trip, "stream": stream}}
    (folder / "trips.json").write_text(json.dumps(trips))
    checked = corridor("drop", "accept-keys", settings, "--json")
    assert (checked.code, checked.json) == (
        0,
        {"keys": [parties.recipient("exporter"), parties.recipient("escrow")]},
    )
    (folder / "in" / "MSKU1234565.json").write_text('{"celsius": 4}')
    ran = corridor("drop", "watch", settings, "--once")
    assert ran.code == 0, ran
    parties.says_keys(CUSTOMS, "customs")
    town.did(EXPORTER, "stream", "grant", parties.trip, "--member", CUSTOMS)
    items = sorted((folder / "state" / "secrets").glob("*.item.json"))
    assert parties.shares(CUSTOMS)["shared"] == len(items) >= 2
    opened = [parties.gets(CUSTOMS, item, "customs") for item in items]
    assert {ran.code for ran, _ in opened} == {0}
    assert b'{"celsius": 4}' in [out.read_bytes() for _, out in opened]
