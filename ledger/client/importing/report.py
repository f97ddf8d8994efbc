"""A report of what became of each line: a table in which office programs run nothing, or JSON."""

import csv
import io
import json
from collections.abc import Callable
from typing import BinaryIO, Final

from ledger.client.importing.outcome import SHOWN, Outcome

Write = Callable[[Outcome], None]
# What begins a formula in a cell (OWASP, CSV Injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def table_report(file: BinaryIO) -> Write:
    """Return what writes outcomes as rows of a table: CSV in UTF-8, marked as office programs need it.

    Args:
        file: Empty, open for writing.
    """
    file.write(b"\xef\xbb\xbf")
    _write_row(file, list(SHOWN))

    def write(outcome: Outcome) -> None:
        told = outcome.to_json() | {"subjects": " ".join(outcome.subjects)}
        _write_row(file, [safe_cell(str(told[name] or "")) for name in SHOWN])

    return write


def json_report(file: BinaryIO) -> Write:
    """Return what writes outcomes as JSON, a line each."""

    def write(outcome: Outcome) -> None:
        file.write(json.dumps(outcome.to_json(), ensure_ascii=False).encode() + b"\n")

    return write


def safe_cell(text: str) -> str:
    """Return a text that no office program takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_row(file: BinaryIO, cells: list[str]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    file.write(text.getvalue().encode())
