// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title Authority at a block: key, organisation and role, each good at it
contract RegistryAuthorityTest is Corridor {
    bytes32 private thumbprint;

    function setUp() public override {
        super.setUp();
        vm.roll(1_010);
        thumbprint = _addKey(EXPORTER_ADMIN, 1);
    }

    function test_authorityBeginsWithTheLastOfTheThree() public {
        vm.roll(1_020);
        vm.assertFalse(_mayUse(1_009), "before the key");
        vm.assertTrue(_mayUse(1_010), "with the key");
        vm.assertTrue(_mayUse(1_020), "now");
        _govern(abi.encodeCall(registry.beginRole, (EXPORTER, keccak256("carrier"))));
        vm.roll(1_030);
        vm.assertFalse(registry.mayUse(thumbprint, keccak256("carrier"), 1_019), "before the role");
        vm.assertTrue(registry.mayUse(thumbprint, keccak256("carrier"), 1_020), "with the role");
    }

    function test_authorityEndsWithTheFirstOfTheThree() public {
        vm.roll(1_040);
        _govern(abi.encodeCall(registry.endOrganisation, (EXPORTER)));
        vm.assertTrue(_mayUse(1_039), "before the end");
        vm.assertFalse(_mayUse(1_040), "a tie in one block counts as ended");
        vm.roll(1_050);
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);
        vm.assertTrue(_mayUse(1_039), "ending later changes nothing of what was");
        vm.assertFalse(_mayUse(1_045), "after the organisation, before the end of the key");
    }

    function test_aBlockThatIsNotThereYetHasNoAuthority() public view {
        vm.assertTrue(_mayUse(1_010), "the present block");
        vm.assertFalse(_mayUse(1_011), "the next block");
        vm.assertFalse(_mayUse(type(uint64).max), "a block far away");
    }

    function test_suspicionIsNotAnEnd() public {
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, 1_010);
        vm.assertTrue(_mayUse(1_010), "suspected");
    }

    function testFuzz_unknownKeysAndRolesHaveNoAuthority(bytes32 other, uint64 blockNumber) public view {
        vm.assume(other != thumbprint && other != EXPORTER_ROLE);
        vm.assertFalse(registry.mayUse(other, EXPORTER_ROLE, blockNumber), "another key");
        vm.assertFalse(registry.mayUse(thumbprint, other, blockNumber), "another role");
    }

    /// @dev The slow and obvious way: write down for every block what was good in its last moment, then compare.
    function testFuzz_authorityIsWhatWasTrueAtTheEndOfTheBlock(uint8[24] memory acts) public {
        bool[25] memory good;
        bool role = true;
        bool key = true;
        bool organisation = true;
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.roll(1_011 + i);
            // Two acts in one block now and then.
            for (uint256 turn = 0; turn <= acts[i] % 2; ++turn) {
                uint256 act = (acts[i] / 2 + turn) % 16;
                if (act < 6 && organisation) {
                    _govern(
                        role
                            ? abi.encodeCall(registry.endRole, (EXPORTER, EXPORTER_ROLE))
                            : abi.encodeCall(registry.beginRole, (EXPORTER, EXPORTER_ROLE))
                    );
                    role = !role;
                } else if (act == 6 && key) {
                    vm.prank(EXPORTER_ADMIN);
                    registry.endKey(thumbprint);
                    key = false;
                } else if (act == 7 && organisation) {
                    _govern(abi.encodeCall(registry.endOrganisation, (EXPORTER)));
                    organisation = false;
                }
            }
            good[i] = role && key && organisation;
        }
        for (uint256 i = 0; i < acts.length; ++i) {
            vm.assertEq(_mayUse(uint64(1_011 + i)), good[i], "authority");
        }
    }

    function _mayUse(uint64 blockNumber) private view returns (bool) {
        return registry.mayUse(thumbprint, EXPORTER_ROLE, blockNumber);
    }
}
