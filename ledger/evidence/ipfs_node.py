"""One IPFS node, spoken to through `ipfshttpclient`, with limits on its time, and its failures in our words.

Nothing that it says is believed here: whoever asks compares what it gives out with the CID.
"""

import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final

import ipfshttpclient
import requests
import urllib3
from ipfshttpclient.client.base import SectionBase

from ledger.domain.cid import CHUNK, LINKS
from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError, UsageError
from ledger.evidence.disk import no_evidence

# The client asks urllib3 for something that it has by itself by now.
warnings.filterwarnings("ignore", "The 'strict' parameter", FutureWarning)

SECONDS: Final = 30.0
"""How long a node may keep silent."""
PIN_NAME: Final = "corridor-evidence"
"""The name of our pins: a node may keep other things too, and those are not ours to list or to remove."""
_PIECE: Final = 1 << 20
_MAX_BLOCK: Final = 1 << 21
_AT_ONCE: Final = 100
_BASE: Final = {"cid-base": "base32"}
# All of it is said, for a node may be set to do otherwise.
_LAYOUT: Final = _BASE | {
    "chunker": f"size-{CHUNK}",
    "hash": "sha2-256",
    "max-file-links": str(LINKS),
    "quieter": "true",
}
_ABSENT: Final = ("could not find", "not found", "not pinned")
_NONSENSE = (AssertionError, AttributeError, KeyError, TypeError, ValueError)
_BROKEN = (
    ipfshttpclient.exceptions.Error,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    OSError,
)


class _Blocks(SectionBase):  # type: ignore[misc] # what it is of says nothing of its types
    """What `ipfshttpclient` has no call for."""

    def remove(self, cids: list[str]) -> None:
        """Remove blocks; those that are pinned or not there stay as they are."""
        self._client.request("/block/rm", cids, opts={"force": "true"}, decoder="json")


