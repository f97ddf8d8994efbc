"""The chain as state proofs show it, with platform, node and chain gone (formats, section 8)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from ledger.domain import evm_layout
from ledger.domain.errors import MalformedError, UnavailableError, VerificationError
from ledger.domain.evm_layout import Closure, Head, Interval, KeyRecord, Organisation
from ledger.verification.chain_view import Contract
from ledger.verification.state_proof import ProvenState, StateProof, believe
from ledger.verification.trust import ChainTrust

MAX_INTERVALS = 1024
_T = TypeVar("_T")


class ProofChainView:
    """Records proven from the states of one or several blocks, the newest that shows a record first.

    Args:
        chain: The chain and the contracts as the trust file names them.
        states: States that were found to lead to a pinned block; at least one.
    """

    live = False

    def __init__(self, chain: ChainTrust, states: Sequence[ProvenState]) -> None:
        self.chain_id = chain.id
        self.genesis = chain.genesis
        self._addresses = {
            Contract.REGISTRY: chain.registry.address,
            Contract.ANCHOR: chain.anchor.address,
        }
        self._states = sorted(states, key=lambda state: state.header.number, reverse=True)

    @property
    def block_number(self) -> int:
        """Number of the newest block whose state is shown."""
        return self._states[0].header.number

    def check_pinned(self, number: int, block_hash: bytes) -> None:
        """Return: a state is only believed when it leads to the pinned block."""

    def code_hash(self, contract: Contract) -> bytes:
        """Return the Keccak-256 hash of a contract's code; of an address without any, 32 zero bytes."""

        def read(state: ProvenState) -> bytes:
            account = state.account(self._addresses[contract])
            return bytes(32) if account is None else account.code_hash

        return self._newest(read)

    def anchor_record(self, origin_hash: bytes, size: int) -> bytes | None:
        """Return the anchor record of a log's size, None when it was not anchored."""
        slot = evm_layout.anchor_slot(origin_hash, size)
        value = self._newest(lambda state: self._slot(state, Contract.ANCHOR, slot))
        return value.to_bytes(32) if value else None

    def head(self, origin_hash: bytes) -> Head:
        """Return who anchors a log and how far it is."""
        slot = evm_layout.head_slot(origin_hash)
        return _unpacked(
            evm_layout.unpack_head, self._newest(lambda state: self._slot(state, Contract.ANCHOR, slot))
        )

    def closure(self, origin_hash: bytes) -> Closure:
        """Return how far a closed log is to be believed."""
        slots = evm_layout.closure_slots(origin_hash)
        values = self._newest(lambda state: [self._slot(state, Contract.ANCHOR, slot) for slot in slots])
        return _unpacked(evm_layout.unpack_closure, *values)

    def key_record(self, thumbprint: bytes, at: int) -> KeyRecord | None:
        """Return what the registry says of a key, from the state of block `at` or of a later one."""
        slots = evm_layout.key_slots(thumbprint)
        values = self._newest(
            lambda state: [self._slot(state, Contract.REGISTRY, slot) for slot in slots], at
        )
        return _unpacked(evm_layout.unpack_key, *values) if values[0] else None

    def organisation(self, organisation: bytes, at: int) -> Organisation | None:
        """Return an organisation's record, from the state of block `at` or of a later one."""
        slot = evm_layout.organisation_slot(organisation)
        value = self._newest(lambda state: self._slot(state, Contract.REGISTRY, slot), at)
        return _unpacked(evm_layout.unpack_organisation, value) if value else None

    def role_intervals(self, organisation: bytes, role: bytes, at: int) -> tuple[Interval, ...]:
        """Return all intervals of a role, from the state of block `at` or of a later one."""

        def read(state: ProvenState) -> tuple[Interval, ...]:
            count = self._slot(state, Contract.REGISTRY, evm_layout.role_count_slot(organisation, role))
            if count > MAX_INTERVALS:
                message = f"a role has {count} intervals; at most {MAX_INTERVALS} are read"
                raise VerificationError("too-many-intervals", message)
            slots = [evm_layout.role_interval_slot(organisation, role, index) for index in range(count)]
            return tuple(
                _unpacked(evm_layout.unpack_interval, self._slot(state, Contract.REGISTRY, slot))
                for slot in slots
            )

        return self._newest(read, at)

    def _slot(self, state: ProvenState, contract: Contract, slot: int) -> int:
        return state.slot(self._addresses[contract], slot.to_bytes(32))

    def _newest(self, read: Callable[[ProvenState], _T], at: int = 0) -> _T:
        """Return what the newest state says that shows the thing; states before block `at` are not asked."""
        for state in self._states:
            if state.header.number < at:
                break
            try:
                return read(state)
            except UnavailableError:
                continue
        raise UnavailableError("not-proven", "no state proof of a pinned block shows this record")


def view_from_proofs(proofs: Sequence[StateProof], chain: ChainTrust) -> ProofChainView | None:
    """Return the view that state proofs give under the pinned blocks of a trust file, None if they give none.

    Proofs of other chains and those that lead to no pinned block are passed over: a dossier serves verifiers
    that pinned different blocks.

    Args:
        proofs: As they lie in the dossier.
        chain: The chain that the verifier trusts.

    Raises:
        MalformedError: A header is none.
        VerificationError: Headers do not follow one another, or another block stands where one is pinned.
    """
    pinned = {block.number: block.hash for block in chain.pinned}
    states = []
    for proof in proofs:
        if (proof.chain_id, proof.genesis) == (chain.id, chain.genesis):
            state = believe(proof, pinned)
            if state is not None:
                states.append(state)
    return ProofChainView(chain, states) if states else None


def _unpacked(unpack: Callable[..., _T], *values: int) -> _T:
    try:
        return unpack(*values)
    except MalformedError as error:
        raise VerificationError("state-layout", f"a record of the contracts is not one: {error}") from None
