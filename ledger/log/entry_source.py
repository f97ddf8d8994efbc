"""Where an index cosigner gets a log's entries: its entry bundles, as C2SP tlog-tiles serves them."""

from collections.abc import Sequence
from typing import Final, Protocol, Self

import httpx

from ledger.domain.entry import MAX_TAGS
from ledger.domain.errors import UnavailableError, UsageError, VerificationError
from ledger.domain.merkle import HASH_SIZE
from ledger.log.tile import WIDTH
from ledger.log.tile_path import tile_path

DEFAULT_TIMEOUT: Final = 10.0
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
            VerificationError: What was served is no bundle of that many entries.
        """
        ...


class HttpEntrySource:
    """The entry bundles of a log over HTTP.

    Args:
        url: Prefix of the log: what `/tile/...` follows.
        timeout: Seconds for each step of a request.
        transport: Where requests go instead of the network.

    Raises:
        UsageError: The URL is not one of HTTP.
    """

    def __init__(
        self, url: str, *, timeout: float = DEFAULT_TIMEOUT, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._prefix = url.rstrip("/") + "/tile/"
        if not url.startswith(("http://", "https://")):
            raise UsageError("log-url", f"{url!r} is not an http or https URL of a log")
        self._client = httpx.Client(timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def bundle(self, number: int, width: int) -> list[bytes]:
        """See `EntrySource.bundle`."""
        path = tile_path(None, number, width)
        data = self._get(path)
        if data is None and width < WIDTH:
            # A log may drop a partial bundle once the full one is there.
            path = tile_path(None, number)
            data = self._get(path)
        if data is None:
            raise UnavailableError("entries-missing", f"the log does not serve {path}; try again")
        return parse_bundle(data, number, width)

    def _get(self, path: str) -> bytes | None:
        try:
            with self._client.stream("GET", self._prefix + path) as response:
                if response.status_code == httpx.codes.NOT_FOUND:
                    return None
                if response.status_code != httpx.codes.OK:
                    raise UnavailableError(
                        "entries-missing", f"the log answers {response.status_code} for {path}; try again"
                    )
                data = b""
                for part in response.iter_bytes():
                    data += part
                    if len(data) > _MAX_BUNDLE:
                        raise VerificationError(
                            "malformed-bundle", f"{path} has more than the {_MAX_BUNDLE} bytes of any bundle"
                        )
                return data
        except httpx.HTTPError as error:
            what = str(error) or type(error).__name__
            raise UnavailableError("entries-missing", f"{path} of the log cannot be had: {what}") from None


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
