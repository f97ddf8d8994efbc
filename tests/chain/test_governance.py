"""Two organisations govern; each organisation looks after its own keys."""

import pytest

from ledger.chain.errors import RevertedError
from ledger.chain.governance import (
    Founder,
    begin_role,
    close_log,
    deploy,
    describe,
    end_organisation,
    end_role,
    enrol,
    open_log,
    origin_hash,
    read_proposal,
    rotate_operator,
    schedule_recovery,
)
from ledger.chain.organisation import OrganisationAdmin
from ledger.chain.registry_events import ProposalState
from ledger.chain.view import RpcChainView
from ledger.domain.errors import NotFoundError, UsageError
from ledger.domain.evm_layout import organisation_id, role_id
from tests.builders import CUSTOMS, EXPORTER, ORIGIN, a_signer
from tests.chain.chains import CUSTOMS_ADMIN, LOG, OPERATOR, PORT_ADMIN, World, an_account

EXPORTER_ADMIN = an_account("exporter")


def view(world: World) -> RpcChainView:
    contracts = world.contracts
    return RpcChainView.connect(world.client, registry=contracts.registry, anchor=contracts.anchor, depth=0)


def enrolled(world: World) -> OrganisationAdmin:
    world.chain.fund(EXPORTER_ADMIN.address)
    world.govern(enrol(EXPORTER, EXPORTER_ADMIN.address))
    return OrganisationAdmin(world.client, world.contracts, EXPORTER_ADMIN)


def test_an_organisation_is_enrolled_by_two_and_has_a_role_till_it_ends(world: World) -> None:
    enrolled(world)
    world.govern(begin_role(EXPORTER, "exporter"))
    began = view(world)
    world.govern(end_role(EXPORTER, "exporter"))
    world.govern(end_organisation(EXPORTER))
    ended = view(world)
    organisation = organisation_id(EXPORTER)
    (open_interval,) = began.role_intervals(organisation, role_id("exporter"))
    (closed,) = ended.role_intervals(organisation, role_id("exporter"))
    assert open_interval.contains(began.block_number)
    assert not closed.contains(ended.block_number)
    assert closed.contains(began.block_number)
    record = ended.organisation(organisation)
    assert record is not None
    assert record.admin == EXPORTER_ADMIN.address
    assert not record.interval.contains(ended.block_number)


def test_a_key_is_added_suspected_and_ended_by_its_own_organisation(world: World) -> None:
    admin = enrolled(world)
    key = a_signer(EXPORTER).key
    thumbprint = admin.add_key(key)
    added = view(world)
    admin.suspect_key(thumbprint, added.block_number)
    admin.end_key(thumbprint)
    assert thumbprint == key.thumbprint
    good, ended = added.key_record(thumbprint), view(world).key_record(thumbprint)
    assert good is not None
    assert good.interval.contains(added.block_number)
    assert good.suspect_since == 0
    assert ended is not None
    assert ended.organisation == organisation_id(EXPORTER)
    assert ended.suspect_since == added.block_number
    assert ended.interval.ended == view(world).block_number


def test_another_organisation_may_not_end_the_key(world: World) -> None:
    thumbprint = enrolled(world).add_key(a_signer(EXPORTER).key)
    other = OrganisationAdmin(world.client, world.contracts, CUSTOMS_ADMIN)
    with pytest.raises(RevertedError) as caught:
        other.end_key(thumbprint)
    assert caught.value.error == "NotKeyOwner"
    assert organisation_id(CUSTOMS).hex() in caught.value.message


def test_the_proposer_may_not_approve_itself(world: World) -> None:
    proposal = world.port.propose(enrol(EXPORTER, EXPORTER_ADMIN.address))
    with pytest.raises(RevertedError) as caught:
        world.port.approve(proposal)
    assert caught.value.error == "SelfApproval"


def test_a_stranger_may_not_propose(world: World) -> None:
    world.chain.fund(OPERATOR.address)
    stranger = type(world.port)(world.client, world.contracts, OPERATOR)
    with pytest.raises(RevertedError) as caught:
        stranger.propose(enrol(EXPORTER, OPERATOR.address))
    assert caught.value.error == "AccessControlUnauthorizedAccount"


