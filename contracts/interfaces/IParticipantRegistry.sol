// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Who may say what, since when and until when
/// @notice Organisations, their roles and their signing keys, as intervals of block numbers that only ever
/// get a beginning and an end. Governance always takes two organisations: one proposes, another approves.
/// @dev The storage layout of `organisations`, `roleIntervals` and `keys` is a public format: verifiers prove
/// slots of it with EIP-1186 proofs, years later. Slot 0 belongs to OpenZeppelin's AccessControl.
///
/// | what | slot | content |
/// | --- | --- | --- |
/// | organisation | `keccak256(organisation ‖ 1)` | admin, from, ended |
/// | number of a role's intervals | `keccak256(role ‖ keccak256(organisation ‖ 2))` | length |
/// | interval i of a role | `keccak256(that slot) + i` | from, ended |
/// | key | `keccak256(thumbprint ‖ 3)` | organisation |
/// | | the slot after it | from, ended, suspectSince, use |
///
/// Every value in a preimage takes 32 bytes, big-endian. What ends an organisation touches none of its keys and
/// roles: a verifier proves each of the three intervals by itself and asks all of them.
interface IParticipantRegistry {
    /// @notice `from <= block < ended`; `ended == 0` means still open.
    /// @dev One slot: from (64 bits), ended (64), lowest bits first.
    /// @param from Number of the block that began it.
    /// @param ended Number of the block that ended it, never before `from`, or zero.
    struct Interval {
        uint64 from;
        uint64 ended;
    }

    /// @notice One interval for ever: an organisation that ended does not come back under the same URI.
    /// @dev One slot: admin (160 bits), from (48), ended (48), lowest bits first.
    /// @param admin The account that adds and ends the organisation's keys. It stays when the organisation ends.
    /// @param from Number of the block that enrolled it; zero for an organisation that is not known.
    /// @param ended Number of the block that ended it, or zero.
    struct Organisation {
        address admin;
        uint48 from;
        uint48 ended;
    }

    /// @notice One organisation and one interval for ever: a key that ended does not come back.
    /// @dev Two slots: the organisation; then from, ended, suspectSince (64 bits each) and use (8).
    /// @param organisation Whose key it is; zero for a key that is not known.
    /// @param from Number of the block that added it.
    /// @param ended Number of the block that ended it, or zero.
    /// @param suspectSince Block since which it may have been in other hands, or zero. It says nothing about
    /// `from` and `ended`, and `mayUse` does not ask it.
    /// @param use What the key is for, as its organisation says. The registry gives it no meaning.
    struct KeyRecord {
        bytes32 organisation;
        uint64 from;
        uint64 ended;
        uint64 suspectSince;
        uint8 use;
    }

    /// @notice An organisation that is there from the beginning, with the governor role.
    /// @param uri What its statements carry as `iss`.
    /// @param admin Its admin account.
    struct Founder {
        string uri;
        address admin;
    }

    /// @notice How far a proposal is.
    enum ProposalState {
        Unknown,
        Open,
        Executed,
        Withdrawn
    }

    /// @notice A call that waits for a second organisation.
    /// @param organisation Who proposed it.
    /// @param target The contract to be called.
    /// @param state How far it is.
    /// @param data The call data.
    struct Proposal {
        bytes32 organisation;
        address target;
        ProposalState state;
        bytes data;
    }

    /// @notice A new admin account that waits for its time.
    /// @param newAdmin The account, or zero when none waits.
    /// @param notBefore From when on it may take over, in seconds since 1970.
    struct Recovery {
        address newAdmin;
        uint64 notBefore;
    }

    /// @notice An organisation is a participant from this block on.
    /// @param organisation `sha256(bytes(uri))`.
    /// @param uri What statements carry as `iss`.
    /// @param admin Its admin account.
    event OrganisationEnrolled(bytes32 indexed organisation, string uri, address admin);

    /// @notice An organisation is no longer a participant.
    event OrganisationEnded(bytes32 indexed organisation);

    /// @notice Another account is the admin of an organisation.
    event AdminChanged(bytes32 indexed organisation, address previous, address current);

