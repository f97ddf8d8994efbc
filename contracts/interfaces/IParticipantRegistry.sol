// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who may say what, since when and until when
/// @notice Organisations, their roles and their signing keys, as intervals of block numbers that only ever
/// get a beginning and an end. Governance always takes two organisations: one proposes, another approves.
/// @dev The storage layout of `organisations`, `roleIntervals` and `keys` is a public format: verifiers prove
/// slots of it with EIP-1186 proofs, years later.
interface IParticipantRegistry {
    /// @dev One slot. `from <= block < ended`; `ended == 0` means still open.
    struct Interval {
        uint64 from;
        uint64 ended;
    }

    /// @dev One slot: admin (160 bits), from (48), ended (48), lowest bits first.
    struct Organisation {
        address admin;
        uint48 from;
        uint48 ended;
    }

    /// @dev Two slots: the organisation; then from, ended, suspectSince (64 bits each) and use (8).
    struct KeyRecord {
        bytes32 organisation;
        uint64 from;
        uint64 ended;
        uint64 suspectSince;
        uint8 use;
    }

    struct Founder {
        string uri;
        address admin;
    }

    /// @notice `organisation` is `sha256(bytes(uri))`; `uri` is what statements carry as `iss`.
    event OrganisationEnrolled(bytes32 indexed organisation, string uri, address admin);
    event OrganisationEnded(bytes32 indexed organisation);
    event AdminChanged(bytes32 indexed organisation, address previous, address current);
    event RecoveryScheduled(bytes32 indexed organisation, address newAdmin, uint64 notBefore);
    event RecoveryVetoed(bytes32 indexed organisation, address newAdmin);
    event RoleBegan(bytes32 indexed organisation, bytes32 indexed role, uint256 index);
    event RoleEnded(bytes32 indexed organisation, bytes32 indexed role, uint256 index);
    /// @notice `thumbprint` is `sha256(coseKey)`, the RFC 9679 thumbprint; `coseKey` is the deterministic CBOR
    /// of the key's required members, so that anyone can read the public key from the chain.
    event KeyAdded(bytes32 indexed organisation, bytes32 indexed thumbprint, uint8 use, bytes coseKey);
    event KeyEnded(bytes32 indexed organisation, bytes32 indexed thumbprint);
    event KeySuspected(bytes32 indexed organisation, bytes32 indexed thumbprint, uint64 since);
    event Proposed(bytes32 indexed proposal, bytes32 indexed organisation, address target, bytes data);
    event Approved(bytes32 indexed proposal, bytes32 indexed organisation);
    event Withdrawn(bytes32 indexed proposal, bytes32 indexed organisation);

    // --- governance: two organisations with the governor role ---

    /// @notice Propose a call on `target` (this registry, or a contract that it governs).
    function propose(address target, bytes calldata data) external returns (bytes32 proposal);
    /// @notice Approve and execute; reverts for the proposing organisation.
    function approve(bytes32 proposal) external;
    function withdraw(bytes32 proposal) external;

    // --- only through an approved proposal ---

    function enrol(string calldata uri, address admin) external returns (bytes32 organisation);
    function endOrganisation(bytes32 organisation) external;
    function beginRole(bytes32 organisation, bytes32 role) external;
    function endRole(bytes32 organisation, bytes32 role) external;
    /// @notice Replace a lost admin key after RECOVERY_DELAY, unless the present admin vetoes.
    function scheduleRecovery(bytes32 organisation, address newAdmin) external;

    // --- by an organisation's own admin key ---

    function addKey(bytes calldata coseKey, uint8 use) external returns (bytes32 thumbprint);
    function endKey(bytes32 thumbprint) external;
    /// @notice Say that a key may have been in other hands since block `since` (not in the future). Never undone.
    function suspectKey(bytes32 thumbprint, uint64 since) external;
    function changeAdmin(address newAdmin) external;
    function vetoRecovery() external;

    /// @notice Anyone may complete a recovery whose delay is over.
    function completeRecovery(bytes32 organisation) external;

    // --- views ---

    function organisationOf(bytes32 organisation) external view returns (Organisation memory);
    function organisationOfAdmin(address admin) external view returns (bytes32);
    function keyOf(bytes32 thumbprint) external view returns (KeyRecord memory);
    function roleIntervalsOf(bytes32 organisation, bytes32 role) external view returns (Interval[] memory);
    /// @notice True when the key, its organisation and the role are all good at `blockNumber`.
    function mayUse(bytes32 thumbprint, bytes32 role, uint64 blockNumber) external view returns (bool);
}
