"""Tables as office programs write them: any of their encodings and separators, one row at a time."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from ledger.client.importing.columns import Column, matched, plain_name
from ledger.domain.errors import MalformedError, NotFoundError, UnavailableError, UsageError

SEPARATORS: Final = (",", ";", "\t", "|")
_SAMPLE: Final = 262_144
_MAX_HEADER: Final = 65_536
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OLD: Final = ("cp1252", "mac_roman", "cp850")
_USUAL: Final = "ºª°€¿¡–—’‘“”«»´·²³½¼\u00a0"
_DASHED: Final = re.compile(r"[A-Za-z][–—][A-Za-z]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Args:
        line: Its number in the file, that of its last line.
        cells: What is in it, by the names of the columns, without blanks around; empty cells are left out.
        error: Why it could not be read; None when it could.
    """

    line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    error: MalformedError | None = None


@dataclass
class Table:
    """A table that is open.

    Args:
        rows: Yields its rows.
        size: Bytes of the file.
        encoding: In which it was read.
        separator: Between its cells.
        _file: The file.
    """

    rows: Iterator[Row]
    size: int
    encoding: str
    separator: str
    _file: BinaryIO

    @property
    def done(self) -> int:
        """How many bytes of it were read."""
        return self._file.tell()


@contextmanager
def open_table(
    path: Path,
    columns: Sequence[Column],
    *,
    ignored: Collection[str] = (),
    encoding: str | None = None,
    names: Mapping[str, str] | None = None,
) -> Iterator[Table]:
    """Open a table whose first line names its columns, while a block runs.

    Args:
        path: The file.
        columns: Those that are known.
        ignored: Names of columns that are not read; `*` leaves out all that are not known.
        encoding: In which it is written; found out when None.
        names: For names of columns in the file, those of known ones.

    Raises:
        NotFoundError: It is not there.
        UnavailableError: It cannot be read.
        UsageError: Columns are missing, unknown, or there twice; the encoding is unknown or another one.
    """
    with _opened(path) as file:
        try:
            size = file.seek(0, io.SEEK_END)
            chosen = codecs.lookup(encoding).name if encoding else _encoding_of(file)
            file.seek(0)
            text = io.TextIOWrapper(file, encoding=chosen, newline="")
            separator, header = _header(text, columns, names or {}, ignored, path)
        except LookupError:
            raise UsageError("encoding", f"there is no encoding {encoding}; say utf-8 or cp1252") from None
        except (OSError, UnicodeError) as error:
            raise _unreadable(path, chosen, error) from None
        yield Table(_checked(_rows(text, separator, header), path, chosen), size, chosen, separator, file)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFoundError("no-file", f"the file {path} is not there") from None
    except OSError as error:
        raise _unreadable(path, "", error) from None
    with file:
        yield file


def _checked(rows: Iterator[Row], path: Path, encoding: str) -> Iterator[Row]:
    """Yield rows, and say of which file it is that one cannot be read."""
    try:
        yield from rows
    except (OSError, UnicodeError) as error:
        raise _unreadable(path, encoding, error) from None


def _unreadable(path: Path, encoding: str, error: OSError | UnicodeError) -> UnavailableError | UsageError:
    if isinstance(error, UnicodeError):
        message = f"{path} is not written in {encoding}; say in which it is: --encoding cp1252"
        return UsageError("encoding", message)
    return UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror or error}")


def _encoding_of(file: BinaryIO) -> str:
    """Return in which encoding a file is: by its mark; UTF-8 if all of it is; else as Windows writes."""
    file.seek(0)
    head = file.read(4)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    file.seek(0)
    decoder = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        while decoder.read(_SAMPLE):
            pass
    except UnicodeDecodeError as error:
        sample = error.object[max(0, error.start - 64) : error.start + _SAMPLE]
        return _old_encoding(bytes(sample))
    finally:
        decoder.detach()
    return "utf-8"


def _old_encoding(sample: bytes) -> str:
    """Return in which encoding all that is not ASCII is letters; what Windows writes goes first."""
    for name in _OLD:
        try:
            text = sample.decode(name)
        except UnicodeDecodeError:
            continue
        strange = [char for char in text if not char.isascii()]
        # A dash between letters is a letter of another encoding.
        if not _DASHED.search(text) and all(char.isalpha() or char in _USUAL for char in strange):
            return name
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return "cp1252" if best is None else str(best.encoding)


def _header(
    text: io.TextIOWrapper,
    columns: Sequence[Column],
    names: Mapping[str, str],
    ignored: Collection[str],
    path: Path,
) -> tuple[str, Sequence[Column | None]]:
    """Return what separates cells, and for each column which one it is: that which knows most of them."""
    line = text.readline(_MAX_HEADER)
    if not line.strip():
        raise UsageError("no-header", f"the first line of {path} must name its columns, and there is none")
    renamed = {plain_name(name): column for name, column in names.items()}
    best: tuple[int, str, list[str]] = (-1, "", [])
    for separator in SEPARATORS:
        found = next(csv.reader([line], delimiter=separator), [])
        cells = [renamed.get(plain_name(cell), cell) for cell in found]
        known = sum(1 for cell in cells if any(plain_name(cell) in one.names for one in columns))
        if known > best[0]:
            best = known, separator, cells
    return best[1], matched(best[2], columns, ignored, path)


def _rows(text: io.TextIOWrapper, separator: str, header: Sequence[Column | None]) -> Iterator[Row]:
    reader = csv.reader(text, delimiter=separator, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"the row cannot be read ({error}): is a quotation mark missing, or one too many?"
            yield Row(reader.line_num + 1, error=MalformedError("bad-row", message))
            continue
        line = reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
            message = f"the row has {len(cells)} cells, and the first line names {len(header)} columns"
            yield Row(line, error=MalformedError("bad-row", message))
            continue
        told = {
            column.name: cell.strip()
            for column, cell in zip(header, cells, strict=False)
            if column is not None and cell.strip()
        }
        yield Row(line, told)
