// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantRegistry} from "../ParticipantRegistry.sol";
import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title How a registry begins: with two governors or more, and administered by itself
contract RegistryFoundingTest is Corridor {
    function test_foundersAreEnrolledAsGovernors() public view {
        vm.assertEq(registry.governorCount(), 3, "governors");
        _assertGovernor(PORT, PORT_ADMIN);
        _assertGovernor(CUSTOMS, CUSTOMS_ADMIN);
        _assertGovernor(CARRIER, CARRIER_ADMIN);
    }

    function test_rolesAreNamedByTheHashOfTheirNames() public view {
        vm.assertEq(registry.GOVERNOR_ROLE(), keccak256(bytes("governor")), "governor");
    }

    function testFuzz_onlyTheRegistryAdministersItself(address account) public view {
        vm.assume(account != address(registry));
        vm.assertFalse(registry.hasRole(0, account), "another account administers the registry");
        vm.assertTrue(registry.hasRole(0, address(registry)), "the registry does not administer itself");
    }

    function test_oneFounderIsTooFew() public {
        IParticipantRegistry.Founder[] memory founders = new IParticipantRegistry.Founder[](0);
        _foundingFails(founders, abi.encodeWithSelector(IParticipantRegistry.TooFewGovernors.selector, 0, 2));
        founders = new IParticipantRegistry.Founder[](1);
        founders[0] = _founders()[0];
        _foundingFails(founders, abi.encodeWithSelector(IParticipantRegistry.TooFewGovernors.selector, 1, 2));
    }

    function test_foundersAreDifferentOrganisations() public {
        IParticipantRegistry.Founder[] memory founders = _founders();
        founders[2].uri = PORT_URI;
        _foundingFails(founders, abi.encodeWithSelector(IParticipantRegistry.OrganisationKnown.selector, PORT));
    }

    function test_foundersHaveDifferentAdmins() public {
        IParticipantRegistry.Founder[] memory founders = _founders();
        founders[2].admin = PORT_ADMIN;
        _foundingFails(
            founders, abi.encodeWithSelector(IParticipantRegistry.AdminTaken.selector, PORT_ADMIN, PORT)
        );
    }

    function test_foundersHaveAdminsAndNames() public {
        IParticipantRegistry.Founder[] memory founders = _founders();
        founders[1].admin = address(0);
        _foundingFails(founders, abi.encodeWithSelector(IParticipantRegistry.InvalidAdmin.selector, address(0)));
        founders = _founders();
        founders[1].uri = "";
        _foundingFails(founders, abi.encodeWithSelector(IParticipantRegistry.InvalidUri.selector, ""));
    }

    function _assertGovernor(bytes32 organisation, address admin) private view {
        IParticipantRegistry.Organisation memory record = registry.organisationOf(organisation);
        vm.assertEq(record.admin, admin, "admin");
        vm.assertEq(record.from, 1_000, "from");
        vm.assertEq(record.ended, 0, "ended");
        vm.assertEq(registry.organisationOfAdmin(admin), organisation, "organisation of the admin");
        vm.assertTrue(registry.hasRole(GOVERNOR_ROLE, admin), "governor");
        vm.assertEq(registry.roleIntervalsOf(organisation, GOVERNOR_ROLE).length, 1, "governor intervals");
    }

    function _foundingFails(IParticipantRegistry.Founder[] memory founders, bytes memory failure) private {
        vm.expectRevert(failure);
        new ParticipantRegistry(founders);
    }
}
