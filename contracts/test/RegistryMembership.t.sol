// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title Organisations and roles: intervals that get a beginning and an end
contract RegistryMembershipTest is Corridor {
    string private constant GROWER_URI = "https://grower.example";
    bytes32 private immutable GROWER = sha256(bytes(GROWER_URI));

    function test_enrolmentIsAnnounced() public {
        bytes32 proposal = _propose(address(registry), abi.encodeCall(registry.enrol, (GROWER_URI, STRANGER)));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrganisationEnrolled(GROWER, GROWER_URI, STRANGER);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        vm.assertEq(registry.roleIntervalsOf(GROWER, EXPORTER_ROLE).length, 0, "a role came with it");
        vm.assertFalse(registry.hasRole(GOVERNOR_ROLE, STRANGER), "governor");
    }

    function test_aUriIsEnrolledOnceForEver() public {
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.OrganisationKnown.selector, EXPORTER);
        bytes memory again = abi.encodeCall(registry.enrol, (EXPORTER_URI, STRANGER));
        _governFails(again, failure);
        _govern(abi.encodeCall(registry.endOrganisation, (EXPORTER)));
        _governFails(again, failure);
    }

    function test_anAdminSpeaksForOneOrganisation() public {
        bytes memory call = abi.encodeCall(registry.enrol, (GROWER_URI, EXPORTER_ADMIN));
        bytes memory failure =
            abi.encodeWithSelector(IParticipantRegistry.AdminTaken.selector, EXPORTER_ADMIN, EXPORTER);
        _governFails(call, failure);
        // Also when that one has ended: it may still have to say that a key was stolen.
        _govern(abi.encodeCall(registry.endOrganisation, (EXPORTER)));
        _governFails(call, failure);
    }

    function test_anAdminIsAnAccountOfItsOwn() public {
        address[2] memory admins = [address(0), address(registry)];
        for (uint256 i = 0; i < admins.length; ++i) {
            _governFails(
                abi.encodeCall(registry.enrol, (GROWER_URI, admins[i])),
                abi.encodeWithSelector(IParticipantRegistry.InvalidAdmin.selector, admins[i])
            );
        }
    }

    function testFuzz_urisAreVisibleAscii(bytes memory uri) public {
        bool valid = uri.length > 0 && uri.length <= 200;
        for (uint256 i = 0; i < uri.length; ++i) {
            valid = valid && uint8(uri[i]) > 0x20 && uint8(uri[i]) < 0x7f;
        }
        bytes memory call = abi.encodeCall(registry.enrol, (string(uri), STRANGER));
        if (valid) _govern(call);
        else _governFails(call, abi.encodeWithSelector(IParticipantRegistry.InvalidUri.selector, string(uri)));
    }

    function testFuzz_everyVisibleCharacterIsGoodAndNoOther(bytes1 character) public {
        bytes memory uri = bytes.concat("urn:x:", character);
        bytes memory call = abi.encodeCall(registry.enrol, (string(uri), STRANGER));
        if (character >= "!" && character <= "~") _govern(call);
        else _governFails(call, abi.encodeWithSelector(IParticipantRegistry.InvalidUri.selector, string(uri)));
    }

    function test_anEndedOrganisationGetsNothingMore() public {
        _addKey(EXPORTER_ADMIN, 1);
        vm.roll(2_000);
        bytes32 proposal =
            _propose(address(registry), abi.encodeCall(registry.endOrganisation, (EXPORTER)));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.OrganisationEnded(EXPORTER);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        vm.assertEq(registry.organisationOf(EXPORTER).ended, 2_000, "ended");
        vm.assertEq(registry.organisationOf(EXPORTER).admin, EXPORTER_ADMIN, "admin");

        bytes memory failure =
            abi.encodeWithSelector(IParticipantRegistry.OrganisationHasEnded.selector, EXPORTER, 2_000);
        _governFails(abi.encodeCall(registry.endOrganisation, (EXPORTER)), failure);
        _governFails(abi.encodeCall(registry.beginRole, (EXPORTER, keccak256("carrier"))), failure);
        _governFails(abi.encodeCall(registry.endRole, (EXPORTER, EXPORTER_ROLE)), failure);
        _governFails(abi.encodeCall(registry.scheduleRecovery, (EXPORTER, STRANGER)), failure);
        vm.expectRevert(failure);
        vm.prank(EXPORTER_ADMIN);
        registry.changeAdmin(STRANGER);
        bytes memory key = _coseKey(2, 77);
        vm.expectRevert(failure);
        vm.prank(EXPORTER_ADMIN);
        registry.addKey(key, 1);
    }

    function test_endingAnOrganisationTouchesNoOtherInterval() public {
        bytes32 thumbprint = _addKey(EXPORTER_ADMIN, 1);
        _govern(abi.encodeCall(registry.endOrganisation, (EXPORTER)));
        vm.assertEq(registry.keyOf(thumbprint).ended, 0, "key");
        vm.assertEq(registry.roleIntervalsOf(EXPORTER, EXPORTER_ROLE)[0].ended, 0, "role");
    }

    function test_unknownOrganisationsAreRefused() public {
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.UnknownOrganisation.selector, GROWER);
        _governFails(abi.encodeCall(registry.endOrganisation, (GROWER)), failure);
        _governFails(abi.encodeCall(registry.beginRole, (GROWER, EXPORTER_ROLE)), failure);
        _governFails(abi.encodeCall(registry.endRole, (GROWER, EXPORTER_ROLE)), failure);
        _governFails(abi.encodeCall(registry.scheduleRecovery, (GROWER, STRANGER)), failure);
    }

    function test_rolesBeginAndEndAsOftenAsNeeded() public {
        vm.roll(1_010);
        _endRole(EXPORTER, EXPORTER_ROLE, 0);
        // In the same block: an interval may begin where another ended.
        _beginRole(EXPORTER, EXPORTER_ROLE, 1);
        _endRole(EXPORTER, EXPORTER_ROLE, 1);
        vm.roll(1_020);
        _beginRole(EXPORTER, EXPORTER_ROLE, 2);

        IParticipantRegistry.Interval[] memory intervals = registry.roleIntervalsOf(EXPORTER, EXPORTER_ROLE);
        vm.assertEq(intervals.length, 3, "intervals");
        _assertInterval(intervals[0], 1_000, 1_010);
        _assertInterval(intervals[1], 1_010, 1_010);
        _assertInterval(intervals[2], 1_020, 0);
    }

    function test_aRoleBeginsWhenItIsNotOpenAndEndsWhenItIs() public {
        _governFails(
            abi.encodeCall(registry.beginRole, (EXPORTER, EXPORTER_ROLE)),
            abi.encodeWithSelector(IParticipantRegistry.RoleIsOpen.selector, EXPORTER, EXPORTER_ROLE)
        );
        bytes memory failure =
            abi.encodeWithSelector(IParticipantRegistry.RoleNotOpen.selector, PORT, EXPORTER_ROLE);
        _governFails(abi.encodeCall(registry.endRole, (PORT, EXPORTER_ROLE)), failure);
        _beginRole(PORT, EXPORTER_ROLE, 0);
        _endRole(PORT, EXPORTER_ROLE, 0);
        _governFails(abi.encodeCall(registry.endRole, (PORT, EXPORTER_ROLE)), failure);
    }

    function test_theZeroRoleIsNobodys() public {
        _governFails(
            abi.encodeCall(registry.beginRole, (EXPORTER, bytes32(0))),
            abi.encodeWithSelector(IParticipantRegistry.InvalidRole.selector, bytes32(0))
        );
    }

    function test_governorsComeAndGo() public {
        _beginRole(EXPORTER, GOVERNOR_ROLE, 0);
        vm.assertEq(registry.governorCount(), 4, "governors");
        vm.assertTrue(registry.hasRole(GOVERNOR_ROLE, EXPORTER_ADMIN), "exporter governs");
        _endRole(EXPORTER, GOVERNOR_ROLE, 0);
        vm.assertEq(registry.governorCount(), 3, "governors");
        vm.assertFalse(registry.hasRole(GOVERNOR_ROLE, EXPORTER_ADMIN), "exporter still governs");
    }

    function test_anOrganisationThatEndsGovernsNoLonger() public {
        vm.roll(2_000);
        _govern(abi.encodeCall(registry.endOrganisation, (CARRIER)));
        vm.assertEq(registry.governorCount(), 2, "governors");
        vm.assertFalse(registry.hasRole(GOVERNOR_ROLE, CARRIER_ADMIN), "carrier still governs");
        _assertInterval(registry.roleIntervalsOf(CARRIER, GOVERNOR_ROLE)[0], 1_000, 2_000);
    }

    function test_twoGovernorsAlwaysRemain() public {
        _govern(abi.encodeCall(registry.endRole, (CARRIER, GOVERNOR_ROLE)));
        bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.TooFewGovernors.selector, 1, 2);
        _governFails(abi.encodeCall(registry.endRole, (PORT, GOVERNOR_ROLE)), failure);
        _governFails(abi.encodeCall(registry.endRole, (CUSTOMS, GOVERNOR_ROLE)), failure);
        _governFails(abi.encodeCall(registry.endOrganisation, (PORT)), failure);
        vm.assertEq(registry.organisationOf(PORT).ended, 0, "ended");
    }

    function _beginRole(bytes32 organisation, bytes32 role, uint256 index) private {
        bytes32 proposal =
            _propose(address(registry), abi.encodeCall(registry.beginRole, (organisation, role)));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.RoleBegan(organisation, role, index);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
    }

    function _endRole(bytes32 organisation, bytes32 role, uint256 index) private {
        bytes32 proposal = _propose(address(registry), abi.encodeCall(registry.endRole, (organisation, role)));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.RoleEnded(organisation, role, index);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
    }

    function _assertInterval(IParticipantRegistry.Interval memory interval, uint64 from, uint64 ended)
        private
        pure
    {
        vm.assertEq(interval.from, from, "from");
        vm.assertEq(interval.ended, ended, "ended");
    }
}
