"""Every command of the page about drops runs as it stands there, and prints what it shows."""

from pathlib import Path

from tests.docs.pages import ROOT, links_of, steps_of
from tests.docs.place import a_place
from tests.docs.play import Player

PAGE = ROOT / "docs" / "drops.md"


def test_the_commands_of_the_page_do_what_it_shows(tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    (tmp_path / "reader").mkdir()
    with a_place(tmp_path) as place, place.shell(tmp_path / "reader") as shell:
        played = list(Player(place, tmp_path / "reader").play(shell, text))
    assert [step for step in steps_of(text) if step.shown]
    for one in played:
        said = "\n".join(one.typed.lines)
        assert one.is_as_shown, f"drops.md, line {one.step.line}: {one.step.command}\nprinted:\n{said}"


def test_the_links_of_the_page_lead_somewhere() -> None:
    links = links_of(PAGE.read_text(encoding="utf-8"))
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
