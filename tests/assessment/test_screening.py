"""Screening lists as users have them: lines, tables of authorities, odd encodings, and what is none."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.assessment.screening import MAX_NAME, read_screening_list
from ledger.domain.errors import MalformedError

NAMES = ("Acme Example, Inc", "Peña Example, S.A.")
OFAC = b'306,"ACME EXAMPLE, INC",-0- ,"CUBA",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n'
ALIASES = b'306,220,"aka","ACME EXAMPLE, INC",-0- \r\n'
UNION = (
    "fileGenerationDate;Entity_LogicalId;NameAlias_WholeName;Entity_Remark\n1/1/2026;13;Acme Example, Inc;x\n"
)
KINGDOM = "Last Updated,01/01/2026\nName 6,Name 1,Name 2,Title\nExample,Ann,Mary,Ms\nAcme Example Inc,,,\n"
NATIONS = "DATAID,FIRST_NAME,SECOND_NAME\n1,Ann,Example\n2,Acme Example,\n"
LISTS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "one a line": ("\n".join(NAMES).encode(), NAMES),
    "with a byte order mark": ("\n".join(NAMES).encode("utf-8-sig"), NAMES),
    "in UTF-16": ("\r\n".join(NAMES).encode("utf-16"), NAMES),
    "in Latin-1": ("\r\n".join(NAMES).encode("latin-1"), NAMES),
    "with remarks, blanks and a name twice": (
        b"# list\n\n  Acme Example \nAcme Example\n",
        ("Acme Example",),
    ),
    "a table": (b'name,country\n"Acme Example, Inc",GT\n', NAMES[:1]),
    "a table with semicolons": (b"id;Name\n1;Acme Example, Inc\n", NAMES[:1]),
    "a table with tabs": (b"id\tnombre\n1\tAcme Example, Inc\n", NAMES[:1]),
    "OFAC's names": (OFAC, ("ACME EXAMPLE, INC",)),
    "OFAC's aliases": (ALIASES, ("ACME EXAMPLE, INC",)),
    "the European Union's": (UNION.encode("utf-8-sig"), NAMES[:1]),
    "the United Kingdom's": (KINGDOM.encode(), ("Ann Mary Example", "Acme Example Inc")),
    "the United Nations'": (NATIONS.encode(), ("Ann Example", "Acme Example")),
    "short rows": (b"id,name\n1\n2,Acme Example\n", ("Acme Example",)),
}
BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "screening-empty"),
    "remarks only": (b"# none\n", "screening-empty"),
    "a PDF": (b"%PDF-1.7", "screening-not-text"),
    "a workbook": (b"PK\x03\x04rest", "screening-not-text"),
    "XML": (b'\n<?xml version="1.0"?>', "screening-not-text"),
    "null characters": (b"Acme\x00Example\n", "screening-not-text"),
    "a table without names": (b"id;country;remark\n1;GT;x\n", "screening-no-names"),
    "a name without end": (b"A" * (MAX_NAME + 1), "screening-name"),
    "a cell without end": (b'name\n"' + b"A" * 200_000, "screening-no-names"),
}


@pytest.mark.parametrize(("data", "names"), LISTS.values(), ids=LISTS)
def test_a_list_is_read(data: bytes, names: tuple[str, ...]) -> None:
    assert read_screening_list(data) == names


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD)
def test_what_is_no_list_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(MalformedError) as raised:
        read_screening_list(data)
    assert raised.value.code == code


def test_a_list_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.assessment.screening.MAX_BYTES", 10)
    with pytest.raises(MalformedError, match="at most 10"):
        read_screening_list(b"Acme Example\n")


@given(st.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    names: tuple[str, ...] = ("refused",)
    with suppress(MalformedError):
        names = read_screening_list(data)
    assert names
