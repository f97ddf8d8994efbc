"""`corridor profile`: what comes with the ledger is shown and copied, and a file is checked as a whole."""

from pathlib import Path

import pytest

from ledger.corridors.shipped import SHIPPED, shipped_profile
from ledger.domain.words import LANGUAGES
from tests.cli.corridor import corridor
from tests.corridors.rules_text import changed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "ours.toml"
    path.write_text(changed(), "utf-8")
    return path


def test_lists_what_comes_with_the_ledger() -> None:
    listed = corridor("profile", "list", "--json").json
    assert [(one["profile"], one["hash"]) for one in listed] == [
        (name, shipped_profile(name).hash.hex()) for name in SHIPPED
    ]
    shown = corridor("profile", "list").text
    assert all(name in shown for name in SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_shows_who_owes_what_by_when_in_three_languages(name: str, lang: str) -> None:
    ran = corridor("profile", "show", name, "--lang", lang)
    assert ran.code == 0
    profile = shipped_profile(name)
    assert profile.hash.hex() in ran.text
    # Titles are folded into narrow cells.
    told = "".join(ran.text.split())
    rules = profile.rules
    for milestone in () if rules is None else rules.milestones.values():
        assert "".join(milestone.title.in_(lang).split())[:12] in told


def test_shows_deadlines_in_words(file: Path) -> None:
    words = {
        "en": ("24 h before: departure", "the earliest of (48 h after: departure; arrival)"),
        "es": ("24 h antes: zarpe", "lo primero de (48 h después: zarpe; llegada)"),
        "fr": ("24 h avant : départ", "le premier de (48 h après : départ; arrivée)"),
    }
    for lang, texts in words.items():
        cells = " ".join(corridor("profile", "show", file, "--lang", lang).text.split())
        for text in texts:
            assert all(word in cells for word in text.split())


def test_shows_the_tables_as_json(file: Path) -> None:
    shown = corridor("profile", "show", file, "--json").json
    assert shown["profile"] == "test-corridor"
    assert shown["tables"]["required"]["scan"]["per"] == "trip"


def test_a_copy_is_the_shipped_profile_and_replaces_nothing(tmp_path: Path) -> None:
    copy = tmp_path / "copy.toml"
    assert corridor("profile", "write", "guatemala-us", copy).code == 0
    assert copy.read_bytes() == shipped_profile("guatemala-us").document
    assert corridor("profile", "write", "east-africa-transit", copy).reason == "file-exists"
    assert copy.read_bytes() == shipped_profile("guatemala-us").document
    assert corridor("profile", "write", "east-africa-transit", copy, "--force").code == 0
    assert corridor("profile", "write", "gt-us", tmp_path / "other.toml").reason == "no-profile"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.toml"]


def test_what_makes_sense_passes_the_check(file: Path) -> None:
    for choice in (*SHIPPED, file):
        ran = corridor("profile", "check", choice)
        assert (ran.code, ran.err) == (0, "")
        assert "nothing is wrong with it" in ran.text


def test_the_check_tells_everything_at_once_with_where_and_what_to_do(file: Path) -> None:
    file.write_text(
        changed(('kind = "scan"', 'kind = "x-ray"'), ("low_c = 7", "low_c = 20"), ("sea = 60\n", "")), "utf-8"
    )
    ran = corridor("profile", "check", file)
    assert (ran.code, ran.err) == (1, "")
    assert "error    required.scan.kind" in ran.text
    assert "[unknown-kind]" in ran.text
    assert "error    reefer" in ran.text
    assert "warning  legs.voyage" in ran.text
    assert "Add sea to [speeds]." in ran.text
    assert "2 errors, 1 warning\n" in ran.text
    found = corridor("profile", "check", file, "--json")
    assert found.code == 1
    assert found.json["good"] is False
    assert [(one["weight"], one["path"]) for one in found.json["remarks"]] == [
        ("error", "required.scan.kind"),
        ("error", "reefer"),
        ("warning", "legs.voyage"),
    ]
    assert set(found.json["remarks"][0]) == {"weight", "code", "path", "says", "todo"}


def test_warnings_alone_are_no_failure(file: Path) -> None:
    file.write_text(changed(("sea = 60\n", "")), "utf-8")
    assert corridor("profile", "check", file).code == 0
    assert corridor("profile", "check", file, "--json").json["good"] is True


UNREADABLE = {
    "no TOML": (b"[route", "toml-syntax", "the file"),
    "no text": (b"\xff\xfe", "toml-syntax", "the file"),
    "an unknown member": (changed(("sea = 60", "sea = 60\nair = 9")).encode(), "unknown-field", "speeds.air"),
    "no deadline": (
        changed(('"departure - 24 h"', '"soon enough"')).encode(),
        "malformed-due",
        "required.invoice.due",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_told_with_its_place(file: Path, case: str) -> None:
    data, code, path = UNREADABLE[case]
    file.write_bytes(data)
    ran = corridor("profile", "check", file, "--json")
    assert (ran.code, ran.err) == (1, "")
    (remark,) = ran.json["remarks"]
    assert (remark["code"], remark["path"]) == (code, path)
    assert corridor("profile", "show", file).reason == code


def test_a_file_that_is_no_file_is_an_error_of_one_line(tmp_path: Path) -> None:
    for command in ("check", "show"):
        assert corridor("profile", command, tmp_path / "none.toml").reason == "no-file"
        assert corridor("profile", command, tmp_path).reason == "cannot-read"
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 131_073)
    assert corridor("profile", "check", large).reason == "too-large"


MISTAKES = {
    "a table mistyped": ("[tolerances]", "[tolerence]", "is 'tolerances' meant?"),
    "a member mistyped": ('owed_by = ["carrier"]', 'owedby = ["carrier"]', "is 'owedby' meant to be it?"),
    "hours as a word": (
        "arrival-us - 8 h",
        "arrival-us - 8 hours",
        "h, d or min for the unit, not 'arrival-us - 8 ",
    ),
    "months": (
        "arrival-us - 8 h",
        "arrival-us - 1 month",
        "h, d or min for the unit, not 'arrival-us - 1 month'",
    ),
    "one language": (
        '{ en = "stuffing", es = "llenado del contenedor", fr = "empotage" }',
        '"stuffing"',
        "en = ",
    ),
    "a byte order mark": ("# Fresh", "\ufeff# Fresh", "without BOM"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_so_that_it_can_be_mended(name: str, tmp_path: Path) -> None:
    right, wrong, hint = MISTAKES[name]
    text = shipped_profile("guatemala-us").document.decode()
    assert right in text
    (tmp_path / "ours.toml").write_text(text.replace(right, wrong, 1), "utf-8")
    ran = corridor("profile", "check", tmp_path / "ours.toml")
    assert (ran.code, ran.err) == (1, "")
    assert hint in ran.text


def test_a_profile_in_an_old_encoding_is_told_how_to_be_saved(tmp_path: Path) -> None:
    text = shipped_profile("guatemala-us").document.decode()
    (tmp_path / "ours.toml").write_bytes(text.encode("cp1252", "replace"))
    assert "save it as UTF-8" in corridor("profile", "check", tmp_path / "ours.toml").text
