// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Where the roots of the logs are kept
/// @notice One record per log size: what the root was, and in which block the chain learned it. Nothing is ever
/// rewritten. The operator of a log anchors; governance opens, rotates and closes.
/// @dev The storage layout is a public format: `anchors` is slot 0, `heads` slot 1, `closures` slot 2.
interface ICheckpointAnchor {
    /// @dev One slot: operator (160 bits), size (64), closed (8), lowest bits first.
    struct Head {
        address operator;
        uint64 size;
        bool closed;
    }

    /// @dev `successor` is the origin hash of the log that goes on, or zero.
    struct Closure {
        bytes32 successor;
        uint64 lastGoodSize;
        uint64 closedAt;
    }

    event LogOpened(bytes32 indexed originHash, string origin, address operator);
    event Anchored(bytes32 indexed originHash, uint64 indexed size, bytes32 logRoot);
    event OperatorRotated(bytes32 indexed originHash, address previous, address current);
    event LogClosed(bytes32 indexed originHash, uint64 lastGoodSize, bytes32 successor);

    /// @notice Record `logRoot` as the RFC 9162 root of the log at `size`.
    function anchor(bytes32 originHash, uint64 size, bytes32 logRoot) external;

    // --- only by governance, through an approved proposal of the registry ---

    /// @notice `originHash` becomes `sha256(bytes(origin))`.
    function open(string calldata origin, address operator) external returns (bytes32 originHash);
    function rotateOperator(bytes32 originHash, address newOperator) external;
    /// @notice Anchors above `lastGoodSize` are no longer to be believed; no more are taken.
    function close(bytes32 originHash, uint64 lastGoodSize, bytes32 successor) external;

    // --- views ---

    /// @return record `keccak256(abi.encode(logRoot, uint64 blockNumber, uint64 blockTime))`, or zero.
    function anchorOf(bytes32 originHash, uint64 size) external view returns (bytes32 record);
    function headOf(bytes32 originHash) external view returns (Head memory);
    function closureOf(bytes32 originHash) external view returns (Closure memory);
    function governance() external view returns (address);
}
