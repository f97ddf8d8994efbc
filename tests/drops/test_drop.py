"""What is put into a folder is claimed once, for what it is of, and only when it is whole."""

import json
import os
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal

import pytest
from PIL import Image

import tests.drops.place
from ledger.domain.evidence import Label, items
from ledger.readers.reading import Reading
from ledger.readers.registry import Expectations
from ledger.readers.run import Readers
from tests.drops.place import OTHER, TRIP, UNKNOWN, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_file_is_sealed_claimed_read_and_moved_away(place: Place) -> None:
    os.utime(place.put("MSKU1234565.n42", b"counts of one box"), (1_790_000_000, 1_790_000_000))
    place.run()
    (claim,) = place.ledger.claims
    body = place.ledger.body(claim)
    assert (claim.kind, claim.subjects, claim.streams) == ("radiation", (TRIP.uri,), (TRIP.custody_tag,))
    assert (body["container"], body["place"]) == ("MSKU1234565", "Gate 3")
    assert body["occurred_at"] == "2026-09-21T14:13:20Z"
    assert place.opened() == b"counts of one box"
    (reading,) = place.ledger.readings
    (of,) = reading.references
    assert (of.rel, of.id) == ("of", claim.id)
    said = place.ledger.body(reading)
    assert "found" not in said, "what was found is sealed"
    assert said["outcome"] == "read"
    rendition, found = items(said)
    assert {one.category for one in (rendition, found)} == {"rendition-radiation"}
    assert json.loads(place.plaintext(found)) == {"counts": 17, "text": "counts of one box"}
    assert set(place.ledger.stored) == {place.items(0)[0].cid, rendition.cid, found.cid}
    assert (place.left(), place.taken()) == ([], ["MSKU1234565.n42"])


def test_nothing_is_taken_before_it_rested(place: Place) -> None:
    path = place.put("MSKU1234565.n42", b"half")
    drop = place.drop()
    assert "rested" in drop.round().waiting["MSKU1234565.n42"]
    for size in range(5):
        place.now += 4
        with path.open("ab") as file:
            file.write(b"more" * (size + 1))
        drop.round()
    place.now += 4.9
    drop.round()
    assert place.ledger.claims == []
    place.now += 0.2
    drop.round()
    assert place.opened() == b"half" + b"more" * 15


def test_with_markers_only_what_has_one_is_taken(place: Place) -> None:
    place.changes = {"whole": "marker"}
    place.put("MSKU1234565.n42")
    done = place.run()
    assert "marker" in done.waiting["MSKU1234565.n42"]
    place.put("MSKU1234565.n42.done", b"")
    place.run()
    assert len(place.ledger.claims) == 1
    assert (place.left(), place.taken()) == ([], ["MSKU1234565.n42", "MSKU1234565.n42.done"])


def test_what_is_renamed_into_place_is_taken_at_once(place: Place) -> None:
    place.changes = {"whole": "renamed"}
    path = place.put("MSKU1234565.n42.part")
    drop = place.drop()
    drop.round()
    assert place.ledger.claims == []
    path.rename(place.incoming / "MSKU1234565.n42")
    drop.round()
    assert len(place.ledger.claims) == 1


def test_taken_files_may_be_removed(place: Place) -> None:
    place.changes = {"taken": None}
    place.put("MSKU1234565.n42")
    place.run()
    assert (len(place.ledger.claims), place.left(), place.taken()) == (1, [], [])


