"""Every command of the guides runs as it stands there, and prints what they show."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import GUIDES, steps_of
from tests.docs.place import Place, a_place
from tests.docs.play import Player

PAGES = sorted(path.stem for path in GUIDES.glob("*.md"))


def text_of(name: str) -> str:
    return (GUIDES / f"{name}.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One ledger for all guides."""
    with a_place(tmp_path_factory.mktemp("place")) as place:
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
