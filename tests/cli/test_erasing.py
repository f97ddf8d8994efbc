"""`corridor evidence erase`, `due`, `hold`, `lift`, `alarms` and `corridor people`, as people run them."""

from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.builders import CUSTOMS, EXPORTER, seeded
from tests.cli.corridor import corridor, refused
from tests.cli.town import Town


class Folder:
    """A trip of the exporter, and a folder in which items are sealed."""

    def __init__(self, town: Town, trip: str) -> None:
        self.town = town
        self.trip = trip
        self.out = town.new("sealed")
        self.out.mkdir()

    def stored(self, name: str, category: str = "video") -> dict[str, Any]:
        """Seal a file, send it, and claim it."""
        file, body = self.town.new(name), self.town.new("claim.json")
        file.write_bytes(seeded(name, 2_000))
        reader = str(pyrage.x25519.Identity.generate().to_public())
        made = self.town.run(
            EXPORTER,
            *("evidence", "add", file, "--media-type", "video/mp4", "--category", category),
            *("--recipient", reader, "--out", self.out, "--body", body, "--json"),
        )
        assert made.code == 0, made.err
        said = self.town.run(EXPORTER, "statement", "say", "document", "--subject", self.trip, "--body", body)
        assert said.code == 0, said.err
        item: dict[str, Any] = made.json[0]["item"] | {"file": self.out / f"{file.name}.item.json"}
        return item

    def run(self, uri: str, *arguments: object) -> Any:
        return self.town.run(uri, "evidence", *arguments)


@pytest.fixture
def folder(town: Town) -> Folder:
    """A new trip that customs are let in to."""
    trip = town.opened(EXPORTER)["subject"]
    body = town.body(to=[CUSTOMS])
    granted = town.run(EXPORTER, "statement", "say", "grant", "--subject", trip, "--body", body)
    assert granted.code == 0, granted.err
    return Folder(town, trip)


def test_an_item_is_erased_at_the_ledger_and_in_the_folder(folder: Folder) -> None:
    item = folder.stored("gate.mp4")
    secret = Path(str(item["file"]).replace(".item.json", ".secret.age"))
    assert secret.exists()
    asked = ("erase", item["file"], "--subject", folder.trip, "--secrets", folder.out)
    refused(folder.run(EXPORTER, *asked), 2, "not-confirmed")
    assert secret.exists()
    done = folder.run(EXPORTER, *asked, "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["erased"] == [item["cid"]]
    assert done.json["removed"] == [str(secret)]
    assert not secret.exists()
    assert item["file"].exists()
    refused(folder.run(EXPORTER, "get", item["cid"], "--out", folder.town.new("x")), 1, "erased")


def test_what_is_held_is_not_erased_until_it_is_lifted(folder: Folder) -> None:
    item = folder.stored("held.mp4")
    held = folder.run(
        CUSTOMS,
        "hold",
        "--subject",
        folder.trip,
        "--item",
        item["commitment"],
        "--reason",
        "case 17",
        "--json",
    )
    assert held.code == 0, held.err
    asked = ("erase", item["file"], "--subject", folder.trip, "--yes")
    refused(folder.run(EXPORTER, *asked), 1, "legal-hold")
    lifted = folder.run(CUSTOMS, "lift", held.json["id"], "--subject", folder.trip)
    assert lifted.code == 0, lifted.err
    assert folder.run(EXPORTER, *asked).code == 0


def test_what_is_due_is_listed_and_erased_together(folder: Folder) -> None:
    item = folder.stored("old.mp4")
    assert folder.run(EXPORTER, "due", "--subject", folder.trip, "--json").json == []
    later = folder.run(
        EXPORTER, "due", "--subject", folder.trip, "--at", "2099-01-01T00:00:00Z", "--json"
    ).json
    assert [one["cid"] for one in later] == [item["cid"]]
    refused(folder.run(EXPORTER, "erase", "--due", "--subject", folder.trip, "--yes"), 1, "nothing-due")


def test_there_are_no_alarms_where_nothing_was_offered_twice(folder: Folder) -> None:
    assert folder.run(CUSTOMS, "alarms", "--json").json == []


WRONG: dict[str, tuple[tuple[object, ...], str]] = {
    "nothing named": (("erase", "--yes"), "what-to-erase"),
    "due of nothing": (("erase", "--due", "--yes"), "which-subject"),
    "due of everything and of one": (("due", "--all", "--subject", "urn:x"), "which-subject"),
    "a hold on nothing": (("hold", "--subject", "urn:x"), "what-to-hold"),
}


@pytest.mark.parametrize(("arguments", "code"), WRONG.values(), ids=WRONG)
def test_half_a_command_is_refused(town: Town, arguments: tuple[object, ...], code: str) -> None:
    refused(town.run(EXPORTER, "evidence", *arguments), 2, code)


def test_people_get_pseudonyms_that_their_employer_resolves(tmp_path: Path, folder: Folder) -> None:
    identity, register = pyrage.x25519.Identity.generate(), tmp_path / "people.age"
    (tmp_path / "me.age").write_text(f"{identity}\n")
    opening = ("--register", register, "--identity", tmp_path / "me.age")
    refused(corridor("people", "list", *opening), 1, "no-register")
    added = corridor("people", "add", "Guard 17", *opening, "--recipient", str(identity.to_public()))
    assert added.code == 0, added.err
    assert corridor("people", "add", "Driver 4", *opening).code == 0
    assert corridor("people", "list", *opening, "--json").json == ["Guard 17", "Driver 4"]
    called = corridor("people", "pseudonym", "Guard 17", "--subject", folder.trip, *opening).text.strip()
    assert called.startswith("person:")
    found = corridor("people", "resolve", called, "--subject", folder.trip, *opening)
    assert found.text.strip() == "Guard 17"
    refused(corridor("people", "add", "Guard 17", *opening), 1, "person-known")
    assert b"Guard" not in register.read_bytes()
