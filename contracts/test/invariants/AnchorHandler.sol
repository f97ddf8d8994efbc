// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CheckpointAnchor} from "../../CheckpointAnchor.sol";
import {Actors} from "./Actors.sol";

/// @title Operators, governance and strangers on a few logs at once
contract AnchorHandler is Actors {
    struct Log {
        bool opened;
        address operator;
        bool closed;
        uint64 lastGoodSize;
        uint64 closedAt;
        bytes32 successor;
        uint64[] sizes;
        bytes32[] records;
    }

    uint256 public constant LOGS = 6;
    uint256 private constant ACCOUNTS = 4;

    CheckpointAnchor private immutable checkpoints;
    address private immutable governance;

    mapping(bytes32 originHash => Log) private logs;

    constructor(CheckpointAnchor checkpoints_) {
        checkpoints = checkpoints_;
        governance = checkpoints_.governance();
        for (uint256 i = 0; i < LOGS / 2; ++i) {
            open(i, i, 1);
        }
    }

    /// @notice Mostly the operator and mostly a size that has grown; at times anything else.
    function anchor(uint256 log, uint256 account, uint64 size, bytes32 root, uint256 way) external inTime {
        bytes32 name = nameOf(log);
        Log storage model = logs[name];
        address sender = _oneIn(10, way, "another sender") || !model.opened ? _account(account) : model.operator;
        size = _size(model, size, way);
        if (_oneIn(24, way, "no root")) root = 0;
        bool passes = model.opened && !model.closed && sender == model.operator && root != 0 && size > _head(model);
        _predicted(
            sender, address(checkpoints), abi.encodeCall(checkpoints.anchor, (name, size, root)), passes, "anchor"
        );
        if (!passes) return;
        model.sizes.push(size);
        model.records.push(keccak256(abi.encode(root, blockNumber, time)));
    }

    /// @notice A log that is open is opened again at times only.
    function open(uint256 log, uint256 account, uint256 way) public inTime {
        bytes32 name = nameOf(log);
        Log storage model = logs[name];
        if (model.opened && !_oneIn(8, way, "open again")) return;
        address operator = _oneIn(12, way, "no operator") ? address(0) : _account(account);
        bool passes = _governed(
            way,
            abi.encodeCall(checkpoints.open, (_origin(log), operator)),
            !model.opened && operator != address(0),
            "open"
        );
        if (!passes) return;
        model.opened = true;
        model.operator = operator;
    }

    /// @notice To any operator, the present one among them.
    function rotate(uint256 log, uint256 account, uint256 way) external inTime {
        bytes32 name = nameOf(log);
        Log storage model = logs[name];
        address operator = _account(account);
        bool passes = _governed(
            way,
            abi.encodeCall(checkpoints.rotateOperator, (name, operator)),
            model.opened && !model.closed && operator != model.operator,
            "rotate"
        );
        if (passes) model.operator = operator;
    }

    /// @notice Seldom, or there would soon be nothing left to anchor.
    function close(uint256 log, uint256 size, uint256 next, uint256 way) external inTime {
        if (!_oneIn(16, way, "close at all")) return;
        bytes32 name = nameOf(log);
        Log storage model = logs[name];
        uint64 lastGoodSize = _oneIn(4, way, "any last good size") ? uint64(size) : _known(model, size);
        bytes32 successor = _oneIn(3, way, "no successor") ? bytes32(0) : nameOf(next);
        bool sound = lastGoodSize == 0 || _isKnown(model, lastGoodSize);
        bool follows = successor == 0 || (successor != name && logs[successor].opened && !logs[successor].closed);
        bool passes = _governed(
            way,
            abi.encodeCall(checkpoints.close, (name, lastGoodSize, successor)),
            model.opened && !model.closed && sound && follows,
            "close"
        );
        if (!passes) return;
        model.closed = true;
        model.lastGoodSize = lastGoodSize;
        model.closedAt = uint64(blockNumber);
        model.successor = successor;
    }

    /// @notice What the model knows of a log.
    function logOf(bytes32 name) external view returns (Log memory) {
        return logs[name];
    }

    /// @notice The origin hash of one of the logs.
    function nameOf(uint256 log) public pure returns (bytes32) {
        return sha256(bytes(_origin(log)));
    }

    /// @dev Now and then a stranger or an operator tries what only governance may.
    function _governed(uint256 way, bytes memory data, bool allowed, string memory what)
        private
        returns (bool passes)
    {
        address sender = _oneIn(8, way, "not governance") ? _account(way) : governance;
        passes = allowed && sender == governance;
        _predicted(sender, address(checkpoints), data, passes, what);
    }

    function _size(Log storage model, uint64 size, uint256 way) private view returns (uint64) {
        if (_oneIn(12, way, "a known size")) return _known(model, size);
        if (_oneIn(16, way, "a smaller size")) return uint64(_between(size, 0, _head(model)));
        return uint64(_between(size, 1, 10_000)) + _head(model);
    }

    function _known(Log storage model, uint256 seed) private view returns (uint64) {
        return model.sizes.length == 0 ? 0 : model.sizes[seed % model.sizes.length];
    }

    function _isKnown(Log storage model, uint64 size) private view returns (bool) {
        for (uint256 i = 0; i < model.sizes.length; ++i) {
            if (model.sizes[i] == size) return true;
        }
        return false;
    }

    function _head(Log storage model) private view returns (uint64) {
        return model.sizes.length == 0 ? 0 : model.sizes[model.sizes.length - 1];
    }

    function _origin(uint256 log) private pure returns (string memory) {
        return string.concat("corridor.example/", vm.toString(log % LOGS));
    }

    function _account(uint256 seed) private pure returns (address) {
        return address(uint160(0xB00 + seed % ACCOUNTS));
    }
}
