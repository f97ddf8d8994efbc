// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governance} from "./registry/Governance.sol";
import {Membership} from "./registry/Membership.sol";
import {SigningKeys} from "./registry/SigningKeys.sol";

/// @title Who may say what, since when and until when
/// @dev Not upgradeable and without an owner. There is no immutable value in the code: its hash is the same on
/// every chain.
contract ParticipantRegistry is Governance, Membership, SigningKeys {
    /// @param founders The first organisations, each with the governor role: at least two, or nobody could ever
    /// approve.
    constructor(Founder[] memory founders) {
        if (founders.length < MIN_GOVERNORS) revert TooFewGovernors(founders.length, MIN_GOVERNORS);
        _grantRole(DEFAULT_ADMIN_ROLE, address(this));
        for (uint256 i = 0; i < founders.length; ++i) {
            _beginRole(_enrol(founders[i].uri, founders[i].admin), GOVERNOR_ROLE);
        }
    }
}
