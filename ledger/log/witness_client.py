"""Asks witnesses for cosignatures, as the publisher does before it publishes a checkpoint."""

from collections.abc import Sequence
from typing import Protocol

from ledger.log.witness_protocol import WitnessConflict

__all__ = ["WitnessClient", "WitnessConflict"]


class WitnessClient(Protocol):
    """One witness: a name, a key that is known beforehand, and a way to ask it."""

    @property
    def name(self) -> str:
        """Name of the witness: the key name of its verifier key."""
        ...

    @property
    def vkey(self) -> str:
        """Verifier key that its cosignatures must verify under."""
        ...

    def add_checkpoint(self, old_size: int, proof: Sequence[bytes], note: bytes) -> bytes:
        """Return the witness's cosignature line, verified and ending in a newline.

        Args:
            old_size: Size of the checkpoint that the witness cosigned last, 0 for none.
            proof: Consistency proof from there to the checkpoint, 32-byte hashes; empty from 0 and from its own size.
            note: The checkpoint, signed by the log.

        Raises:
            WitnessConflict: The witness goes on from another size, which `.size` says: prove from there.
            UnavailableError: It is down, too slow, or has a fault of its own; the same request may be sent again.
            VerificationError: It answered with something other than its cosignature of this checkpoint, now.
            PolicyError: It refuses: it does not know the log or its key, or the proof does not hold.
        """
        ...
