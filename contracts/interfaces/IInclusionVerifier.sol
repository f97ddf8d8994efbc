// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Whether an entry is in a log, for other contracts
/// @notice RFC 9162 inclusion proofs, SHA-256, section 2.1.3.2. No state, no owner, no log of its own.
/// @dev `size` and `root` belong together and both have to come from a place that is trusted for both: from the
/// record of a `CheckpointAnchor`, which is
/// `anchorOf(originHash, size) == keccak256(abi.encode(root, blockNumber, blockTime))`, with `size` no larger than
/// `closureOf(originHash).lastGoodSize` when the log is closed. Given both, a proof fits one index only. Given a
/// root and somebody else's `size`, it can fit another index: a Merkle tree hash does not say its size.
interface IInclusionVerifier {
    /// @notice The leaf hash of an entry: SHA-256 of a zero byte and the entry (RFC 9162, section 2.1.1).
    /// @param entry The bytes as they are in the log.
    function leafHashOf(bytes calldata entry) external pure returns (bytes32);

    /// @notice True when `entry` is at `index` of the log that has `size` entries and the root `root`.
    /// @param entry The bytes as they are in the log.
    /// @param index Position of the entry, from zero.
    /// @param size Number of entries under the root.
    /// @param proof Sibling hashes from the leaf upwards.
    /// @param root Merkle tree hash of the log at `size`.
    function includesEntry(
        bytes calldata entry,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof,
        bytes32 root
    ) external pure returns (bool);

    /// @notice The same for a caller that holds the leaf hash and not the entry.
    /// @dev Take a leaf hash only from whoever hashed the entry: an inner node of the tree passes for a leaf of a
    /// smaller one.
    /// @param leafHash `leafHashOf(entry)`.
    /// @param index Position of the entry, from zero.
    /// @param size Number of entries under the root.
    /// @param proof Sibling hashes from the leaf upwards.
    /// @param root Merkle tree hash of the log at `size`.
    function includesLeaf(
        bytes32 leafHash,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof,
        bytes32 root
    ) external pure returns (bool);
}