def test_the_same_content_is_claimed_once_whatever_it_is_called(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.put("MSKU1234565-again.n42")
    place.run()
    place.put("MSKU1234565.n42")
    place.run()
    assert len(place.ledger.claims) == 1
    assert place.left() == []
    assert len(place.taken()) == 3


def test_the_same_content_for_another_trip_is_set_aside(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.run()
    place.put("TGHU1234567.n42")
    place.run()
    assert len(place.ledger.claims) == 1
    assert place.aside() == {"TGHU1234567.n42": "same-content"}


def test_the_container_is_looked_for_in_sidecar_name_and_content(place: Place) -> None:
    place.put("a.n42", b"of OTHER?", {"container": "TGHU1234567"})
    place.put("b.n42", b"counts of MSKU1234565")
    place.put("scan_TGHU1234567_3.n42", b"counts of MSKU1234565, it says")
    place.run()
    subjects = [claim.subjects[0] for claim in place.ledger.claims]
    assert subjects == [OTHER.uri, TRIP.uri, OTHER.uri]


def test_a_reader_is_told_of_which_container_a_file_is_said_to_be(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a scan that says another number would be claimed for this one without a complaint."""
    told: dict[bytes, str | None] = {}
    as_ever = tests.drops.place.read

    def read(file: BinaryIO, label: Label, expectations: Expectations) -> Reading:
        told[file.read()] = expectations.container
        file.seek(0)
        return as_ever(file, label, expectations)

    target = {"subject": OTHER.uri, "stream": OTHER.custody_tag.hex()}
    place.put("TGHU1234567_1.n42", b"by its name")
    place.put("a.n42", b"by its sidecar", {"container": "TGHU1234567"})
    place.put("MSKU1234565_1.n42", b"by the trip in its sidecar", target)
    place.put("b.n42", b"by nothing but MSKU1234565 in it")
    monkeypatch.setattr("tests.drops.place.read", read)
    place.run()
    assert told == {
        b"by its name": "TGHU1234567",
        b"by its sidecar": "TGHU1234567",
        b"by the trip in its sidecar": "TGHU1234567",
        b"by nothing but MSKU1234565 in it": None,
    }


def test_a_sidecar_says_where_and_when(place: Place) -> None:
    sidecar = {"subject": OTHER.uri, "stream": OTHER.custody_tag.hex(), "place": "Lane 9"}
    place.put("x.txt", b"text", sidecar | {"occurred_at": "2026-11-06T13:00:00-06:00"})
    place.run()
    (claim,) = place.ledger.claims
    body = place.ledger.body(claim)
    assert (claim.kind, claim.subjects) == ("scan", (OTHER.uri,))
    assert (body["occurred_at"], body["place"]) == ("2026-11-06T13:00:00-06:00", "Lane 9")
    assert place.ledger.readings == [], "its rule says that it is not read"
    assert place.taken() == ["x.txt", "x.txt.drop.json"]


def test_a_file_waits_for_the_sidecar_that_it_needs(place: Place) -> None:
    place.put("x.txt", b"text")
    assert "sidecar" in place.run().waiting["x.txt"]
    place.put("x.txt", b"text", {"subject": TRIP.uri, "stream": TRIP.custody_tag.hex()})
    place.run()
    assert len(place.ledger.claims) == 1


def test_a_file_waits_for_its_trip(place: Place) -> None:
    place.trips(OTHER)
    place.put("MSKU1234565.n42")
    assert "no trip" in place.run().waiting["MSKU1234565.n42"]
    place.trips(OTHER, TRIP)
    place.run()
    assert len(place.ledger.claims) == 1


BAD_SIDECARS: dict[str, bytes] = {
    "no JSON": b"{",
    "an array": b"[]",
    "a member of its own": b'{"container": "MSKU1234565", "run": "rm"}',
    "a path for a subject": b'{"subject": "../../etc/passwd", "stream": "00"}',
    "a subject without stream": json.dumps({"subject": TRIP.uri}).encode(),
    "a number for a container": b'{"container": 7}',
    "a container of control characters": b'{"container": "\\u001b[2J"}',
    "another container than its subject's": json.dumps(
        {"container": "TGHU1234567", "subject": TRIP.uri, "stream": TRIP.custody_tag.hex()}
    ).encode(),
    "too long": b'{"place": "' + b"x" * 20_000 + b'"}',
    "nested without end": b"[" * 5_000 + b"]" * 5_000,
    "not UTF-8": b'{"place": "\xff"}',
    "a time of no day": b'{"occurred_at": "2026-02-30T00:00:00Z"}',
}


@pytest.mark.parametrize("name", BAD_SIDECARS)
def test_a_hostile_sidecar_sets_its_file_aside_with_it(place: Place, name: str) -> None:
    place.put("MSKU1234565.n42")
    place.put("MSKU1234565.n42.drop.json", BAD_SIDECARS[name])
    place.run()
    assert place.ledger.claims == []
    assert place.aside()["MSKU1234565.n42"] in ("sidecar", "container-mismatch")
    assert place.left() == []
    (folder,) = (place.root / "quarantine").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        *("reason.json", "MSKU1234565.n42", "MSKU1234565.n42.drop.json")
    }


BAD_FILES: dict[str, tuple[str | bytes, bytes, str]] = {
    "that no reader understands": ("MSKU1234565.n42", UNKNOWN + b"junk", "not-understood"),
    "that no rule is for": ("MSKU1234565.exe", b"MZ", "no-rule"),
    "that is empty": ("MSKU1234565.n42", b"", "empty"),
    "of no container": ("portal.n42", b"counts", "container-unknown"),
    "of a container with a wrong check digit": ("MSKU1234566.n42", b"counts", "container-unknown"),
    "of two containers": ("MSKU1234565-TGHU1234567.n42", b"counts", "container-ambiguous"),
    "with an escape in its name": ("MSKU1234565\x1b[2J.n42", b"counts", "bad-name"),
    "with a line end in its name": ("MSKU1234565\n.n42", b"counts", "bad-name"),
    "with a name that is not UTF-8": (b"MSKU1234565\xff.n42", b"counts", "bad-name"),
    "with a name like a path": ("in\\..\\MSKU1234565.n42", b"counts", "bad-name"),
}


@pytest.mark.parametrize("part", [1, 2], ids=["whole", "cut short"])
@pytest.mark.parametrize("demand", ["required", "if-possible"])
def test_a_file_of_another_format_than_its_rule_says_is_set_aside_where_reading_is_required(
    place: Place, monkeypatch: pytest.MonkeyPatch, part: int, demand: Literal["required", "if-possible"]
) -> None:
    buffer = BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "JPEG")
    picture = buffer.getvalue()
    rules = place.config.rules
    place.changes = {"rules": (replace(rules[0], read=demand), *rules[1:])}
    place.put("MSKU1234565.n42", picture[: len(picture) // part])
    with Readers() as readers:

        def read(file: BinaryIO, label: Label, expectations: Expectations) -> Reading:
            return readers.read(
                file, media_type=label.media_type, category=label.category, expectations=expectations
            )

        monkeypatch.setattr("tests.drops.place.read", read)
        place.run()
    aside = {"MSKU1234565.n42": "other-media-type"} if demand == "required" else {}
    assert place.aside() == aside
    assert len(place.ledger.claims) == (0 if aside else 1)


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_is_set_aside_with_its_reason(place: Place, name: str) -> None:
    called, data, code = BAD_FILES[name]
    (place.incoming / os.fsdecode(called)).write_bytes(data)
    place.run()
    assert list(place.aside().values()) == [code]
    assert (place.ledger.claims, place.left()) == ([], [])


def test_what_is_no_plain_file_is_never_touched(place: Place, tmp_path: Path) -> None:
    secret = tmp_path / "secret.n42"
    secret.write_bytes(b"not yours MSKU1234565")
    (place.incoming / "MSKU1234565-link.n42").symlink_to(secret)
    (place.incoming / "MSKU1234565-folder.n42").mkdir()
    os.mkfifo(place.incoming / "MSKU1234565-fifo.n42")
    os.link(secret, place.incoming / "MSKU1234565-hard.n42")
    place.put(".MSKU1234565.n42")
    place.put("MSKU1234565.n42.part")
    before = place.left()
    done = place.run()
    assert (place.ledger.claims, place.left(), place.aside()) == ([], before, {})
    assert sorted(done.skipped) == [f"MSKU1234565-{what}.n42" for what in ("fifo", "folder", "hard", "link")]


def test_the_trips_may_be_no_json_and_the_files_wait(place: Place) -> None:
    place.put("MSKU1234565.n42")
    (place.root / "trips.json").write_text("{")
    assert "trips" in place.run().waiting["MSKU1234565.n42"]


def test_without_a_network_files_are_taken_and_stay(place: Place) -> None:
    place.ledger.down = True
    for number in range(3):
        place.put(f"MSKU1234565-{number}.n42", f"counts {number}")
    done = place.run()
    assert len(place.left()) == 3
    assert done.sent.stopped is not None
    place.ledger.down = False
    place.run()
    assert (len(place.ledger.claims), len(place.ledger.readings), place.left()) == (3, 3, [])


def test_an_answer_that_got_lost_is_no_second_claim(place: Place) -> None:
    place.put("MSKU1234565.n42")
    place.ledger.deaf = 2
    place.run()
    place.run()
    assert (len(place.ledger.claims), len(place.ledger.readings), place.left()) == (1, 1, [])


def test_the_same_content_as_another_trips_is_an_alarm(place: Place) -> None:
    place.ledger.matches = [{"other": OTHER.uri}]
    place.put("MSKU1234565.n42", b"counts")
    alarms = [place.run(rounds=1, drop=drop).sent.alarms for drop in [place.drop()] for _ in range(3)]
    assert [name for names in alarms for name in names] == ["MSKU1234565.n42"]
    (offered,) = place.ledger.offered
    assert offered == {
        "cid": place.items(0)[0].cid,
        "subject": TRIP.uri,
        "kind": "spectrum",
        "exact": sha256(b"counts").hexdigest(),
    }
