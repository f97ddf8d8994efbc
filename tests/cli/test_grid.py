"""Tables fold between words on a screen, never within one, and not at all where nothing is a screen."""

import io
import re
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ledger.cli.findings import drawn_record
from ledger.cli.grid import Grid
from ledger.cli.output import show, show_table

TITLES = ("ETA", "puerto", "buque, viaje", "conocimiento de embarque", "contenedores", "estado")
ROWS = (
    (
        "2026-11-28T12:00:00Z",
        "USILG, PIER 2",
        "EXAMPLE TUCAN, 047N",
        "XMPL.261122001",
        "XXXU5001260, XXXU5001261",
        "contradicciones (listo)",
    ),
    ("no se sabe", "USILG", "", "XMPL.261122002", "XXXU5001275", "incompleto"),
)
RECORD = {
    "checks": [
        {
            "name": "required-evidence",
            "findings": [
                {
                    "code": "evidence-still-to-come",
                    "severity": "warning",
                    "message": "Still to come until 2026-11-15T11:00:00Z: stow plan of XXXU5001260.",
                    "statements": ["0123456789abcdef", "fedcba9876543210"],
                }
            ],
        }
    ],
    "clock": [{"title": "arrival", "planned": {"at": 1_794_912_645, "source": "https://carrier.example"}}],
    "needs": [{"title": "stow plan", "trip": None, "who": ["destination-customs"], "due": 1_794_912_645}],
}


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(grid: Grid, width: int, *, on_screen: bool = True) -> str:
    """Return what is drawn of a table."""
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=on_screen, color_system=None, markup=False, emoji=False
    )
    console.print(grid, crop=False)
    return file.getvalue()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_code_number_or_time_is_broken_on_a_screen(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    screen = _Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    show_table(TITLES, ROWS)
    show(*drawn_record(RECORD, "en"))
    text = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())
    for whole in " ".join(cell for row in ROWS for cell in row).replace(",", "").split():
        assert whole in text
    for whole in ("required-evidence", "evidence-still-to-come", "0123456789abcdef", "2026-11-15T11:00:00Z:"):
        assert whole in text
    assert "destination-customs" in text
    assert max(map(len, text.splitlines())) <= columns


def test_where_columns_do_not_fit_each_row_is_a_record_under_its_titles() -> None:
    lines = [line.rstrip() for line in drawn(Grid(TITLES, ROWS), 60).splitlines()]
    assert lines[1:3] == [
        "ETA                       2026-11-28T12:00:00Z",
        "puerto                    USILG, PIER 2",
    ]
    assert lines[8:] == [
        "ETA                       no se sabe",
        "puerto                    USILG",
        "conocimiento de embarque  XMPL.261122002",
        "contenedores              XXXU5001275",
        "estado                    incompleto",
    ]


def test_what_goes_to_no_screen_is_one_line_for_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    long = "word " * 60 + "end"
    show_table((*TITLES, "y más"), [(*ROWS[0], long), (*ROWS[1], "word")])
    show(*drawn_record(RECORD, "en"))
    lines = [line.split("   ")[-1].strip() for line in capsys.readouterr().out.splitlines()]
    assert long in lines
    assert RECORD["checks"][0]["findings"][0]["message"] in lines  # type: ignore[index]  # it is JSON


def test_a_word_wider_than_the_screen_goes_on_in_its_next_line() -> None:
    shown = drawn(Grid(("id", "what"), [("ab" * 60, "x")]), 40)
    assert shown.replace("\n", "").replace(" ", "").endswith("ab" * 60 + "whatx")
    assert max(map(len, shown.splitlines())) <= 40


def test_nothing_that_is_shown_becomes_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("subject",), [("urn:ship:7",)])
    assert "urn:ship:7" in capsys.readouterr().out


WORDS = st.lists(st.text("abAB:-é箱", min_size=1, max_size=12), max_size=12).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4), st.integers(min_value=40, max_value=140))
def test_whatever_stands_in_it_words_stay_whole_and_lines_fit(
    rows: Sequence[tuple[str, str, str]], width: int
) -> None:
    from rich.cells import cell_len

    shown = drawn(Grid(("one", "two words", "three"), rows), width)
    assert all(cell_len(line) <= width for line in shown.splitlines())
    assert {word for row in rows for cell in row for word in cell.split()} <= set(shown.split())
