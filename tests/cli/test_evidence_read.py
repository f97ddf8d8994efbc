"""`corridor evidence read`: what is found is one's own signed word, sealed, beside the item's claim."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest
from PIL import Image

from ledger.domain.evidence import EvidenceItem
from ledger.domain.statement import Statement, StatementFile
from tests.builders import EXPORTER
from tests.cli.corridor import corridor, refused
from tests.cli.town import Town
from tests.readers.credentials import maker, signed


@dataclass
class Item:
    """A picture that was sealed and claimed.

    Args:
        town: Where.
        folder: Of its files.
        subject: URI of its trip.
        claim: Id of the statement that claims it, hex.
        reader: Opens it.
    """

    town: Town
    folder: Path
    subject: str
    claim: str
    reader: pyrage.x25519.Identity

    @property
    def picture(self) -> Path:
        return self.folder / "scan.png"

    @property
    def item(self) -> Path:
        return self.folder / "scan.png.item.json"

    def secret(self) -> list[object]:
        identity = self.folder / "reader.age"
        identity.write_text(f"{self.reader}\n")
        return ["--secret", self.folder / "scan.png.secret.age", "--identity", identity]


@pytest.fixture
def item(town: Town, tmp_path: Path) -> Item:
    reader = pyrage.x25519.Identity.generate()
    Image.linear_gradient("L").save(tmp_path / "scan.png")
    sealing = ["--media-type", "image/png", "--category", "scan", "--recipient", str(reader.to_public())]
    body = tmp_path / "claim.json"
    town.did(EXPORTER, "evidence", "add", tmp_path / "scan.png", *sealing, "--out", tmp_path, "--body", body)
    subject = town.opened(EXPORTER)["subject"]
    claim = town.did(EXPORTER, "statement", "say", "photo", "--subject", subject, "--body", body)["id"]
    return Item(town, tmp_path, subject, claim, reader)


def kept(item: Item, identifier: str) -> tuple[Statement, dict[str, Any]]:
    """Return a statement as the ledger has it."""
    stored = item.town.stage.ledger.store.statement(bytes.fromhex(identifier))
    assert stored is not None
    file = StatementFile(stored.statement, tuple(stored.disclosures))
    statement = Statement.parse(file.statement)
    return statement, dict(statement.reveal(file.disclosures))


def test_it_is_read_without_a_ledger(item: Item) -> None:
    looks = item.folder / "looks"
    looks.mkdir()
    ran = corridor(
        *("evidence", "read", item.picture, "--item", item.item, *item.secret()),
        *("--pictures", looks, "--json"),
    )
    assert (ran.code, ran.err) == (0, "")
    assert (ran.json["format"], ran.json["outcome"]) == ("PNG", "read")
    assert [path.suffix for path in looks.iterdir()]


def test_another_file_is_not_read_for_the_item(item: Item) -> None:
    item.picture.write_bytes(item.picture.read_bytes() + b"x")
    ran = corridor("evidence", "read", item.picture, "--item", item.item, *item.secret())
    refused(ran, 1, "evidence-changed")


def test_what_was_read_goes_on_record_and_nothing_of_it_in_the_clear(item: Item) -> None:
    out = item.folder / "sealed"
    out.mkdir()
    told = item.town.did(
        *(EXPORTER, "evidence", "read", item.picture, "--item", item.item, "--statement", item.claim),
        *("--subject", item.subject, "--recipient", item.reader.to_public(), "--out", out),
    )
    statement, body = kept(item, told["id"])
    (of,) = statement.references
    assert (statement.kind, of.rel, of.id.hex()) == ("reading", "of", item.claim)
    original = EvidenceItem.parse(json.loads(item.item.read_bytes()))
    assert (body["of"], body["category"]) == (original.commitment.hex(), "scan")
    assert "found" not in body
    renditions = [EvidenceItem.parse(one) for one in body["evidence"]]
    assert renditions[-1].name == "what was found"
    assert {one.category for one in renditions} == {"rendition-scan"}
    store = item.town.stage.ledger.room.store
    assert all(store.has(one.cid) for one in renditions)
    ends = ("secret.age", "item.json")
    assert {path.name for path in out.iterdir()} == {f"{one.cid}.{end}" for one in renditions for end in ends}


def test_what_was_made_of_an_item_is_erased_with_it_and_once(item: Item) -> None:
    out, run = item.folder / "sealed", item.town.run
    out.mkdir()
    read = run(
        *(EXPORTER, "evidence", "read", item.picture, "--item", item.item, "--statement", item.claim),
        *("--subject", item.subject, "--recipient", item.reader.to_public(), "--out", out),
    )
    assert read.code == 0, read.err
    original = EvidenceItem.parse(json.loads(item.item.read_bytes()))
    renditions = {path.name.removesuffix(".item.json") for path in out.glob("*.item.json")}
    assert len(renditions) > 1
    asked = ("evidence", "erase", item.item, "--subject", item.subject, "--secrets", out, "--yes", "--json")
    erased = item.town.did(EXPORTER, *asked)
    assert set(erased["erased"]) == {original.cid} | renditions
    assert set(erased["renditions"]) == renditions
    assert not list(out.glob("*.secret.age"))
    for cid in renditions:
        refused(run(EXPORTER, "evidence", "get", cid, "--out", item.folder / "x"), 1, "erased")
    again = run(EXPORTER, *asked)
    assert (again.code, again.json["erased"], again.json["statements"]) == (0, [], [])
    assert again.json["erased_before"] == [original.cid]
    assert f"{original.cid} is erased already, since 20" in again.err
    opened = (
        "evidence",
        "get",
        item.item,
        "--identity",
        item.folder / "reader.age",
        "--out",
        item.folder / "x",
    )
    item.secret()
    refused(run(EXPORTER, *opened), 1, "erased")


def test_renditions_that_nobody_could_open_are_not_made(item: Item) -> None:
    ran = item.town.run(
        *(EXPORTER, "evidence", "read", item.picture, "--item", item.item, "--statement", item.claim),
        *("--subject", item.subject),
    )
    refused(ran, 2, "recipients")


def read_as_photo(item: Item, data: bytes, *options: object) -> Any:
    """Read a picture that was never sealed, and return what is told."""
    item.picture.write_bytes(data)
    ran = corridor("evidence", "read", item.picture, "--item", item.item, *options, "--json")
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.json


def test_a_manifest_that_was_expected_and_is_absent_is_complained_of(item: Item) -> None:
    data = item.picture.read_bytes()
    assert read_as_photo(item, data)["complaints"] == []
    told = read_as_photo(item, data, "--expect-c2pa")
    assert told["outcome"] == "complained"
    assert any("[c2pa-expected-but-absent]" in one for one in told["complaints"])


def test_a_manifest_is_trusted_only_with_its_makers_certificate(item: Item) -> None:
    own, anchors = maker(), item.folder / "makers.pem"
    anchors.write_text(own.anchor)
    data = signed(item.picture.read_bytes(), "image/png", own)
    trusted = read_as_photo(item, data, "--expect-c2pa", "--c2pa-anchors", anchors)
    assert (trusted["found"]["c2pa"]["state"], trusted["found"]["c2pa"]["signer"]) == ("valid", "trusted")
    assert read_as_photo(item, data)["found"]["c2pa"]["signer"] == "untrusted"


def test_what_holds_no_certificate_is_refused_before_anything_is_read(item: Item) -> None:
    anchors = item.folder / "makers.pem"
    anchors.write_text("my camera's maker")
    words = ("evidence", "read", item.picture, "--item", item.item, "--c2pa-anchors", anchors)
    refused(corridor(*words), 1, "anchors")


def test_what_was_found_is_told_in_words(item: Item) -> None:
    ran = corridor("evidence", "read", item.picture, "--item", item.item)
    assert ran.code == 0, ran.err
    lines = [line.strip() for line in ran.text.splitlines()]
    assert "exif, position: no" in lines
    assert "c2pa, state: absent" in lines
    assert not set(ran.text) & set("{}[]")
