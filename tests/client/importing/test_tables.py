"""Tables of office programs: their encodings and separators, and rows that are none."""

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.client.importing.columns import Column, plain_name
from ledger.client.importing.outcome import Outcome, State
from ledger.client.importing.report import json_report, safe_cell, table_report
from ledger.client.importing.tables import Row, Table, open_table
from ledger.domain.errors import CorridorError, NotFoundError, UsageError

COLUMNS = (
    Column("number", "its number", ("número",), needed=True),
    Column("goods", "what it is", ("mercancía",)),
)
TEXT = "number{0}goods\n1{0}piña\n2{0}año\n"


def rows_of(path: Path, data: bytes, **options: str) -> tuple[list[Row], Table]:
    path.write_bytes(data)
    with open_table(path, COLUMNS, **options) as table:  # type: ignore[arg-type]
        return list(table.rows), table


WRITTEN = {
    "commas": (TEXT.format(",").encode(), "utf-8", ","),
    "semicolons": (TEXT.format(";").encode(), "utf-8", ";"),
    "tabs": (TEXT.format("\t").encode(), "utf-8", "\t"),
    "bars": (TEXT.format("|").encode(), "utf-8", "|"),
    "with a mark": (b"\xef\xbb\xbf" + TEXT.format(";").encode(), "utf-8-sig", ";"),
    "UTF-16": (TEXT.format(";").encode("utf-16"), "utf-16", ";"),
    "Windows-1252": (TEXT.format(";").encode("cp1252"), "cp1252", ";"),
    "Latin-1": (TEXT.format(";").encode("latin-1"), "cp1252", ";"),
    "line ends of Windows": (TEXT.format(";").replace("\n", "\r\n").encode(), "utf-8", ";"),
    "line ends of an old Mac": (TEXT.format(";").replace("\n", "\r").encode(), "utf-8", ";"),
    "no line end at the end": (TEXT.format(",").strip().encode(), "utf-8", ","),
}


@pytest.mark.parametrize(("data", "encoding", "separator"), WRITTEN.values(), ids=WRITTEN)
def test_a_table_is_read_however_it_is_written(
    tmp_path: Path, data: bytes, encoding: str, separator: str
) -> None:
    rows, table = rows_of(tmp_path / "x.csv", data)
    assert (table.encoding, table.separator) == (encoding, separator)
    assert [one.cells for one in rows] == [{"number": "1", "goods": "piña"}, {"number": "2", "goods": "año"}]
    assert [one.line for one in rows] == [2, 3]


def test_what_only_another_encoding_explains_is_read_by_it(tmp_path: Path) -> None:
    text = "number;goods\n" + "".join(f"{one};piñas de la estación, año {one}\n" for one in range(40))
    rows, table = rows_of(tmp_path / "x.csv", text.encode("mac_roman"))
    assert (table.encoding, rows[0].cells["goods"]) == ("mac_roman", "piñas de la estación, año 0")


def test_the_one_who_knows_may_say_the_encoding(tmp_path: Path) -> None:
    rows, _ = rows_of(tmp_path / "x.csv", TEXT.format(",").encode("cp850"), encoding="cp850")
    assert rows[0].cells["goods"] == "piña"
    for encoding in ("ascii", "klingon"):
        with pytest.raises(UsageError, match="encoding"):
            rows_of(tmp_path / "x.csv", TEXT.format(",").encode("cp850"), encoding=encoding)


def test_rows_that_are_none_are_told_apart_and_the_others_are_read(tmp_path: Path) -> None:
    data = b'number,goods\n1,a,b\n"2,x\n3",y\n,,\n\n4,"z\n5,"w"v\n6,u\n'
    rows, _ = rows_of(tmp_path / "x.csv", data)
    told = [(one.error.code if one.error else dict(one.cells)) for one in rows]
    assert told[0] == "bad-row"
    assert {"number": "2,x\n3", "goods": "y"} in told
    assert "bad-row" in told[2:]


def test_a_short_row_has_empty_cells_and_a_long_one_of_blanks_is_taken(tmp_path: Path) -> None:
    rows, _ = rows_of(tmp_path / "x.csv", b"number,goods\n1\n2,x, ,\n")
    assert [dict(one.cells) for one in rows] == [{"number": "1"}, {"number": "2", "goods": "x"}]


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\x00\x01\x02", b"PK\x03\x04 a spreadsheet", b"\xff\xfe", b"a" * 100_000],
    ids=["nothing", "an empty line", "zeros", "a spreadsheet", "only a mark", "one long line"],
)
def test_what_is_no_table_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UsageError):
        rows_of(tmp_path / "x.csv", data)


def test_a_table_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError), open_table(tmp_path / "x.csv", COLUMNS):
        pass


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    try:
        rows, _ = rows_of(path, b"number,goods\n" + data)
    except CorridorError:
        return
    assert all(one.error is not None or set(one.cells) <= {"number", "goods"} for one in rows)


def test_memory_does_not_grow_with_the_table(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("number,goods\n" + f"1,{'pineapples from a packing house ' * 15}\n" * 20_000)
    tracemalloc.start()
    with open_table(path, COLUMNS) as table:
        assert sum(1 for _ in table.rows) == 20_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000 < path.stat().st_size


def test_names_are_compared_without_case_accents_and_marks() -> None:
    assert plain_name(" Número ") == plain_name("NUMERO") == plain_name("nú-me_ro")


def test_a_report_opens_in_office_programs_and_runs_nothing_there() -> None:
    file = io.BytesIO()
    write = table_report(file)
    write(Outcome("3", State.REJECTED, '=HYPERLINK("http://x")', (), "bad", "@SUM(1)\nmore", "+a"))
    text = file.getvalue()
    assert text.startswith(b"\xef\xbb\xbfline,state,name,subjects,code,message,column\r\n")
    assert b"'=HYPERLINK" in text
    assert b"'@SUM" in text
    assert b"'+a" in text
    assert safe_cell("plain") == "plain"


def test_a_report_in_json_has_a_line_for_each() -> None:
    file = io.BytesIO()
    write = json_report(file)
    for state in (State.ACCEPTED, State.DUPLICATE):
        write(Outcome("2", state, "piña", ("urn:x",)))
    told = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [one["state"] for one in told] == ["accepted", "duplicate"]
    assert (told[0]["name"], told[0]["subjects"], told[0]["code"]) == ("piña", ["urn:x"], None)
