// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Names} from "../libraries/Names.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title Which organisations take part, in which roles, and who speaks for them
abstract contract Membership is RegistryState {
    /// @inheritdoc IParticipantRegistry
    function enrol(string calldata uri, address admin)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
        returns (bytes32 organisation)
    {
        return _enrol(uri, admin);
    }

    /// @inheritdoc IParticipantRegistry
    function endOrganisation(bytes32 organisation) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Organisation storage record = _active(organisation);
        if (_hasOpenRole(organisation, GOVERNOR_ROLE)) _endRole(organisation, GOVERNOR_ROLE);
        record.ended = uint48(_blockNumber());
        emit OrganisationEnded(organisation);
    }

    /// @inheritdoc IParticipantRegistry
    function beginRole(bytes32 organisation, bytes32 role) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _active(organisation);
        _beginRole(organisation, role);
    }

    /// @inheritdoc IParticipantRegistry
    function endRole(bytes32 organisation, bytes32 role) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _active(organisation);
        _endRole(organisation, role);
    }

    /// @inheritdoc IParticipantRegistry
    function scheduleRecovery(bytes32 organisation, address newAdmin) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _active(organisation);
        _requireFree(newAdmin);
        uint64 notBefore = uint64(block.timestamp) + RECOVERY_DELAY;
        recoveries[organisation] = Recovery(newAdmin, notBefore);
        emit RecoveryScheduled(organisation, newAdmin, notBefore);
    }

    /// @inheritdoc IParticipantRegistry
    function changeAdmin(address newAdmin) external {
        bytes32 organisation = _callerOrganisation();
        _active(organisation);
        if (recoveries[organisation].newAdmin != address(0)) _veto(organisation);
        _replaceAdmin(organisation, newAdmin);
    }

    /// @inheritdoc IParticipantRegistry
    function vetoRecovery() external {
        bytes32 organisation = _callerOrganisation();
        if (recoveries[organisation].newAdmin == address(0)) revert NoRecovery(organisation);
        _veto(organisation);
    }

    /// @inheritdoc IParticipantRegistry
    function completeRecovery(bytes32 organisation) external {
        Recovery memory recovery = recoveries[organisation];
        if (recovery.newAdmin == address(0)) revert NoRecovery(organisation);
        _active(organisation);
        if (block.timestamp < recovery.notBefore) {
            revert RecoveryTooEarly(organisation, uint64(block.timestamp), recovery.notBefore);
        }
        delete recoveries[organisation];
        _replaceAdmin(organisation, recovery.newAdmin);
    }

    function _enrol(string memory uri, address admin) internal returns (bytes32 organisation) {
        if (!Names.isValid(uri)) revert InvalidUri(uri);
        organisation = sha256(bytes(uri));
        if (organisations[organisation].from != 0) revert OrganisationKnown(organisation);
        _requireFree(admin);
        organisations[organisation] = Organisation(admin, uint48(_blockNumber()), 0);
        organisationByAdmin[admin] = organisation;
        emit OrganisationEnrolled(organisation, uri, admin);
    }

    /// @dev The caller has made sure that the organisation is active.
    function _beginRole(bytes32 organisation, bytes32 role) internal {
        if (role == DEFAULT_ADMIN_ROLE) revert InvalidRole(role);
        if (_hasOpenRole(organisation, role)) revert RoleIsOpen(organisation, role);
        Interval[] storage intervals = roleIntervals[organisation][role];
        intervals.push(Interval(_blockNumber(), 0));
        if (role == GOVERNOR_ROLE) {
            ++governors;
            _grantRole(GOVERNOR_ROLE, organisations[organisation].admin);
        }
        emit RoleBegan(organisation, role, intervals.length - 1);
    }

    function _endRole(bytes32 organisation, bytes32 role) private {
        if (!_hasOpenRole(organisation, role)) revert RoleNotOpen(organisation, role);
        if (role == GOVERNOR_ROLE) {
            uint256 remaining = governors - 1;
            if (remaining < MIN_GOVERNORS) revert TooFewGovernors(remaining, MIN_GOVERNORS);
            governors = remaining;
            _revokeRole(GOVERNOR_ROLE, organisations[organisation].admin);
        }
        Interval[] storage intervals = roleIntervals[organisation][role];
        intervals[intervals.length - 1].ended = _blockNumber();
        emit RoleEnded(organisation, role, intervals.length - 1);
    }

    function _replaceAdmin(bytes32 organisation, address newAdmin) private {
        _requireFree(newAdmin);
        address previous = organisations[organisation].admin;
        organisations[organisation].admin = newAdmin;
        delete organisationByAdmin[previous];
        organisationByAdmin[newAdmin] = organisation;
        if (_revokeRole(GOVERNOR_ROLE, previous)) _grantRole(GOVERNOR_ROLE, newAdmin);
        emit AdminChanged(organisation, previous, newAdmin);
    }

    function _veto(bytes32 organisation) private {
        address newAdmin = recoveries[organisation].newAdmin;
        delete recoveries[organisation];
        emit RecoveryVetoed(organisation, newAdmin);
    }

    /// @dev The registry itself as an admin would be an organisation that approves what it was told to approve.
    function _requireFree(address admin) private view {
        if (admin == address(0) || admin == address(this)) revert InvalidAdmin(admin);
        bytes32 taken = organisationByAdmin[admin];
        if (taken != 0) revert AdminTaken(admin, taken);
    }
}
