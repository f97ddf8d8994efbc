// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title One organisation proposes, another approves
abstract contract Governance is RegistryState {
    /// @inheritdoc IParticipantRegistry
    function propose(address target, bytes calldata data)
        external
        onlyRole(GOVERNOR_ROLE)
        returns (bytes32 proposal)
    {
        bytes32 organisation = _callerOrganisation();
        proposal = keccak256(abi.encode(organisation, target, data, proposalCount++));
        proposals[proposal] = Proposal(organisation, target, ProposalState.Open, data);
        emit Proposed(proposal, organisation, target, data);
    }

    /// @inheritdoc IParticipantRegistry
    function approve(bytes32 proposal) external onlyRole(GOVERNOR_ROLE) {
        Proposal storage record = _open(proposal);
        bytes32 organisation = _callerOrganisation();
        bytes32 proposer = record.organisation;
        if (organisation == proposer) revert SelfApproval(proposal, organisation);
        if (!_hasOpenRole(proposer, GOVERNOR_ROLE)) revert ProposerNotGovernor(proposal, proposer);
        // Before the call: a proposal that comes back to itself finds it executed.
        record.state = ProposalState.Executed;
        emit Approved(proposal, organisation);
        Address.functionCall(record.target, record.data);
    }

    /// @inheritdoc IParticipantRegistry
    function withdraw(bytes32 proposal) external {
        bytes32 organisation = _callerOrganisation();
        Proposal storage record = _open(proposal);
        if (organisation != record.organisation) revert NotProposer(proposal, organisation, record.organisation);
        record.state = ProposalState.Withdrawn;
        emit Withdrawn(proposal, organisation);
    }

    function _open(bytes32 proposal) private view returns (Proposal storage record) {
        record = proposals[proposal];
        if (record.state == ProposalState.Unknown) revert UnknownProposal(proposal);
        if (record.state != ProposalState.Open) revert ProposalNotOpen(proposal, record.state);
    }
}
