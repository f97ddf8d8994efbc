// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../interfaces/IParticipantRegistry.sol";
import {RegistryHistory} from "./RegistryHistory.sol";

/// @title Governors, organisations and strangers on one registry at once
contract RegistryHandler is RegistryHistory {
    uint64 private constant DELAY = 2 days;

    /// @dev A proposal that waits; NOBODY proposed one that is done with.
    struct Pending {
        bytes32 name;
        uint256 proposer;
    }

    Pending[] private pending;

    /// @dev The first three parties are the founders, with the first three accounts.
    constructor(IParticipantRegistry registry_, string[] memory founders) RegistryHistory(registry_) {
        for (uint256 i = 0; i < PARTIES; ++i) {
            bool founder = i < founders.length;
            parties[i].uri = founder ? founders[i] : string.concat("https://party.example/", vm.toString(i));
            if (!founder) continue;
            parties[i].known = true;
            parties[i].admin = adminOf(i);
            open[i][GOVERNOR] = true;
        }
        _compare();
    }

    // --- by governance ---

    function enrol(uint256 party, uint256 admin, uint256 way) external inTime remembered {
        party = _between(party, 0, PARTIES - 1);
        if (parties[party].known && !_oneIn(4, way, "enrol again")) return;
        address account = _newAdmin(admin, way);
        bool allowed = !parties[party].known && _free(account);
        if (!_governed(way, abi.encodeCall(registry.enrol, (parties[party].uri, account)), allowed, "enrol")) return;
        parties[party].known = true;
        parties[party].admin = account;
    }

    /// @notice Seldom: who has ended does not come back.
    function endOrganisation(uint256 party, uint256 way) external inTime remembered {
        if (!_oneIn(8, way, "end at all")) return;
        party = _between(party, 0, PARTIES - 1);
        bytes memory data = abi.encodeCall(registry.endOrganisation, (organisationOf(party)));
        if (!_governed(way, data, _active(party) && _dispensable(party), "end organisation")) return;
        parties[party].ended = true;
        open[party][GOVERNOR] = false;
    }

    function beginRole(uint256 party, uint256 role, uint256 way) external inTime remembered {
        (party, role) = (_between(party, 0, PARTIES - 1), _between(role, 0, ROLES - 1));
        bytes memory data = abi.encodeCall(registry.beginRole, (organisationOf(party), roleOf(role)));
        if (_governed(way, data, _active(party) && !open[party][role], "begin role")) open[party][role] = true;
    }

    function endRole(uint256 party, uint256 role, uint256 way) external inTime remembered {
        (party, role) = (_between(party, 0, PARTIES - 1), _between(role, 0, ROLES - 1));
        bool allowed = _active(party) && open[party][role] && (role != GOVERNOR || _dispensable(party));
        bytes memory data = abi.encodeCall(registry.endRole, (organisationOf(party), roleOf(role)));
        if (_governed(way, data, allowed, "end role")) open[party][role] = false;
    }

    function scheduleRecovery(uint256 party, uint256 admin, uint256 way) external inTime remembered {
        party = _between(party, 0, PARTIES - 1);
        address account = _newAdmin(admin, way);
        bytes memory data = abi.encodeCall(registry.scheduleRecovery, (organisationOf(party), account));
        if (!_governed(way, data, _active(party) && _free(account), "schedule recovery")) return;
        parties[party].newAdmin = account;
        parties[party].notBefore = time + DELAY;
    }

    /// @notice A call that changes nothing is proposed and waits, while governors come and go.
    function propose(uint256 admin, uint256 way) external inTime remembered {
        address sender = _oneIn(4, way, "any proposer") ? adminOf(admin) : _governor(admin);
        uint256 party = speaksFor(sender);
        bool passes = party != NOBODY && open[party][GOVERNOR];
        bytes memory call = abi.encodeCall(registry.governorCount, ());
        bytes memory data = abi.encodeCall(registry.propose, (address(registry), call));
        bytes memory result = _predicted(sender, address(registry), data, passes, "propose");
        if (passes) pending.push(Pending(abi.decode(result, (bytes32)), party));
    }

    function approve(uint256 nth, uint256 admin, uint256 way) external inTime remembered {
        if (pending.length == 0) return;
        Pending storage proposal = pending[nth % pending.length];
        address sender = _oneIn(4, way, "any approver") ? adminOf(admin) : _governor(admin);
        bool passes = proposal.proposer != NOBODY && _suffice(parties[proposal.proposer].admin, sender);
        bytes memory data = abi.encodeCall(registry.approve, (proposal.name));
        _predicted(sender, address(registry), data, passes, "approve");
        if (passes) proposal.proposer = NOBODY;
    }

    function withdraw(uint256 nth, uint256 admin, uint256 way) external inTime remembered {
        if (pending.length == 0 || !_oneIn(4, way, "withdraw at all")) return;
        Pending storage proposal = pending[nth % pending.length];
        (address sender, uint256 party) = _admin(admin, way);
        if (proposal.proposer != NOBODY && _oneIn(2, way, "the proposer")) {
            (sender, party) = (parties[proposal.proposer].admin, proposal.proposer);
        }
        bool passes = proposal.proposer != NOBODY && party == proposal.proposer;
        bytes memory data = abi.encodeCall(registry.withdraw, (proposal.name));
        _predicted(sender, address(registry), data, passes, "withdraw");
        if (passes) proposal.proposer = NOBODY;
    }

    // --- by admins, and by those who are none ---

    function addKey(uint256 key, uint256 admin, uint256 way) external inTime remembered {
        key = _between(key, 0, KEYS - 1);
        (address sender, uint256 party) = _admin(admin, way);
        bool passes = party != NOBODY && !parties[party].ended && !signing[key].known;
        bytes memory data = abi.encodeCall(registry.addKey, (coseKeyOf(key), uint8(way)));
        _predicted(sender, address(registry), data, passes, "add key");
        if (passes) signing[key] = Key(true, false, party, blockNumber, 0);
    }

    function endKey(uint256 key, uint256 admin, uint256 way) external inTime remembered {
        key = _between(key, 0, KEYS - 1);
        (address sender, uint256 party) = _owner(key, admin, way);
        bool passes = signing[key].known && !signing[key].ended && party == signing[key].owner;
        bytes memory data = abi.encodeCall(registry.endKey, (sha256(coseKeyOf(key))));
        _predicted(sender, address(registry), data, passes, "end key");
        if (passes) signing[key].ended = true;
    }

    function suspectKey(uint256 key, uint256 admin, uint64 since, uint256 way) external inTime remembered {
        key = _between(key, 0, KEYS - 1);
        (address sender, uint256 party) = _owner(key, admin, way);
        Key storage model = signing[key];
        if (!_oneIn(8, way, "any block")) since = uint64(_between(since, model.from, blockNumber));
        bool sound = since >= model.from && since <= blockNumber
            && (model.suspectSince == 0 || since < model.suspectSince);
        bool passes = model.known && party == model.owner && sound;
        bytes memory data = abi.encodeCall(registry.suspectKey, (sha256(coseKeyOf(key)), since));
        _predicted(sender, address(registry), data, passes, "suspect key");
        if (passes) model.suspectSince = since;
    }

    function changeAdmin(uint256 admin, uint256 next, uint256 way) external inTime remembered {
        (address sender, uint256 party) = _admin(admin, way);
        address account = _newAdmin(next, way);
        bool passes = party != NOBODY && !parties[party].ended && _free(account);
        bytes memory data = abi.encodeCall(registry.changeAdmin, (account));
        _predicted(sender, address(registry), data, passes, "change admin");
        if (!passes) return;
        parties[party].admin = account;
        parties[party].newAdmin = address(0);
    }

    /// @notice Seldom, or no recovery would ever be completed.
    function vetoRecovery(uint256 admin, uint256 way) external inTime remembered {
        if (!_oneIn(4, way, "veto at all")) return;
        (address sender, uint256 party) = _admin(admin, way);
        bool passes = party != NOBODY && parties[party].newAdmin != address(0);
        _predicted(sender, address(registry), abi.encodeCall(registry.vetoRecovery, ()), passes, "veto recovery");
        if (passes) parties[party].newAdmin = address(0);
    }

    function completeRecovery(uint256 party, uint256 caller) external inTime remembered {
        party = _between(party, 0, PARTIES - 1);
        Party storage model = parties[party];
        if (model.newAdmin == address(0) && !_oneIn(4, caller, "none that waits")) return;
        bool passes = model.newAdmin != address(0) && !model.ended && time >= model.notBefore && _free(model.newAdmin);
        bytes memory data = abi.encodeCall(registry.completeRecovery, (organisationOf(party)));
        _predicted(adminOf(caller), address(registry), data, passes, "complete recovery");
        if (!passes) return;
        model.admin = model.newAdmin;
        model.newAdmin = address(0);
    }

    /// @dev One account proposes and one approves: mostly two governors, at times any two accounts, the same twice,
    /// or somebody who tries it without a proposal. The call is made when two different governors stand behind it
    /// and it is allowed, and in no other case.
    function _governed(uint256 way, bytes memory data, bool allowed, string memory what) private returns (bool) {
        if (_oneIn(12, way, "alone")) {
            _predicted(adminOf(way), address(registry), data, false, what);
            return false;
        }
        address proposer = _oneIn(10, way, "any proposer") ? adminOf(way / 2) : _governor(way / 2);
        address approver = _oneIn(10, way, "any approver") ? adminOf(way / 3) : _governor(way / 2 + 1);
        uint256 party = speaksFor(proposer);
        bool proposes = party != NOBODY && open[party][GOVERNOR];
        bytes memory proposal = _predicted(
            proposer, address(registry), abi.encodeCall(registry.propose, (address(registry), data)), proposes, what
        );
        if (!proposes) return false;
        bool passes = allowed && _suffice(proposer, approver);
        data = abi.encodeCall(registry.approve, (abi.decode(proposal, (bytes32))));
        _predicted(approver, address(registry), data, passes, what);
        return passes;
    }

    /// @dev Mostly the admin of a party that takes part, at times any account.
    function _admin(uint256 seed, uint256 way) private view returns (address sender, uint256 party) {
        sender = parties[seed % PARTIES].admin;
        if (_oneIn(8, way, "any admin") || !parties[seed % PARTIES].known) sender = adminOf(seed);
        party = speaksFor(sender);
    }

    /// @dev Mostly the admin whose key it is.
    function _owner(uint256 key, uint256 seed, uint256 way) private view returns (address sender, uint256 party) {
        if (_oneIn(6, way, "not the owner") || !signing[key].known) return _admin(seed, way);
        party = signing[key].owner;
        sender = parties[party].admin;
    }

    /// @dev Mostly an account that is no admin, if there is one.
    function _newAdmin(uint256 seed, uint256 way) private view returns (address account) {
        account = adminOf(seed);
        for (uint256 i = 0; i < ADMINS && !_free(account) && !_oneIn(6, way, "a taken admin"); ++i) {
            account = adminOf(seed % ADMINS + i);
        }
    }
}
