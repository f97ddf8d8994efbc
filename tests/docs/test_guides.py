"""Every command of the guides runs as it stands there, and prints what they show."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import GUIDES, ROOT, links_of, steps_of
from tests.docs.place import PROFILE, Place, a_place
from tests.docs.play import Player

PAGES = sorted(path.stem for path in GUIDES.glob("*.md"))


def text_of(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A ledger for each guide: what another one leaves to do is not in its lists."""
    with a_place(tmp_path_factory.mktemp("place"), PROFILE) as place:
        yield place


@pytest.mark.parametrize("name", PAGES)
def test_the_commands_of_a_guide_do_what_it_shows(place: Place, tmp_path: Path, name: str) -> None:
    text = text_of(name)
    with place.shell(tmp_path) as shell:
        played = list(Player(place, tmp_path).play(shell, text))
    assert [step for step in steps_of(text) if step.shown], "a guide shows what comes back"
    for one in played:
        said = "\n".join(one.typed.lines)
        assert one.is_as_shown, f"{name}.md, line {one.step.line}: {one.step.command}\nprinted:\n{said}"


@pytest.mark.parametrize("name", PAGES)
def test_the_links_of_a_guide_lead_somewhere(name: str) -> None:
    links = links_of(text_of(name))
    assert links
    assert [link for link in links if not (GUIDES / link).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_codes_that_a_guide_explains_are_codes_of_the_program(name: str) -> None:
    rows = re.findall(r"^\| ((?:[^|]*`[a-z-]+`)[^|]*)\|", text_of(name), re.MULTILINE)
    codes = [code for row in rows for code in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", row)]
    sources = "".join(
        path.read_text(encoding="utf-8")
        for package in ("ledger", "api")
        for path in (ROOT / package).rglob("*.py")
    )
    assert codes
    # What builds on another check is named after it.
    codes = [code.replace("needs-anchor", "needs-") for code in codes]
    assert [code for code in codes if not re.search(rf"""["']{code}["{{]""", sources)] == []
