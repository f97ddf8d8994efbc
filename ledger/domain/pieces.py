"""Files to be read out of bytes that come piece by piece."""

import io
from collections.abc import Iterable


class PieceReader(io.RawIOBase):
    """A file to be read that comes in pieces; readers of a few bytes at a time want it buffered.

    Args:
        pieces: The content, in pieces of any length.

    Attributes:
        error: What the pieces raised; libraries on the way to the caller may keep nothing of it but a text.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")
        self.error: BaseException | None = None

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill as much of a buffer as the present piece has; 0 at the end."""
        while not self._rest:
            try:
                piece = next(self._pieces, None)
            except BaseException as error:
                self.error = error
                raise
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
