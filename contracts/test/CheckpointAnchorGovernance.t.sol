// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CheckpointAnchor} from "../CheckpointAnchor.sol";
import {ICheckpointAnchor} from "../interfaces/ICheckpointAnchor.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title Opening, rotating and closing: only by governance, and closing has no way back
contract CheckpointAnchorGovernanceTest is Corridor {
    string private constant OTHER_ORIGIN = "corridor.example/other";
    address private constant NEW_OPERATOR = address(0xB2);
    bytes32 private constant ROOT = keccak256("a root");

    bytes32 private immutable OTHER = sha256(bytes(OTHER_ORIGIN));

    function test_governanceIsTheRegistry() public view {
        vm.assertEq(checkpoints.governance(), address(registry), "governance");
    }

    function testFuzz_governanceIsAContract(address account) public {
        vm.assume(account.code.length == 0);
        vm.expectRevert(abi.encodeWithSelector(ICheckpointAnchor.InvalidGovernance.selector, account));
        new CheckpointAnchor(account);
    }

    function testFuzz_onlyGovernanceOpensRotatesAndCloses(address caller) public {
        vm.assume(caller != address(registry));
        bytes memory failure =
            abi.encodeWithSelector(ICheckpointAnchor.NotGovernance.selector, caller, address(registry));
        vm.expectRevert(failure);
        vm.prank(caller);
        checkpoints.open(OTHER_ORIGIN, caller);
        vm.expectRevert(failure);
        vm.prank(caller);
        checkpoints.rotateOperator(LOG, caller);
        vm.expectRevert(failure);
        vm.prank(caller);
        checkpoints.close(LOG, 0, 0);
    }

    function test_openingNamesTheLogByTheHashOfItsOrigin() public {
        bytes32 proposal =
            _propose(address(checkpoints), abi.encodeCall(checkpoints.open, (OTHER_ORIGIN, OPERATOR)));
        vm.expectEmit(address(checkpoints));
        emit ICheckpointAnchor.LogOpened(OTHER, OTHER_ORIGIN, OPERATOR);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        ICheckpointAnchor.Head memory head = checkpoints.headOf(OTHER);
        vm.assertEq(head.operator, OPERATOR, "operator");
        vm.assertEq(head.size, 0, "size");
        vm.assertFalse(head.closed, "closed");
    }

    function test_aLogOpensOnce() public {
        bytes memory failure = abi.encodeWithSelector(ICheckpointAnchor.LogAlreadyOpened.selector, LOG);
        _governAnchorsFails(abi.encodeCall(checkpoints.open, (ORIGIN, NEW_OPERATOR)), failure);
        _close(0, 0);
        _governAnchorsFails(abi.encodeCall(checkpoints.open, (ORIGIN, NEW_OPERATOR)), failure);
    }

    function test_aLogNeedsAnOperator() public {
        _governAnchorsFails(
            abi.encodeCall(checkpoints.open, (OTHER_ORIGIN, address(0))),
            abi.encodeWithSelector(ICheckpointAnchor.InvalidOperator.selector, OTHER, address(0))
        );
    }

    function test_originsThatCannotBeTold() public {
        string[5] memory origins =
            ["", "corridor.example/my log", "corridor.example/log\n", unicode"corridör.example", "\x7f"];
        for (uint256 i = 0; i < origins.length; ++i) {
            _originFails(origins[i]);
        }
        bytes memory long = new bytes(201);
        for (uint256 i = 0; i < long.length; ++i) {
            long[i] = "a";
        }
        _originFails(string(long));
    }

    function testFuzz_afterRotationOnlyTheNewOperatorAnchors(address newOperator) public {
        vm.assume(newOperator != address(0) && newOperator != OPERATOR);
        _anchor(OPERATOR, 7);
        bytes32 record = checkpoints.anchorOf(LOG, 7);
        bytes32 proposal =
            _propose(address(checkpoints), abi.encodeCall(checkpoints.rotateOperator, (LOG, newOperator)));
        vm.expectEmit(address(checkpoints));
        emit ICheckpointAnchor.OperatorRotated(LOG, OPERATOR, newOperator);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);

        vm.assertEq(checkpoints.anchorOf(LOG, 7), record, "the earlier record");
        vm.expectRevert(
            abi.encodeWithSelector(ICheckpointAnchor.NotOperator.selector, LOG, OPERATOR, newOperator)
        );
        _anchor(OPERATOR, 8);
        _anchor(newOperator, 8);
        vm.assertEq(checkpoints.headOf(LOG).size, 8, "head");
    }

    function test_rotationIsAChangeOfAKnownLog() public {
        _governAnchorsFails(
            abi.encodeCall(checkpoints.rotateOperator, (LOG, OPERATOR)),
            abi.encodeWithSelector(ICheckpointAnchor.InvalidOperator.selector, LOG, OPERATOR)
        );
        _governAnchorsFails(
            abi.encodeCall(checkpoints.rotateOperator, (LOG, address(0))),
            abi.encodeWithSelector(ICheckpointAnchor.InvalidOperator.selector, LOG, address(0))
        );
        _governAnchorsFails(
            abi.encodeCall(checkpoints.rotateOperator, (OTHER, NEW_OPERATOR)),
            abi.encodeWithSelector(ICheckpointAnchor.UnknownLog.selector, OTHER)
        );
    }

    function test_closingSaysHowFarTheLogIsToBeBelieved() public {
        _governAnchors(abi.encodeCall(checkpoints.open, (OTHER_ORIGIN, OPERATOR)));
        _anchor(OPERATOR, 7);
        _anchor(OPERATOR, 9);
        bytes32 record = checkpoints.anchorOf(LOG, 9);
        vm.roll(2_345);
        bytes32 proposal = _propose(address(checkpoints), abi.encodeCall(checkpoints.close, (LOG, 7, OTHER)));
        vm.expectEmit(address(checkpoints));
        emit ICheckpointAnchor.LogClosed(LOG, 7, OTHER);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);

        ICheckpointAnchor.Closure memory closure = checkpoints.closureOf(LOG);
        vm.assertEq(closure.lastGoodSize, 7, "last good size");
        vm.assertEq(closure.closedAt, 2_345, "closed at");
        vm.assertEq(closure.successor, OTHER, "successor");
        vm.assertTrue(checkpoints.headOf(LOG).closed, "closed");
        vm.assertEq(checkpoints.anchorOf(LOG, 9), record, "a record above the last good size stays");
    }

    function test_aClosedLogTakesNothingMore() public {
        _anchor(OPERATOR, 7);
        _close(7, 0);
        bytes memory failure = abi.encodeWithSelector(ICheckpointAnchor.LogIsClosed.selector, LOG);
        vm.expectRevert(failure);
        _anchor(OPERATOR, 8);
        _governAnchorsFails(abi.encodeCall(checkpoints.rotateOperator, (LOG, NEW_OPERATOR)), failure);
        _governAnchorsFails(abi.encodeCall(checkpoints.close, (LOG, 7, 0)), failure);
    }

    function testFuzz_theLastGoodSizeIsZeroOrWasAnchored(uint64 size) public {
        vm.assume(size != 0 && size != 7);
        _anchor(OPERATOR, 7);
        _governAnchorsFails(
            abi.encodeCall(checkpoints.close, (LOG, size, 0)),
            abi.encodeWithSelector(ICheckpointAnchor.SizeNotAnchored.selector, LOG, size)
        );
    }

    function test_aLogThatWasNeverOpenedDoesNotClose() public {
        _governAnchorsFails(
            abi.encodeCall(checkpoints.close, (OTHER, 0, 0)),
            abi.encodeWithSelector(ICheckpointAnchor.UnknownLog.selector, OTHER)
        );
    }

    function test_aSuccessorIsAnotherLogThatIsOpen() public {
        _closeFails(LOG, LOG);
        _closeFails(LOG, OTHER);
        _governAnchors(abi.encodeCall(checkpoints.open, (OTHER_ORIGIN, OPERATOR)));
        _close(0, OTHER);
        // The first log is closed by now: two logs never are each other's successors.
        _closeFails(OTHER, LOG);
    }

    function _close(uint64 lastGoodSize, bytes32 successor) private {
        _governAnchors(abi.encodeCall(checkpoints.close, (LOG, lastGoodSize, successor)));
    }

    function _closeFails(bytes32 originHash, bytes32 successor) private {
        _governAnchorsFails(
            abi.encodeCall(checkpoints.close, (originHash, 0, successor)),
            abi.encodeWithSelector(ICheckpointAnchor.SuccessorNotOpen.selector, originHash, successor)
        );
    }

    function _originFails(string memory origin) private {
        _governAnchorsFails(
            abi.encodeCall(checkpoints.open, (origin, OPERATOR)),
            abi.encodeWithSelector(ICheckpointAnchor.InvalidOrigin.selector, origin)
        );
    }

    function _anchor(address operator, uint64 size) private {
        vm.prank(operator);
        checkpoints.anchor(LOG, size, ROOT);
    }
}
