"""What is proven offline is what the node says online, and a node that lies is caught before that."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.chain.governance import begin_role, end_role, enrol
from ledger.chain.organisation import OrganisationAdmin
from ledger.chain.proofs import StateProver, StateQuestion, take_state_proof
from ledger.chain.reader import ChainReader
from ledger.chain.view import RpcChainView
from ledger.domain.errors import CorridorError, UnavailableError, VerificationError
from ledger.domain.evm_layout import organisation_id, role_id
from ledger.verification.chain_view import ChainView, Contract
from ledger.verification.proof_view import ProofChainView, view_from_proofs
from ledger.verification.state_proof import StateProof
from ledger.verification.trust import ChainTrust
from tests.builders import CUSTOMS, EXPORTER, a_signer, seeded
from tests.chain.chains import LOG, World, an_account, checkpoints_of
from tests.chain.nodes import Refusal, a_lying_node
from tests.chain.runners import a_runner

EXPORTER_ADMIN = an_account("exporter")
KEY, OLD_KEY, UNKNOWN_KEY = (a_signer(seed).key for seed in ("key", "old key", "unknown key"))
ORGANISATION = organisation_id(EXPORTER)
ROLE, OTHER_ROLE = role_id("exporter"), role_id("auditor")


def lived_in(world: World) -> None:
    """Enrol an organisation that has had keys and a role, given, taken and given again."""
    world.chain.fund(EXPORTER_ADMIN.address)
    world.govern(enrol(EXPORTER, EXPORTER_ADMIN.address))
    for change in (begin_role, end_role, begin_role):
        world.govern(change(EXPORTER, "exporter"))
    admin = OrganisationAdmin(world.client, world.contracts, EXPORTER_ADMIN)
    admin.add_key(KEY)
    admin.add_key(OLD_KEY)
    admin.suspect_key(OLD_KEY.thumbprint, world.client.head().number)
    admin.end_key(OLD_KEY.thumbprint)


def prover(world: World, reader: ChainReader | None = None) -> StateProver:
    contracts = world.contracts
    return StateProver(reader or world.client, contracts.registry, contracts.anchor, LOG)


def pinning(world: World, *numbers: int) -> ChainTrust:
    """Return what a verifier trusts who pinned some blocks."""
    blocks = [world.client.block(number) for number in numbers]
    code = {"address": world.contracts.registry, "code_hash": bytes(32)}
    identity = world.chain.identity
    return ChainTrust.model_validate(
        {
            "id": identity.chain_id,
            "genesis": identity.genesis,
            "control": "operator",
            "rpc": None,
            "registry": code,
            "anchor": code | {"address": world.contracts.anchor},
            "pinned": tuple({"number": one.number, "hash": one.hash} for one in blocks if one is not None),
        }
    )


def offline(world: World, encoded: bytes, *numbers: int) -> ProofChainView:
    view = view_from_proofs([StateProof.from_bytes(encoded)], pinning(world, *numbers))
    assert view is not None
    return view


QUESTION = StateQuestion(
    sizes=(4, 7, 99),
    kids=(KEY.thumbprint, OLD_KEY.thumbprint, UNKNOWN_KEY.thumbprint),
    roles=((ORGANISATION, ROLE), (ORGANISATION, OTHER_ROLE), (organisation_id(CUSTOMS), ROLE)),
)


def answers(view: ChainView, at: int) -> list[object]:
    """Return everything that a verifier asks."""
    return [
        view.chain_id,
        view.genesis,
        *(view.code_hash(contract) for contract in Contract),
        *(view.anchor_record(LOG, size) for size in QUESTION.sizes),
        view.head(LOG),
        view.closure(LOG),
        *(view.key_record(kid, at) for kid in QUESTION.kids),
        *(view.organisation(organisation, at) for organisation, _ in QUESTION.roles),
        *(view.role_intervals(*pair, at) for pair in QUESTION.roles),
    ]


def test_offline_and_online_say_the_same_of_everything(world: World, engine: Engine) -> None:
    published = checkpoints_of(4)
    runner = a_runner(world, engine, published)
    runner.until_final(4, world.chain.mine)
    published.roots |= checkpoints_of(7).roots
    runner.until_final(7, world.chain.mine)
    lived_in(world)
    contracts = world.contracts
    online = RpcChainView.connect(world.client, registry=contracts.registry, anchor=contracts.anchor, depth=0)
    at = online.block_number
    expected = answers(online, at)
    assert answers(offline(world, prover(world).prove(at, QUESTION), at), at) == expected
    assert expected[4:7].count(None) == 1
    assert sum(one is None for one in expected) == 2
    assert [len(one) for one in expected[-3:]] == [2, 0, 0]  # type: ignore[arg-type]


def test_a_proof_leads_to_a_block_that_was_pinned_later(world: World) -> None:
    lived_in(world)
    at = world.client.head().number
    world.chain.mine(5)
    encoded = prover(world).prove(at, QUESTION, until=at + 4)
    assert view_from_proofs([StateProof.from_bytes(encoded)], pinning(world, at + 5)) is None
    view = offline(world, encoded, at + 4)
    record = view.key_record(KEY.thumbprint, at)
    assert record is not None
    assert record.organisation == ORGANISATION


def test_a_proof_of_a_signers_roles_finds_its_organisation_itself(world: World) -> None:
    lived_in(world)
    at = world.client.head().number
    question = StateQuestion(sizes=(), signers={KEY.thumbprint: frozenset((ROLE, OTHER_ROLE))})
    view = offline(world, prover(world).prove(at, question), at)
    assert len(view.role_intervals(ORGANISATION, ROLE, at)) == 2
    assert view.role_intervals(ORGANISATION, OTHER_ROLE, at) == ()
    assert view.organisation(ORGANISATION, at) is not None


def test_the_nodes_of_a_proof_are_in_it_once_and_in_order(world: World) -> None:
    lived_in(world)
    proof = StateProof.from_bytes(prover(world).prove(world.client.head().number, QUESTION))
    assert list(proof.by_hash) == sorted(proof.by_hash)
    again = StateProof.of(proof.chain_id, proof.genesis, [proof.header], proof.nodes)
    assert again == proof


def test_many_slots_are_asked_for_in_parts(world: World) -> None:
    at = world.client.head().number
    question = StateQuestion(sizes=tuple(range(1, 700)))
    view = offline(world, prover(world).prove(at, question), at)
    assert all(view.anchor_record(LOG, size) is None for size in question.sizes)


def test_an_account_that_is_not_there_is_proven_absent(world: World) -> None:
    at = world.client.head().number
    nobody = seeded("nobody", 20)
    proof = StateProof.from_bytes(take_state_proof(world.client, at, {nobody: [0]}))
    trust = pinning(world, at)
    moved = trust.model_copy(
        update={"anchor": trust.anchor.model_copy(update={"address": nobody})},
    )
    view = view_from_proofs([proof], moved)
    assert view is not None
    assert view.code_hash(Contract.ANCHOR) == bytes(32)


def test_a_block_that_is_not_there_has_no_proof(world: World) -> None:
    with pytest.raises(CorridorError):
        prover(world).prove(world.client.head().number + 1, StateQuestion(sizes=(1,)))


Change = Callable[[str, list[Any], Any], object]


def in_block(field: str, value: object) -> Change:
    return lambda method, _params, truth: (
        {**truth, field: value} if method == "eth_getBlockByNumber" else truth
    )


def in_proof(change: Callable[[dict[str, Any]], object]) -> Change:
    return lambda method, _params, truth: change(truth) if method == "eth_getProof" else truth


def without_first_node(truth: dict[str, Any]) -> object:
    return {**truth, "accountProof": truth["accountProof"][1:]}


def with_a_changed_node(truth: dict[str, Any]) -> object:
    *nodes, last = truth["accountProof"]
    return {**truth, "accountProof": [*nodes, last[:-2] + ("00" if last[-2:] != "00" else "01")]}


def with_the_slots_of_another(truth: dict[str, Any]) -> object:
    return {**truth, "storageProof": [{**one, "proof": []} for one in truth["storageProof"]]}


LIES: dict[str, tuple[Change, type[CorridorError], str]] = {
    "another state root": (in_block("stateRoot", "0x" + 64 * "b"), VerificationError, "does not hash"),
    "another time": (in_block("timestamp", "0x1"), VerificationError, "does not hash"),
    "no state root": (in_block("stateRoot", None), VerificationError, "stateRoot"),
    "an account without its root node": (in_proof(without_first_node), UnavailableError, "does not fit"),
    "a changed account": (in_proof(with_a_changed_node), UnavailableError, "does not fit"),
    "slots without nodes": (in_proof(with_the_slots_of_another), UnavailableError, "does not fit"),
    "fewer slots": (in_proof(lambda truth: {**truth, "storageProof": []}), UnavailableError, "0 slots"),
    "slots that are none": (
        in_proof(lambda truth: {**truth, "storageProof": 3 * ["0x"]}),
        UnavailableError,
        "no proof",
    ),
    "nodes that are no bytes": (
        in_proof(lambda truth: {**truth, "accountProof": ["0xzz"]}),
        UnavailableError,
        "not bytes",
    ),
    "nodes that are no RLP": (
        in_proof(lambda truth: {**truth, "accountProof": ["0xff"]}),
        UnavailableError,
        "does not fit",
    ),
    "no proof": (in_proof(lambda _truth: "0x"), UnavailableError, "no proof"),
    "a method it does not know": (
        in_proof(lambda _truth: Refusal.of("the method eth_getProof does not exist", -32601)),
        UnavailableError,
        "eth_getProof does not exist",
    ),
}


@pytest.mark.parametrize(("change", "kind", "words"), LIES.values(), ids=LIES)
def test_a_node_that_lies_is_caught(
    world: World, change: Change, kind: type[CorridorError], words: str
) -> None:
    at = world.client.head().number
    with a_lying_node(world.chain.url, change) as url:
        reader = ChainReader(url)
        with pytest.raises(kind, match=words):
            take_state_proof(reader, at, {world.contracts.anchor: [1, 2, 3]})
        reader.close()
