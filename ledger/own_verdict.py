"""The operator's own verdict of a dossier: what its own node and keys say. It proves nothing to others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ledger.chain.governance import Contracts
from ledger.chain.reader import ChainReader
from ledger.chain.view import RpcChainView
from ledger.config import WitnessSetting
from ledger.corridors.profile import Profile
from ledger.domain.clock import Clock
from ledger.domain.genesis import Genesis
from ledger.domain.note import VerifierKey
from ledger.log.store import LogStore
from ledger.node_trust import trust_of
from ledger.verification.container import Source
from ledger.verification.trust import ONLY_IF_ASKED
from ledger.verification.verifier import verify

NOTE = (
    "The operator of the log says so of its own log. It is no substitute for verifying the dossier yourself, "
    "with a trust file of your own: corridor verify DOSSIER --trust TRUST"
)

_parsed = cache(Profile.parse)


@dataclass(frozen=True, slots=True)
class OwnVerdict:
    """Verifies dossiers of one log with a trust made from what its operator knows.

    Args:
        store: The log.
        reader: The operator's node.
        contracts: Where the contracts are on its chain.
        witnesses: Who cosigns the log's checkpoints.
        quorum: How many of them must.
        depth: How many blocks lie on top of a final one.
        final_block: Returns the number of the newest final block.
        clock: The ledger's clock.
    """

    store: LogStore
    reader: ChainReader
    contracts: Contracts
    witnesses: Sequence[WitnessSetting]
    quorum: int
    depth: int
    final_block: Callable[[], int]
    clock: Clock

    def of(self, source: Source, shipment: str, target: int) -> dict[str, Any]:
        """Return the verdict of a dossier as JSON, and who gives it.

        Args:
            source: The dossier.
            shipment: URI of the subject that it is about.
            target: Size of its checkpoint.

        Raises:
            UnavailableError: The node cannot say now.
        """
        verdict = verify(
            source,
            trust_of(
                self._genesis(),
                self.reader,
                name=f"operator of {self.store.genesis.origin}",
                block=self.final_block(),
                witnesses=[VerifierKey.parse(one.vkey) for one in self.witnesses],
                index_cosigners=[VerifierKey.parse(one.vkey) for one in self.witnesses if one.index_cosigner],
                quorum=self.quorum,
                not_required=ONLY_IF_ASKED,
                profile=_parsed(self.store.profile),
            ),
            clock=self.clock,
            chain_view=RpcChainView.connect(
                self.reader,
                registry=self.contracts.registry,
                anchor=self.contracts.anchor,
                depth=self.depth,
            ),
            expected_shipment=shipment,
            # The map of this log is this service's own replay of it.
            replayed_map_root=self.store.checkpoints.at(target).map_root,
        )
        return verdict.to_json() | {"by": self.store.genesis.origin, "note": NOTE}

    def _genesis(self) -> Genesis:
        """Return the genesis document with the chain that is there, which may not be the first one."""
        chain = self.reader.identity()
        return replace(
            self.store.genesis,
            chain_id=chain.chain_id,
            chain_genesis=chain.genesis,
            registry=self.contracts.registry,
            anchor=self.contracts.anchor,
        )
