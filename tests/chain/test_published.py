"""A real log's checkpoints come to a real chain, with proofs of who signed what they cover."""

from pathlib import Path

from ledger.chain.governance import begin_role, enrol
from ledger.chain.organisation import OrganisationAdmin
from ledger.chain.published import DatabaseCheckpoints, PublishedCheckpoint, signers_between
from ledger.corridors.profile import foundation_profile
from ledger.domain.evm_layout import organisation_id, role_id
from ledger.log.checkpoints import StoredCheckpoint
from ledger.log.publisher import Publisher
from ledger.log.store import LogStore
from ledger.verification.proof_view import view_from_proofs
from ledger.verification.state_proof import StateProof
from tests.builders import EXPORTER, a_signer, a_trip
from tests.chain.chains import LOG, World, an_account
from tests.chain.runners import a_runner
from tests.chain.test_proofs import pinning
from tests.log.logs import a_log, appended, log_signer, noon, opening, said

KEY = a_signer(EXPORTER).key
ROLES = frozenset(role_id(name) for name in foundation_profile().roles_for("seal-check"))


def publish(store: LogStore) -> StoredCheckpoint:
    with Publisher(store, log_signer(), noon) as publisher:
        return publisher.run_once().checkpoint


def listed(checkpoint: StoredCheckpoint) -> PublishedCheckpoint:
    return PublishedCheckpoint(checkpoint.size, checkpoint.root)


def test_only_published_checkpoints_are_offered(tmp_path: Path) -> None:
    trip = a_trip()
    with a_log(tmp_path) as store:
        published = DatabaseCheckpoints(store.engine)
        assert published.latest() is None
        appended(store, [opening(trip)])
        first = publish(store)
        appended(store, [said(trip, 1)])
        second = publish(store)
        appended(store, [said(trip, 2)])
        waiting, _ = store.checkpoints.fix()
        assert published.latest() == listed(second)
        assert published.after(0, 9) == [listed(first), listed(second)]
        assert published.after(first.size, 9) == [listed(second)]
        assert published.after(0, 1) == [listed(first)]
        assert published.at(second.size) == listed(second)
        assert published.at(waiting.size) is None


def test_who_signed_is_told_by_key_with_the_roles_that_allow_it(tmp_path: Path) -> None:
    trip = a_trip()
    with a_log(tmp_path) as store:
        (at,) = appended(store, [opening(trip)])
        appended(store, [said(trip, number) for number in range(3)])
        signers = signers_between(store.engine, foundation_profile().roles_for)
        opened = frozenset(role_id(name) for name in foundation_profile().roles_for("subject-opened"))
        assert signers(at.index, at.index + 1) == {KEY.thumbprint: opened}
        assert signers(at.index + 1, store.size()) == {KEY.thumbprint: ROLES}
        assert signers(store.size(), store.size() + 9) == {}


def test_a_final_anchor_carries_the_proof_of_its_signers(world: World, tmp_path: Path) -> None:
    admin = an_account("exporter")
    world.chain.fund(admin.address)
    world.govern(enrol(EXPORTER, admin.address))
    world.govern(begin_role(EXPORTER, "exporter"))
    OrganisationAdmin(world.client, world.contracts, admin).add_key(KEY)
    trip = a_trip()
    with a_log(tmp_path) as store:
        appended(store, [opening(trip), said(trip, 1)])
        checkpoint = publish(store)
        runner = a_runner(
            world,
            store.engine,
            DatabaseCheckpoints(store.engine),
            signers_between=signers_between(store.engine, foundation_profile().roles_for),
        )
        anchor = runner.until_final(checkpoint.size, world.chain.mine)
        (stored,) = world.store(store.engine).proofs()
    assert anchor.root == checkpoint.root
    assert anchor.block is not None
    trust = pinning(world, stored.block_number)
    view = view_from_proofs([StateProof.from_bytes(stored.proof)], trust)
    assert view is not None
    at = anchor.block.number
    assert view.anchor_record(LOG, checkpoint.size) is not None
    record = view.key_record(KEY.thumbprint, at)
    assert record is not None
    assert record.interval.contains(at)
    (interval,) = view.role_intervals(organisation_id(EXPORTER), role_id("exporter"), at)
    assert interval.contains(at)
