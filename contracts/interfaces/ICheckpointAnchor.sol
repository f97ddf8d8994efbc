// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Where the roots of the logs are kept
/// @notice One record per log size: what the root was, and in which block the chain learned it. Nothing is ever
/// rewritten. The operator of a log anchors; governance opens, rotates and closes.
/// @dev The storage layout is a public format, for verifiers prove its slots with EIP-1186 proofs long after the
/// nodes that made them are gone: `anchors` is slot 0, `heads` slot 1, `closures` slot 2.
///
/// | what | slot | content |
/// | --- | --- | --- |
/// | anchor | `keccak256(size ‖ keccak256(originHash ‖ 0))` | the record |
/// | head | `keccak256(originHash ‖ 1)` | operator, size, closed |
/// | closure | `keccak256(originHash ‖ 2)` | successor |
/// | | the slot after it | last good size, block of the closing |
///
/// Every value in a preimage takes 32 bytes, big-endian.
interface ICheckpointAnchor {
    /// @notice Who anchors a log and how far it is.
    /// @dev One slot: operator (160 bits), size (64), closed (8), lowest bits first.
    /// @param operator The only account that may anchor; zero for a log that was never opened.
    /// @param size The largest size anchored so far; zero before the first.
    /// @param closed True once no more anchors are taken.
    struct Head {
        address operator;
        uint64 size;
        bool closed;
    }

    /// @notice How far a closed log is to be believed, and where it goes on.
    /// @dev Two slots: successor; then lastGoodSize (64 bits), closedAt (64).
    /// @param successor Origin hash of the log that goes on, or zero.
    /// @param lastGoodSize The largest anchored size that is still to be believed; zero when none is.
    /// @param closedAt Number of the block that closed the log; zero for a log that is not closed.
    struct Closure {
        bytes32 successor;
        uint64 lastGoodSize;
        uint64 closedAt;
    }

    /// @notice A log may be anchored from now on.
    /// @param originHash `sha256(bytes(origin))`.
    /// @param origin The log's C2SP origin line.
    /// @param operator The account that anchors it.
    event LogOpened(bytes32 indexed originHash, string origin, address operator);

    /// @notice A root was recorded.
    /// @param originHash The log.
    /// @param size Number of entries under the root.
    /// @param logRoot The RFC 9162 Merkle tree hash of these entries.
    event Anchored(bytes32 indexed originHash, uint64 indexed size, bytes32 logRoot);

    /// @notice Another account anchors from now on.
    /// @param originHash The log.
    /// @param previous The account that anchored until now.
    /// @param current The account that anchors from now on.
    event OperatorRotated(bytes32 indexed originHash, address previous, address current);

    /// @notice A log takes no more anchors.
    /// @param originHash The log.
    /// @param lastGoodSize Records of larger sizes are no longer to be believed.
    /// @param successor The log that goes on, or zero.
    event LogClosed(bytes32 indexed originHash, uint64 lastGoodSize, bytes32 successor);

    /// @notice The constructor was given no contract to be governed by.
    error InvalidGovernance(address governance);
    /// @notice Only governance opens, rotates and closes.
    error NotGovernance(address caller, address governance);
    /// @notice An origin has 1 to 200 bytes of visible ASCII, without spaces.
    error InvalidOrigin(string origin);
    /// @notice The operator is the zero account, or the one that the log has already.
    error InvalidOperator(bytes32 originHash, address operator);
    /// @notice The origin was opened before; a closed log does not open again.
    error LogAlreadyOpened(bytes32 originHash);
    /// @notice No log with this origin was opened.
    error UnknownLog(bytes32 originHash);
    /// @notice The log takes no more anchors.
    error LogIsClosed(bytes32 originHash);
    /// @notice Only the log's present operator anchors.
    error NotOperator(bytes32 originHash, address caller, address operator);
    /// @notice An empty log has nothing to anchor.
    error ZeroSize(bytes32 originHash);
    /// @notice No RFC 9162 root is zero.
    error ZeroRoot(bytes32 originHash, uint64 size);
    /// @notice This size has its record. Whoever sent it again compares the record: equal is success.
    error AlreadyAnchored(bytes32 originHash, uint64 size, bytes32 record);
    /// @notice A larger size was anchored before; this one comes too late.
    error SizeNotGrown(bytes32 originHash, uint64 size, uint64 headSize);
    /// @notice The last good size is neither zero nor a size that was anchored.
    error SizeNotAnchored(bytes32 originHash, uint64 size);
    /// @notice A successor is another log that is open. So no chain of successors runs in a circle.
    error SuccessorNotOpen(bytes32 originHash, bytes32 successor);

    /// @notice Record `logRoot` as the RFC 9162 root of the log at `size`.
    /// @dev Costs the same at every size. Reverts with UnknownLog, LogIsClosed, NotOperator, ZeroSize, ZeroRoot,
    /// AlreadyAnchored or SizeNotGrown.
    /// @param originHash The log, `sha256(bytes(origin))`.
    /// @param size Number of entries, larger than every size anchored before.
    /// @param logRoot The Merkle tree hash of these entries, not zero.
    function anchor(bytes32 originHash, uint64 size, bytes32 logRoot) external;

    // --- only by governance, through an approved proposal of the registry ---

    /// @notice Let `operator` anchor the log that is called `origin`.
    /// @dev Reverts with NotGovernance, InvalidOrigin, InvalidOperator or LogAlreadyOpened.
    /// @param origin C2SP origin line: a schema-less URL, 1 to 200 bytes of visible ASCII.
    /// @param operator The account that will anchor.
    /// @return originHash `sha256(bytes(origin))`.
    function open(string calldata origin, address operator) external returns (bytes32 originHash);

    /// @notice Let another account anchor from now on. What was anchored stays.
    /// @dev Reverts with NotGovernance, UnknownLog, LogIsClosed or InvalidOperator.
    /// @param originHash The log.
    /// @param newOperator The account that will anchor, not the present one.
    function rotateOperator(bytes32 originHash, address newOperator) external;

    /// @notice Anchors above `lastGoodSize` are no longer to be believed; no more are taken. There is no way back:
    /// this is for an operator key in other hands.
    /// @dev Reverts with NotGovernance, UnknownLog, LogIsClosed, SizeNotAnchored or SuccessorNotOpen.
    /// @param originHash The log.
    /// @param lastGoodSize An anchored size, or zero when no anchor is to be believed.
    /// @param successor Origin hash of another log that is open, or zero.
    function close(bytes32 originHash, uint64 lastGoodSize, bytes32 successor) external;

    // --- views ---

    /// @notice What was recorded for a size. The block number and the time lie inside the record, so that one
    /// proof of one slot, from any later state, says both: whoever holds the three values shows them.
    /// @param originHash The log.
    /// @param size Number of entries.
    /// @return record `keccak256(abi.encode(logRoot, uint64 blockNumber, uint64 blockTime))` with the time in
    /// seconds since 1970, or zero. It stays when the log is closed: compare `size` with the closure as well.
    function anchorOf(bytes32 originHash, uint64 size) external view returns (bytes32 record);

    /// @notice Who anchors a log and how far it is; all zero for a log that was never opened.
    /// @param originHash The log.
    function headOf(bytes32 originHash) external view returns (Head memory);

    /// @notice How far a closed log is to be believed; all zero for a log that is not closed.
    /// @param originHash The log.
    function closureOf(bytes32 originHash) external view returns (Closure memory);

    /// @notice The registry whose approved proposals open, rotate and close. Fixed in the code, so that the code
    /// hash names it.
    function governance() external view returns (address);
}
