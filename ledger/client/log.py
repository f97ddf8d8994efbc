"""The log behind a service: which one it is, and how far it has come."""

import httpx

from ledger.client.http import Http, wrong_answer
from ledger.client.memory import Memory
from ledger.domain.checkpoint import Checkpoint
from ledger.domain.errors import MalformedError, NotFoundError, VerificationError
from ledger.domain.genesis import MAX_BYTES, Genesis
from ledger.domain.note import MAX_NOTE
from ledger.domain.statement import Seen
from ledger.log.tile_reader import TileReader

PREFIX = "/log"


class RemoteLog:
    """A log, none of whose answers is believed without its signature.

    Args:
        http: The service.
        memory: Remembers logs and checkpoints.
        pinned: The log that it has to be; what was remembered of the URL, or what is shown, if None.
        transport: Where requests go instead of the network.
    """

    def __init__(
        self, http: Http, memory: Memory, pinned: Genesis | None, transport: httpx.BaseTransport | None
    ) -> None:
        self._http = http
        self._memory = memory
        self._pinned = pinned
        self._transport = transport
        self._known: Genesis | None = None

    @property
    def genesis(self) -> Genesis:
        """The genesis document.

        Raises:
            VerificationError: It is another log than was expected, or none.
            UnavailableError: It cannot be reached now.
        """
        if self._known is None:
            document = self._http.ask("GET", f"{PREFIX}/genesis", max_bytes=MAX_BYTES).data
            try:
                self._known = self._expected(Genesis.parse(document))
            except MalformedError as error:
                raise wrong_answer(error.message) from None
        return self._known

    def checkpoint(self) -> Checkpoint | None:
        """Return the newest checkpoint that was seen, today's included; None before the first.

        Raises:
            VerificationError: The log did not sign what is shown, or it showed another history before.
            UnavailableError: It cannot be reached now.
        """
        genesis = self.genesis
        try:
            note = self._http.ask("GET", f"{PREFIX}/checkpoint", max_bytes=MAX_NOTE).data
        except NotFoundError:
            return self._memory.newest(genesis)
        try:
            return self._memory.see(genesis, note, self._consistency_proof)
        except MalformedError as error:
            raise wrong_answer(error.message) from None

    def seen(self) -> Seen:
        """Return what a signer says of the log today; raises as `checkpoint`."""
        newest = self.checkpoint()
        return Seen(0, self.genesis.hash) if newest is None else Seen(newest.size, newest.root)

    def _consistency_proof(self, size1: int, size2: int) -> list[bytes]:
        # A checkpoint is mostly the one of a moment ago: a connection is made only when a proof is wanted.
        with TileReader(self._http.url + PREFIX, transport=self._transport) as tiles:
            return tiles.consistency_proof(size1, size2)

    def _expected(self, shown: Genesis) -> Genesis:
        url = self._http.url
        expected = self._pinned or self._memory.log_of(url)
        if expected is None:
            self._memory.learn(url, shown)
        elif expected != shown:
            message = (
                f"{url} is the service of another log than before, or than was asked for: {shown.origin}"
            )
            raise VerificationError("other-log", f"{message}; nothing was sent to it")
        return shown
