"""`corridor assess`: all that the rules find, in three languages, with the exit codes of `verify`."""

from pathlib import Path

import pytest

from ledger.assessment.assess import checks_of
from tests.assessment.story import complete, us
from tests.cli.corridor import Ran, corridor, refused
from tests.domain.custody_story import posix
from tests.verification.corridor_world import LoggedShipment
from tests.verification.factory import World, a_small_world, packed

NOW = int(posix(131))


@pytest.fixture(scope="module")
def told() -> LoggedShipment:
    shipment = LoggedShipment()
    complete(shipment)
    return shipment


def assessed(folder: Path, world: World, dossier: bytes, *more: object, command: str = "assess") -> Ran:
    (folder / "dossier.zip").write_bytes(dossier)
    (folder / "trust.json").write_bytes(world.trust().encode())
    trust = ("--trust", folder / "trust.json", "--offline", "--now", NOW)
    return corridor(command, folder / "dossier.zip", *trust, *more)


@pytest.fixture
def dossier(told: LoggedShipment) -> bytes:
    return packed(told.world.dossier(told.trip))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Still to come: FDA prior", "milestone", "Before the arrival expected then: 60 h 00 min")),
        ("es", ("Aún por llegar: notific", "hito", "Antes de la llegada esperada entonces: 60 h 00 min")),
        ("fr", ("Encore à venir : préavis", "étape", "Avant l'arrivée attendue alors : 60 h 00 min")),
    ],
)
def test_tells_findings_times_margin_and_what_is_missing_in_a_language(
    told: LoggedShipment, dossier: bytes, tmp_path: Path, lang: str, words: tuple[str, ...]
) -> None:
    ran = assessed(tmp_path, told.world, dossier, "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    assert f"corridor guatemala-us, version {us().version}" in ran.text
    for text in words:
        assert text in ran.text
    assert "\x1b" not in ran.text


def test_json_has_checks_clock_margin_and_needs(told: LoggedShipment, dossier: bytes, tmp_path: Path) -> None:
    ran = assessed(tmp_path, told.world, dossier, "--json", "--lang", "es")
    assert (ran.code, ran.err) == (0, "")
    assert list(ran.json) == ["subject", "profile", "checks", "clock", "margin", "needs", "outcome"]
    assert (ran.json["subject"], ran.json["profile"]) == (told.trip.uri, us().hash.hex())
    assert [one["name"] for one in ran.json["checks"]] == [one.name for one in checks_of(us())]
    by_name = {one["milestone"]: one for one in ran.json["clock"]}
    assert by_name["arrival"]["estimated"]["terminal"] == "Gateway"
    assert by_name["lading"]["actual"]["at"] == int(posix(61))
    assert ran.json["margin"]["to_eta"] == 60 * 3600
    lacking = [one["need"] for one in ran.json["needs"] if one["statement"] is None]
    assert lacking == ["prior-notice", "temperature-log"]


def test_verify_names_the_rules_and_gives_the_corridor_s_checks(
    told: LoggedShipment, dossier: bytes, tmp_path: Path
) -> None:
    ran = assessed(tmp_path, told.world, dossier, command="verify")
    assert (ran.code, ran.err) == (0, "")
    assert f"corridor guatemala-us, version {us().version}" in ran.text
    assert "required-evidence" in ran.text
    as_json = assessed(tmp_path, told.world, dossier, "--json", command="verify").json
    assert list(as_json) == ["outcome", "shipment", "checks"]


def test_of_a_corridor_without_rules_there_is_nothing_to_tell(tmp_path: Path) -> None:
    world, trip = a_small_world()
    (tmp_path / "dossier.zip").write_bytes(packed(world.dossier(trip)))
    (tmp_path / "trust.json").write_bytes(world.trust().encode())
    common = ("assess", tmp_path / "dossier.zip", "--trust", tmp_path / "trust.json", "--offline")
    ran = corridor(*common, "--now", world.now)
    assert ran.code == 0
    assert "ask nothing of this dossier" in ran.text
    found = corridor(*common, "--now", world.now, "--json").json
    assert (found["checks"], found["clock"], found["margin"], found["needs"]) == ([], [], None, [])


def test_what_is_no_dossier_ends_with_3(told: LoggedShipment, tmp_path: Path) -> None:
    refused(assessed(tmp_path, told.world, b"no dossier"), 3, "not-zip")
    ran = assessed(tmp_path, told.world, b"no dossier", "--json")
    assert (ran.code, ran.json["outcome"], ran.json["checks"]) == (3, "rejected", [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "screening-empty", id="empty"),
        pytest.param(b"# nobody\n\n", "screening-empty", id="comments only"),
        pytest.param(None, "no-file", id="absent"),
    ],
)
def test_a_screening_list_that_holds_no_names_is_wrong_use(
    told: LoggedShipment, dossier: bytes, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "names.txt"
    if content is not None:
        path.write_bytes(content)
    refused(assessed(tmp_path, told.world, dossier, "--screening", path), 64, reason)


def test_a_screening_list_is_one_name_a_line(told: LoggedShipment, dossier: bytes, tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_bytes(b"\xef\xbb\xbf# ours\r\nSomebody Else\r\n\r\n")
    ran = assessed(tmp_path, told.world, dossier, "--screening", tmp_path / "names.txt", "--json")
    assert ran.code == 0
