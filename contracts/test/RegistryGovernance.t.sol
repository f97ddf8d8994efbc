// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Corridor} from "./support/Corridor.sol";

/// @dev A governed contract that fails in every way there is, and a governor that approves again from inside.
contract Awkward {
    bytes32 public proposal;

    function remember(bytes32 proposal_) external {
        proposal = proposal_;
    }

    function failSilently() external pure {
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }

    function approveAgain() external {
        IParticipantRegistry(msg.sender).approve(proposal);
    }
}

/// @title Governance takes two organisations
contract RegistryGovernanceTest is Corridor {
    bytes private enrolment;

    function setUp() public override {
        super.setUp();
        enrolment = abi.encodeCall(registry.enrol, ("https://grower.example", STRANGER));
    }

    function test_oneProposesAndAnotherApproves() public {
        vm.prank(PORT_ADMIN);
        bytes32 proposal = registry.propose(address(registry), enrolment);
        IParticipantRegistry.Proposal memory record = registry.proposalOf(proposal);
        vm.assertEq(record.organisation, PORT, "proposer");
        vm.assertEq(record.target, address(registry), "target");
        vm.assertEq(keccak256(record.data), keccak256(enrolment), "data");
        _assertState(proposal, IParticipantRegistry.ProposalState.Open);

        vm.expectEmit(address(registry));
        emit IParticipantRegistry.Approved(proposal, CUSTOMS);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        _assertState(proposal, IParticipantRegistry.ProposalState.Executed);
        vm.assertEq(registry.organisationOf(sha256("https://grower.example")).admin, STRANGER, "admin");
    }

    function test_aProposalIsAnnouncedWithItsCall() public {
        bytes32 proposal = keccak256(abi.encode(PORT, address(registry), enrolment, 3));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.Proposed(proposal, PORT, address(registry), enrolment);
        vm.assertEq(_propose(address(registry), enrolment), proposal, "name");
    }

    function test_theSameCallProposedTwiceHasTwoNames() public {
        bytes32 first = _propose(address(registry), enrolment);
        vm.assertNotEq(first, _propose(address(registry), enrolment), "names");
    }

    function testFuzz_onlyGovernorsProposeAndApprove(address caller) public {
        vm.assume(caller != PORT_ADMIN && caller != CUSTOMS_ADMIN && caller != CARRIER_ADMIN);
        bytes32 proposal = _propose(address(registry), enrolment);
        bytes memory failure = _unauthorised(caller, GOVERNOR_ROLE);
        vm.expectRevert(failure);
        vm.prank(caller);
        registry.propose(address(registry), enrolment);
        _approvalFails(caller, proposal, failure);
        // An organisation without the governor role is nobody here.
        _approvalFails(EXPORTER_ADMIN, proposal, _unauthorised(EXPORTER_ADMIN, GOVERNOR_ROLE));
    }

    function test_nobodyApprovesTheirOwnProposal() public {
        bytes32 proposal = _propose(address(registry), enrolment);
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.SelfApproval.selector, proposal, PORT);
        _approvalFails(PORT_ADMIN, proposal, failure);
        // With another admin account it is the same organisation still.
        vm.prank(PORT_ADMIN);
        registry.changeAdmin(address(0xD1));
        _approvalFails(address(0xD1), proposal, failure);
    }

    function test_aProposalIsExecutedOnce() public {
        bytes32 proposal = _propose(address(registry), enrolment);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        bytes memory failure = _notOpen(proposal, IParticipantRegistry.ProposalState.Executed);
        _approvalFails(CUSTOMS_ADMIN, proposal, failure);
        _approvalFails(CARRIER_ADMIN, proposal, failure);
        vm.expectRevert(failure);
        vm.prank(PORT_ADMIN);
        registry.withdraw(proposal);
    }

    function test_aProposalIsExecutedOnceFromInsideToo() public {
        Awkward awkward = new Awkward();
        vm.prank(CARRIER_ADMIN);
        registry.changeAdmin(address(awkward));
        bytes32 proposal = _propose(address(awkward), abi.encodeCall(awkward.approveAgain, ()));
        awkward.remember(proposal);
        _approvalFails(CUSTOMS_ADMIN, proposal, _notOpen(proposal, IParticipantRegistry.ProposalState.Executed));
    }

    function testFuzz_aProposalThatIsNotThereIsRefused(bytes32 proposal) public {
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.UnknownProposal.selector, proposal);
        _approvalFails(CUSTOMS_ADMIN, proposal, failure);
        vm.expectRevert(failure);
        vm.prank(PORT_ADMIN);
        registry.withdraw(proposal);
        _assertState(proposal, IParticipantRegistry.ProposalState.Unknown);
    }

    function test_aWithdrawnProposalIsNotApproved() public {
        bytes32 proposal = _propose(address(registry), enrolment);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.Withdrawn(proposal, PORT);
        vm.prank(PORT_ADMIN);
        registry.withdraw(proposal);
        _approvalFails(
            CUSTOMS_ADMIN, proposal, _notOpen(proposal, IParticipantRegistry.ProposalState.Withdrawn)
        );
    }

    function test_onlyTheProposerWithdraws() public {
        bytes32 proposal = _propose(address(registry), enrolment);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.NotProposer.selector, proposal, CUSTOMS, PORT)
        );
        vm.prank(CUSTOMS_ADMIN);
        registry.withdraw(proposal);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NotAnAdmin.selector, STRANGER));
        vm.prank(STRANGER);
        registry.withdraw(proposal);
    }

    function test_aProposerThatGovernsNoLongerIsNotTheSecondOrganisation() public {
        vm.prank(CARRIER_ADMIN);
        bytes32 proposal = registry.propose(address(registry), enrolment);
        _govern(abi.encodeCall(registry.endRole, (CARRIER, GOVERNOR_ROLE)));
        _approvalFails(
            CUSTOMS_ADMIN,
            proposal,
            abi.encodeWithSelector(IParticipantRegistry.ProposerNotGovernor.selector, proposal, CARRIER)
        );
        vm.prank(CARRIER_ADMIN);
        registry.withdraw(proposal);
    }

    function test_aCallThatFailsSaysWhyAndStaysOpen() public {
        bytes32 proposal = _propose(address(registry), abi.encodeCall(registry.endOrganisation, (keccak256("x"))));
        _approvalFails(
            CUSTOMS_ADMIN,
            proposal,
            abi.encodeWithSelector(IParticipantRegistry.UnknownOrganisation.selector, keccak256("x"))
        );
        _assertState(proposal, IParticipantRegistry.ProposalState.Open);
    }

    function test_aCallThatFailsWithoutAReasonFailsTheApproval() public {
        Awkward awkward = new Awkward();
        bytes32 proposal = _propose(address(awkward), abi.encodeCall(awkward.failSilently, ()));
        _approvalFails(CUSTOMS_ADMIN, proposal, abi.encodeWithSelector(Errors.FailedCall.selector));
    }

    function test_aCallOfAnAccountWithoutCodeFailsTheApproval() public {
        bytes32 proposal = _propose(STRANGER, enrolment);
        _approvalFails(
            CUSTOMS_ADMIN, proposal, abi.encodeWithSelector(Address.AddressEmptyCode.selector, STRANGER)
        );
    }

    function testFuzz_whatGovernanceDoesNobodyDoesAlone(address caller) public {
        vm.assume(caller != address(registry));
        bytes[5] memory calls = [
            enrolment,
            abi.encodeCall(registry.endOrganisation, (EXPORTER)),
            abi.encodeCall(registry.beginRole, (EXPORTER, keccak256("carrier"))),
            abi.encodeCall(registry.endRole, (EXPORTER, EXPORTER_ROLE)),
            abi.encodeCall(registry.scheduleRecovery, (EXPORTER, STRANGER))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(caller);
            (bool done, bytes memory failure) = address(registry).call(calls[i]);
            vm.assertFalse(done, "done without an approved proposal");
            vm.assertEq(keccak256(failure), keccak256(_unauthorised(caller, 0)), "failure");
        }
    }

    function test_accessControlsOwnWaysAreShutForEveryone() public {
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.RolesAreIntervals.selector);
        vm.expectRevert(failure);
        vm.prank(PORT_ADMIN);
        registry.renounceRole(GOVERNOR_ROLE, PORT_ADMIN);
        _governFails(abi.encodeCall(registry.grantRole, (GOVERNOR_ROLE, STRANGER)), failure);
        _governFails(abi.encodeCall(registry.grantRole, (0, STRANGER)), failure);
        _governFails(abi.encodeCall(registry.revokeRole, (GOVERNOR_ROLE, PORT_ADMIN)), failure);
        _governFails(abi.encodeCall(registry.renounceRole, (0, address(registry))), failure);
    }

    function _approvalFails(address caller, bytes32 proposal, bytes memory failure) private {
        vm.expectRevert(failure);
        vm.prank(caller);
        registry.approve(proposal);
    }

    function _assertState(bytes32 proposal, IParticipantRegistry.ProposalState state) private view {
        vm.assertEq(uint256(registry.proposalOf(proposal).state), uint256(state), "state");
    }

    function _unauthorised(address caller, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, role);
    }

    function _notOpen(bytes32 proposal, IParticipantRegistry.ProposalState state)
        private
        pure
        returns (bytes memory)
    {
        return abi.encodeWithSelector(IParticipantRegistry.ProposalNotOpen.selector, proposal, state);
    }
}
