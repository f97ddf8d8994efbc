// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title Signing keys: one organisation and one interval for ever
contract RegistryKeysTest is Corridor {
    function testFuzz_aKeyIsNamedByItsHash(uint256 seed, uint256 size, uint8 use) public {
        bytes memory key = _coseKey(seed, _between(size, 32, 4_096));
        bytes32 thumbprint = sha256(key);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeyAdded(EXPORTER, thumbprint, use, key);
        vm.prank(EXPORTER_ADMIN);
        vm.assertEq(registry.addKey(key, use), thumbprint, "thumbprint");

        IParticipantRegistry.KeyRecord memory record = registry.keyOf(thumbprint);
        vm.assertEq(record.organisation, EXPORTER, "organisation");
        vm.assertEq(record.from, 1_000, "from");
        vm.assertEq(record.ended, 0, "ended");
        vm.assertEq(record.suspectSince, 0, "suspect since");
        vm.assertEq(record.use, use, "use");
    }

    function test_keysOfTheFormatsPageAreTaken() public {
        // P-256 and Ed25519: RFC 9052 keys of their required members only.
        bytes memory p256 = bytes.concat(
            hex"a401022001215820", keccak256("x"), hex"225820", keccak256("y")
        );
        bytes memory ed25519 = bytes.concat(hex"a30101200621", hex"5820", keccak256("x"));
        vm.prank(EXPORTER_ADMIN);
        registry.addKey(p256, 1);
        vm.prank(EXPORTER_ADMIN);
        registry.addKey(ed25519, 1);
    }

    function testFuzz_aKeyOfAnotherSizeIsRefused(uint256 size, bool long) public {
        size = long ? _between(size, 4_097, 8_192) : _between(size, 0, 31);
        _addingFails(
            _coseKey(1, size), abi.encodeWithSelector(IParticipantRegistry.InvalidKeySize.selector, size)
        );
    }

    function testFuzz_aKeyThatIsNotAMapIsRefused(bytes1 first) public {
        vm.assume(first < 0xa1 || first > 0xb7);
        bytes memory key = _coseKey(1, 77);
        key[0] = first;
        _addingFails(key, abi.encodeWithSelector(IParticipantRegistry.InvalidKeyEncoding.selector, first));
    }

    function test_aKeyBelongsToOneOrganisationForEver() public {
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        bytes memory failure =
            abi.encodeWithSelector(IParticipantRegistry.KeyKnown.selector, thumbprint, EXPORTER);
        bytes memory key = _coseKey(1, 77);
        vm.expectRevert(failure);
        vm.prank(PORT_ADMIN);
        registry.addKey(key, 1);
        _addingFails(key, failure);
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);
        _addingFails(key, failure);
    }

    function testFuzz_onlyAnAdminAddsKeys(address caller) public {
        vm.assume(registry.organisationOfAdmin(caller) == 0);
        bytes memory key = _coseKey(1, 77);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NotAnAdmin.selector, caller));
        vm.prank(caller);
        registry.addKey(key, 1);
    }

    function testFuzz_aKeyEndsOnce(uint16 blocks) public {
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        // Zero blocks later too: the key was never good, and that is how it looks.
        uint64 ended = 1_000 + uint64(blocks);
        vm.roll(ended);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeyEnded(EXPORTER, thumbprint);
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);
        vm.assertEq(registry.keyOf(thumbprint).from, 1_000, "from");
        vm.assertEq(registry.keyOf(thumbprint).ended, ended, "ended");

        vm.roll(ended + 1);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.KeyHasEnded.selector, thumbprint, ended));
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);
    }

    function testFuzz_aSuspicionLiesInTheLifeOfTheKeySoFar(uint64 since) public {
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        vm.roll(2_000);
        since = uint64(_between(since, 1_000, 2_000));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.KeySuspected(EXPORTER, thumbprint, since);
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, since);
        vm.assertEq(registry.keyOf(thumbprint).suspectSince, since, "suspect since");
        vm.assertEq(registry.keyOf(thumbprint).ended, 0, "ended");
    }

    function testFuzz_aSuspicionOutsideIsRefused(uint64 since) public {
        vm.assume(since < 1_000 || since > 2_000);
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        vm.roll(2_000);
        _suspicionFails(thumbprint, since, 2_000);
    }

    function testFuzz_aSuspicionMovesEarlierOnly(uint64 first, uint64 second) public {
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        vm.roll(2_000);
        first = uint64(_between(first, 1_000, 2_000));
        second = uint64(_between(second, 1_000, 2_000));
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, first);
        vm.roll(3_000);
        if (second >= first) {
            _suspicionFails(thumbprint, second, first - 1);
        } else {
            vm.prank(EXPORTER_ADMIN);
            registry.suspectKey(thumbprint, second);
            vm.assertEq(registry.keyOf(thumbprint).suspectSince, second, "suspect since");
        }
    }

    function test_keysThatEndedAreSuspectedAndEndedByOrganisationsThatEnded() public {
        bytes32 ended = _addKey(EXPORTER_ADMIN, 1);
        bytes32 open = _addKey(EXPORTER_ADMIN, 2);
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(ended);
        vm.roll(1_100);
        _govern(abi.encodeCall(registry.endOrganisation, (EXPORTER)));
        vm.roll(1_200);
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(ended, 1_000);
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(open);
        vm.assertEq(registry.keyOf(ended).suspectSince, 1_000, "suspect since");
        vm.assertEq(registry.keyOf(open).ended, 1_200, "ended");
    }

    function test_onlyItsOrganisationEndsAndSuspectsAKey() public {
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        bytes memory failure = abi.encodeWithSelector(
            IParticipantRegistry.NotKeyOwner.selector, thumbprint, PORT, EXPORTER
        );
        vm.expectRevert(failure);
        vm.prank(PORT_ADMIN);
        registry.endKey(thumbprint);
        vm.expectRevert(failure);
        vm.prank(PORT_ADMIN);
        registry.suspectKey(thumbprint, 1_000);
        failure = abi.encodeWithSelector(IParticipantRegistry.NotAnAdmin.selector, STRANGER);
        vm.expectRevert(failure);
        vm.prank(STRANGER);
        registry.endKey(thumbprint);
        vm.expectRevert(failure);
        vm.prank(STRANGER);
        registry.suspectKey(thumbprint, 1_000);
    }

    function testFuzz_anUnknownKeyIsRefused(bytes32 thumbprint) public {
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.UnknownKey.selector, thumbprint);
        vm.expectRevert(failure);
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);
        vm.expectRevert(failure);
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, 1_000);
    }

    function _addingFails(bytes memory key, bytes memory failure) private {
        vm.expectRevert(failure);
        vm.prank(EXPORTER_ADMIN);
        registry.addKey(key, 1);
    }

    function _suspicionFails(bytes32 thumbprint, uint64 since, uint64 latest) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.InvalidSuspicion.selector, thumbprint, since, 1_000, latest
            )
        );
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, since);
    }
}
