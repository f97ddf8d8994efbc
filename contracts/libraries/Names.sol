// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a log or an organisation may be called
/// @dev A name is hashed byte for byte. Two names that look alike must not be two names, so that spaces, control
/// characters and everything beyond ASCII stay outside; URIs (RFC 3986) and C2SP origins need none of them.
library Names {
    /// @dev The bound that statements and checkpoints put on these names (docs/formats.md).
    uint256 internal constant MAX_SIZE = 200;

    /// @notice True for 1 to MAX_SIZE bytes of visible ASCII, 0x21 to 0x7e.
    /// @param name The bytes as they would be hashed.
    function isValid(string memory name) internal pure returns (bool) {
        bytes memory raw = bytes(name);
        if (raw.length == 0 || raw.length > MAX_SIZE) return false;
        for (uint256 i = 0; i < raw.length; ++i) {
            if (raw[i] < 0x21 || raw[i] > 0x7e) return false;
        }
        return true;
    }
}
