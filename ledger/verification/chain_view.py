"""What a verifier asks of the chain: records of the two contracts, read from a node or proven."""

from enum import StrEnum
from typing import Protocol

from ledger.domain.evm_layout import Closure, Head, Interval, KeyRecord, Organisation


class Contract(StrEnum):
    """The contracts whose storage a verifier reads; the values are the member names of the trust file."""

    REGISTRY = "registry"
    ANCHOR = "anchor"


class ChainView(Protocol):
    """The records of one chain, as of one or several final blocks.

    Implemented by `proof_view.ProofChainView` (offline, under a pinned block) and by `ledger.chain.view` (a
    node of the verifier's own). The contracts looked at are those of the trust file: a view is made with
    their addresses. Every method raises `UnavailableError` when the view cannot tell: nothing was proven, or
    the node does not answer. An absent record is an answer (None, or nothing) and not an error.
    """

    @property
    def chain_id(self) -> int:
        """The chain's identifier, which is no proof of anything: 31337 is everybody's."""

    @property
    def genesis(self) -> bytes:
        """Hash of block 0, 32 bytes."""

    @property
    def live(self) -> bool:
        """True when the view reads the chain as it is now, so that the newest anchor really is the newest."""

    def check_pinned(self, number: int, block_hash: bytes) -> None:
        """Return when a block of this hash (32 bytes) stands at a number.

        Raises:
            VerificationError: Another block stands there: the chain was rewritten.
        """

    def code_hash(self, contract: Contract) -> bytes:
        """Return the Keccak-256 hash of a contract's deployed code, 32 bytes."""

    def anchor_record(self, origin_hash: bytes, size: int) -> bytes | None:
        """Return the record of a log's size (formats, section 8), 32 bytes, or None when not anchored."""

    def head(self, origin_hash: bytes) -> Head:
        """Return who anchors a log and how far it is."""

    def closure(self, origin_hash: bytes) -> Closure:
        """Return how far a closed log is to be believed."""

    def key_record(self, thumbprint: bytes, at: int) -> KeyRecord | None:
        """Return what the registry says of a key, or None when it does not know it.

        Args:
            thumbprint: 32 bytes.
            at: Number of the block that is asked about. The answer is read from the state of this block or
                of a later one: intervals only get a beginning and an end, so that a later state still
                tells what was good then.
        """

    def organisation(self, organisation: bytes, at: int) -> Organisation | None:
        """Return an organisation's interval, or None when it is not known; `at` as in `key_record`."""

    def role_intervals(self, organisation: bytes, role: bytes, at: int) -> tuple[Interval, ...]:
        """Return all intervals of an organisation's role, oldest first; `at` as in `key_record`."""
