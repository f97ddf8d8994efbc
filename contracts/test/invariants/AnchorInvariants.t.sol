// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICheckpointAnchor} from "../../interfaces/ICheckpointAnchor.sol";
import {Corridor} from "../support/Corridor.sol";
import {AnchorHandler} from "./AnchorHandler.sol";

/// @title What holds of the anchors after whatever sequence of calls
contract AnchorInvariantsTest is Corridor {
    AnchorHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new AnchorHandler(checkpoints);
    }

    /// @dev The runner asks which contracts to call; all else stays untouched.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_everyRecordStaysAsItWasWritten() public view {
        for (uint256 i = 0; i < handler.LOGS(); ++i) {
            bytes32 name = handler.nameOf(i);
            AnchorHandler.Log memory log = handler.logOf(name);
            for (uint256 j = 0; j < log.sizes.length; ++j) {
                vm.assertEq(checkpoints.anchorOf(name, log.sizes[j]), log.records[j], "record");
            }
        }
    }

    function invariant_sizesOnlyGrowAndTheHeadIsTheLargest() public view {
        for (uint256 i = 0; i < handler.LOGS(); ++i) {
            bytes32 name = handler.nameOf(i);
            AnchorHandler.Log memory log = handler.logOf(name);
            uint64 largest = 0;
            for (uint256 j = 0; j < log.sizes.length; ++j) {
                vm.assertTrue(log.sizes[j] > largest, "a size that has not grown");
                largest = log.sizes[j];
            }
            ICheckpointAnchor.Head memory head = checkpoints.headOf(name);
            vm.assertEq(head.size, largest, "head");
            vm.assertEq(head.operator, log.operator, "operator");
            vm.assertEq(head.closed, log.closed, "closed");
            if (largest != type(uint64).max) {
                vm.assertEq(checkpoints.anchorOf(name, largest + 1), 0, "a record above the head");
            }
        }
    }

    function invariant_whatIsClosedStaysClosedAsItWas() public view {
        for (uint256 i = 0; i < handler.LOGS(); ++i) {
            bytes32 name = handler.nameOf(i);
            AnchorHandler.Log memory log = handler.logOf(name);
            ICheckpointAnchor.Closure memory closure = checkpoints.closureOf(name);
            vm.assertEq(closure.lastGoodSize, log.lastGoodSize, "last good size");
            vm.assertEq(closure.closedAt, log.closedAt, "closed at");
            vm.assertEq(closure.successor, log.successor, "successor");
        }
    }

    function invariant_successorsComeToAnEnd() public view {
        for (uint256 i = 0; i < handler.LOGS(); ++i) {
            bytes32 name = handler.nameOf(i);
            for (uint256 steps = 0; name != 0; ++steps) {
                vm.assertLe(steps, handler.LOGS(), "successors run in a circle");
                name = checkpoints.closureOf(name).successor;
            }
        }
    }

    function afterInvariant() public view {
        handler.assertTally();
    }
}
