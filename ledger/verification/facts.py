"""What the checks hand to one another: values that were proven, never as they came out of the file."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.corridors.profile import Profile
from ledger.domain.checkpoint import Cosignature, SignedCheckpoint
from ledger.domain.genesis import Genesis
from ledger.domain.statement import Statement
from ledger.verification.dossier import AnchorOpening


@dataclass(frozen=True, slots=True)
class Log:
    """The log that the verifier trusts: its genesis document and its corridor's rules."""

    genesis: Genesis
    profile: Profile


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that could be read.

    Args:
        index: Its place in the log, as the dossier says.
        statement: The statement.
        body: Its body with what the reader may know.
        path: Inclusion proof in the target, as the dossier says.
        entry: The log entry that the statement's own bytes and streams make.
    """

    index: int
    statement: Statement
    body: Mapping[str, Any]
    path: tuple[bytes, ...]
    entry: bytes

    @property
    def shown(self) -> str:
        """How to name it to people."""
        return f'statement {self.index} ("{self.statement.kind}" by {self.statement.iss})'


@dataclass(frozen=True, slots=True)
class ProvenCheckpoint:
    """A checkpoint that a trusted log key signed and that is the beginning of the target, or the target.

    Args:
        signed: The checkpoint and its note.
        cosignatures: The pinned witnesses' first cosignatures on it.
    """

    signed: SignedCheckpoint
    cosignatures: Sequence[Cosignature]

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.signed.checkpoint.size

    @property
    def root(self) -> bytes:
        """Root over them, 32 bytes."""
        return self.signed.checkpoint.root


@dataclass(frozen=True, slots=True)
class History:
    """The one history that the dossier proves.

    Args:
        target: The target checkpoint.
        by_size: All proven checkpoints by size, the target among them.
        renewed: The pinned witnesses' last cosignatures on the target.
        replayed: The pinned index cosigners' cosignatures on the target.
    """

    target: ProvenCheckpoint
    by_size: Mapping[int, ProvenCheckpoint]
    renewed: Sequence[Cosignature]
    replayed: Sequence[Cosignature]


class Anchors:
    """Anchors that stand on the trusted chain.

    Args:
        proven: Ascending by size.
    """

    def __init__(self, proven: Sequence[AnchorOpening]) -> None:
        self.proven = tuple(proven)
        self._sizes = [anchor.size for anchor in proven]

    def covering(self, index: int) -> AnchorOpening | None:
        """Return A(index): the smallest proven anchor above an index, None when there is none."""
        place = bisect_right(self._sizes, index)
        return self.proven[place] if place < len(self.proven) else None

    def of_size(self, size: int) -> AnchorOpening | None:
        """Return the proven anchor of a size, None when there is none."""
        anchor = self.covering(size - 1)
        return anchor if anchor is not None and anchor.size == size else None
