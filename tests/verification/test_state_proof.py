"""State proofs: a chain of headers to a pinned block, and what the state under it says."""

from dataclasses import replace

import pytest
import rlp

from ledger.domain import evm_layout
from ledger.domain.errors import MalformedError, UnavailableError, VerificationError
from ledger.domain.evm_layout import Head, Interval
from ledger.verification.chain_view import Contract
from ledger.verification.proof_view import view_from_proofs
from ledger.verification.state_proof import BlockHeader, StateProof, believe
from ledger.verification.trust import ChainTrust
from tests.builders import EXPORTER, NOON, seeded
from tests.verification.chain import SyntheticChain

ORIGIN = seeded("origin hash", 32)
ROOT = seeded("root", 32)
KEY = seeded("thumbprint", 32)


def a_chain() -> SyntheticChain:
    """Return a chain of five blocks: registry in 1, anchors of sizes 4 and 9 in 2 and 3, then two more."""
    chain = SyntheticChain(NOON)
    chain.set_organisation(EXPORTER, 1)
    chain.set_role(EXPORTER, "exporter", [(1, 3), (4, 0)])
    chain.set_key(EXPORTER, KEY, 1, suspect=3)
    chain.mine(NOON + 10)
    chain.anchor(ORIGIN, 4, ROOT, NOON + 20)
    chain.anchor(ORIGIN, 9, ROOT, NOON + 30)
    chain.mine(NOON + 40)
    chain.mine(NOON + 50)
    return chain


def slots() -> list[tuple[Contract, int]]:
    organisation, role = evm_layout.organisation_id(EXPORTER), evm_layout.role_id("exporter")
    registry = [
        evm_layout.organisation_slot(organisation),
        evm_layout.role_count_slot(organisation, role),
        *(evm_layout.role_interval_slot(organisation, role, index) for index in (0, 1)),
        *evm_layout.key_slots(KEY),
    ]
    anchor = [
        *(evm_layout.anchor_slot(ORIGIN, size) for size in (4, 9, 10)),
        evm_layout.head_slot(ORIGIN),
        *evm_layout.closure_slots(ORIGIN),
    ]
    return [(Contract.REGISTRY, slot) for slot in registry] + [(Contract.ANCHOR, slot) for slot in anchor]


def trusting(chain: SyntheticChain, *pinned: int) -> ChainTrust:
    return ChainTrust.model_validate(
        {
            "id": chain.id,
            "genesis": chain.genesis,
            "control": "independent",
            "rpc": None,
            "pinned": [{"number": number, "hash": chain.block_hash(number)} for number in pinned],
            **{
                contract.value: {
                    "address": chain.addresses[contract],
                    "code_hash": chain.code_hashes[contract],
                }
                for contract in Contract
            },
        }
    )


def test_a_proof_under_a_pinned_block_says_all_that_the_contracts_hold() -> None:
    chain = a_chain()
    view = view_from_proofs([chain.proof(3, slots())], trusting(chain, 5))
    assert view is not None
    assert (view.chain_id, view.genesis, view.live) == (chain.id, chain.genesis, False)
    assert view.code_hash(Contract.ANCHOR) == chain.code_hashes[Contract.ANCHOR]
    assert view.anchor_record(ORIGIN, 4) == evm_layout.anchor_record(ROOT, 2, NOON + 20)
    assert view.anchor_record(ORIGIN, 10) is None
    assert view.head(ORIGIN) == Head(seeded("operator", 20), 9, closed=False)
    assert view.closure(ORIGIN).closed_at == 0
    organisation = evm_layout.organisation_id(EXPORTER)
    known = view.organisation(organisation, 2)
    assert known is not None
    assert known.interval == Interval(1, 0)
    role = evm_layout.role_id("exporter")
    assert view.role_intervals(organisation, role, 2) == (Interval(1, 3), Interval(4, 0))
    key = view.key_record(KEY, 2)
    assert key is not None
    assert (key.organisation, key.interval, key.suspect_since) == (organisation, Interval(1, 0), 3)


def test_what_a_proof_does_not_show_is_unknown_and_not_absent() -> None:
    chain = a_chain()
    view = view_from_proofs([chain.proof(3, [])], trusting(chain, 3))
    assert view is not None
    with pytest.raises(UnavailableError):
        view.anchor_record(ORIGIN, 4)
    with pytest.raises(UnavailableError):
        view.key_record(KEY, 1)


def test_the_newest_state_that_shows_a_record_is_asked_and_none_from_before_the_block() -> None:
    chain = a_chain()
    old, new = (
        chain.proof(1, slots(), until=5),
        chain.proof(4, [(Contract.ANCHOR, evm_layout.anchor_slot(ORIGIN, 4))]),
    )
    view = view_from_proofs([old, new], trusting(chain, 5))
    assert view is not None
    assert view.anchor_record(ORIGIN, 4) is not None
    assert view.key_record(KEY, 1) is not None
    with pytest.raises(UnavailableError):
        view.key_record(KEY, 2)


