"""Columns of tables by the names that people give them, in English and in Spanish."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ledger.domain.errors import UsageError


@dataclass(frozen=True)
class Column:
    """A column that is known.

    Args:
        name: What it is called here and in JSON.
        help: What is in it, for the docs.
        also: Other names, Spanish ones among them.
        needed: Whether a table must have it.
    """

    name: str
    help: str
    also: tuple[str, ...] = ()
    needed: bool = False

    @cached_property
    def names(self) -> frozenset[str]:
        """All its names as they are compared."""
        return frozenset(map(plain_name, (self.name, *self.also)))


def plain_name(text: str) -> str:
    """Return the name of a column as it is compared: without case, accents, blanks and marks."""
    folded = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(char for char in folded if char.isalnum())


def matched(
    header: Sequence[str], columns: Sequence[Column], ignored: Collection[str], path: Path
) -> list[Column | None]:
    """Return which column each name of a header is, None for one that is not read.

    Args:
        header: The names in the file.
        columns: Those that are known.
        ignored: Names that are not read; `*` leaves out all that are not known.
        path: The file, for complaints.

    Raises:
        UsageError: One is needed and missing, not known, or there twice.
    """
    by_name = {name: column for column in columns for name in column.names}
    skipped = {plain_name(name) for name in ignored}
    found: list[Column | None] = []
    for name in header:
        plain = plain_name(name)
        column = None if plain in skipped else by_name.get(plain)
        if column is None and plain and plain not in skipped and "*" not in ignored:
            raise UsageError(
                "unknown-column",
                f"{path} has a column {name.strip()[:80]!r} that is not known; known are "
                f"{', '.join(one.name for one in columns)}; to leave it out: --ignore {name.strip()[:80]!r}",
                field=name.strip()[:80],
            )
        if column is not None and column in found:
            message = f"{path} has the column {column.name} twice; leave one of them out"
            raise UsageError("column-twice", message, field=column.name)
        found.append(column)
    missing = [one for one in columns if one.needed and one not in found]
    if missing:
        told = ", ".join(f"{one.name} ({' or '.join(one.also)})" if one.also else one.name for one in missing)
        raise UsageError("missing-column", f"{path} has no column {told}", field=missing[0].name)
    return found
