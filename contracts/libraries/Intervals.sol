// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title When something was good
library Intervals {
    /// @notice True when `from <= blockNumber < ended`, where an end of zero is none and a beginning of zero
    /// means that there never was one. A tie in one block counts as ended.
    /// @param from Number of the block that began it.
    /// @param ended Number of the block that ended it, or zero.
    /// @param blockNumber The block that is asked about.
    function contains(uint64 from, uint64 ended, uint64 blockNumber) internal pure returns (bool) {
        return from != 0 && from <= blockNumber && (ended == 0 || blockNumber < ended);
    }
}
