// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICheckpointAnchor} from "./interfaces/ICheckpointAnchor.sol";
import {Names} from "./libraries/Names.sol";

/// @title Where the roots of the logs are kept
/// @dev Not upgradeable and without an owner: what is recorded here stays as it is, whoever governs.
contract CheckpointAnchor is ICheckpointAnchor {
    // The order of these three is a public format; see the interface.
    mapping(bytes32 originHash => mapping(uint64 size => bytes32 record)) internal anchors;
    mapping(bytes32 originHash => Head head) internal heads;
    mapping(bytes32 originHash => Closure closure) internal closures;

    /// @inheritdoc ICheckpointAnchor
    address public immutable governance;

    modifier onlyGovernance() {
        if (msg.sender != governance) revert NotGovernance(msg.sender, governance);
        _;
    }

    /// @param governance_ The participant registry. Fixed for ever, so it has to be there already.
    constructor(address governance_) {
        if (governance_.code.length == 0) revert InvalidGovernance(governance_);
        governance = governance_;
    }

    /// @inheritdoc ICheckpointAnchor
    function anchor(bytes32 originHash, uint64 size, bytes32 logRoot) external {
        Head memory head = heads[originHash];
        if (head.operator == address(0)) revert UnknownLog(originHash);
        if (msg.sender != head.operator) revert NotOperator(originHash, msg.sender, head.operator);
        if (head.closed) revert LogIsClosed(originHash);
        if (size == 0) revert ZeroSize(originHash);
        if (logRoot == 0) revert ZeroRoot(originHash, size);
        if (size <= head.size) {
            bytes32 record = anchors[originHash][size];
            if (record != 0) revert AlreadyAnchored(originHash, size, record);
            revert SizeNotGrown(originHash, size, head.size);
        }
        heads[originHash].size = size;
        anchors[originHash][size] = keccak256(abi.encode(logRoot, uint64(block.number), uint64(block.timestamp)));
        emit Anchored(originHash, size, logRoot);
    }

    /// @inheritdoc ICheckpointAnchor
    function open(string calldata origin, address operator)
        external
        onlyGovernance
        returns (bytes32 originHash)
    {
        if (!Names.isValid(origin)) revert InvalidOrigin(origin);
        originHash = sha256(bytes(origin));
        if (operator == address(0)) revert InvalidOperator(originHash, operator);
        if (heads[originHash].operator != address(0)) revert LogAlreadyOpened(originHash);
        heads[originHash].operator = operator;
        emit LogOpened(originHash, origin, operator);
    }

    /// @inheritdoc ICheckpointAnchor
    function rotateOperator(bytes32 originHash, address newOperator) external onlyGovernance {
        Head storage head = _openHead(originHash);
        address previous = head.operator;
        if (newOperator == address(0) || newOperator == previous) revert InvalidOperator(originHash, newOperator);
        head.operator = newOperator;
        emit OperatorRotated(originHash, previous, newOperator);
    }

    /// @inheritdoc ICheckpointAnchor
    function close(bytes32 originHash, uint64 lastGoodSize, bytes32 successor) external onlyGovernance {
        Head storage head = _openHead(originHash);
        if (lastGoodSize != 0 && anchors[originHash][lastGoodSize] == 0) {
            revert SizeNotAnchored(originHash, lastGoodSize);
        }
        if (successor != 0) {
            Head storage next = heads[successor];
            if (successor == originHash || next.operator == address(0) || next.closed) {
                revert SuccessorNotOpen(originHash, successor);
            }
        }
        head.closed = true;
        closures[originHash] = Closure(successor, lastGoodSize, uint64(block.number));
        emit LogClosed(originHash, lastGoodSize, successor);
    }

    /// @inheritdoc ICheckpointAnchor
    function anchorOf(bytes32 originHash, uint64 size) external view returns (bytes32 record) {
        return anchors[originHash][size];
    }

    /// @inheritdoc ICheckpointAnchor
    function headOf(bytes32 originHash) external view returns (Head memory) {
        return heads[originHash];
    }

    /// @inheritdoc ICheckpointAnchor
    function closureOf(bytes32 originHash) external view returns (Closure memory) {
        return closures[originHash];
    }

    /// @dev Reverts unless the log was opened and not closed.
    function _openHead(bytes32 originHash) private view returns (Head storage head) {
        head = heads[originHash];
        if (head.operator == address(0)) revert UnknownLog(originHash);
        if (head.closed) revert LogIsClosed(originHash);
    }
}
