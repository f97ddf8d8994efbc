"""Where shipments come from: a table, a file of JSON, or a folder with one of them for each shipment."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ledger.client.importing.shipments import COLUMNS, OF_BOX, Shipment
from ledger.client.importing.tables import Table, open_table
from ledger.client.importing.values import Habits
from ledger.domain import strict_json
from ledger.domain.errors import CorridorError, MalformedError, NotFoundError, UsageError

IN_FOLDER: Final = "shipment.json"
_MAX_JSON: Final = 4 * 1_048_576
_NAMES: Final = frozenset(one.name for one in COLUMNS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what is imported.

    Args:
        name: Its number in the table, or the name of its file.
        shipment: What it says; None when it cannot be read.
        error: Why it cannot be read.
    """

    name: str
    shipment: Shipment | None
    error: CorridorError | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported.

    Args:
        lines: Yields its lines.
        done: Returns how much of it was read: bytes of a table, files of a folder.
        size: How much there is.
        as_bytes: Whether that is bytes.
    """

    lines: Iterator[Line]
    done: Callable[[], int]
    size: int
    as_bytes: bool


@contextmanager
def open_source(
    path: Path, habits: Habits, *, ignored: Collection[str] = (), encoding: str | None = None
) -> Iterator[Source]:
    """Open what is to be imported while a block runs.

    Args:
        path: A table (CSV), a file `*.json`, or a folder of such files and of folders with `shipment.json`.
        habits: How numbers and times are written.
        ignored: Columns that are not read.
        encoding: Of a table; found out when None.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: There is nothing in it, or its columns are not known.
    """
    if path.is_dir():
        yield _of_files(_shipments_in(path), habits)
    elif path.suffix.lower() == ".json":
        if not path.is_file():
            raise NotFoundError("no-file", f"the file {path} is not there")
        yield _of_files([path], habits)
    else:
        with open_table(path, COLUMNS, ignored=ignored, encoding=encoding) as table:
            yield Source(_of_table(table, path.parent, habits), lambda: table.done, table.size, as_bytes=True)


def _of_table(table: Table, folder: Path, habits: Habits) -> Iterator[Line]:
    for row in table.rows:
        if row.error is not None:
            yield Line(str(row.line), None, row.error)
            continue
        box = {name: row.cells[name] for name in OF_BOX if name in row.cells}
        try:
            yield Line(str(row.line), Shipment.parse(row.cells, [box], folder, habits))
        except MalformedError as error:
            yield Line(str(row.line), None, error)


def _shipments_in(folder: Path) -> list[Path]:
    found = [
        path / IN_FOLDER if path.is_dir() else path
        for path in sorted(folder.iterdir())
        if not path.name.startswith(".") and (path.is_dir() or path.suffix.lower() == ".json")
    ]
    if not found:
        message = f"{folder} holds no shipments: files *.json, or folders with a {IN_FOLDER} each"
        raise UsageError("nothing-there", message)
    return found


def _of_files(paths: list[Path], habits: Habits) -> Source:
    count = 0

    def lines() -> Iterator[Line]:
        nonlocal count
        for path in paths:
            name = path.parent.name if path.name == IN_FOLDER else path.name
            try:
                yield Line(name, _read(path, habits))
            except CorridorError as error:
                yield Line(name, None, error)
            count += 1

    return Source(lines(), lambda: count, len(paths), as_bytes=False)


def _read(path: Path, habits: Habits) -> Shipment:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_JSON + 1)
    except FileNotFoundError:
        raise NotFoundError("no-file", f"there is no {path.name} in {path.parent.name}") from None
    except OSError as error:
        raise MalformedError("cannot-read", f"{path.name} cannot be read: {error.strerror}") from None
    # In JSON a point stands before decimals, whatever tables do.
    habits = replace(habits, decimal="point")
    said = strict_json.loads(data, max_bytes=_MAX_JSON)
    if not isinstance(said, dict):
        raise MalformedError("malformed-field", f"{path.name} must hold a JSON object")
    boxes = said.pop("containers", None)
    cells = _cells(said)
    if boxes is None:
        return Shipment.parse(cells, [{k: v for k, v in cells.items() if k in OF_BOX}], path.parent, habits)
    if (
        not isinstance(boxes, list)
        or not 1 <= len(boxes) <= 15
        or not all(isinstance(b, dict) for b in boxes)
    ):
        message = "containers must be an array of 1 to 15 objects: a statement names at most 16 subjects"
        raise MalformedError("malformed-field", message, field="containers")
    for name in OF_BOX:
        if name in cells:
            message = f"{name} stands with each of the containers, not beside them"
            raise MalformedError("malformed-field", message, field=name)
    read = [_cells(one) for one in boxes]
    for one in read:
        for name in one.keys() - set(OF_BOX):
            raise MalformedError("unknown-field", f"{name} is not of one container", field=name)
    return Shipment.parse(cells, read, path.parent, habits)


def _cells(said: Mapping[str, Any]) -> dict[str, str]:
    """Return members of an object as the cells of a table."""
    cells: dict[str, str] = {}
    for name, value in said.items():
        if name not in _NAMES:
            message = f"{name[:80]!r} is not known; known are {', '.join(sorted(_NAMES))}, containers"
            raise MalformedError("unknown-field", message, field=name[:80])
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            cells[name] = "|".join(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | float):
            raise MalformedError("malformed-field", f"{name} must be a text or a number", field=name)
        else:
            cells[name] = value.strip() if isinstance(value, str) else _plain(value)
    return {name: text for name, text in cells.items() if text}


def _plain(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6f}"
