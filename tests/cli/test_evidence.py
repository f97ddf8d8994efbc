"""`corridor evidence`: what is sealed here opens there, for whom it is meant, and is what was stated."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyrage
import pytest

from ledger.domain.cid import cid_of
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded
from tests.cli.corridor import corridor, corridor_alone, refused
from tests.cli.town import Town

SCAN = seeded("a scan", 400_000)


@dataclass
class Desk:
    """A folder with a file to be sealed, and a reader."""

    folder: Path
    reader: pyrage.x25519.Identity

    @property
    def scan(self) -> Path:
        return self.folder / "scan.png"

    @property
    def out(self) -> Path:
        return self.folder / "sealed"

    @property
    def identity(self) -> Path:
        return self.folder / "reader.age"

    def adding(self, *files: Path, **changes: Any) -> list[object]:
        options = {"--media-type": "image/png", "--category": "scan", "--out": self.out}
        options |= {"--recipient": str(self.reader.to_public())} | {
            f"--{name.replace('_', '-')}": value for name, value in changes.items()
        }
        given = [word for name, value in options.items() if value is not None for word in (name, value)]
        return ["evidence", "add", *(files or (self.scan,)), *given]

    def opening(self, name: str = "scan.png") -> list[object]:
        return ["--secret", self.out / f"{name}.secret.age", "--identity", self.identity]

    def item(self, name: str = "scan.png") -> Path:
        return self.out / f"{name}.item.json"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path, pyrage.x25519.Identity.generate())
    desk.scan.write_bytes(SCAN)
    desk.out.mkdir()
    desk.identity.write_text(f"# a reader\n{desk.reader}\n")
    return desk


def sealed_in(desk: Desk) -> list[str]:
    return sorted(path.name for path in desk.out.iterdir())


def test_sealed_without_a_ledger_and_a_server_it_opens_again(desk: Desk) -> None:
    body = desk.folder / "body.json"
    ran = corridor_alone(*desk.adding(body=body), "--json")
    assert (ran.code, ran.err) == (0, "")
    (made,) = ran.json
    assert sealed_in(desk) == sorted([made["item"]["cid"], "scan.png.item.json", "scan.png.secret.age"])
    assert made["item"] == json.loads(desk.item().read_bytes())
    assert json.loads(body.read_bytes()) == {"evidence": [made["item"]]}
    sealed = desk.out / made["item"]["cid"]
    assert cid_of([sealed.read_bytes()]) == sealed.name
    plain = desk.folder / "again.png"
    got = corridor_alone("evidence", "get", desk.item(), *desk.opening(), "--sealed", sealed, "--out", plain)
    assert (got.code, got.err) == (0, "")
    assert plain.read_bytes() == SCAN
    checked = corridor_alone("evidence", "check", plain, "--item", desk.item(), *desk.opening())
    assert checked.code == 0


def test_another_file_is_not_the_one_that_was_stated(desk: Desk) -> None:
    assert corridor(*desk.adding()).code == 0
    desk.scan.write_bytes(SCAN[:-1] + bytes([SCAN[-1] ^ 1]))
    ran = corridor("evidence", "check", desk.scan, "--item", desk.item(), *desk.opening())
    refused(ran, 1, "evidence-changed")


def test_sealed_bytes_that_were_changed_are_not_opened(desk: Desk) -> None:
    (made,) = corridor(*desk.adding(), "--json").json
    sealed, plain = desk.out / made["item"]["cid"], desk.folder / "again.png"
    content = sealed.read_bytes()
    sealed.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    asked = ["evidence", "get", desk.item(), *desk.opening(), "--sealed", sealed, "--out", plain]
    refused(corridor(*asked), 1, "evidence-broken")
    assert not plain.exists()
    sealed.unlink()
    refused(corridor(*asked), 1, "no-file")


def test_whoever_it_is_not_for_cannot_open_it(desk: Desk) -> None:
    (made,) = corridor(*desk.adding(), "--json").json
    desk.identity.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    sealed = desk.out / made["item"]["cid"]
    ran = corridor(
        "evidence", "get", desk.item(), *desk.opening(), "--sealed", sealed, "--out", desk.folder / "x"
    )
    refused(ran, 1, "not-for-you")


def test_recipients_may_stand_in_a_file(desk: Desk) -> None:
    file = desk.folder / "readers.txt"
    file.write_text(f"# customs\n\n{desk.reader.to_public()}\n")
    assert corridor(*desk.adding(recipient=None, recipients_file=file)).code == 0
    assert corridor("evidence", "check", desk.scan, "--item", desk.item(), *desk.opening()).code == 0


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no recipient": ({"recipient": None}, 2, "recipients"),
    "a recipient that is none": ({"recipient": "customs"}, 2, "recipients"),
    "a media type without subtype": ({"media_type": "png"}, 1, "malformed-field"),
    "a category with capitals": ({"category": "XRAY"}, 1, "malformed-field"),
    "a folder that is not there": ({"out": "nowhere"}, 1, "no-folder"),
    "a recipients file that is not there": ({"recipients_file": "nowhere"}, 1, "no-file"),
}


@pytest.mark.parametrize(("changes", "code", "reason"), BAD.values(), ids=BAD)
def test_refuses_and_leaves_nothing(desk: Desk, changes: dict[str, Any], code: int, reason: str) -> None:
    refused(corridor(*desk.adding(**changes)), code, reason)
    assert sealed_in(desk) == []


def test_refuses_files_that_are_no_evidence(desk: Desk) -> None:
    empty, twin = desk.folder / "empty.png", desk.folder / "other" / "scan.png"
    empty.touch()
    twin.parent.mkdir()
    twin.write_bytes(b"x")
    refused(corridor(*desk.adding(empty)), 1, "empty")
    refused(corridor(*desk.adding(desk.folder / "none.png")), 1, "no-file")
    refused(corridor(*desk.adding(desk.folder)), 4, "cannot-read")
    refused(corridor(*desk.adding(desk.scan, twin)), 2, "same-name")
    assert sealed_in(desk) == []


def test_a_second_time_nothing_is_replaced_unless_it_is_said(desk: Desk) -> None:
    assert corridor(*desk.adding()).code == 0
    before = sealed_in(desk)
    refused(corridor(*desk.adding()), 1, "file-exists")
    assert sealed_in(desk) == before
    assert corridor(*desk.adding(), "--force").code == 0


def test_evidence_goes_to_the_ledger_and_to_whom_a_statement_gives_it(town: Town, desk: Desk) -> None:
    body = desk.folder / "body.json"
    (made,) = town.did(EXPORTER, *desk.adding(body=body))
    cid = made["item"]["cid"]
    # Its sealed bytes are with the ledger now, and not here.
    assert sealed_in(desk) == ["scan.png.item.json", "scan.png.secret.age"]
    plain = desk.folder / "again.png"
    asked = ["evidence", "get", desk.item(), *desk.opening(), "--out", plain]
    refused(town.run(CUSTOMS, *asked), 1, "no-evidence")
    assert not plain.exists()
    trip = town.opened(EXPORTER)["subject"]
    town.did(EXPORTER, "stream", "grant", trip, "--member", CUSTOMS)
    town.did(EXPORTER, "statement", "say", "document", "--subject", trip, "--body", body)
    got = town.did(CUSTOMS, *asked)
    assert (got["cid"], plain.read_bytes()) == (cid, SCAN)
    town.did(CUSTOMS, "evidence", "get", cid, "--out", desk.folder / "sealed.age")
    assert cid_of([(desk.folder / "sealed.age").read_bytes()]) == cid
    refused(town.run(ORIGIN_PORT, "evidence", "get", cid, "--out", desk.folder / "y"), 1, "no-evidence")


def test_what_was_sealed_is_sent_later(town: Town, desk: Desk) -> None:
    (made,) = corridor(*desk.adding(), "--json").json
    sealed = desk.out / made["item"]["cid"]
    town.did(EXPORTER, "evidence", "send", sealed)
    assert not sealed.exists()
    assert town.stage.ledger.room.store.has(sealed.name)


def test_what_was_changed_since_it_was_sealed_is_not_sent(town: Town, desk: Desk) -> None:
    (made,) = corridor(*desk.adding(), "--json").json
    sealed = desk.out / made["item"]["cid"]
    sealed.write_bytes(b"other")
    refused(town.run(EXPORTER, "evidence", "send", sealed), 1, "cid-mismatch")
    assert sealed.exists()


def test_what_nobody_claims_is_swept(town: Town, desk: Desk) -> None:
    (made,) = town.did(EXPORTER, *desk.adding())
    data = town.stage.ledger.settings.data
    assert corridor("evidence", "sweep", "--data", data, "--json").json == {"removed": 0, "cids": []}
    assert town.stage.ledger.room.store.has(made["item"]["cid"])
