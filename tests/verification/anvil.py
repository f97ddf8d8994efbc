"""The tests' corridor on a real chain: real contracts, real blocks, proofs as a real node gives them."""

from collections.abc import Iterable

from ledger.chain.anchor_contract import AnchorContract
from ledger.chain.governance import begin_role, enrol
from ledger.chain.organisation import OrganisationAdmin
from ledger.chain.proofs import take_state_proof
from ledger.chain.transactions import transact
from ledger.chain.view import RpcChainView
from ledger.domain.cose import CoseKey
from ledger.verification.chain_view import Contract
from ledger.verification.state_proof import StateProof
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT
from tests.chain import chains
from tests.verification.chain import SyntheticChain

ADMINS = {
    EXPORTER: chains.an_account("exporter"),
    ORIGIN_PORT: chains.PORT_ADMIN,
    CUSTOMS: chains.CUSTOMS_ADMIN,
}


class AnvilChain(SyntheticChain):
    """An anvil in the place of the chain in memory.

    Args:
        world: The anvil with contracts, governors and an open log.
    """

    def __init__(self, world: chains.World) -> None:
        self._world = world
        self.id = world.chain.identity.chain_id
        self.addresses = {
            Contract.REGISTRY: world.contracts.registry,
            Contract.ANCHOR: world.contracts.anchor,
        }
        self.code_hashes = {contract: self.view().code_hash(contract) for contract in Contract}

    @property
    def number(self) -> int:
        """Number of the newest block."""
        return self._world.client.head().number

    def block_hash(self, number: int) -> bytes:
        """Return the hash of a block."""
        block = self._world.client.block(number)
        assert block is not None
        return block.hash

    def mine(self, time: int) -> int:
        """Add an empty block."""
        self._world.clock.now = max(time, self._world.clock.now)
        self._world.chain.mine()
        return self.number

    def enrol(self, uri: str, role: str, key: CoseKey) -> None:
        """Let two governors enrol an organisation, which then adds its key itself."""
        world = self._world
        if uri == EXPORTER:
            world.chain.fund(ADMINS[uri].address)
            world.govern(enrol(uri, ADMINS[uri].address))
        world.govern(begin_role(uri, role))
        self.admin(uri).add_key(key)

    def admin(self, uri: str) -> OrganisationAdmin:
        """Return what acts for an organisation."""
        return OrganisationAdmin(self._world.client, self._world.contracts, ADMINS[uri])

    def anchor(self, origin_hash: bytes, size: int, root: bytes, time: int) -> tuple[int, int]:
        """Let the log's operator anchor; return number and time of the block."""
        world = self._world
        world.clock.now = max(time, world.clock.now)
        contract = AnchorContract(world.client, world.contracts.anchor, origin_hash)
        receipt = transact(world.client, chains.OPERATOR, contract.address, contract.anchoring(size, root))
        block = world.client.block(receipt.block_number)
        assert block is not None
        return block.number, block.time

    def proof(
        self, number: int, slots: Iterable[tuple[Contract, int]], until: int | None = None
    ) -> StateProof:
        """Take a proof from the node."""
        wanted = {
            self.addresses[contract]: [slot for owner, slot in slots if owner is contract]
            for contract in Contract
        }
        return StateProof.from_bytes(take_state_proof(self._world.client, number, wanted, until=until))

    def view(self) -> RpcChainView:
        """Return what a verifier sees who asks the node."""
        world = self._world
        return RpcChainView.connect(
            world.client, registry=world.contracts.registry, anchor=world.contracts.anchor, depth=0
        )
