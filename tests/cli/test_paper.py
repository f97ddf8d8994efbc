"""`corridor paper`: papers of any format become the member of a body that intake takes and checks compare."""

from pathlib import Path

import pytest

from ledger.cli.verdicts import names_in
from ledger.domain.errors import MalformedError
from ledger.domain.paper_shape import read_papers
from tests.cli.corridor import corridor, refused
from tests.readers.items import made


def put(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(made(name))
    return [folder / name for name in names]


def test_papers_are_printed_as_a_body_has_them(tmp_path: Path) -> None:
    files = put(tmp_path, "export-declaration.xml", "verified-gross-mass.edi", "manifest.json")
    ran = corridor("paper", *files)
    assert (ran.code, ran.err) == (0, "")
    papers = read_papers(ran.json["papers"], "papers")
    assert [one.document for one in papers] == ["export-declaration", "verified-gross-mass", "manifest"]
    assert papers[2].totals.packages == 1500


def test_papers_come_into_a_body_beside_what_is_there(tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"documents": ["export-declaration"]}')
    ran = corridor("paper", *put(tmp_path, "export-declaration.xml"), "--into", body)
    assert list(ran.json) == ["documents", "papers"]
    body.write_bytes(ran.out)
    refused(corridor("paper", tmp_path / "export-declaration.xml", "--into", body), 2, "bad-body")


def test_what_is_no_paper_is_refused_and_nothing_is_printed(tmp_path: Path) -> None:
    (pdf,) = put(tmp_path, "packing-list.pdf")
    ran = corridor("paper", pdf)
    assert (ran.code, ran.out) == (2, b"")
    assert "[no-paper]" in ran.err.splitlines()[-1]
    noise = tmp_path / "noise.bin"
    noise.write_bytes(bytes(range(256)))
    assert "[no-paper]" in corridor("paper", noise).err.splitlines()[-1]
    refused(corridor("paper", tmp_path / "gone.xml"), 1, "no-file")
    refused(corridor("paper", *[noise] * 17), 2, "too-many-papers")


def test_what_a_reader_complains_of_is_told_beside(tmp_path: Path) -> None:
    wrong = tmp_path / "manifest.json"
    wrong.write_bytes(made("manifest.json").replace(b"XXXU5001233", b"XXXU5001234"))
    ran = corridor("paper", wrong)
    assert ran.code == 0
    assert "[container-check-digit]" in ran.err


def test_a_screening_list_is_read_as_authorities_publish_it(tmp_path: Path) -> None:
    names = tmp_path / "list.csv"
    names.write_bytes("id;NameAlias_WholeName\r\n1;Peña Example\r\n".encode("latin-1"))
    assert names_in(names) == {"Peña Example"}
    names.write_bytes(b"%PDF-1.7")
    with pytest.raises(MalformedError, match=r"list\.csv: .* save it as CSV"):
        names_in(names)
