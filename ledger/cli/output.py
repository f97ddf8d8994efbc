"""What commands print: results on standard output, everything else as one line on standard error.

Much of it came out of files that anybody may have made. It is shown as it is, but never obeyed: characters
that steer a terminal are written as escapes, and nothing is taken for markup.
"""

import io
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

import typer

from ledger.domain.errors import UnavailableError

if TYPE_CHECKING:
    from rich.console import RenderableType

BROKEN_PIPE = 141
"""What a shell reports when the reader of a pipe went away: 128 and the number of SIGPIPE."""
_WIDTH = 100


def plain(text: str) -> str:
    """Return a text on one line, with all that is not printable written as escapes."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode()
        for char in text
    )


def say(*lines: str) -> None:
    """Print lines on standard output."""
    with _standard_output() as stream:
        for line in lines:
            print(plain(line), file=stream)


def emit(value: object) -> None:
    """Print a value as JSON on standard output."""
    with _standard_output() as stream:
        print(json.dumps(value, indent=2), file=stream)


def emit_bytes(data: bytes) -> None:
    """Write bytes to standard output as they are."""
    with _standard_output() as stream:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()


def warn(message: str) -> None:
    """Print one line on standard error."""
    print(f"corridor: {plain(message)}", file=sys.stderr)


def show(*renderables: "RenderableType") -> None:
    """Print rich tables and boxes on standard output, in colour on a terminal only."""
    from rich.console import Console

    with _standard_output() as stream:
        # By way of memory: rich answers a closed pipe by ending the process with 1, which may be a verdict.
        drawn = io.StringIO()
        on_screen = stream.isatty()
        console = Console(
            file=drawn,
            markup=False,
            emoji=False,
            highlight=False,
            force_terminal=on_screen,
            color_system="auto" if on_screen else None,
            width=None if on_screen else _WIDTH,
        )
        for renderable in renderables:
            # What is wider than a console is so on purpose: into files nothing is folded.
            console.print(renderable, crop=False)
        stream.write(drawn.getvalue())


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under titles, broken between words only; into no terminal each row goes as one line."""
    from ledger.cli.grid import Grid

    show(Grid(titles, [[plain(cell) for cell in row] for row in rows]))


def moment(value: object) -> str | None:
    """Return POSIX seconds as a time of day in UTC (RFC 3339), None for anything else."""
    if not isinstance(value, int | float):
        return None
    try:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return None


def fields(values: Mapping[str, str | Sequence[str]]) -> None:
    """Print names and values in two columns; a value of several lines goes on under its first."""
    width = max(len(name) for name in values)
    for name, value in values.items():
        for place, line in enumerate([value] if isinstance(value, str) else value):
            say(f"{'' if place else name:<{width}}  {line}")


def result(values: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result, for people or as JSON; nulls are left out for people."""
    if as_json:
        emit(values)
    else:
        fields(
            {
                name.replace("_", " "): _lines(value)
                for name, value in values.items()
                if value not in (None, [], {})
            }
        )


def _lines(value: object) -> str | list[str]:
    """Return a value of a result in words: what has members with a line for each."""
    if isinstance(value, Mapping):
        return _members(value)
    if isinstance(value, list):
        return [", ".join(_members(one)) if isinstance(one, Mapping) else str(one) for one in value]
    return str(value)


def _members(value: Mapping[str, Any], above: str = "") -> list[str]:
    told: list[str] = []
    for name, member in value.items():
        called = f"{above}{name.replace('_', ' ')}"
        if isinstance(member, Mapping):
            told += _members(member, f"{called}, ")
        elif isinstance(member, list) and any(isinstance(one, Mapping) for one in member):
            for number, one in enumerate(member, 1):
                told += _members(one if isinstance(one, Mapping) else {"is": one}, f"{called} {number}, ")
        elif member is not None:
            words = {True: "yes", False: "no"}
            shown = words[member] if isinstance(member, bool) else member
            told.append(f"{called}: {', '.join(map(str, shown)) if isinstance(shown, list) else shown}")
    return told


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Give standard output, and see that all of it got out: a verdict that nobody received is no success."""
    if sys.stdout is None:
        raise UnavailableError("cannot-write", "there is no standard output")
    try:
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        # Whatever is still buffered would complain again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from None
    except UnicodeEncodeError as error:
        raise UnavailableError(
            "cannot-write", f"standard output takes no {error.encoding} of this text; set PYTHONUTF8=1"
        ) from None
    except OSError as error:
        raise UnavailableError(
            "cannot-write", f"standard output cannot be written: {error.strerror}"
        ) from None
