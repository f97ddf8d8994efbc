"""The chain as a node of the verifier's own shows it, for as long as the node answers."""

from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from ledger.chain.reader import ChainReader
from ledger.chain.view import RpcChainView
from ledger.domain.errors import CorridorError, UnavailableError, VerificationError
from ledger.domain.evm_layout import Closure, Head, Interval, KeyRecord, Organisation
from ledger.verification.chain_view import Contract
from ledger.verification.trust import ChainTrust

DEPTH = 2
"""Blocks on top of what the node is asked about, as ledgers wait for before they call an anchor final."""
TIMEOUT = 10.0
_T = TypeVar("_T")


class VerifiersNode:
    """A `ChainView` of the node that a trust file names; nothing is asked of it before the first question.

    After the first time that the node did not answer it is not asked again.

    Args:
        chain: The trusted chain, with the URL of a node.
        timeout: Seconds for each answer.
        depth: How many blocks must lie on top of the one whose state is asked about.

    Attributes:
        trouble: Why the node is not asked any more, None while it answers.

    Raises:
        UsageError: The URL is not one of HTTP.
    """

    live = True

    def __init__(self, chain: ChainTrust, *, timeout: float = TIMEOUT, depth: int = DEPTH) -> None:
        self.trouble: UnavailableError | None = None
        self._chain = chain
        self._depth = depth
        self._reader = ChainReader(chain.rpc or "", timeout=timeout)
        self._view: RpcChainView | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.close()

    @property
    def chain_id(self) -> int:
        """See `ChainView`."""
        return self._ask(lambda view: view.chain_id)

    @property
    def genesis(self) -> bytes:
        """See `ChainView`."""
        return self._ask(lambda view: view.genesis)

    def check_pinned(self, number: int, block_hash: bytes) -> None:
        """See `ChainView`."""
        self._ask(lambda view: view.check_pinned(number, block_hash))

    def code_hash(self, contract: Contract) -> bytes:
        """See `ChainView`."""
        return self._ask(lambda view: view.code_hash(contract))

    def anchor_record(self, origin_hash: bytes, size: int) -> bytes | None:
        """See `ChainView`."""
        return self._ask(lambda view: view.anchor_record(origin_hash, size))

    def head(self, origin_hash: bytes) -> Head:
        """See `ChainView`."""
        return self._ask(lambda view: view.head(origin_hash))

    def closure(self, origin_hash: bytes) -> Closure:
        """See `ChainView`."""
        return self._ask(lambda view: view.closure(origin_hash))

    def key_record(self, thumbprint: bytes, at: int) -> KeyRecord | None:
        """See `ChainView`."""
        return self._ask(lambda view: view.key_record(thumbprint, at))

    def organisation(self, organisation: bytes, at: int) -> Organisation | None:
        """See `ChainView`."""
        return self._ask(lambda view: view.organisation(organisation, at))

    def role_intervals(self, organisation: bytes, role: bytes, at: int) -> tuple[Interval, ...]:
        """See `ChainView`."""
        return self._ask(lambda view: view.role_intervals(organisation, role, at))

    def _ask(self, question: Callable[[RpcChainView], _T]) -> _T:
        if self.trouble is not None:
            raise self.trouble
        try:
            if self._view is None:
                self._view = self._connected()
            return question(self._view)
        except UnavailableError as error:
            self.trouble = error
            raise
        except VerificationError:
            raise
        except CorridorError as error:
            # Whatever else a node may say to a question that good contracts answer.
            self.trouble = UnavailableError(error.code, error.message)
            raise self.trouble from None

    def _connected(self) -> RpcChainView:
        chain = self._chain
        return RpcChainView.connect(
            self._reader, registry=chain.registry.address, anchor=chain.anchor.address, depth=self._depth
        )
