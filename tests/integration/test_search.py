"""The search for plaintext finds what was planted, in every form: else finding nothing would say nothing."""

import base64
import gzip
import io
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import seeded
from tests.integration.plaintext import Search, needles

SECRET = b"the driver is called Nadie Ninguno"
AROUND = seeded("around", 999)


def archived(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("within.txt", data)
    return out.getvalue()


PLANTED: dict[str, Callable[[bytes], bytes]] = {
    "itself": bytes,
    "hex": lambda data: data.hex().encode(),
    "HEX": lambda data: data.hex().upper().encode(),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "base64": base64.b64encode,
    "base64 after one byte": lambda data: base64.b64encode(b"x" + data),
    "base64url after two": lambda data: base64.urlsafe_b64encode(b"xy" + data + b"z"),
    "deflated": zlib.compress,
    "deflated as little as can be": lambda data: zlib.compress(data, 0),
    "gzip": gzip.compress,
    "in a ZIP": archived,
    "gzip of hex": lambda data: gzip.compress(data.hex().encode()),
    "a ZIP in a ZIP": lambda data: archived(archived(data)),
}


@pytest.mark.parametrize("form", PLANTED)
def test_what_is_planted_is_found(tmp_path: Path, form: str) -> None:
    planted = AROUND + PLANTED[form](SECRET) + AROUND
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(planted)
    search = Search({"a driver": [SECRET]})
    assert {one.secret for one in search.folder(tmp_path)} == {"a driver"}
    assert list(search.folder(tmp_path, [tmp_path / "deep"])) == []
    assert list(Search({"another": [SECRET[::2]]}).folder(tmp_path)) == []


def test_a_piece_of_a_file_is_found() -> None:
    data = seeded("a file", 5_000)
    search = Search({"a file": needles(data, 1, 400)})
    assert list(search.data(AROUND + data[2_000:2_400] + AROUND, "there"))


def test_a_name_is_found(tmp_path: Path) -> None:
    (tmp_path / SECRET.decode()).touch()
    assert list(Search({"a driver": [SECRET]}).folder(tmp_path))


def test_a_row_is_found_that_lies_torn_in_its_database(tmp_path: Path) -> None:
    torn = seeded("long", 4_050) + SECRET + seeded("more", 90_000)
    with closing(sqlite3.connect(tmp_path / "a.db")) as database:
        database.execute("CREATE TABLE kept (value BLOB)")
        database.executemany("INSERT INTO kept VALUES (?)", [(torn[number:],) for number in range(40)])
        database.commit()
    found = {one.where for one in Search({"a driver": [SECRET]}).folder(tmp_path)}
    assert f"{tmp_path / 'a.db'}, table kept" in found


@pytest.mark.parametrize("how", ["a word", "a variable"])
def test_what_a_process_was_told_is_found_in_its_child_too(how: str) -> None:
    word, variable = (SECRET.decode(), "x") if how == "a word" else ("x", SECRET.decode())
    inner = [sys.executable, "-c", "print(1, flush=True); input()", word]
    outer = f"import subprocess; subprocess.run({inner!r}, env={{'NAME': {variable!r}}})"
    with subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        found = list(Search({"a driver": [SECRET]}).process(process.pid))
        process.communicate(b"\n")
    assert found
