// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../interfaces/IParticipantRegistry.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title The keys that sign statements
/// @dev The registry takes the bytes of a key and not a thumbprint, so that nobody can enter a key that no one has
/// seen, and everyone who reads the chain can check what the key signed.
abstract contract SigningKeys is RegistryState {
    /// @inheritdoc IParticipantRegistry
    function addKey(bytes calldata coseKey, uint8 use) external returns (bytes32 thumbprint) {
        bytes32 organisation = _callerOrganisation();
        _active(organisation);
        if (coseKey.length < MIN_KEY_SIZE || coseKey.length > MAX_KEY_SIZE) revert InvalidKeySize(coseKey.length);
        if (coseKey[0] < 0xa1 || coseKey[0] > 0xb7) revert InvalidKeyEncoding(coseKey[0]);
        thumbprint = sha256(coseKey);
        if (keys[thumbprint].from != 0) revert KeyKnown(thumbprint, keys[thumbprint].organisation);
        keys[thumbprint] = KeyRecord(organisation, _blockNumber(), 0, 0, use);
        emit KeyAdded(organisation, thumbprint, use, coseKey);
    }

    /// @inheritdoc IParticipantRegistry
    function endKey(bytes32 thumbprint) external {
        KeyRecord storage key = _ownKey(thumbprint);
        if (key.ended != 0) revert KeyHasEnded(thumbprint, key.ended);
        key.ended = _blockNumber();
        emit KeyEnded(key.organisation, thumbprint);
    }

    /// @inheritdoc IParticipantRegistry
    function suspectKey(bytes32 thumbprint, uint64 since) external {
        KeyRecord storage key = _ownKey(thumbprint);
        uint64 latest = key.suspectSince == 0 ? _blockNumber() : key.suspectSince - 1;
        if (since < key.from || since > latest) revert InvalidSuspicion(thumbprint, since, key.from, latest);
        key.suspectSince = since;
        emit KeySuspected(key.organisation, thumbprint, since);
    }

    function _ownKey(bytes32 thumbprint) private view returns (KeyRecord storage key) {
        bytes32 organisation = _callerOrganisation();
        key = keys[thumbprint];
        if (key.from == 0) revert UnknownKey(thumbprint);
        if (key.organisation != organisation) revert NotKeyOwner(thumbprint, organisation, key.organisation);
    }
}
