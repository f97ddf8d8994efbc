"""Writes into the guides what their commands print, where that is something else than what they show."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.docs.pages import GUIDES
from tests.docs.place import PROFILE, Place, a_place
from tests.docs.play import Played, Player
from tests.docs.shown import shortened


def rewritten(text: str, played: Sequence[Played]) -> str:
    """Return a page with what its commands printed in place of what it shows wrongly."""
    lines = text.splitlines()
    for one in reversed(played):
        step = one.step
        if not step.hidden and not one.is_as_shown:
            first = step.end - len(step.shown)
            lines[first : step.end] = shortened(one.typed.lines)
    return "\n".join(lines) + "\n"


def _write(place: Place, name: str, folder: Path) -> None:
    page = GUIDES / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    played: list[Played] = []
    try:
        with place.shell(folder) as shell:
            played.extend(Player(place, folder).play(shell, text))
    finally:
        page.write_text(rewritten(text, played), encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / "place").mkdir()
        with a_place(Path(temporary) / "place", PROFILE) as place:
            for name in sys.argv[1:]:
                (Path(temporary) / name).mkdir()
                _write(place, name, Path(temporary) / name)