    /// @notice `newAdmin` may take over at `notBefore` (seconds since 1970), unless the present admin objects.
    event RecoveryScheduled(bytes32 indexed organisation, address newAdmin, uint64 notBefore);

    /// @notice The present admin objected to a recovery, or changed the admin account itself.
    event RecoveryVetoed(bytes32 indexed organisation, address newAdmin);

    /// @notice An organisation has a role from this block on.
    /// @param organisation Whose role.
    /// @param role `keccak256(bytes(name))`, the name in lower case.
    /// @param index Position of the interval in `roleIntervalsOf`.
    event RoleBegan(bytes32 indexed organisation, bytes32 indexed role, uint256 index);

    /// @notice An organisation has a role no longer.
    event RoleEnded(bytes32 indexed organisation, bytes32 indexed role, uint256 index);

    /// @notice A signing key is good from this block on.
    /// @param organisation Whose key.
    /// @param thumbprint `sha256(coseKey)`, the RFC 9679 thumbprint.
    /// @param use What the key is for.
    /// @param coseKey Deterministic CBOR of the key's required members, so that anyone can read the public key
    /// from the chain.
    event KeyAdded(bytes32 indexed organisation, bytes32 indexed thumbprint, uint8 use, bytes coseKey);

    /// @notice A signing key is good no longer.
    event KeyEnded(bytes32 indexed organisation, bytes32 indexed thumbprint);

    /// @notice A signing key may have been in other hands since block `since`.
    event KeySuspected(bytes32 indexed organisation, bytes32 indexed thumbprint, uint64 since);

    /// @notice A call waits for a second organisation.
    /// @param proposal Its name.
    /// @param organisation Who proposed it.
    /// @param target The contract to be called.
    /// @param data The call data.
    event Proposed(bytes32 indexed proposal, bytes32 indexed organisation, address target, bytes data);

    /// @notice `organisation` was the second one; the call was made.
    event Approved(bytes32 indexed proposal, bytes32 indexed organisation);

    /// @notice `organisation` took its proposal back.
    event Withdrawn(bytes32 indexed proposal, bytes32 indexed organisation);

    /// @notice A URI has 1 to 200 bytes of visible ASCII, without spaces.
    error InvalidUri(string uri);
    /// @notice The account is the zero account or the registry itself.
    error InvalidAdmin(address admin);
    /// @notice The account is the admin of an organisation already, of this one or of another.
    error AdminTaken(address admin, bytes32 organisation);
    /// @notice The caller is no organisation's admin.
    error NotAnAdmin(address caller);
    /// @notice No organisation with this name was enrolled.
    error UnknownOrganisation(bytes32 organisation);
    /// @notice The URI was enrolled before, and may have ended since.
    error OrganisationKnown(bytes32 organisation);
    /// @notice The organisation ended.
    error OrganisationHasEnded(bytes32 organisation, uint64 ended);
    /// @notice Fewer organisations with the governor role would be left than governance takes.
    error TooFewGovernors(uint256 remaining, uint256 needed);
    /// @notice The zero role is AccessControl's own and no organisation's.
    error InvalidRole(bytes32 role);
    /// @notice The organisation has the role.
    error RoleIsOpen(bytes32 organisation, bytes32 role);
    /// @notice The organisation does not have the role.
    error RoleNotOpen(bytes32 organisation, bytes32 role);
    /// @notice AccessControl's own ways to give and take a role are shut: a role is an interval.
    error RolesAreIntervals();
    /// @notice No such proposal.
    error UnknownProposal(bytes32 proposal);
    /// @notice The proposal was executed or withdrawn.
    error ProposalNotOpen(bytes32 proposal, ProposalState state);
    /// @notice The organisation that proposes is not the one that approves.
    error SelfApproval(bytes32 proposal, bytes32 organisation);
    /// @notice Only the organisation that proposed withdraws.
    error NotProposer(bytes32 proposal, bytes32 caller, bytes32 proposer);
    /// @notice The organisation that proposed has the governor role no longer: two are needed at the approval.
    error ProposerNotGovernor(bytes32 proposal, bytes32 proposer);
    /// @notice A key has MIN_KEY_SIZE to MAX_KEY_SIZE bytes.
    error InvalidKeySize(uint256 size);
    /// @notice A COSE key begins with the head of a CBOR map of 1 to 23 members, 0xa1 to 0xb7.
    error InvalidKeyEncoding(bytes1 first);
    /// @notice The key was added before, by this organisation or another, and may have ended since.
    error KeyKnown(bytes32 thumbprint, bytes32 organisation);
    /// @notice No key with this thumbprint was added.
    error UnknownKey(bytes32 thumbprint);
    /// @notice The key is another organisation's.
    error NotKeyOwner(bytes32 thumbprint, bytes32 caller, bytes32 owner);
    /// @notice The key ended.
    error KeyHasEnded(bytes32 thumbprint, uint64 ended);
    /// @notice A suspicion lies between `earliest` and `latest`: not before the key, not in the future, and before
    /// an earlier suspicion.
    error InvalidSuspicion(bytes32 thumbprint, uint64 since, uint64 earliest, uint64 latest);
    /// @notice No recovery waits.
    error NoRecovery(bytes32 organisation);
    /// @notice The delay is not over.
    error RecoveryTooEarly(bytes32 organisation, uint64 time, uint64 notBefore);