class IpfsNode:
    """The API of one node.

    Args:
        api: Its multiaddr, such as `/ip4/127.0.0.1/tcp/5001`.
        seconds: How long it may keep silent, and take for one leaf.
        monotonic: Seconds on a clock that only goes forward.

    Raises:
        UsageError: That is no address.
    """

    def __init__(
        self, api: str, *, seconds: float = SECONDS, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        try:
            # Not `connect()`, which refuses every node of today by its version.
            self._client = ipfshttpclient.Client(
                api, session=True, chunk_size=_PIECE, timeout=(seconds, seconds)
            )
        except (ipfshttpclient.exceptions.Error, *_NONSENSE):
            message = f"{api[:200]!r} is no multiaddr of a node's API; it looks like /ip4/127.0.0.1/tcp/5001"
            raise UsageError("ipfs-api", message, field="ipfs_api") from None
        self._blocks = _Blocks(self._client)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def settings(self) -> dict[str, Any]:
        """Return how the node is set up, as it says.

        Raises:
            UnavailableError: It cannot be asked now; so for all that follows.
        """
        with _asking():
            return dict(self._client.config.get().as_json())

    def add(self, file: BinaryIO) -> str:
        """Bring bytes to the node, unpinned, and return what it calls them."""
        with _asking():
            # A copy, for the client writes into it.
            added = self._client.add(file, raw_leaves=True, cid_version=1, pin=False, opts=dict(_LAYOUT))
            return str(added["Hash"])

    def pin(self, cid: str) -> None:
        """Have the node keep what it has of a CID, all of it."""
        with _asking():
            self._client.pin.add(cid, offline=True, opts=_BASE | {"name": PIN_NAME})

    def unpin(self, cid: str) -> None:
        """Let the node forget a CID; one that is not pinned is no error."""
        with suppress(NotFoundError), _asking(cid):
            self._client.pin.rm(cid)

    def is_pinned(self, cid: str) -> bool:
        """Return whether the node keeps a CID for us or for others."""
        try:
            with _asking(cid):
                return cid in self._client.pin.ls(cid, type="recursive", opts=dict(_BASE))["Keys"]
        except NotFoundError:
            return False

    def pinned(self) -> list[str]:
        """Return the CIDs that the node keeps for us, in order."""
        with _asking():
            keys = self._client.pin.ls(type="recursive", opts=_BASE | {"names": "true"})["Keys"]
            return sorted(cid for cid, said in keys.items() if said.get("Name") == PIN_NAME)

    def size(self, cid: str) -> int:
        """Return how many bytes the file of a CID has, as the node says.

        Raises:
            NotFoundError: It has no such thing.
        """
        with _asking(cid):
            size = int(self._client.files.stat(f"/ipfs/{cid}", offline=True)["Size"])
        if size < 0:
            raise _nonsense()
        return size

    def block(self, cid: str) -> bytes:
        """Return one block of at most 2 MiB.

        Raises:
            NotFoundError: It has no such block.
        """
        got = bytearray()
        with _asking(cid), self._client.block.get(cid, offline=True, stream=True) as pieces:
            for piece in self._timely(pieces):
                got += piece
                if len(got) > _MAX_BLOCK:
                    raise _nonsense()
        return bytes(got)

    def read(self, cid: str, start: int, length: int) -> Generator[bytes, None, None]:
        """Yield a part of the file of a CID in pieces of any length, maybe too few or too many bytes.

        Raises:
            NotFoundError: It has no such thing.
            UnavailableError: While iterating too: it broke off, or was too slow.
        """
        with (
            _asking(cid),
            self._client.cat(cid, offset=start, length=length, offline=True, stream=True) as pieces,
        ):
            yield from self._timely(pieces)

    def remove(self, cids: Iterable[str]) -> None:
        """Remove blocks that nothing pins; those that are not there are no error."""
        rest = list(cids)
        for at in range(0, len(rest), _AT_ONCE):
            with _asking():
                self._blocks.remove(rest[at : at + _AT_ONCE])

    def collect(self) -> None:
        """Have the node remove every block that nothing pins."""
        with _asking():
            self._client.repo.gc(quiet=True, return_result=False)

    def _timely(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield pieces, as long as no leaf takes too long; only the node's time counts, not the taker's."""
        waited, got = 0.0, 0
        while True:
            asked = self._monotonic()
            piece = next(pieces, None)
            waited += self._monotonic() - asked
            if piece is None:
                return
            got += len(piece)
            if got >= CHUNK:
                waited, got = 0.0, 0
            elif waited > self._seconds:
                raise _too_slow()
            yield piece


@contextmanager
def _asking(cid: str | None = None) -> Iterator[None]:
    """Turn a failure of the node into one of ours.

    Args:
        cid: What is asked for; that it is not there is `no-evidence`.
    """
    try:
        yield
    except CorridorError:
        raise
    except ipfshttpclient.exceptions.ErrorResponse as error:
        said = str(error)
        if cid is not None and any(text in said for text in _ABSENT):
            raise no_evidence(cid) from None
        if "no space left" in said or "quota exceeded" in said:
            message = "the IPFS node has no room left for evidence; whoever runs it has to make some"
            raise UnavailableError("disk-full", message) from None
        raise UnavailableError("ipfs-failed", f"the IPFS node refused: {_plain(said)}") from None
    except ipfshttpclient.exceptions.TimeoutError:
        raise _too_slow() from None
    except _BROKEN as error:
        if _is_timeout(error):
            raise _too_slow() from None
        message = f"the IPFS node cannot be reached, or broke off ({type(error).__name__})"
        raise UnavailableError("ipfs-unreachable", message) from None
    except _NONSENSE:
        raise _nonsense() from None


def _is_timeout(error: BaseException) -> bool:
    """Return whether a failure, or what it came of, is that time was over."""
    kinds = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
    parts = [error, *error.args]
    return any(isinstance(part, kinds) for part in parts)


def _plain(said: str) -> str:
    return "".join(character if character.isprintable() else " " for character in said)[:160]


def _too_slow() -> UnavailableError:
    return UnavailableError("ipfs-slow", "the IPFS node does not answer in time; try again later")


def _nonsense() -> UnavailableError:
    return UnavailableError("ipfs-nonsense", "the IPFS node answers what no IPFS node answers; look at it")
