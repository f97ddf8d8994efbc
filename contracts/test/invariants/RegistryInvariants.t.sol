// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ParticipantRegistry} from "../../ParticipantRegistry.sol";
import {IParticipantRegistry} from "../../interfaces/IParticipantRegistry.sol";
import {Actors} from "./Actors.sol";
import {RegistryHandler} from "./RegistryHandler.sol";
import {RegistryModel} from "./RegistryModel.sol";
import {TestBase} from "../support/TestBase.sol";

/// @title What holds of the registry after whatever sequence of calls
/// @dev That nothing is rewritten is compared after every call, in RegistryHistory.
contract RegistryInvariantsTest is TestBase {
    ParticipantRegistry private registry;
    RegistryHandler private handler;

    function setUp() public {
        vm.roll(1_000);
        vm.warp(1_700_000_000);
        string[] memory uris = new string[](3);
        IParticipantRegistry.Founder[] memory founders = new IParticipantRegistry.Founder[](3);
        for (uint256 i = 0; i < founders.length; ++i) {
            uris[i] = string.concat("https://founder.example/", vm.toString(i));
            founders[i] = IParticipantRegistry.Founder(uris[i], address(uint160(0xA00 + i)));
        }
        registry = new ParticipantRegistry(founders);
        handler = new RegistryHandler(registry, uris);
    }

    /// @dev The runner asks which contracts to call; all else stays untouched.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_twoGovernorsOrMoreAndTheyAreThoseWithTheRole() public view {
        vm.assertGe(registry.governorCount(), 2, "governors");
        vm.assertEq(registry.governorCount(), handler.governorCount(), "governors");
        for (uint256 i = 0; i < handler.PARTIES(); ++i) {
            RegistryModel.Party memory party = handler.partyOf(i);
            if (!party.known) continue;
            bool governor = handler.hasRole(i, 0);
            vm.assertEq(registry.hasRole(handler.roleOf(0), party.admin), governor, "governor");
            vm.assertFalse(governor && party.ended, "a governor that has ended");
        }
    }

    function invariant_nobodyElseHasARoleOfTheContract() public view {
        for (uint256 i = 0; i < handler.ADMINS(); ++i) {
            address account = handler.adminOf(i);
            vm.assertFalse(registry.hasRole(0, account), "an administrator besides the registry");
            if (handler.speaksFor(account) == type(uint256).max) {
                vm.assertFalse(registry.hasRole(handler.roleOf(0), account), "a governor without an organisation");
                vm.assertEq(registry.organisationOfAdmin(account), 0, "organisation");
            }
        }
    }

    function invariant_everyPartyIsWhatTheModelSays() public view {
        for (uint256 i = 0; i < handler.PARTIES(); ++i) {
            RegistryModel.Party memory party = handler.partyOf(i);
            bytes32 organisation = handler.organisationOf(i);
            IParticipantRegistry.Organisation memory record = registry.organisationOf(organisation);
            vm.assertEq(record.from != 0, party.known, "known");
            vm.assertEq(record.ended != 0, party.ended, "ended");
            vm.assertEq(record.admin, party.admin, "admin");
            vm.assertEq(registry.recoveryOf(organisation).newAdmin, party.newAdmin, "new admin");
            if (party.known) vm.assertEq(registry.organisationOfAdmin(party.admin), organisation, "organisation");
        }
    }

    function invariant_everyRoleIsWhatTheModelSays() public view {
        for (uint256 i = 0; i < handler.PARTIES(); ++i) {
            for (uint256 j = 0; j < handler.ROLES(); ++j) {
                IParticipantRegistry.Interval[] memory intervals =
                    registry.roleIntervalsOf(handler.organisationOf(i), handler.roleOf(j));
                bool open = intervals.length != 0 && intervals[intervals.length - 1].ended == 0;
                vm.assertEq(open, handler.hasRole(i, j), "open");
            }
        }
    }

    function afterInvariant() public view {
        Actors(handler).assertTally();
    }
}
