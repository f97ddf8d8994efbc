"""What a page tells its reader to type, and what it says will come back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
MEANWHILE = "<!-- meanwhile"
"""Begins a comment with commands that other parties run between those of the reader."""
_FENCE = "```"
_PROMPT, _MORE = "$ ", "> "


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a page.

    Args:
        line: Number of its first line in the page, from 1 on.
        end: Number of the last line of what it prints, or of the command itself.
        command: What is typed; several lines for a here-document.
        shown: The lines that the page shows after it.
        hidden: Whether readers do not see it.
    """

    line: int
    end: int
    command: str
    shown: tuple[str, ...]
    hidden: bool


def steps_of(text: str) -> list[Step]:
    """Return the commands of a page in order: those of console blocks, and those of other parties."""
    return [
        step for first, lines, hidden in _blocks(text.splitlines()) for step in _steps(first, lines, hidden)
    ]


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str], bool]]:
    """Give the number of each block's first line, its lines, and whether it is a comment."""
    block: list[str] | None = None
    first, end, hidden = 0, "", False
    for number, line in enumerate(lines, start=1):
        if block is not None:
            if line == end:
                yield first, block, hidden
                block = None
            else:
                block.append(line)
        elif line in (f"{_FENCE}console", MEANWHILE):
            block, first, hidden = [], number + 1, line == MEANWHILE
            end = "-->" if hidden else _FENCE
    assert block is None, f"the block that begins at line {first - 1} has no end"


def _steps(first: int, lines: list[str], hidden: bool) -> Iterator[Step]:
    starts = [place for place, line in enumerate(lines) if line.startswith(_PROMPT)]
    assert starts[:1] == [0], f"line {first}: a block begins with a command"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        typed, rest = [lines[start].removeprefix(_PROMPT)], lines[start + 1 : end]
        while rest and (typed[-1].endswith("\\") or rest[0].startswith(_MORE)):
            typed.append(rest.pop(0).removeprefix(_MORE))
        yield Step(first + start, first + end - 1, "\n".join(typed), tuple(rest), hidden)


def links_of(text: str) -> list[str]:
    """Return the targets of a page's links to other files of the project."""
    return [
        target
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text)
        if not target.startswith(("http://", "https://"))
    ]
