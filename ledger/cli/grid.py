"""Tables that are never broken within a word: columns fold between words, or each row becomes a record.

Codes, identifiers, numbers and times are words: whoever reads them off a screen, or copies them, wants them
whole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

_BETWEEN: Final = 3
"""Blanks between two columns."""
_EDGES: Final = 2
"""Blanks beside the first and the last one."""
_BRIEF: Final = 16
"""A column of texts no longer than this is left whole while there is room: it would look torn."""


@dataclass(frozen=True)
class Grid:
    """Rows under titles, for a screen of any width; where nothing is a screen, each row is one line.

    Args:
        titles: Of the columns.
        rows: Cells in the order of the titles, on one line each.
    """

    titles: Sequence[str]
    rows: "Sequence[Sequence[str | Text]]"

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Draw it."""
        whole = [self._longest(place, by_word=False) for place in range(len(self.titles))]
        between = _BETWEEN * (len(whole) - 1) + _EDGES
        widths: Sequence[int] | None = whole
        if console.is_terminal:
            words = [self._longest(place, by_word=True) for place in range(len(whole))]
            widths = _widths(whole, words, options.max_width - between)
        if widths is None:
            yield from self._records()
        else:
            yield from console.render(self._table(widths), options.update(width=sum(widths) + between))

    def _longest(self, place: int, *, by_word: bool) -> int:
        """Return the width of the longest cell of a column, or of the longest word in it, title included."""
        from rich.cells import cell_len

        cells = [self.titles[place], *(str(row[place]) for row in self.rows)]
        return max(cell_len(part) for cell in cells for part in (cell.split() if by_word else [cell]) or [""])

    def _table(self, widths: Sequence[int]) -> "Table":
        from rich import box
        from rich.table import Table

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for title, width in zip(self.titles, widths, strict=True):
            table.add_column(title, width=width, overflow="fold")
        for row in self.rows:
            table.add_row(*row)
        return table

    def _records(self) -> "Iterator[RenderableType]":
        """Give a block for each row: a line for each cell that says something, behind its title."""
        from rich.cells import cell_len
        from rich.table import Table

        width = max(map(cell_len, self.titles))
        for row in self.rows:
            record = Table.grid(padding=(0, _BETWEEN - 1, 0, 0))
            record.add_column(width=width)
            record.add_column(overflow="fold")
            for title, cell in zip(self.titles, row, strict=True):
                if str(cell):
                    record.add_row(title, cell)
            yield ""
            yield record


def _widths(whole: Sequence[int], words: Sequence[int], most: int) -> Sequence[int] | None:
    """Return how wide columns are to be, None when their words do not fit beside each other.

    Args:
        whole: What each takes when nothing is folded.
        words: What the longest word of each takes.
        most: What there is for all.
    """
    if sum(whole) <= most:
        return whole
    brief = [whole[place] if whole[place] <= _BRIEF else least for place, least in enumerate(words)]
    least = brief if sum(brief) <= most else words
    spare = most - sum(least)
    if spare < 0:
        return None
    # Who would fold most gets most of what is left: so rows become as low as they can.
    wanted = [full - at_least for full, at_least in zip(whole, least, strict=True)]
    return [at_least + spare * more // sum(wanted) for at_least, more in zip(least, wanted, strict=True)]
