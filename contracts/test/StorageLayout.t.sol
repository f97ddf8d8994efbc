// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CheckpointAnchor} from "../CheckpointAnchor.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title Where everything lies: the slots that verifiers prove, against the values that were written
/// @dev The slots are worked out here by hand from the tables in the interfaces, and not by the compiler.
contract StorageLayoutTest is Corridor {
    uint256 private constant UINT48 = (1 << 48) - 1;
    uint256 private constant UINT64 = (1 << 64) - 1;

    function testFuzz_anchor(uint64 size, bytes32 root, uint64 blockNumber, uint64 time) public {
        vm.assume(size != 0 && root != 0);
        vm.roll(blockNumber);
        vm.warp(time);
        vm.prank(OPERATOR);
        checkpoints.anchor(LOG, size, root);
        bytes32 slot = _entry(bytes32(uint256(size)), _entry(LOG, 0));
        vm.assertEq(
            vm.load(address(checkpoints), slot),
            keccak256(bytes.concat(root, bytes32(uint256(blockNumber)), bytes32(uint256(time)))),
            "record"
        );
    }

    function testFuzz_head(address operator, uint64 size, bool closed) public {
        vm.assume(operator != address(0) && operator != OPERATOR && size != 0);
        _governAnchors(abi.encodeCall(checkpoints.rotateOperator, (LOG, operator)));
        vm.prank(operator);
        checkpoints.anchor(LOG, size, keccak256("a root"));
        if (closed) _governAnchors(abi.encodeCall(checkpoints.close, (LOG, size, 0)));
        uint256 expected = uint256(uint160(operator)) | (uint256(size) << 160) | (closed ? 1 << 224 : 0);
        vm.assertEq(uint256(vm.load(address(checkpoints), _entry(LOG, bytes32(uint256(1))))), expected, "head");
    }

    function testFuzz_closure(uint64 lastGoodSize, uint64 blockNumber, bool succeeded) public {
        bytes32 successor = 0;
        if (succeeded) {
            _governAnchors(abi.encodeCall(checkpoints.open, ("corridor.example/next", OPERATOR)));
            successor = sha256("corridor.example/next");
        }
        if (lastGoodSize != 0) {
            vm.prank(OPERATOR);
            checkpoints.anchor(LOG, lastGoodSize, keccak256("a root"));
        }
        vm.roll(blockNumber);
        _governAnchors(abi.encodeCall(checkpoints.close, (LOG, lastGoodSize, successor)));
        uint256 slot = uint256(_entry(LOG, bytes32(uint256(2))));
        vm.assertEq(vm.load(address(checkpoints), bytes32(slot)), successor, "successor");
        vm.assertEq(
            uint256(vm.load(address(checkpoints), bytes32(slot + 1))),
            uint256(lastGoodSize) | (uint256(blockNumber) << 64),
            "last good size and block"
        );
    }

    function testFuzz_organisation(address admin, uint256 from, uint256 ended) public {
        vm.assume(admin != address(0) && admin != address(registry) && registry.organisationOfAdmin(admin) == 0);
        from = _between(from, 1, UINT48);
        ended = _between(ended, from, UINT48);
        bytes32 organisation = sha256("https://grower.example");
        bytes32 slot = _entry(organisation, bytes32(uint256(1)));
        vm.roll(from);
        _govern(abi.encodeCall(registry.enrol, ("https://grower.example", admin)));
        uint256 expected = uint256(uint160(admin)) | (from << 160);
        vm.assertEq(uint256(vm.load(address(registry), slot)), expected, "enrolled");
        vm.roll(ended);
        _govern(abi.encodeCall(registry.endOrganisation, (organisation)));
        vm.assertEq(uint256(vm.load(address(registry), slot)), expected | (ended << 208), "ended");
    }

    function testFuzz_roleIntervals(bytes32 role, uint256 from, uint256 ended, uint8 again) public {
        vm.assume(role != 0 && role != GOVERNOR_ROLE && role != EXPORTER_ROLE);
        from = _between(from, 1, UINT64 - 255);
        ended = _between(ended, from, UINT64 - 255);
        bytes32 length = _entry(role, _entry(EXPORTER, bytes32(uint256(2))));
        uint256 first = uint256(keccak256(abi.encode(length)));
        vm.roll(from);
        _govern(abi.encodeCall(registry.beginRole, (EXPORTER, role)));
        vm.assertEq(uint256(vm.load(address(registry), bytes32(first))), from, "begun");
        vm.roll(ended);
        _govern(abi.encodeCall(registry.endRole, (EXPORTER, role)));
        vm.roll(ended + again);
        _govern(abi.encodeCall(registry.beginRole, (EXPORTER, role)));
        vm.assertEq(uint256(vm.load(address(registry), length)), 2, "length");
        vm.assertEq(uint256(vm.load(address(registry), bytes32(first))), from | (ended << 64), "ended");
        vm.assertEq(uint256(vm.load(address(registry), bytes32(first + 1))), ended + again, "begun again");
    }

    function testFuzz_key(uint8 use, uint256 from, uint256 ended, uint256 since) public {
        from = _between(from, 1, UINT64);
        ended = _between(ended, from, UINT64);
        since = _between(since, from, ended);
        bytes memory key = _coseKey(1, 77);
        vm.roll(from);
        vm.prank(EXPORTER_ADMIN);
        bytes32 thumbprint = registry.addKey(key, use);
        vm.roll(ended);
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, uint64(since));
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);

        uint256 slot = uint256(_entry(thumbprint, bytes32(uint256(3))));
        vm.assertEq(vm.load(address(registry), bytes32(slot)), EXPORTER, "organisation");
        vm.assertEq(
            uint256(vm.load(address(registry), bytes32(slot + 1))),
            from | (ended << 64) | (since << 128) | (uint256(use) << 192),
            "from, ended, suspect since, use"
        );
    }

    function testFuzz_neighboursInAPackedSlotKeepTheirValues(bytes32 dirt) public {
        // What lies above the packed values is nobody's; writing one of them may not touch it or another.
        bytes32 slot = _entry(LOG, bytes32(uint256(1)));
        bytes32 before = vm.load(address(checkpoints), slot);
        vm.store(address(checkpoints), slot, before | ((dirt >> 232) << 232));
        vm.prank(OPERATOR);
        checkpoints.anchor(LOG, type(uint64).max, keccak256("a root"));
        vm.assertEq(
            vm.load(address(checkpoints), slot),
            before | ((dirt >> 232) << 232) | bytes32(UINT64 << 160),
            "head"
        );
    }

    function test_governanceLiesInTheCodeAndNotInStorage() public {
        vm.assertEq(vm.load(address(checkpoints), bytes32(uint256(3))), 0, "slot 3");
        CheckpointAnchor another = new CheckpointAnchor(address(checkpoints));
        vm.assertNotEq(address(checkpoints).codehash, address(another).codehash, "code hash");
    }

    /// @dev The slot of a mapping's entry: the hash of the key and the mapping's slot, 32 bytes each.
    function _entry(bytes32 key, bytes32 slot) private pure returns (bytes32) {
        return keccak256(bytes.concat(key, slot));
    }
}
