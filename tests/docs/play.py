"""Playing a page: typing what it says, and holding what comes back against what it shows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ledger.log.http_server import listen
from tests.docs.pages import Step, steps_of
from tests.docs.place import DATA, NODE, PORT, URL, Place
from tests.docs.shell import Shell, Typed
from tests.docs.shown import matches

_DAY = re.compile(r"\b20\d\d-\d\d-\d\d(?=T)")
_LAST_DAY = date(2026, 11, 8)
"""No page says that something occurred after this day; it is yesterday when the page is played."""


@dataclass(frozen=True, slots=True)
class Played:
    """A command of a page, and what became of it."""

    step: Step
    typed: Typed

    @property
    def is_as_shown(self) -> bool:
        """Whether it printed what the page shows."""
        return matches(self.step.shown, self.typed.lines)


class Player:
    """Types the commands of pages.

    Args:
        place: The ledger.
        folder: Where the reader's files lie.
    """

    def __init__(self, place: Place, folder: Path) -> None:
        with listen(0) as listener:
            port = str(listener.getsockname()[1])
        self._instead = {URL: place.url, NODE: place.node, DATA: str(folder / "data"), PORT: port}
        self._shift = date.today() - timedelta(days=1) - _LAST_DAY  # noqa: DTZ011

    def play(self, shell: Shell, text: str) -> Iterator[Played]:
        """Type the commands of a page, and give what became of each.

        Raises:
            AssertionError: One ended with a code other than 0, and the next one does not ask for the code.
        """
        steps = steps_of(text)
        for step, following in zip(steps, [*steps[1:], None], strict=True):
            typed = shell.type(self._here(step.command), step.shown[-1][:8] if step.shown else "")
            played = Played(step, Typed(typed.code, tuple(map(self._there, typed.lines))))
            yield played
            asked = following is not None and following.command == "echo $?"
            assert asked or typed.code == 0, f"line {step.line}: {step.command}\n{played.typed}"

    def _here(self, text: str) -> str:
        for there, here in self._instead.items():
            text = text.replace(there, here)
        return _moved(text, self._shift)

    def _there(self, line: str) -> str:
        for there, here in self._instead.items():
            line = line.replace(here, there)
        return _moved(line, -self._shift)


def _moved(text: str, shift: timedelta) -> str:
    """Return a text with its days so much later."""
    return _DAY.sub(lambda found: (date.fromisoformat(found[0]) + shift).isoformat(), text)
