"""Reads a screening list that its user supplies: names of parties, one a line or in a column of a CSV.

Of the consolidated lists that authorities publish these tables are understood as they are downloaded: those
of OFAC (`SDN.CSV` and `ALT.CSV`, without a header), of the European Union (column `NameAlias_WholeName`), of
the United Kingdom (`Name 1` to `Name 6`), and tables made of the United Nations' list with `FIRST_NAME` to
`FOURTH_NAME`. Nothing is fetched, and names are compared as `standard_forms.exact_name` says, never by
likeness.
"""

import csv
import io
import re
from collections.abc import Sequence
from typing import Final

from ledger.domain.errors import MalformedError
from ledger.domain.standard_forms import exact_name

MAX_BYTES: Final = 67_108_864
MAX_NAMES: Final = 1_000_000
MAX_NAME: Final = 1_000

_COLUMNS: Final = (
    ("namealias_wholename",),
    ("name 1", "name 2", "name 3", "name 4", "name 5", "name 6"),
    ("first_name", "second_name", "third_name", "fourth_name"),
    ("sdn_name",),
    ("alt_name",),
    ("whole_name",),
    ("full name",),
    ("entity name",),
    ("name",),
    ("nombre",),
    ("nom",),
)
"""Columns that a name stands in, the most particular first; the parts of a name in their order."""
_OFAC: Final = {5: 3, 12: 1}
"""OFAC's tables have no header: by how many columns they have, the one with the name."""
_NO_VALUE: Final = "-0-"
_HEAD_LINES: Final = 5
_FOREIGN: Final = (b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{", b"[")


def read_screening_list(data: bytes) -> tuple[str, ...]:
    """Read the names on a screening list, each once, in their order.

    Args:
        data: UTF-8 or UTF-16, with a byte order mark or without, or Latin-1; at most 64 MiB. Either one name
            a line, lines that begin with `#` left out, or a table with a column of names, separated by
            commas, semicolons or tabs.

    Raises:
        MalformedError: Too large, no text, a table without a column of names, a name of over 1,000
            characters, over 1,000,000 names, or none.
    """
    if len(data) > MAX_BYTES:
        raise _malformed(
            "too-large", f"the screening list has {len(data)} bytes; at most {MAX_BYTES} are taken"
        )
    text = _decoded(data)
    names: dict[str, None] = {}
    for line, name in _names(text):
        if len(name) > MAX_NAME:
            raise _malformed(
                "screening-name",
                f"line {line} of the screening list has a name of over {MAX_NAME} characters",
            )
        if exact_name(name):
            names[name] = None
        if len(names) > MAX_NAMES:
            raise _malformed("too-large", f"the screening list has over {MAX_NAMES} names")
    if not names:
        raise _malformed("screening-empty", "the screening list has no names; give one a line, or a CSV")
    return tuple(names)


def _decoded(data: bytes) -> str:
    if data.startswith(_FOREIGN) or data.lstrip().startswith(b"<"):
        message = "the screening list is no text: save it as CSV, or as one name a line"
        raise _malformed("screening-not-text", message)
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text = data.decode("utf-16")
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\x00" in text:
        raise _malformed("screening-not-text", "the screening list is no text: it has null characters")
    return text


def _names(text: str) -> list[tuple[int, str]]:
    lines = text.splitlines()
    for place, line in enumerate(lines[:_HEAD_LINES]):
        for mark in ",;\t":
            header = [each.strip().strip('"').casefold() for each in line.split(mark)]
            columns = _columns(header)
            if columns and (len(header) > 1 or place == 0):
                return _of_table(text, mark, place, columns)
    first = next((line for line in lines if line.strip()), "")
    cells = next(csv.reader([first]), [])
    if re.match(r"\s*[0-9]+\s*,", first) and len(cells) in _OFAC:
        return _of_table(text, ",", -1, (_OFAC[len(cells)],))
    if max(first.count(";"), first.count("\t")) >= 2:
        message = (
            "the screening list is a table without a column that is known to hold names; call it `name`, or "
            "give one name a line"
        )
        raise _malformed("screening-no-names", message)
    kept = [(number, line.strip()) for number, line in enumerate(lines, 1)]
    return [(number, line) for number, line in kept if line and not line.startswith("#")]


def _columns(header: Sequence[str]) -> tuple[int, ...]:
    for names in _COLUMNS:
        found = tuple([header.index(name) for name in names if name in header])
        if found:
            return found
    return ()


def _of_table(text: str, mark: str, header: int, columns: Sequence[int]) -> list[tuple[int, str]]:
    rows = csv.reader(io.StringIO(text), delimiter=mark)
    found = []
    try:
        for place, row in enumerate(rows):
            if place <= header:
                continue
            parts = [row[column].strip() for column in columns if column < len(row)]
            name = " ".join(part for part in parts if part and part != _NO_VALUE)
            if name:
                found.append((rows.line_num, name))
    except csv.Error as error:
        message = f"line {rows.line_num} of the screening list is no line of a table: {error}"
        raise _malformed("screening-no-names", message) from None
    return found


def _malformed(code: str, message: str) -> MalformedError:
    return MalformedError(code, message)
