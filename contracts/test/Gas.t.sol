// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {InclusionVerifier} from "../InclusionVerifier.sol";
import {Corridor} from "./support/Corridor.sol";

/// @title What a transaction costs, to the unit
/// @dev In isolation every call is a transaction by itself: 21,000, the call data and cold slots are in the figures,
/// as they are in a receipt. The figures are committed in gas.json; `CORRIDOR_GAS_UPDATE=true` writes them anew.
contract GasTest is Corridor {
    string private constant FILE = "contracts/test/gas.json";
    uint256 private constant BUDGET = 60_000;
    bytes32 private constant ROOT = keccak256("a root");

    string[] private names;
    uint256[] private figures;

    /// hardhat-config: isolate = true
    function test_gasIsAsCommitted() public {
        _measureAnchoring();
        _measureGovernance();
        _measureKeys();
        _measureInclusion();
        if (vm.envOr("CORRIDOR_GAS_UPDATE", false)) vm.writeFile(FILE, _json());
        string memory committed = vm.readFile(FILE);
        for (uint256 i = 0; i < names.length; ++i) {
            uint256 expected = vm.parseJsonUint(committed, string.concat(".", names[i]));
            vm.assertEq(figures[i], expected, string.concat(names[i], " in gas.json"));
        }
    }

    /// @dev The sizes of neighbouring checkpoints of a small, a large and the largest log.
    /// hardhat-config: isolate = true
    function test_anAnchorKeepsItsBudgetAtEverySize() public {
        uint64[6] memory sizes = [1, 2, 100_000, 100_001, type(uint64).max - 1, type(uint64).max];
        uint256 least = type(uint256).max;
        uint256 most = 0;
        for (uint256 i = 0; i < sizes.length; ++i) {
            uint256 used = _anchor(sizes[i]);
            if (used < least) least = used;
            if (used > most) most = used;
        }
        vm.assertLe(most, BUDGET, "the dearest anchor");
        vm.assertLe(most - least, 500, "the difference between the dearest and the cheapest");
    }

    function _measureAnchoring() private {
        _note("anchor_first", _anchor(1));
        _note("anchor_at_head_1", _anchor(2));
        _anchor(100_000);
        _note("anchor_at_head_100000", _anchor(100_001));
    }

    function _measureGovernance() private {
        bytes memory call = abi.encodeCall(registry.enrol, ("https://grower.example", STRANGER));
        bytes32 proposal = _propose(address(registry), call);
        _note("propose_enrol", _used());
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        _note("approve_enrol", _used());
        call = abi.encodeCall(registry.beginRole, (sha256("https://grower.example"), EXPORTER_ROLE));
        proposal = _propose(address(registry), call);
        vm.prank(CUSTOMS_ADMIN);
        registry.approve(proposal);
        _note("approve_role", _used());
    }

    function _measureKeys() private {
        bytes memory key = _coseKey(1, 77);
        vm.prank(EXPORTER_ADMIN);
        bytes32 thumbprint = registry.addKey(key, 1);
        _note("add_key_p256", _used());
        key = _coseKey(2, 1_962);
        vm.prank(EXPORTER_ADMIN);
        registry.addKey(key, 1);
        _note("add_key_ml_dsa_65", _used());
        vm.prank(EXPORTER_ADMIN);
        registry.suspectKey(thumbprint, uint64(block.number));
        _note("suspect_key", _used());
        vm.prank(EXPORTER_ADMIN);
        registry.endKey(thumbprint);
        _note("end_key", _used());
    }

    /// @dev A proof of 17 hashes, as in a log of 100,000 entries; a refused one costs the same. A view is called by
    /// other contracts: its figure has no 21,000 and no call data in it.
    function _measureInclusion() private {
        InclusionVerifier verifier = new InclusionVerifier();
        bytes32[] memory proof = new bytes32[](17);
        for (uint256 i = 0; i < proof.length; ++i) {
            proof[i] = keccak256(abi.encode(i));
        }
        verifier.includesLeaf(ROOT, 50_000, 100_000, proof, ROOT);
        _note("includes_leaf_of_100000", _used());
    }

    function _anchor(uint64 size) private returns (uint256) {
        vm.prank(OPERATOR);
        checkpoints.anchor(LOG, size, ROOT);
        return _used();
    }

    function _used() private view returns (uint256) {
        return vm.lastCallGas().gasTotalUsed;
    }

    function _note(string memory name, uint256 used) private {
        names.push(name);
        figures.push(used);
    }

    function _json() private view returns (string memory json) {
        for (uint256 i = 0; i < names.length; ++i) {
            json = string.concat(
                json, i == 0 ? "{\n" : ",\n", '  "', names[i], '": ', vm.toString(figures[i])
            );
        }
        return string.concat(json, "\n}\n");
    }
}
