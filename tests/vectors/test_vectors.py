"""The committed vectors: made again they are the same, and two verifiers find in them what they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from second_vectors import SECTIONS as SECOND
from second_vectors import check_vector

from tests.vectors import make
from tests.vectors.readers import READERS, read

PATHS = sorted(make.FOLDER.glob("*.json"))
MAX_BYTES = 4_000_000


def cases() -> list[Any]:
    files = [json.loads(path.read_bytes()) for path in PATHS]
    return [
        pytest.param(file["section"], case, id=f"{file['section']}: {case['name']}")
        for file in files
        for case in file["cases"]
    ]


def as_written(found: Any) -> Any:
    """Return what a reader found as a vector file writes it: bytes in hexadecimal."""
    if isinstance(found, bytes):
        return found.hex()
    return [as_written(one) for one in found] if isinstance(found, list) else found


def test_made_again_they_are_the_same_files() -> None:
    committed = {path.name: path.read_bytes() for path in (*PATHS, *make.FOLDER.glob("*.zip"))}
    made = make.files()
    assert made.keys() == committed.keys()
    assert [name for name in made if made[name] != committed[name]] == []


def test_making_them_leaves_no_other_vectors_behind(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("{}")
    make.main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == make.files().keys()


def test_they_are_small_enough_to_keep() -> None:
    assert sum(map(len, make.files().values())) < MAX_BYTES


def test_every_section_has_both_readers_and_a_file_named_like_it() -> None:
    assert {path.stem for path in PATHS} == READERS.keys() | {"dossier"} == SECOND.keys() | {"dossier"}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_the_second_verifier_finds_what_they_say(path: Path) -> None:
    check_vector(path)


@pytest.mark.parametrize(("section", "case"), cases())
def test_our_readers_find_what_they_say(section: str, case: dict[str, Any]) -> None:
    found, expect = read(section, case["input"], make.FOLDER), case["expect"]
    assert {name: as_written(found.get(name)) for name in expect} == expect
    assert ("error" in found) == ("error" in expect)
    # `1 == True` and `1 == 1.0` in Python, and in no vector.
    assert all(type(as_written(found[name])) is type(value) for name, value in expect.items())


def test_what_is_refused_stands_beside_what_is_good() -> None:
    only_good = {"stream", "subject", "entry", "anchor-record", "slots", "custody", "passages"}
    for path in PATHS:
        errors = {"error" in case["expect"] for case in json.loads(path.read_bytes())["cases"]}
        assert errors == ({False} if path.stem in only_good else {True, False}), path.stem
