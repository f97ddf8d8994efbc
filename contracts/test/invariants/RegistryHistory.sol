// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../interfaces/IParticipantRegistry.sol";
import {RegistryModel} from "./RegistryModel.sol";

/// @title What was once in the registry, compared with what is there after every call
/// @dev Things get a beginning and an end and nothing else: no value that was written is ever another one, but for
/// an end that was open, an admin, and a suspicion that moves to an earlier block.
abstract contract RegistryHistory is RegistryModel {
    IParticipantRegistry internal immutable registry;

    mapping(bytes32 organisation => IParticipantRegistry.Organisation) private organisations;
    mapping(bytes32 thumbprint => IParticipantRegistry.KeyRecord) private keys;
    mapping(bytes32 organisation => mapping(bytes32 role => IParticipantRegistry.Interval[])) private intervals;

    /// @dev Runs the body of an action and then the whole comparison.
    modifier remembered() {
        _;
        _compare();
    }

    constructor(IParticipantRegistry registry_) {
        registry = registry_;
    }

    function _compare() internal {
        for (uint256 i = 0; i < PARTIES; ++i) {
            bytes32 organisation = organisationOf(i);
            _compareOrganisation(organisation);
            for (uint256 j = 0; j < ROLES; ++j) {
                _compareIntervals(organisation, roleOf(j));
            }
        }
        for (uint256 i = 0; i < KEYS; ++i) {
            _compareKey(sha256(coseKeyOf(i)));
        }
    }

    function _compareOrganisation(bytes32 organisation) private {
        IParticipantRegistry.Organisation memory then = organisations[organisation];
        IParticipantRegistry.Organisation memory now_ = registry.organisationOf(organisation);
        _compareInterval(then.from, then.ended, now_.from, now_.ended, "organisation");
        organisations[organisation] = now_;
    }

    function _compareKey(bytes32 thumbprint) private {
        IParticipantRegistry.KeyRecord memory then = keys[thumbprint];
        IParticipantRegistry.KeyRecord memory now_ = registry.keyOf(thumbprint);
        _compareInterval(then.from, then.ended, now_.from, now_.ended, "key");
        if (then.from != 0) {
            vm.assertEq(now_.organisation, then.organisation, "key: its organisation");
            vm.assertEq(now_.use, then.use, "key: its use");
        }
        if (then.suspectSince != 0) {
            vm.assertTrue(now_.suspectSince != 0, "key: a suspicion was undone");
            vm.assertLe(now_.suspectSince, then.suspectSince, "key: a suspicion moved later");
        }
        if (now_.suspectSince != 0) vm.assertGe(now_.suspectSince, now_.from, "key: suspected before it began");
        vm.assertLe(now_.suspectSince, blockNumber, "key: suspected in the future");
        keys[thumbprint] = now_;
    }

    function _compareIntervals(bytes32 organisation, bytes32 role) private {
        IParticipantRegistry.Interval[] storage then = intervals[organisation][role];
        IParticipantRegistry.Interval[] memory now_ = registry.roleIntervalsOf(organisation, role);
        vm.assertGe(now_.length, then.length, "role: an interval is gone");
        vm.assertLe(now_.length, then.length + 1, "role: more than one interval at once");
        for (uint256 i = 0; i < now_.length; ++i) {
            if (i == then.length) then.push(IParticipantRegistry.Interval(0, 0));
            _compareInterval(then[i].from, then[i].ended, now_[i].from, now_[i].ended, "role");
            vm.assertTrue(now_[i].from != 0, "role: an interval that never began");
            if (i != 0) {
                vm.assertTrue(now_[i - 1].ended != 0, "role: an open interval that is not the last");
                vm.assertGe(now_[i].from, now_[i - 1].ended, "role: intervals that overlap");
            }
            then[i] = now_[i];
        }
    }

    function _compareInterval(uint64 from, uint64 ended, uint64 nowFrom, uint64 nowEnded, string memory what)
        private
        view
    {
        if (from != 0) vm.assertEq(nowFrom, from, string.concat(what, ": another beginning"));
        else vm.assertTrue(nowFrom == 0 || nowFrom == blockNumber, string.concat(what, ": begun in another block"));
        if (ended != 0) vm.assertEq(nowEnded, ended, string.concat(what, ": another end"));
        else vm.assertTrue(nowEnded == 0 || nowEnded == blockNumber, string.concat(what, ": ended in another block"));
    }
}
