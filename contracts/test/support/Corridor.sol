// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CheckpointAnchor} from "../../CheckpointAnchor.sol";
import {ParticipantRegistry} from "../../ParticipantRegistry.sol";
import {IParticipantRegistry} from "../../interfaces/IParticipantRegistry.sol";
import {TestBase} from "./TestBase.sol";

/// @title A corridor as the tests find it: three governors, one exporter, one log
abstract contract Corridor is TestBase {
    string internal constant PORT_URI = "https://port.example";
    string internal constant CUSTOMS_URI = "https://customs.example";
    string internal constant CARRIER_URI = "https://carrier.example";
    string internal constant EXPORTER_URI = "https://exporter.example";
    string internal constant ORIGIN = "corridor.example/log";

    // Immutable and not constant: a constant is worked out where it is used, and the call of the SHA-256 precompile
    // would take the sender that a test has set for the call after it.
    bytes32 internal immutable PORT = sha256(bytes(PORT_URI));
    bytes32 internal immutable CUSTOMS = sha256(bytes(CUSTOMS_URI));
    bytes32 internal immutable CARRIER = sha256(bytes(CARRIER_URI));
    bytes32 internal immutable EXPORTER = sha256(bytes(EXPORTER_URI));
    bytes32 internal immutable LOG = sha256(bytes(ORIGIN));

    bytes32 internal constant GOVERNOR_ROLE = keccak256("governor");
    bytes32 internal constant EXPORTER_ROLE = keccak256("exporter");

    address internal constant PORT_ADMIN = address(0xA1);
    address internal constant CUSTOMS_ADMIN = address(0xA2);
    address internal constant CARRIER_ADMIN = address(0xA3);
    address internal constant EXPORTER_ADMIN = address(0xA4);
    address internal constant OPERATOR = address(0xB1);
    address internal constant STRANGER = address(0xC1);

    ParticipantRegistry internal registry;
    CheckpointAnchor internal checkpoints;

    function setUp() public virtual {
        // Far from the edges, so that tests can look back.
        vm.roll(1_000);
        vm.warp(1_700_000_000);
        registry = new ParticipantRegistry(_founders());
        checkpoints = new CheckpointAnchor(address(registry));
        _govern(abi.encodeCall(registry.enrol, (EXPORTER_URI, EXPORTER_ADMIN)));
        _govern(abi.encodeCall(registry.beginRole, (EXPORTER, EXPORTER_ROLE)));
        _governAnchors(abi.encodeCall(checkpoints.open, (ORIGIN, OPERATOR)));
    }

    function _founders() internal pure returns (IParticipantRegistry.Founder[] memory founders) {
        founders = new IParticipantRegistry.Founder[](3);
        founders[0] = IParticipantRegistry.Founder(PORT_URI, PORT_ADMIN);
        founders[1] = IParticipantRegistry.Founder(CUSTOMS_URI, CUSTOMS_ADMIN);
        founders[2] = IParticipantRegistry.Founder(CARRIER_URI, CARRIER_ADMIN);
    }

    /// @dev The port proposes a call on the registry, customs approves it.
    function _govern(bytes memory data) internal {
        _govern(address(registry), data, "");
    }

    /// @dev The same, where the approval is expected to fail with `failure`.
    function _governFails(bytes memory data, bytes memory failure) internal {
        _govern(address(registry), data, failure);
    }

    function _governAnchors(bytes memory data) internal {
        _govern(address(checkpoints), data, "");
    }

    function _governAnchorsFails(bytes memory data, bytes memory failure) internal {
        _govern(address(checkpoints), data, failure);
    }

    function _propose(address target, bytes memory data) internal returns (bytes32 proposal) {
        vm.prank(PORT_ADMIN);
        return registry.propose(target, data);
    }

    function _govern(address target, bytes memory data, bytes memory failure) private {
        bytes32 proposal = _propose(target, data);
        if (failure.length != 0) vm.expectRevert(failure);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
    }

    /// @dev A COSE key of `size` bytes, another one for every `seed`; its content is of no account here.
    function _coseKey(uint256 seed, uint256 size) internal pure returns (bytes memory key) {
        key = new bytes(size);
        bytes32 filling = keccak256(abi.encode(seed));
        for (uint256 i = 0; i < size && i < 32; ++i) {
            key[i] = filling[i];
        }
        if (size != 0) key[0] = 0xa4;
    }

    function _addKey(address admin, uint256 seed) internal returns (bytes32 thumbprint) {
        bytes memory key = _coseKey(seed, 77);
        vm.prank(admin);
        return registry.addKey(key, 1);
    }
}
