"""Files to be read out of bytes that come piece by piece."""

import io
from collections.abc import Iterable


class PieceReader(io.RawIOBase):
    """A file to be read that comes in pieces; readers of a few bytes at a time want it buffered.

    Args:
        pieces: The content, in pieces of any length.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill as much of a buffer as the present piece has; 0 at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
