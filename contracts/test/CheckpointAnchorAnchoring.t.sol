// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICheckpointAnchor} from "../interfaces/ICheckpointAnchor.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title Anchoring: sizes only grow, nothing is rewritten, only the log's operator
contract CheckpointAnchorAnchoringTest is Corridor {
    bytes32 private constant ROOT = keccak256("a root");

    function test_recordHoldsRootBlockNumberAndTime() public {
        vm.roll(4_321);
        vm.warp(1_800_000_000);
        _anchor(7, ROOT);
        bytes32 expected = keccak256(
            bytes.concat(ROOT, bytes32(uint256(4_321)), bytes32(uint256(1_800_000_000)))
        );
        vm.assertEq(checkpoints.anchorOf(LOG, 7), expected, "record");
        vm.assertEq(checkpoints.headOf(LOG).size, 7, "head");
    }

    function test_anchoringIsAnnounced() public {
        vm.expectEmit(address(checkpoints));
        emit ICheckpointAnchor.Anchored(LOG, 7, ROOT);
        _anchor(7, ROOT);
    }

    function testFuzz_everyGrowingSizeIsTakenAndEarlierRecordsStay(uint64[8] memory steps, bytes32 root) public {
        vm.assume(root != 0);
        uint64 size = 0;
        uint64[8] memory sizes;
        bytes32[8] memory records;
        for (uint256 i = 0; i < steps.length; ++i) {
            // An eighth of the range each, so that eight steps fit into 64 bits.
            size += uint64(_between(steps[i], 1, type(uint64).max / 8));
            vm.roll(block.number + 1);
            vm.warp(block.timestamp + 12);
            _anchor(size, root);
            sizes[i] = size;
            records[i] = keccak256(abi.encode(root, block.number, block.timestamp));
            for (uint256 j = 0; j <= i; ++j) {
                vm.assertEq(checkpoints.anchorOf(LOG, sizes[j]), records[j], "an earlier record");
            }
        }
    }

    function testFuzz_theLargestSizeEndsTheLog(uint64 size) public {
        _anchor(type(uint64).max, ROOT);
        vm.assume(size != 0 && size != type(uint64).max);
        _anchorFails(
            size, ROOT, abi.encodeWithSelector(ICheckpointAnchor.SizeNotGrown.selector, LOG, size, type(uint64).max)
        );
    }

    function testFuzz_aSizeThatIsNotLargerIsRefused(uint64 head, uint64 size, bytes32 root) public {
        vm.assume(root != 0);
        head = uint64(_between(head, 2, type(uint64).max));
        size = uint64(_between(size, 1, head - 1));
        _anchor(head, ROOT);
        _anchorFails(size, root, abi.encodeWithSelector(ICheckpointAnchor.SizeNotGrown.selector, LOG, size, head));
    }

    function testFuzz_aKnownSizeIsRefusedWithItsRecord(uint64 first, uint64 second, bool ask, bytes32 root) public {
        vm.assume(root != 0);
        first = uint64(_between(first, 1, type(uint64).max - 1));
        second = uint64(_between(second, first + 1, type(uint64).max));
        _anchor(first, ROOT);
        _anchor(second, ROOT);
        uint64 size = ask ? first : second;
        bytes32 record = checkpoints.anchorOf(LOG, size);
        vm.roll(block.number + 1);
        _anchorFails(
            size, root, abi.encodeWithSelector(ICheckpointAnchor.AlreadyAnchored.selector, LOG, size, record)
        );
        vm.assertEq(checkpoints.anchorOf(LOG, size), record, "record");
    }

    function test_anEmptyLogIsRefused() public {
        _anchorFails(0, ROOT, abi.encodeWithSelector(ICheckpointAnchor.ZeroSize.selector, LOG));
    }

    function test_aZeroRootIsRefused() public {
        _anchorFails(7, 0, abi.encodeWithSelector(ICheckpointAnchor.ZeroRoot.selector, LOG, 7));
    }

    /// @dev The zero account too, which a simulated call may come from and which is an unknown log's operator.
    function testFuzz_aLogThatWasNeverOpenedIsRefused(bytes32 originHash, address caller, bool zero) public {
        vm.assume(originHash != LOG);
        if (zero) caller = address(0);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointAnchor.UnknownLog.selector, originHash));
        vm.prank(caller);
        checkpoints.anchor(originHash, 7, ROOT);
    }

    function testFuzz_onlyTheOperatorAnchors(address caller) public {
        vm.assume(caller != OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointAnchor.NotOperator.selector, LOG, caller, OPERATOR));
        vm.prank(caller);
        checkpoints.anchor(LOG, 7, ROOT);
    }

    function test_theOperatorOfOneLogDoesNotAnchorAnother() public {
        _governAnchors(abi.encodeCall(checkpoints.open, ("corridor.example/other", STRANGER)));
        vm.expectRevert(abi.encodeWithSelector(ICheckpointAnchor.NotOperator.selector, LOG, STRANGER, OPERATOR));
        vm.prank(STRANGER);
        checkpoints.anchor(LOG, 7, ROOT);
    }

    function testFuzz_logsDoNotTouchEachOther(uint64 size, uint64 other) public {
        size = uint64(_between(size, 1, type(uint64).max));
        other = uint64(_between(other, 1, type(uint64).max));
        _governAnchors(abi.encodeCall(checkpoints.open, ("corridor.example/other", OPERATOR)));
        bytes32 otherLog = sha256("corridor.example/other");
        _anchor(size, ROOT);
        vm.prank(OPERATOR);
        checkpoints.anchor(otherLog, other, keccak256("another root"));
        vm.assertEq(checkpoints.headOf(LOG).size, size, "head of the first log");
        vm.assertEq(checkpoints.headOf(otherLog).size, other, "head of the second log");
    }

    function _anchor(uint64 size, bytes32 root) private {
        vm.prank(OPERATOR);
        checkpoints.anchor(LOG, size, root);
    }

    function _anchorFails(uint64 size, bytes32 root, bytes memory failure) private {
        vm.expectRevert(failure);
        _anchor(size, root);
    }
}
