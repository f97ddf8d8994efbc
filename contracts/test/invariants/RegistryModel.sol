// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Actors} from "./Actors.sol";

/// @title What the registry should know, kept a second time without intervals and packing, and found by searching
abstract contract RegistryModel is Actors {
    struct Party {
        string uri;
        bool known;
        bool ended;
        address admin;
        address newAdmin;
        uint256 notBefore;
    }

    struct Key {
        bool known;
        bool ended;
        uint256 owner;
        uint256 from;
        uint256 suspectSince;
    }

    uint256 public constant PARTIES = 6;
    uint256 public constant ROLES = 3;
    uint256 public constant KEYS = 8;
    uint256 public constant ADMINS = 9;
    uint256 internal constant GOVERNOR = 0;
    uint256 internal constant NOBODY = type(uint256).max;

    Party[PARTIES] internal parties;
    Key[KEYS] internal signing;
    mapping(uint256 party => mapping(uint256 role => bool)) internal open;

    function governorCount() public view returns (uint256 count) {
        for (uint256 i = 0; i < PARTIES; ++i) {
            if (open[i][GOVERNOR]) ++count;
        }
    }

    /// @notice The parties in their present state.
    function partyOf(uint256 party) external view returns (Party memory) {
        return parties[party];
    }

    /// @notice Whether a party has a role at present.
    function hasRole(uint256 party, uint256 role) external view returns (bool) {
        return open[party][role];
    }

    /// @notice Organisation id of a party.
    function organisationOf(uint256 party) public view returns (bytes32) {
        return sha256(bytes(parties[party % PARTIES].uri));
    }

    /// @notice Role id of a role.
    function roleOf(uint256 role) public pure returns (bytes32) {
        return keccak256(bytes(["governor", "exporter", "carrier"][role % ROLES]));
    }

    /// @notice COSE key of a key; its hash is the thumbprint.
    function coseKeyOf(uint256 key) public pure returns (bytes memory) {
        return bytes.concat(hex"a4", keccak256(abi.encode("key", key % KEYS)));
    }

    /// @notice One of the accounts that are admins at times.
    function adminOf(uint256 seed) public pure returns (address) {
        return address(uint160(0xA00 + seed % ADMINS));
    }

    /// @notice The party that an account speaks for, or NOBODY.
    function speaksFor(address admin) public view returns (uint256) {
        for (uint256 i = 0; i < PARTIES; ++i) {
            if (parties[i].known && parties[i].admin == admin) return i;
        }
        return NOBODY;
    }

    function _active(uint256 party) internal view returns (bool) {
        return parties[party].known && !parties[party].ended;
    }

    function _free(address admin) internal view returns (bool) {
        return speaksFor(admin) == NOBODY;
    }

    /// @dev Whether the party may lose the governor role, should it have it.
    function _dispensable(uint256 party) internal view returns (bool) {
        return !open[party][GOVERNOR] || governorCount() > 2;
    }

    /// @dev Two admins that approve together, if both are governors and not the same.
    function _suffice(address proposer, address approver) internal view returns (bool) {
        uint256 first = speaksFor(proposer);
        uint256 second = speaksFor(approver);
        return first != NOBODY && second != NOBODY && first != second && open[first][GOVERNOR]
            && open[second][GOVERNOR];
    }

    /// @dev The admin of the `nth` governor, round and round.
    function _governor(uint256 nth) internal view returns (address) {
        nth %= governorCount();
        for (uint256 i = 0; i < PARTIES; ++i) {
            if (!open[i][GOVERNOR]) continue;
            if (nth == 0) return parties[i].admin;
            --nth;
        }
        revert("no governor");
    }
}
