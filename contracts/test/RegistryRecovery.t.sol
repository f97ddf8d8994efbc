// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title The account that speaks for an organisation: handed over, or recovered after a delay
contract RegistryRecoveryTest is Corridor {
    address private constant NEW_ADMIN = address(0xD1);
    uint64 private constant SCHEDULED = 1_700_000_000;
    uint64 private constant DUE = SCHEDULED + 2 days;

    function test_theDelayIsTwoDays() public view {
        vm.assertEq(registry.RECOVERY_DELAY(), 172_800, "seconds");
    }

    function testFuzz_anAdminHandsItsOrganisationOver(address newAdmin) public {
        vm.assume(newAdmin != address(0) && registry.organisationOfAdmin(newAdmin) == 0);
        vm.assume(newAdmin != address(registry));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.AdminChanged(EXPORTER, EXPORTER_ADMIN, newAdmin);
        vm.prank(EXPORTER_ADMIN);
        registry.changeAdmin(newAdmin);
        _assertAdmin(EXPORTER, EXPORTER_ADMIN, newAdmin);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NotAnAdmin.selector, EXPORTER_ADMIN));
        vm.prank(EXPORTER_ADMIN);
        registry.changeAdmin(EXPORTER_ADMIN);
    }

    function test_aGovernorHandsItsRoleOverWithIt() public {
        vm.prank(CARRIER_ADMIN);
        registry.changeAdmin(NEW_ADMIN);
        vm.assertTrue(registry.hasRole(GOVERNOR_ROLE, NEW_ADMIN), "the new admin governs");
        vm.assertFalse(registry.hasRole(GOVERNOR_ROLE, CARRIER_ADMIN), "the previous admin governs still");
        vm.assertEq(registry.governorCount(), 3, "governors");
        vm.assertEq(registry.roleIntervalsOf(CARRIER, GOVERNOR_ROLE).length, 1, "governor intervals");
    }

    function test_anAdminThatIsTakenIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.AdminTaken.selector, PORT_ADMIN, PORT));
        vm.prank(EXPORTER_ADMIN);
        registry.changeAdmin(PORT_ADMIN);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.AdminTaken.selector, EXPORTER_ADMIN, EXPORTER)
        );
        vm.prank(EXPORTER_ADMIN);
        registry.changeAdmin(EXPORTER_ADMIN);
        _governFails(
            abi.encodeCall(registry.scheduleRecovery, (EXPORTER, PORT_ADMIN)),
            abi.encodeWithSelector(IParticipantRegistry.AdminTaken.selector, PORT_ADMIN, PORT)
        );
    }

    function test_anAdminIsAnAccountOfItsOwn() public {
        address[2] memory admins = [address(0), address(registry)];
        for (uint256 i = 0; i < admins.length; ++i) {
            bytes memory failure = abi.encodeWithSelector(IParticipantRegistry.InvalidAdmin.selector, admins[i]);
            vm.expectRevert(failure);
            vm.prank(EXPORTER_ADMIN);
            registry.changeAdmin(admins[i]);
            _governFails(abi.encodeCall(registry.scheduleRecovery, (EXPORTER, admins[i])), failure);
        }
    }

    function test_anAdminThatWasReplacedMaySpeakForAnotherOrganisation() public {
        vm.prank(EXPORTER_ADMIN);
        registry.changeAdmin(NEW_ADMIN);
        _govern(abi.encodeCall(registry.enrol, ("https://grower.example", EXPORTER_ADMIN)));
        vm.assertEq(
            registry.organisationOfAdmin(EXPORTER_ADMIN), sha256("https://grower.example"), "organisation"
        );
    }

    function test_aRecoveryIsAnnouncedAndChangesNothingYet() public {
        bytes32 proposal =
            _propose(address(registry), abi.encodeCall(registry.scheduleRecovery, (CARRIER, NEW_ADMIN)));
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.RecoveryScheduled(CARRIER, NEW_ADMIN, DUE);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        IParticipantRegistry.Recovery memory recovery = registry.recoveryOf(CARRIER);
        vm.assertEq(recovery.newAdmin, NEW_ADMIN, "new admin");
        vm.assertEq(recovery.notBefore, DUE, "not before");
        vm.assertEq(registry.organisationOf(CARRIER).admin, CARRIER_ADMIN, "admin");
        vm.assertEq(registry.organisationOfAdmin(NEW_ADMIN), 0, "organisation of the new admin");
    }

    function testFuzz_aRecoveryIsCompletedWhenItsDelayIsOverAndNotBefore(uint64 time, address caller) public {
        _schedule(NEW_ADMIN);
        uint64[2] memory early = [uint64(_between(time, SCHEDULED, DUE - 1)), DUE - 1];
        for (uint256 i = 0; i < early.length; ++i) {
            vm.warp(early[i]);
            _completionFails(
                abi.encodeWithSelector(IParticipantRegistry.RecoveryTooEarly.selector, CARRIER, early[i], DUE)
            );
        }
        vm.warp(DUE);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.AdminChanged(CARRIER, CARRIER_ADMIN, NEW_ADMIN);
        vm.prank(caller);
        registry.completeRecovery(CARRIER);
        _assertAdmin(CARRIER, CARRIER_ADMIN, NEW_ADMIN);
        vm.assertTrue(registry.hasRole(GOVERNOR_ROLE, NEW_ADMIN), "the new admin governs");
        vm.assertFalse(registry.hasRole(GOVERNOR_ROLE, CARRIER_ADMIN), "the previous admin governs still");
        _completionFails(abi.encodeWithSelector(IParticipantRegistry.NoRecovery.selector, CARRIER));
    }

    function test_thePresentAdminVetoes() public {
        _schedule(NEW_ADMIN);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.RecoveryVetoed(CARRIER, NEW_ADMIN);
        vm.prank(CARRIER_ADMIN);
        registry.vetoRecovery();
        vm.warp(DUE);
        _completionFails(abi.encodeWithSelector(IParticipantRegistry.NoRecovery.selector, CARRIER));
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NoRecovery.selector, CARRIER));
        vm.prank(CARRIER_ADMIN);
        registry.vetoRecovery();
    }

    function test_nobodyElseVetoes() public {
        _schedule(NEW_ADMIN);
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NotAnAdmin.selector, STRANGER));
        vm.prank(STRANGER);
        registry.vetoRecovery();
        vm.expectRevert(abi.encodeWithSelector(IParticipantRegistry.NoRecovery.selector, PORT));
        vm.prank(PORT_ADMIN);
        registry.vetoRecovery();
        vm.assertEq(registry.recoveryOf(CARRIER).newAdmin, NEW_ADMIN, "new admin");
    }

    function test_anAdminThatHandsOverWasNotLost() public {
        _schedule(NEW_ADMIN);
        vm.expectEmit(address(registry));
        emit IParticipantRegistry.RecoveryVetoed(CARRIER, NEW_ADMIN);
        vm.prank(CARRIER_ADMIN);
        registry.changeAdmin(NEW_ADMIN);
        vm.assertEq(registry.organisationOf(CARRIER).admin, NEW_ADMIN, "admin");
        vm.assertEq(registry.recoveryOf(CARRIER).newAdmin, address(0), "recovery");
    }

    function test_aSecondRecoveryTakesThePlaceOfTheFirstAndWaitsAnew() public {
        _schedule(NEW_ADMIN);
        vm.warp(DUE - 1);
        _schedule(STRANGER);
        vm.warp(DUE);
        _completionFails(
            abi.encodeWithSelector(
                IParticipantRegistry.RecoveryTooEarly.selector, CARRIER, DUE, DUE - 1 + 2 days
            )
        );
        vm.warp(DUE - 1 + 2 days);
        registry.completeRecovery(CARRIER);
        _assertAdmin(CARRIER, CARRIER_ADMIN, STRANGER);
    }

    function test_aNewAdminThatIsTakenMeanwhileIsRefusedAtTheEnd() public {
        _schedule(NEW_ADMIN);
        _govern(abi.encodeCall(registry.enrol, ("https://grower.example", NEW_ADMIN)));
        vm.warp(DUE);
        _completionFails(
            abi.encodeWithSelector(
                IParticipantRegistry.AdminTaken.selector, NEW_ADMIN, sha256("https://grower.example")
            )
        );
        vm.assertEq(registry.organisationOf(CARRIER).admin, CARRIER_ADMIN, "admin");
    }

    function test_anOrganisationThatEndedIsNotRecovered() public {
        _schedule(NEW_ADMIN);
        _govern(abi.encodeCall(registry.endOrganisation, (CARRIER)));
        vm.warp(DUE);
        _completionFails(
            abi.encodeWithSelector(IParticipantRegistry.OrganisationHasEnded.selector, CARRIER, 1_000)
        );
    }

    function test_nobodyIsRecoveredWithoutASchedule() public {
        _completionFails(abi.encodeWithSelector(IParticipantRegistry.NoRecovery.selector, CARRIER));
    }

    function _schedule(address newAdmin) private {
        _govern(abi.encodeCall(registry.scheduleRecovery, (CARRIER, newAdmin)));
    }

    function _completionFails(bytes memory failure) private {
        vm.expectRevert(failure);
        registry.completeRecovery(CARRIER);
    }

    function _assertAdmin(bytes32 organisation, address previous, address current) private view {
        vm.assertEq(registry.organisationOf(organisation).admin, current, "admin");
        vm.assertEq(registry.organisationOfAdmin(current), organisation, "organisation of the admin");
        vm.assertEq(registry.organisationOfAdmin(previous), 0, "organisation of the previous admin");
    }
}
