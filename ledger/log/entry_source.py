"""Where an index cosigner gets a log's entries: its entry bundles, as C2SP tlog-tiles serves them."""

from collections.abc import Sequence
from typing import Final, Protocol

from ledger.domain.entry import MAX_TAGS
from ledger.domain.errors import UnavailableError, VerificationError
from ledger.domain.merkle import HASH_SIZE
from ledger.log.http_log import HttpLog
from ledger.log.tile import WIDTH
from ledger.log.tile_path import tile_path

# Each entry comes with two bytes of length; none is longer than a statement's with all its tags.
_MAX_BUNDLE: Final = WIDTH * (2 + 1 + HASH_SIZE + 2 + MAX_TAGS * HASH_SIZE)


class EntrySource(Protocol):
    """Entries of one log, nothing of which is believed."""

    def bundle(self, number: int, width: int) -> Sequence[bytes]:
        """Return the first entries of a bundle.

        Args:
            number: Which bundle: it begins with the entry of index `256 * number`.
            width: How many entries, 1 to 256.

        Raises:
            UnavailableError: They cannot be had now.
            VerificationError: What was served is no bundle of that many entries, or is too long for any.
        """
        ...


class HttpEntrySource(HttpLog):
    """The entry bundles of a log over HTTP."""

    def bundle(self, number: int, width: int) -> list[bytes]:
        """See `EntrySource.bundle`."""
        path = tile_path(None, number, width)
        data = self.get(f"tile/{path}", _MAX_BUNDLE)
        if data is None and width < WIDTH:
            # A log may drop a partial bundle once the full one is there.
            path = tile_path(None, number)
            data = self.get(f"tile/{path}", _MAX_BUNDLE)
        if data is None:
            raise UnavailableError("entries-missing", f"the log does not serve {path}; try again")
        return parse_bundle(data, number, width)


def parse_bundle(data: bytes, number: int, width: int) -> list[bytes]:
    """Return the first entries of a bundle, each of which is preceded by its length as u16.

    Args:
        data: The bundle, with `width` entries or as many as it has when it is full.
        number: Which bundle it is, for the complaint.
        width: How many entries to return.

    Raises:
        VerificationError: It ends within an entry, or has fewer entries.
    """
    entries: list[bytes] = []
    start, size = 0, len(data)
    while start < size:
        begin = start + 2
        start = begin + int.from_bytes(data[start:begin])
        entries.append(data[begin:start])
    if start != size or len(entries) not in (width, WIDTH):
        raise VerificationError(
            "malformed-bundle", f"the log's entry bundle {number} is not of {width} entries"
        )
    return entries[:width]
