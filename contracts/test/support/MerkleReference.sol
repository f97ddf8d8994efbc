// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Merkle trees the slow and obvious way: the recursive definitions of RFC 9162, section 2.1, word for word
library MerkleReference {
    /// @notice Entry `index` of the trees of these tests.
    function entry(uint256 index) internal pure returns (bytes memory) {
        return abi.encode("entry", index);
    }

    /// @notice MTH(D[from:to]), section 2.1.1.
    function root(uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to == from) return sha256("");
        if (to - from == 1) return sha256(bytes.concat(hex"00", entry(from)));
        uint256 middle = from + _split(to - from);
        return sha256(bytes.concat(hex"01", root(from, middle), root(middle, to)));
    }

    /// @notice PATH(index, D[from:to]), section 2.1.3.1, with `index` counted from `from`.
    function path(uint256 index, uint256 from, uint256 to) internal pure returns (bytes32[] memory) {
        if (to - from == 1) return new bytes32[](0);
        uint256 k = _split(to - from);
        uint256 middle = from + k;
        return index < k
            ? _append(path(index, from, middle), root(middle, to))
            : _append(path(index - k, middle, to), root(from, middle));
    }

    /// @dev The largest power of two smaller than `size`.
    function _split(uint256 size) private pure returns (uint256 k) {
        k = 1;
        while (k * 2 < size) k *= 2;
    }

    function _append(bytes32[] memory items, bytes32 item) private pure returns (bytes32[] memory longer) {
        longer = new bytes32[](items.length + 1);
        for (uint256 i = 0; i < items.length; ++i) {
            longer[i] = items[i];
        }
        longer[items.length] = item;
    }
}
