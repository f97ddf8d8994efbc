"""Reading a stream of server-sent events (WHATWG HTML, section 9.2.6), within limits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ledger.client.http import wrong_answer

MAX_EVENT: Final = 4 * 1_048_576
"""Bytes of the largest event that is read."""


@dataclass(frozen=True, slots=True)
class Frame:
    """An event as it came.

    Args:
        id: The newest id of the stream, None before the first.
        data: Its data; empty where only an id came.
    """

    id: str | None
    data: str


def frames(pieces: Iterable[bytes]) -> Iterator[Frame]:
    """Yield the events of a stream; what is cut off at its end is left out.

    Args:
        pieces: Of the stream, cut anywhere.

    Raises:
        VerificationError: An event is larger than any that a ledger tells.
    """
    newest: str | None = None
    data: list[str] = []
    changed, size = False, 0
    for line in _lines(pieces):
        size += len(line)
        if size > MAX_EVENT:
            raise wrong_answer(f"an event of over {MAX_EVENT} bytes")
        if line:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name == "id" and "\0" not in value:
                changed, newest = True, value
            continue
        if data or changed:
            yield Frame(newest, "\n".join(data))
        data, changed, size = [], False, 0


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines without their ends, which are CRLF, LF or CR."""
    rest = b""
    for piece in pieces:
        rest += piece
        if len(rest) > MAX_EVENT:
            raise wrong_answer(f"a line of over {MAX_EVENT} bytes")
        # A CR at the end may be half of a CRLF.
        held = b"\r" if rest.endswith(b"\r") else b""
        whole = rest[: len(rest) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = whole.split(b"\n")
        rest += held
        yield from lines
