// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Intervals} from "../libraries/Intervals.sol";

/// @title What the registry keeps, and what anyone may read of it
/// @dev AccessControl guards two doors of this contract. Its DEFAULT_ADMIN_ROLE is the registry itself, so what
/// needs it happens by an approved proposal and in no other way. Its GOVERNOR_ROLE follows the admin accounts of
/// the organisations whose governor interval is open. All other roles are intervals only.
abstract contract RegistryState is IParticipantRegistry, AccessControl {
    /// @inheritdoc IParticipantRegistry
    bytes32 public constant GOVERNOR_ROLE = keccak256("governor");
    /// @inheritdoc IParticipantRegistry
    uint64 public constant RECOVERY_DELAY = 2 days;
    /// @inheritdoc IParticipantRegistry
    uint256 public constant MIN_GOVERNORS = 2;
    /// @inheritdoc IParticipantRegistry
    uint256 public constant MIN_KEY_SIZE = 32;
    /// @inheritdoc IParticipantRegistry
    uint256 public constant MAX_KEY_SIZE = 4096;

    // The order of the first three is a public format; see the interface.
    mapping(bytes32 organisation => Organisation) internal organisations;
    mapping(bytes32 organisation => mapping(bytes32 role => Interval[])) internal roleIntervals;
    mapping(bytes32 thumbprint => KeyRecord) internal keys;

    mapping(address admin => bytes32 organisation) internal organisationByAdmin;
    mapping(bytes32 proposal => Proposal) internal proposals;
    mapping(bytes32 organisation => Recovery) internal recoveries;
    uint256 internal proposalCount;
    uint256 internal governors;

    /// @inheritdoc IParticipantRegistry
    function governorCount() external view returns (uint256) {
        return governors;
    }

    /// @inheritdoc IParticipantRegistry
    function organisationOf(bytes32 organisation) external view returns (Organisation memory) {
        return organisations[organisation];
    }

    /// @inheritdoc IParticipantRegistry
    function organisationOfAdmin(address admin) external view returns (bytes32) {
        return organisationByAdmin[admin];
    }

    /// @inheritdoc IParticipantRegistry
    function keyOf(bytes32 thumbprint) external view returns (KeyRecord memory) {
        return keys[thumbprint];
    }

    /// @inheritdoc IParticipantRegistry
    function roleIntervalsOf(bytes32 organisation, bytes32 role) external view returns (Interval[] memory) {
        return roleIntervals[organisation][role];
    }

    /// @inheritdoc IParticipantRegistry
    function mayUse(bytes32 thumbprint, bytes32 role, uint64 blockNumber) external view returns (bool) {
        if (blockNumber > block.number) return false;
        KeyRecord storage key = keys[thumbprint];
        if (!Intervals.contains(key.from, key.ended, blockNumber)) return false;
        Organisation storage record = organisations[key.organisation];
        if (!Intervals.contains(record.from, record.ended, blockNumber)) return false;
        Interval[] storage intervals = roleIntervals[key.organisation][role];
        for (uint256 i = intervals.length; i > 0; --i) {
            Interval storage interval = intervals[i - 1];
            if (Intervals.contains(interval.from, interval.ended, blockNumber)) return true;
        }
        return false;
    }

    /// @inheritdoc IParticipantRegistry
    function proposalOf(bytes32 proposal) external view returns (Proposal memory) {
        return proposals[proposal];
    }

    /// @inheritdoc IParticipantRegistry
    function recoveryOf(bytes32 organisation) external view returns (Recovery memory) {
        return recoveries[organisation];
    }

    /// @dev A role given here would have no interval. `beginRole` is the way.
    function grantRole(bytes32, address) public pure override {
        revert RolesAreIntervals();
    }

    /// @dev A role taken here would leave its interval open. `endRole` is the way.
    function revokeRole(bytes32, address) public pure override {
        revert RolesAreIntervals();
    }

    /// @dev Governors that go one by one would leave nobody to govern. `endRole` is the way.
    function renounceRole(bytes32, address) public pure override {
        revert RolesAreIntervals();
    }

    /// @dev The organisation that the caller is the admin of, ended or not.
    function _callerOrganisation() internal view returns (bytes32 organisation) {
        organisation = organisationByAdmin[msg.sender];
        if (organisation == 0) revert NotAnAdmin(msg.sender);
    }

    /// @dev Reverts unless the organisation was enrolled and has not ended.
    function _active(bytes32 organisation) internal view returns (Organisation storage record) {
        record = organisations[organisation];
        if (record.from == 0) revert UnknownOrganisation(organisation);
        if (record.ended != 0) revert OrganisationHasEnded(organisation, record.ended);
    }

    /// @dev True when the last interval of the role is open; only the last one can be.
    function _hasOpenRole(bytes32 organisation, bytes32 role) internal view returns (bool) {
        Interval[] storage intervals = roleIntervals[organisation][role];
        return intervals.length != 0 && intervals[intervals.length - 1].ended == 0;
    }

    /// @dev 64 bits of blocks, one a millisecond, are more than 500 million years.
    function _blockNumber() internal view returns (uint64) {
        return uint64(block.number);
    }
}
