"""Files are written whole or not at all, and what is printed cannot steer a terminal."""

import io
import stat
import sys
from pathlib import Path

import pytest

from ledger.cli.files import new_file, read_file, write_file
from ledger.cli.output import emit, fields, plain, say
from ledger.domain.errors import ConflictError, NotFoundError, UnavailableError, UsageError


def test_a_file_is_there_when_the_block_ended_well_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with new_file(path) as file:
        file.write(b"content")
        assert not path.exists()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"content"]


def test_a_block_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_file(tmp_path / "file") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def race() -> None:
        with new_file(path) as file:
            file.write(b"mine")
            path.write_bytes(b"theirs")

    with pytest.raises(ConflictError):
        race()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"theirs"]


def test_force_replaces_a_plain_file_and_nothing_else(tmp_path: Path) -> None:
    path, link, folder = tmp_path / "file", tmp_path / "link", tmp_path / "folder"
    path.write_bytes(b"old")
    write_file(path, b"new", force=True)
    assert path.read_bytes() == b"new"
    link.symlink_to(path)
    folder.mkdir()
    for other in (link, folder, Path("/dev/null")):
        with pytest.raises(ConflictError):
            write_file(other, b"new", force=True)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConflictError):
        write_file(tmp_path / "link", b"content")
    assert [one.name for one in tmp_path.iterdir()] == ["link"]


def test_reading_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_file(path, "the file", max_bytes=5) == b"12345"
    with pytest.raises(UsageError):
        read_file(path, "the file", max_bytes=4)
    with pytest.raises(UsageError):
        read_file(Path("/dev/zero"), "the file", max_bytes=100)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"the body .*absent is not there"):
        read_file(tmp_path / "absent", "the body", max_bytes=5)
    with pytest.raises(UnavailableError, match="Is a directory"):
        read_file(tmp_path, "the body", max_bytes=5)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Puerto Barrios, 7 °C, 集装箱", "Puerto Barrios, 7 °C, 集装箱"),
        ("a\nb", r"a\nb"),
        ("\x1b[2J", r"\x1b[2J"),
        ("gnp.exe\u202e", r"gnp.exe\u202e"),
        ("\ud800", r"\ud800"),
        ("tab\tbell\x07", r"tab\tbell\x07"),
    ],
)
def test_what_is_not_printable_is_written_as_an_escape(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert plain(text).isprintable()


def test_markup_in_what_is_shown_stays_text(capsys: pytest.CaptureFixture[str]) -> None:
    say("[red]all is well[/red]")
    fields({"name": ["[bold]one", "two"], "x": "three"})
    emit({"a": "\x1b\u202e"})
    assert capsys.readouterr().out == (
        '[red]all is well[/red]\nname  [bold]one\n      two\nx     three\n{\n  "a": "\\u001b\\u202e"\n}\n'
    )


def test_a_terminal_that_cannot_show_a_text_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    with pytest.raises(UnavailableError, match="PYTHONUTF8"):
        say("集装箱")
