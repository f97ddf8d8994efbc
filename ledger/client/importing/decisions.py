"""Decisions that an authority's own system exports: tables or JSON lines, in names and codes of its own."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from ledger.client.importing.columns import Column
from ledger.client.importing.tables import Row, open_table
from ledger.client.importing.values import Habits, moment
from ledger.domain import fields, identifiers, strict_json
from ledger.domain.decision import Source, Why
from ledger.domain.errors import MalformedError, UnavailableError, UsageError

COLUMNS: Final = (
    Column("reference", "what the system calls the decision", ("referencia",), needed=True),
    Column("decision", "`release`, `hold` or `exam`", ("decisión",), needed=True),
    Column("type", "which hold or examination", ("tipo",)),
    Column(
        "bill_of_lading", "carrier code (SCAC) and bill of lading, joined by a full stop", ("conocimiento",)
    ),
    Column("container", "number of the container (ISO 6346)", ("contenedor",)),
    Column("reason", "why", ("motivo",)),
    Column("decided_at", "when", ("fecha",)),
    Column("reverses", "what the system calls the decision that it takes back", ("revoca",)),
)
JSON_LINES: Final = (".json", ".jsonl", ".ndjson")
_MAX_LINE: Final = 1_048_576
_MAX_MAP: Final = 1_048_576
_NAMES: Final = frozenset(one.name for one in COLUMNS)


@dataclass(frozen=True, slots=True)
class Map:
    """How a system's names and codes are to be read.

    Args:
        system: What it is called.
        columns: For its names of columns, those of `COLUMNS`.
        values: For columns, for its codes, those of this format.
    """

    system: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes, system: str | None = None) -> Self:
        """Read a map: strict JSON, perhaps with `system`, `columns` and `values`.

        Args:
            data: The file.
            system: What the command line says instead.

        Raises:
            MalformedError: It is none, or names columns that there are not.
            UsageError: Nobody says what the system is called.
        """
        said = fields.exactly(
            strict_json.loads(data, max_bytes=_MAX_MAP),
            (),
            "the map",
            optional=("system", "columns", "values"),
        )
        columns = _texts(said.get("columns", {}), "columns")
        values = {
            name: _texts(one, f"values.{name}") for name, one in _object(said.get("values", {})).items()
        }
        for name in (*columns.values(), *values):
            if name not in _NAMES:
                message = f"the map names {name[:80]!r}; columns are {', '.join(sorted(_NAMES))}"
                raise MalformedError("unknown-field", message, field=name[:80])
        named = system or said.get("system")
        if named is None:
            raise UsageError("which-system", "say what the system is called that decided: --system NAME")
        return cls(fields.text(named, "system", longest=200), columns, values)

    def read(self, cells: Mapping[str, str]) -> dict[str, str]:
        """Return cells with this format's codes in place of the system's."""
        return {name: self.values.get(name, {}).get(text, text) for name, text in cells.items()}


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as a line says it.

    Args:
        why: What was decided, with where it comes from.
        bill_of_lading: Of the consignment that it is about; None where only a container is named.
        container: That it is about; None: all of the consignment.
        decided_at: RFC 3339; None where it is not told.
        reverses: What the system calls the decision that it takes back.
    """

    why: Why
    bill_of_lading: str | None = None
    container: str | None = None
    decided_at: str | None = None
    reverses: str | None = None

    @classmethod
    def parse(cls, cells: Mapping[str, str], system: str, habits: Habits) -> Self:
        """Read a line.

        Args:
            cells: By the names of `COLUMNS`, with codes of this format.
            system: What the system is called.
            habits: How it writes times.

        Raises:
            MalformedError: A cell is missing or wrong; the field names it.
        """
        for name in ("reference", "decision"):
            if name not in cells:
                raise MalformedError("missing-cell", f"{name} is empty", field=name)
        told = {name: cells[name].lower() for name in ("decision", "type") if name in cells}
        told |= {"reason": cells["reason"]} if "reason" in cells else {}
        try:
            why = Why.parse(told, "")
        except MalformedError as error:
            column = (error.field or "").removeprefix(".")
            raise MalformedError(error.code, error.message.removeprefix("."), field=column) from None
        source = Source.parse({"system": system, "reference": cells["reference"]}, "reference")
        bill, container = (
            cells[name].upper().replace(" ", "") if name in cells else None
            for name in ("bill_of_lading", "container")
        )
        if container is not None:
            identifiers.check_container(container, "container")
        if bill is None and container is None:
            message = "say what it is about: bill_of_lading, container, or both"
            raise MalformedError("missing-cell", message, field="bill_of_lading")
        at = moment(cells["decided_at"], "decided_at", habits) if "decided_at" in cells else None
        why = Why(why.decision, why.type, why.reason, cells["reference"], source)
        return cls(why, bill, container, at, cells.get("reverses"))

    @property
    def source(self) -> Source:
        """Where it comes from."""
        assert self.why.source is not None
        return self.why.source

    @property
    def name(self) -> str:
        """What it is called, in all imports of one organisation."""
        parts = (self.source.system, self.source.reference, self.why.decision, self.why.type, self.decided_at)
        return " ".join(part for part in parts if part)

    def to_json(self) -> dict[str, Any]:
        """Return what it says in one form."""
        return {
            "why": self.why.to_json(),
            "about": [self.bill_of_lading, self.container],
            "decided_at": self.decided_at,
            "reverses": self.reverses,
        }


@contextmanager
def open_decisions(
    path: Path, map_: Map, *, ignored: Collection[str] = (), encoding: str | None = None
) -> Iterator[Iterator[Row]]:
    """Give the rows of a table or of JSON lines while a block runs, with codes of this format.

    Args:
        path: The file.
        map_: How the system's names and codes are to be read.
        ignored: Columns that are not read.
        encoding: Of a table; found out when None.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: Its columns are not known.
    """
    if path.suffix.lower() in JSON_LINES:
        yield _json_lines(path, map_, ignored)
        return
    with open_table(path, COLUMNS, ignored=ignored, encoding=encoding, names=map_.columns) as table:
        yield (Row(row.line, map_.read(row.cells), row.error) for row in table.rows)


def _json_lines(path: Path, map_: Map, ignored: Collection[str]) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            number = 0
            while data := file.readline(_MAX_LINE + 1):
                number += 1
                if not data.strip():
                    continue
                try:
                    cells = _members(strict_json.loads(data, max_bytes=_MAX_LINE), map_, ignored)
                    yield Row(number, map_.read(cells))
                except MalformedError as error:
                    yield Row(number, error=error)
    except OSError as error:
        raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror or error}") from None


def _members(said: object, map_: Map, ignored: Collection[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name, value in _object(said).items():
        column = map_.columns.get(name, name)
        if column not in _NAMES:
            if name in ignored or "*" in ignored:
                continue
            message = f"{name[:80]!r} is not known; known are {', '.join(sorted(_NAMES))}"
            raise MalformedError("unknown-field", message, field=name[:80])
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise MalformedError("malformed-field", f"{column} must be a text", field=column)
        if str(value).strip():
            cells[column] = str(value).strip()
    return cells


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("malformed-field", "there must be a JSON object")
    return value


def _texts(value: object, where: str) -> dict[str, str]:
    read = _object(value)
    if not all(isinstance(one, str) for one in read.values()):
        raise MalformedError("malformed-field", f"{where} must be an object of texts", field=where)
    return read