@pytest.mark.parametrize("pinned", [(), (2,)])
def test_a_proof_that_leads_to_no_pinned_block_is_not_believed(pinned: tuple[int, ...]) -> None:
    chain = a_chain()
    assert view_from_proofs([chain.proof(3, slots())], trusting(chain, *pinned)) is None


def test_a_proof_of_another_genesis_block_is_passed_over() -> None:
    chain = a_chain()
    other = replace(chain.proof(3, slots()), genesis=bytes(32))
    assert view_from_proofs([other], trusting(chain, 5)) is None


def test_another_block_where_one_is_pinned_is_a_rewritten_chain() -> None:
    chain, rewritten = a_chain(), a_chain()
    rewritten.mine(NOON + 60)
    chain.mine(NOON + 61)
    with pytest.raises(VerificationError) as caught:
        believe(rewritten.proof(3, slots()), {6: chain.block_hash(6)})
    assert caught.value.code == "chain-rewritten"


def test_headers_that_do_not_follow_one_another_are_refused() -> None:
    chain = a_chain()
    proof = chain.proof(3, slots())
    gap = replace(proof, descendants=proof.descendants[1:])
    with pytest.raises(VerificationError) as caught:
        believe(gap, {5: chain.block_hash(5)})
    assert caught.value.code == "chain-broken"


def test_a_changed_node_no_longer_shows_what_it_did() -> None:
    chain = a_chain()
    proof = chain.proof(3, slots())
    changed = StateProof.of(
        chain.id, chain.genesis, [proof.header], [node[:-1] + b"\x00" for node in proof.nodes]
    )
    state = believe(changed, {3: chain.block_hash(3)})
    assert state is not None
    with pytest.raises(UnavailableError):
        state.slot(chain.addresses[Contract.ANCHOR], bytes(32))


def test_an_account_that_is_proven_absent_holds_nothing() -> None:
    chain = a_chain()
    state = believe(chain.proof(3, slots()), {3: chain.block_hash(3)})
    assert state is not None
    # Under the paths shown some address is provably absent; with two accounts most are.
    absent = next(
        address
        for address in (seeded(number, 20) for number in range(100))
        if evm_layout.keccak(address)[0] >> 4
        not in {evm_layout.keccak(known)[0] >> 4 for known in chain.addresses.values()}
    )
    assert state.account(absent) is None
    assert state.slot(absent, bytes(32)) == 0


def test_a_proof_comes_back_from_its_bytes() -> None:
    proof = a_chain().proof(3, slots())
    assert StateProof.from_bytes(proof.to_bytes()) == proof


ENCODED = a_chain().proof(3, slots()).encode()
NODES = list(a_chain().proof(3, slots()).nodes)
BAD_PROOFS: dict[str, object] = {
    "no array": {},
    "four items": ENCODED[:4],
    "a negative chain id": [-1, *ENCODED[1:]],
    "a short genesis hash": [1, bytes(31), *ENCODED[2:]],
    "a header that is text": [*ENCODED[:2], "header", *ENCODED[3:]],
    "a header that is too long": [*ENCODED[:2], bytes(5000), *ENCODED[3:]],
    "descendants that are bytes": [*ENCODED[:3], b"", ENCODED[4]],
    "a node that is a number": [*ENCODED[:4], [1]],
    "nodes out of order": [*ENCODED[:4], NODES[::-1]],
    "a node twice": [*ENCODED[:4], [NODES[0], *NODES]],
}


@pytest.mark.parametrize("value", BAD_PROOFS.values(), ids=BAD_PROOFS.keys())
def test_another_form_of_proof_is_refused(value: object) -> None:
    with pytest.raises(MalformedError):
        StateProof.parse(value)


FIELDS = rlp.decode(a_chain().headers[3])
BAD_HEADERS = {
    "not RLP": b"\xff",
    "a string": rlp.encode(b"header"),
    "too few fields": rlp.encode(FIELDS[:11]),
    "a field that is a list": rlp.encode([[], *FIELDS[1:]]),
    "a short parent": rlp.encode([b"p", *FIELDS[1:]]),
    "a number of nine bytes": rlp.encode([*FIELDS[:8], bytes(9), *FIELDS[9:]]),
    "bytes after it": a_chain().headers[3] + b"\x00",
}


@pytest.mark.parametrize("header", BAD_HEADERS.values(), ids=BAD_HEADERS.keys())
def test_what_is_no_header_is_refused(header: bytes) -> None:
    with pytest.raises(MalformedError):
        BlockHeader.parse(header)


def test_a_header_with_the_fields_of_later_forks_is_read() -> None:
    header = BlockHeader.parse(rlp.encode([*FIELDS, b"\x07", bytes(32), b"", b"", bytes(32)]))
    assert (header.number, header.time) == (3, NOON + 30)