def test_what_is_approved_can_be_read_before(world: World) -> None:
    call = enrol(EXPORTER, EXPORTER_ADMIN.address)
    proposal = world.port.propose(call)
    read = read_proposal(world.client, world.contracts, proposal)
    assert (read.data, read.target, read.state) == (call.data, world.contracts.registry, ProposalState.OPEN)
    text = describe(read, world.contracts)
    assert text == f"ParticipantRegistry.enrol: uri {EXPORTER}, admin 0x{EXPORTER_ADMIN.address.hex()}"
    world.port.withdraw(proposal)
    assert read_proposal(world.client, world.contracts, proposal).state is ProposalState.WITHDRAWN


def test_hashes_in_a_proposal_are_shown_by_their_names_when_known(world: World) -> None:
    proposal = world.port.propose(begin_role(CUSTOMS, "auditor"))
    read = read_proposal(world.client, world.contracts, proposal)
    names = {organisation_id(CUSTOMS): CUSTOMS, role_id("auditor"): "auditor"}
    expected = f"ParticipantRegistry.beginRole: organisation {CUSTOMS}, role auditor"
    assert describe(read, world.contracts, names) == expected


def test_a_proposal_that_is_not_there_is_said_so(world: World) -> None:
    with pytest.raises(NotFoundError, match="no proposal"):
        read_proposal(world.client, world.contracts, bytes(32))


def test_governance_rotates_the_operator_and_closes_the_log(world: World) -> None:
    new = an_account("new operator")
    world.govern(rotate_operator(ORIGIN, new.address))
    assert view(world).head(LOG).operator == new.address
    world.govern(open_log("log.corridor.example/next", OPERATOR.address))
    world.govern(close_log(ORIGIN, 0, "log.corridor.example/next"))
    closed = view(world)
    assert closed.head(LOG).closed
    closure = closed.closure(LOG)
    assert closure.successor == origin_hash("log.corridor.example/next")
    assert closure.last_good_size == 0
    assert closure.closed_at == closed.block_number


def test_a_lost_admin_key_is_recovered_after_the_delay_unless_it_was_not_lost(world: World) -> None:
    admin = enrolled(world)
    new = an_account("new exporter admin")
    world.govern(schedule_recovery(EXPORTER, new.address))
    anyone = OrganisationAdmin(world.client, world.contracts, PORT_ADMIN)
    with pytest.raises(RevertedError) as caught:
        anyone.complete_recovery(EXPORTER)
    assert caught.value.error == "RecoveryTooEarly"
    world.clock.now += 2 * 86_400 + 60
    world.chain.mine()
    anyone.complete_recovery(EXPORTER)
    record = view(world).organisation(organisation_id(EXPORTER))
    assert record is not None
    assert record.admin == new.address

    world.govern(schedule_recovery(EXPORTER, an_account("thief").address))
    world.chain.fund(new.address)
    OrganisationAdmin(world.client, world.contracts, new).veto_recovery()
    with pytest.raises(RevertedError):
        anyone.complete_recovery(EXPORTER)
    with pytest.raises(RevertedError):
        admin.add_key(a_signer("other").key)


def test_an_admin_hands_over_to_another_account(world: World) -> None:
    admin = enrolled(world)
    new = an_account("new exporter admin")
    admin.change_admin(new.address)
    record = view(world).organisation(organisation_id(EXPORTER))
    assert record is not None
    assert record.admin == new.address


def test_one_founder_is_not_enough(world: World) -> None:
    with pytest.raises(RevertedError) as caught:
        deploy(world.client, PORT_ADMIN, [Founder(EXPORTER, EXPORTER_ADMIN.address)])
    assert caught.value.error == "TooFewGovernors"


def test_an_address_of_another_length_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(UsageError, match="does not take"):
        _ = enrol(EXPORTER, b"\x01" * 19).data
