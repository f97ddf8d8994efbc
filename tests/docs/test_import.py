"""The page about importing: its commands run as they stand there, and it lists the columns that there are."""

import re
from pathlib import Path

import pytest

from ledger.client.importing import decisions, shipments
from ledger.client.importing.columns import Column
from tests.docs.pages import ROOT, links_of, steps_of
from tests.docs.place import a_place
from tests.docs.play import Player

PAGE = ROOT / "docs" / "import.md"


def text_of_page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_commands_of_the_page_do_what_it_shows(tmp_path: Path) -> None:
    text = text_of_page()
    (tmp_path / "reader").mkdir()
    for name, content in re.findall(r"<!-- (\w+\.csv) -->\n```csv\n(.*?)```", text, re.DOTALL):
        (tmp_path / "reader" / name).write_text(content, encoding="utf-8")
    with a_place(tmp_path) as place, place.shell(tmp_path / "reader") as shell:
        typed = "export CORRIDOR_URL=https://ledger.example CORRIDOR_KEY=exporter.key"
        begin = f"```console\n$ {typed}\n```\n"
        played = list(Player(place, tmp_path / "reader").play(shell, begin + text))
    assert [step for step in steps_of(text) if step.shown]
    for one in played:
        said = "\n".join(one.typed.lines)
        assert one.is_as_shown, f"import.md, line {one.step.line}: {one.step.command}\nprinted:\n{said}"


@pytest.mark.parametrize(
    ("name", "columns"), [("shipments", shipments.COLUMNS), ("decisions", decisions.COLUMNS)]
)
def test_the_page_lists_the_columns_that_there_are(name: str, columns: tuple[Column, ...]) -> None:
    table = text_of_page().partition(f"<!-- columns of {name} -->\n")[2].partition("\n\n")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()[2:]]
    assert rows == [
        (
            f"`{one.name}`{' (needed)' if one.needed else ''}",
            one.help,
            ", ".join(f"`{other}`" for other in one.also),
        )
        for one in columns
    ]


def test_the_links_of_the_page_lead_somewhere() -> None:
    links = links_of(text_of_page())
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
