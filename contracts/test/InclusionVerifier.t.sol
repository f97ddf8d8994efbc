// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InclusionVerifier} from "../InclusionVerifier.sol";
import {MerkleReference} from "./support/MerkleReference.sol";
import {TestBase} from "./support/TestBase.sol";

/// @title RFC 9162 inclusion against the recursive definitions
contract InclusionVerifierTest is TestBase {
    uint64 private constant SMALL = 20;

    InclusionVerifier private verifier;

    function setUp() public {
        verifier = new InclusionVerifier();
    }

    function test_aLeafIsHashedWithAZeroByteBefore() public view {
        // The leaf hash of the empty entry, RFC 9162's Certificate Transparency test value.
        vm.assertEq(
            verifier.leafHashOf(""),
            0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d,
            "leaf hash"
        );
    }

    function test_everyEntryOfEverySmallTreeIsIncludedAtItsIndexAndNoOther() public view {
        for (uint64 size = 1; size <= SMALL; ++size) {
            bytes32 root = MerkleReference.root(0, size);
            for (uint64 index = 0; index < size; ++index) {
                bytes32[] memory proof = MerkleReference.path(index, 0, size);
                bytes memory entry = MerkleReference.entry(index);
                for (uint64 claim = 0; claim <= size; ++claim) {
                    vm.assertEq(
                        verifier.includesEntry(entry, claim, size, proof, root),
                        claim == index,
                        "included at its index"
                    );
                }
            }
        }
    }

    function test_noEntryOfASmallTreeIsTakenForAnother() public view {
        for (uint64 size = 1; size <= SMALL; ++size) {
            bytes32 root = MerkleReference.root(0, size);
            for (uint64 index = 0; index < size; ++index) {
                bytes32[] memory proof = MerkleReference.path(index, 0, size);
                for (uint64 other = 0; other <= size; ++other) {
                    vm.assertEq(
                        verifier.includesEntry(MerkleReference.entry(other), index, size, proof, root),
                        other == index,
                        "included as itself"
                    );
                }
            }
        }
    }

    function test_aProofOfASmallTreeIsNotGoodForAnotherRoot() public view {
        for (uint64 size = 1; size <= SMALL; ++size) {
            bytes32[] memory proof = MerkleReference.path(size / 2, 0, size);
            bytes memory entry = MerkleReference.entry(size / 2);
            for (uint64 other = 0; other <= SMALL; ++other) {
                vm.assertEq(
                    verifier.includesEntry(entry, size / 2, size, proof, MerkleReference.root(0, other)),
                    other == size,
                    "included under its root"
                );
            }
        }
    }

    function testFuzz_aLargerTree(uint64 size, uint64 index) public view {
        size = uint64(_between(size, SMALL + 1, 140));
        index = uint64(_between(index, 0, size - 1));
        bytes32[] memory proof = MerkleReference.path(index, 0, size);
        bytes32 root = MerkleReference.root(0, size);
        bytes32 leaf = verifier.leafHashOf(MerkleReference.entry(index));
        vm.assertTrue(verifier.includesLeaf(leaf, index, size, proof, root), "included");
        vm.assertTrue(
            verifier.includesEntry(MerkleReference.entry(index), index, size, proof, root), "included by its entry"
        );
    }

    function testFuzz_aChangedBitIsNoticed(uint64 size, uint64 index, uint256 where) public view {
        size = uint64(_between(size, 1, 64));
        index = uint64(_between(index, 0, size - 1));
        bytes32[] memory proof = MerkleReference.path(index, 0, size);
        bytes32 root = MerkleReference.root(0, size);
        bytes32 leaf = verifier.leafHashOf(MerkleReference.entry(index));
        bytes32 bit = bytes32(1 << (where % 256));
        uint256 part = (where / 256) % (proof.length + 2);
        if (part < proof.length) proof[part] ^= bit;
        else if (part == proof.length) root ^= bit;
        else leaf ^= bit;
        vm.assertFalse(verifier.includesLeaf(leaf, index, size, proof, root), "a changed bit");
    }

    function testFuzz_aProofOfAnotherLengthIsRefused(uint64 size, uint64 index, bytes32 more) public view {
        size = uint64(_between(size, 2, 64));
        index = uint64(_between(index, 0, size - 1));
        bytes32[] memory proof = MerkleReference.path(index, 0, size);
        bytes32 root = MerkleReference.root(0, size);
        bytes memory entry = MerkleReference.entry(index);
        bytes32[] memory longer = new bytes32[](proof.length + 1);
        bytes32[] memory shorter = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < proof.length; ++i) {
            longer[i] = proof[i];
            if (i < shorter.length) shorter[i] = proof[i];
        }
        longer[proof.length] = more;
        vm.assertFalse(verifier.includesEntry(entry, index, size, longer, root), "longer");
        bytes32 beyond = sha256(bytes.concat(hex"01", more, root));
        vm.assertFalse(verifier.includesEntry(entry, index, size, longer, beyond), "longer, with the root it leads to");
        vm.assertFalse(verifier.includesEntry(entry, index, size, shorter, root), "shorter");
    }

    /// @dev Whatever the numbers are, the answer is an answer and no panic, and nothing is in an empty log.
    function testFuzz_anyNumbersAreAnswered(
        bytes32 leaf,
        uint64 index,
        uint64 size,
        bytes32[] memory proof,
        bytes32 root
    ) public view {
        vm.assume(leaf != root);
        vm.assertFalse(verifier.includesLeaf(leaf, index, size, proof, root), "noise");
        vm.assertFalse(verifier.includesLeaf(leaf, index, 0, proof, leaf), "an empty log");
        vm.assertFalse(verifier.includesLeaf(leaf, type(uint64).max, type(uint64).max, proof, root), "the end");
    }

    /// @dev Why `size` has to come from where the root comes from: a Merkle tree hash does not say it. The last of
    /// three entries passes for the last of two, under the root of three, because the same hash stands beside it.
    function test_aRootAloneDoesNotSayItsSize() public view {
        bytes32[] memory proof = MerkleReference.path(2, 0, 3);
        bytes32 root = MerkleReference.root(0, 3);
        bytes memory entry = MerkleReference.entry(2);
        vm.assertTrue(verifier.includesEntry(entry, 2, 3, proof, root), "with the size of the root");
        vm.assertTrue(verifier.includesEntry(entry, 1, 2, proof, root), "with the size of another");
    }
}
