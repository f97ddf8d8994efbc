// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "../support/TestBase.sol";

/// @title What handlers share: time that only they move, calls whose outcome is predicted, and a tally of both
/// @dev A handler knows beforehand whether each of its calls has to pass, from a model of its own that is slow and
/// obvious. A call that passes where it should not, or fails where it should not, fails the run: there is nothing to
/// overlook. The tally shows that the runs are not mostly made of refused calls, which would prove little.
abstract contract Actors is TestBase {
    uint256 public done;
    uint256 public refused;

    uint256 internal blockNumber = 1_000;
    uint256 internal time = 1_700_000_000;

    /// @dev Set in every call: whether the runner carries block and time from call to call is not our concern.
    modifier inTime() {
        vm.roll(blockNumber);
        vm.warp(time);
        _;
    }

    /// @notice Some blocks and up to a day and a half pass.
    function pass(uint8 blocks, uint256 duration) external {
        blockNumber += blocks;
        time += _between(duration, blocks, 36 hours);
    }

    /// @dev Calls as `sender` and fails the run unless the outcome is the predicted one.
    function _predicted(address sender, address target, bytes memory data, bool passes, string memory what)
        internal
        returns (bytes memory result)
    {
        bool passed;
        vm.prank(sender);
        (passed, result) = target.call(data);
        vm.assertEq(passed, passes, string.concat(what, passes ? ": has to pass" : ": has to be refused"));
        if (passed) ++done;
        else ++refused;
    }

    /// @notice Fails unless between a tenth and three quarters of the calls of a run were refused ones.
    /// @dev Runs that the test runner has cut short, looking for the least that fails, say nothing about shares.
    function assertTally() external view {
        uint256 calls = done + refused;
        if (calls < 64) return;
        vm.assertGe(refused * 100, calls * 10, "refused calls in a hundred, at least");
        vm.assertLe(refused * 100, calls * 75, "refused calls in a hundred, at most");
    }

    /// @dev True in one of `n` cases; `what` keeps the choices that come from one seed apart.
    function _oneIn(uint256 n, uint256 seed, string memory what) internal pure returns (bool) {
        return uint256(keccak256(abi.encode(seed, what))) % n == 0;
    }
}
