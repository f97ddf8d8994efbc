"""The register of people: encrypted, and the only way back from a pseudonym."""

from pathlib import Path

import pyrage
import pytest

from ledger.client.people import Register
from ledger.domain.errors import ConflictError, CorridorError, MalformedError, NotFoundError, PolicyError
from tests.builders import a_trip

MINE, THEIRS = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
HERE, THERE = a_trip().uri, a_trip("MSKU7654321").uri


def a_register(*names: str) -> Register:
    register = Register.create([str(MINE.to_public())])
    for name in names:
        register = register.adding(name)
    return register


def test_its_employer_resolves_a_pseudonym_and_nobody_else(tmp_path: Path) -> None:
    register, path = a_register("Guard 17", "Driver 4"), tmp_path / "people.age"
    register.save(path)
    called = register.pseudonym("Driver 4", HERE)
    again = Register.open(path, [MINE])
    assert again == register
    assert again.resolve(called, HERE) == "Driver 4"
    with pytest.raises(NotFoundError):
        again.resolve(called, THERE)
    with pytest.raises(NotFoundError):
        a_register("Guard 17", "Driver 4").resolve(called, HERE)
    with pytest.raises(PolicyError):
        Register.open(path, [THEIRS])


def test_names_are_in_no_file_and_in_no_text_about_it(tmp_path: Path) -> None:
    register, path = a_register("Guard 17"), tmp_path / "people.age"
    register.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["people.age"]
    assert b"Guard 17" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Guard" not in repr(register)
    assert register.key.hex() not in repr(register)


def test_two_of_one_name_are_told_apart_first() -> None:
    with pytest.raises(ConflictError):
        a_register("Guard 17", "Guard 17")


def test_whoever_is_not_there_has_no_pseudonym() -> None:
    with pytest.raises(NotFoundError):
        a_register("Guard 17").pseudonym("Guard 18", HERE)


BAD = {
    "no JSON": b"guard",
    "another format": b'{"format":"x","key":"","recipients":[],"people":[]}',
    "a short key": b'{"format":"corridor-people/1","key":"00","recipients":[],"people":[]}',
    "a person without a name": b'{"format":"corridor-people/1","key":"' + b"00" * 32 + b'","recipients":[],'
    b'"people":[{"id":"' + b"00" * 16 + b'"}]}',
}


@pytest.mark.parametrize("plain", BAD.values(), ids=BAD)
def test_what_is_no_register_is_refused(tmp_path: Path, plain: bytes) -> None:
    path = tmp_path / "people.age"
    path.write_bytes(pyrage.encrypt(plain, [MINE.to_public()]))
    with pytest.raises(MalformedError):
        Register.open(path, [MINE])


@pytest.mark.parametrize("data", [b"", b"age-encryption.org/v1\n"], ids=["empty", "cut off"])
def test_a_file_that_is_no_age_file_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "people.age"
    path.write_bytes(data)
    with pytest.raises(CorridorError):
        Register.open(path, [MINE])
