"""Pieces of bytes on their way from one thread to another, only so many at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Condition

PIECE = 1 << 18
"""Bytes that it is worth to wake another thread for."""
AHEAD = 4
"""How many pieces of that size are enough to let two threads work side by side; more is only memory."""


def gathered(pieces: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """Yield the same bytes in pieces of at least so many, but for the last."""
    waiting: list[bytes] = []
    length = 0
    for piece in pieces:
        waiting.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if length:
        yield b"".join(waiting)


class Pipe:
    """A queue of a few pieces between a thread that writes and one that iterates, which both may end.

    Args:
        ahead: How many pieces the writer may be ahead.
        on_room: Is called, by whoever makes it, when there is room again for what `offer` did not take.
    """

    def __init__(self, ahead: int = AHEAD, on_room: Callable[[], object] = lambda: None) -> None:
        self._ahead = ahead
        self._on_room = on_room
        self._wanted = False
        self._pieces: deque[bytes] = deque()
        self._changed = Condition()
        self._ended = False
        self._error: BaseException | None = None
        self._closed = False

    def write(self, piece: bytes) -> None:
        """Hand over a piece, when there is room.

        Raises:
            BrokenPipeError: The reader is gone.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._pieces) < self._ahead)
            if self._closed:
                raise BrokenPipeError("the reader of the pipe is gone")
            self._pieces.append(piece)
            self._changed.notify_all()

    def offer(self, piece: bytes) -> bool:
        """Hand over a piece without waiting, and return whether there was room for it.

        Raises:
            BrokenPipeError: The reader is gone.
        """
        with self._changed:
            if self._closed:
                raise BrokenPipeError("the reader of the pipe is gone")
            self._wanted = len(self._pieces) >= self._ahead
            if not self._wanted:
                self._pieces.append(piece)
                self._changed.notify_all()
            return not self._wanted

    def end(self, error: BaseException | None = None) -> None:
        """Say that nothing more comes; what is first said stays.

        Args:
            error: What the reader shall get instead of an end.
        """
        with self._changed:
            if not self._ended:
                self._ended, self._error = True, error
                self._changed.notify_all()

    def close(self) -> None:
        """Say that nothing more is read: the writer gets an error at its next piece."""
        with self._changed:
            self._closed = True
            self._pieces.clear()
            self._changed.notify_all()
            self._tell()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._pieces) or self._ended)
                if not self._pieces:
                    if self._error is not None:
                        raise self._error
                    return
                piece = self._pieces.popleft()
                self._changed.notify_all()
                if len(self._pieces) <= self._ahead // 2:
                    # Not at the first one: it is worth to wake the other side for several.
                    self._tell()
            yield piece

    def _tell(self) -> None:
        if self._wanted:
            self._wanted = False
            self._on_room()