    // --- governance: two organisations with the governor role ---

    /// @notice Propose a call on `target` (this registry, or a contract that it governs).
    /// @dev Reverts with AccessControlUnauthorizedAccount unless the caller is the admin of an organisation with
    /// the governor role.
    /// @param target The contract to be called.
    /// @param data The call data.
    /// @return proposal Hash of proposer, target, data and a running number: who approves it by this name approves
    /// exactly these.
    function propose(address target, bytes calldata data) external returns (bytes32 proposal);

    /// @notice Approve and execute; reverts for the proposing organisation.
    /// @dev Reverts with AccessControlUnauthorizedAccount, UnknownProposal, ProposalNotOpen, SelfApproval or
    /// ProposerNotGovernor, and with the error of the call when the call fails; the proposal then stays open.
    /// @param proposal Its name.
    function approve(bytes32 proposal) external;

    /// @notice Take a proposal back.
    /// @dev Reverts with NotAnAdmin, UnknownProposal, ProposalNotOpen or NotProposer.
    /// @param proposal Its name.
    function withdraw(bytes32 proposal) external;

    // --- only through an approved proposal: all others get AccessControlUnauthorizedAccount ---

    /// @notice Make an organisation a participant, without any role.
    /// @dev Reverts with InvalidUri, OrganisationKnown, InvalidAdmin or AdminTaken.
    /// @param uri What its statements will carry as `iss`.
    /// @param admin Its admin account.
    /// @return organisation `sha256(bytes(uri))`.
    function enrol(string calldata uri, address admin) external returns (bytes32 organisation);

    /// @notice End an organisation; a governor loses that role as well. Its keys and its other roles stay as they
    /// are and say nothing any more.
    /// @dev Reverts with UnknownOrganisation, OrganisationHasEnded or TooFewGovernors.
    /// @param organisation Which.
    function endOrganisation(bytes32 organisation) external;

    /// @notice Give an organisation a role.
    /// @dev Reverts with UnknownOrganisation, OrganisationHasEnded, InvalidRole or RoleIsOpen.
    /// @param organisation Which.
    /// @param role `keccak256(bytes(name))`, the name in lower case.
    function beginRole(bytes32 organisation, bytes32 role) external;

    /// @notice Take a role from an organisation.
    /// @dev Reverts with UnknownOrganisation, OrganisationHasEnded, RoleNotOpen or TooFewGovernors.
    /// @param organisation Which.
    /// @param role `keccak256(bytes(name))`, the name in lower case.
    function endRole(bytes32 organisation, bytes32 role) external;

    /// @notice Replace a lost admin key after RECOVERY_DELAY, unless the present admin vetoes. A second call takes
    /// the place of the first and its delay begins anew.
    /// @dev Reverts with UnknownOrganisation, OrganisationHasEnded, InvalidAdmin or AdminTaken.
    /// @param organisation Whose admin key was lost.
    /// @param newAdmin The account that shall be its admin.
    function scheduleRecovery(bytes32 organisation, address newAdmin) external;

