// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInclusionVerifier} from "./interfaces/IInclusionVerifier.sol";

/// @title Whether an entry is in a log, for other contracts
/// @dev `sha256` is the precompile at address 2. OpenZeppelin's `MerkleProof` hashes sorted pairs with keccak and
/// says nothing of positions, so it cannot check these proofs.
contract InclusionVerifier is IInclusionVerifier {
    /// @inheritdoc IInclusionVerifier
    function leafHashOf(bytes calldata entry) external pure returns (bytes32) {
        return _leafHash(entry);
    }

    /// @inheritdoc IInclusionVerifier
    function includesEntry(
        bytes calldata entry,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof,
        bytes32 root
    ) external pure returns (bool) {
        return _includes(_leafHash(entry), index, size, proof, root);
    }

    /// @inheritdoc IInclusionVerifier
    function includesLeaf(
        bytes32 leafHash,
        uint64 index,
        uint64 size,
        bytes32[] calldata proof,
        bytes32 root
    ) external pure returns (bool) {
        return _includes(leafHash, index, size, proof, root);
    }

    /// @dev RFC 9162, section 2.1.3.2, with its names: `fn` and `sn` are the positions, level by level, of the
    /// node and of the last node of the tree.
    function _includes(bytes32 leafHash, uint64 index, uint64 size, bytes32[] calldata proof, bytes32 root)
        private
        pure
        returns (bool)
    {
        if (index >= size) return false;
        uint64 fn = index;
        uint64 sn = size - 1;
        bytes32 r = leafHash;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (sn == 0) return false;
            if (fn & 1 == 1 || fn == sn) {
                r = _nodeHash(proof[i], r);
                // A last node without a sibling rises unchanged until it is a right child.
                while (fn & 1 == 0 && fn != 0) {
                    fn >>= 1;
                    sn >>= 1;
                }
            } else {
                r = _nodeHash(r, proof[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root;
    }

    function _leafHash(bytes calldata entry) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x00), entry));
    }

    function _nodeHash(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(bytes1(0x01), left, right));
    }
}
