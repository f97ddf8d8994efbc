"""Logs as CSV: those with a time in every line; the delimiter is found out, not believed."""

import csv
from functools import cache
from io import TextIOWrapper
from typing import BinaryIO

from ledger.domain.errors import MalformedError
from ledger.readers import claims
from ledger.readers.formats import reefer_log
from ledger.readers.reading import Reading
from ledger.readers.registry import Context

NAME = "csv"
FORMAT = "CSV"

_DELIMITERS = ",;\t"
_MAX_ROWS = 500_000
_MAX_FIELD = 10_000
_MAX_NAME = 60
_MAX_COLUMNS = 60


@cache
def version() -> str:
    """Return the version of this reader."""
    return "2"


def prepare() -> None:
    """Load what reading loads."""
    csv.field_size_limit(_MAX_FIELD)


def accepts(head: bytes, size: int) -> bool:
    """Return whether an item begins with the names of columns, one of them the time."""
    return size > 0 and _columns(head) is not None


def read(source: BinaryIO, context: Context) -> Reading:
    """Return what a log says as a whole.

    Raises:
        MalformedError: Not text, too many lines, or lines that are none of this table.
    """
    source.seek(0)
    columns = _columns(source.readline(_MAX_FIELD))
    if columns is None:
        raise MalformedError("csv-malformed", "the first line does not name the columns")
    names, delimiter = columns
    source.seek(0)
    text = TextIOWrapper(source, encoding="utf-8-sig", newline="")
    try:
        rows: list[dict[str, str]] = []
        for row in csv.DictReader(text, delimiter=delimiter, strict=True):
            if None in row or None in row.values() or len(rows) >= _MAX_ROWS:
                message = f"a line has other columns than the first one, or there are more than {_MAX_ROWS}"
                raise MalformedError("csv-malformed", message)
            rows.append(row)
    except UnicodeDecodeError:
        raise MalformedError("csv-encoding", "the table is not UTF-8") from None
    except csv.Error:
        raise MalformedError(
            "csv-malformed", "the lines cannot be told apart: quotes or zero bytes"
        ) from None
    finally:
        text.detach()
    found, wrong = reefer_log.summary(rows, reefer_log.time_column(names) or "")
    wrong = claims.media_type(context, ("text/csv",)) + wrong
    return Reading(
        NAME, version(), FORMAT, {"columns": [each[:_MAX_NAME] for each in names], "log": found}, wrong
    )


def _columns(head: bytes) -> tuple[list[str], str] | None:
    """Return the names in the first line and what is between them; None where this is no such table."""
    try:
        line = head.split(b"\n", 1)[0].decode("utf-8-sig").strip("\r")
    except UnicodeDecodeError:
        return None
    for delimiter in _DELIMITERS:
        names = line.split(delimiter)
        if 2 <= len(names) <= _MAX_COLUMNS and reefer_log.time_column(names) is not None:
            return names, delimiter
    return None