    // --- by an organisation's own admin key: all others get NotAnAdmin ---

    /// @notice Add a signing key.
    /// @dev Reverts with OrganisationHasEnded, InvalidKeySize, InvalidKeyEncoding or KeyKnown.
    /// @param coseKey Deterministic CBOR of the COSE key's required members (RFC 9679, section 3).
    /// @param use What the key is for.
    /// @return thumbprint `sha256(coseKey)`.
    function addKey(bytes calldata coseKey, uint8 use) external returns (bytes32 thumbprint);

    /// @notice End a signing key, in the block that added it at the earliest. An organisation that ended may do so
    /// too.
    /// @dev Reverts with UnknownKey, NotKeyOwner or KeyHasEnded.
    /// @param thumbprint Which.
    function endKey(bytes32 thumbprint) external;

    /// @notice Say that a key may have been in other hands since block `since` (not in the future). Never undone;
    /// only an earlier block may follow. Keys and organisations that ended may be spoken of too.
    /// @dev Reverts with UnknownKey, NotKeyOwner or InvalidSuspicion.
    /// @param thumbprint Which.
    /// @param since Number of a block.
    function suspectKey(bytes32 thumbprint, uint64 since) external;

    /// @notice Hand the organisation to another account. It cannot be taken back by this one. A recovery that
    /// waits is vetoed: this admin key is not lost.
    /// @dev Reverts with OrganisationHasEnded, InvalidAdmin or AdminTaken.
    /// @param newAdmin The account that shall be the admin.
    function changeAdmin(address newAdmin) external;

    /// @notice Object to a recovery.
    /// @dev Reverts with NoRecovery.
    function vetoRecovery() external;

    // --- by anyone ---

    /// @notice Anyone may complete a recovery whose delay is over.
    /// @dev Reverts with NoRecovery, OrganisationHasEnded, RecoveryTooEarly or AdminTaken.
    /// @param organisation Whose admin key was lost.
    function completeRecovery(bytes32 organisation) external;

    // --- views ---

    /// @notice The role of organisations that propose and approve, `keccak256("governor")`.
    function GOVERNOR_ROLE() external view returns (bytes32);

    /// @notice Seconds between the approval of a recovery and the earliest completion.
    function RECOVERY_DELAY() external view returns (uint64);

    /// @notice Organisations with the governor role that there are at least, always.
    function MIN_GOVERNORS() external view returns (uint256);

    /// @notice Least number of bytes of a COSE key.
    function MIN_KEY_SIZE() external view returns (uint256);

    /// @notice Greatest number of bytes of a COSE key; an ML-DSA-87 key has 2592 and a few.
    function MAX_KEY_SIZE() external view returns (uint256);

    /// @notice Organisations with the governor role at present.
    function governorCount() external view returns (uint256);

    /// @notice An organisation's record; all zero for one that is not known.
    function organisationOf(bytes32 organisation) external view returns (Organisation memory);

    /// @notice The organisation that `admin` speaks for at present, ended or not; zero for all other accounts.
    function organisationOfAdmin(address admin) external view returns (bytes32);

    /// @notice A key's record; all zero for one that is not known.
    function keyOf(bytes32 thumbprint) external view returns (KeyRecord memory);

    /// @notice Every interval of a role of an organisation, oldest first; only the last one can be open.
    function roleIntervalsOf(bytes32 organisation, bytes32 role) external view returns (Interval[] memory);

    /// @notice True when the key, its organisation and the role are all good at `blockNumber`. Suspicion is not
    /// asked. False for a block that is not there yet; what it says of the present block may still end in it.
    function mayUse(bytes32 thumbprint, bytes32 role, uint64 blockNumber) external view returns (bool);

    /// @notice A proposal; its state is Unknown when there is none.
    function proposalOf(bytes32 proposal) external view returns (Proposal memory);

    /// @notice The recovery of an organisation that waits; all zero when none does.
    function recoveryOf(bytes32 organisation) external view returns (Recovery memory);
}
