"""The committed artifacts are what the sources compile to, by two tools that share only the compiler."""

import json
from pathlib import Path
from typing import Any

import pytest

from ledger.chain.compile import ARTIFACTS, CONTRACTS, SETTINGS, STORAGE_LAYOUT, build
from tests.contracts.hardhat import run_hardhat

# EIP-170: no chain takes a contract with more code.
MAX_CODE_SIZE = 24_576


def committed(name: str) -> dict[str, Any]:
    artifact: dict[str, Any] = json.loads((ARTIFACTS / f"{name}.json").read_bytes())
    return artifact


@pytest.fixture(scope="module")
def hardhat_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("hardhat")
    result = run_hardhat("build", *(f"contracts/{name}.sol" for name in CONTRACTS), output=output)
    assert result.returncode == 0, result.stdout
    return output


def test_py_solc_x_rebuilds_every_committed_byte() -> None:
    files = {path.name: path.read_bytes() for path in ARTIFACTS.iterdir() if path.suffix == ".json"}
    assert build() == files, "run `make artifacts` and commit what it writes"


@pytest.mark.parametrize("name", CONTRACTS)
def test_hardhat_rebuilds_the_same_interface_and_code(name: str, hardhat_output: Path) -> None:
    path = hardhat_output / "artifacts" / "contracts" / f"{name}.sol" / f"{name}.json"
    rebuilt = json.loads(path.read_bytes())
    artifact = committed(name)
    assert rebuilt["abi"] == artifact["abi"]
    assert rebuilt["bytecode"] == artifact["bytecode"]
    assert rebuilt["deployedBytecode"] == artifact["deployedBytecode"]
    assert list(rebuilt["immutableReferences"].values()) == list(artifact["immutableReferences"].values())


def test_hardhat_uses_the_same_compiler_and_settings(hardhat_output: Path) -> None:
    infos = [
        json.loads(path.read_bytes())
        for path in (hardhat_output / "artifacts" / "build-info").glob("*.json")
        if not path.name.endswith(".output.json")
    ]
    assert infos
    for info in infos:
        assert info["solcLongVersion"] == committed("CheckpointAnchor")["compiler"]["version"]
        settings = info["input"]["settings"]
        assert {key: settings[key] for key in SETTINGS} == SETTINGS


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_metadata_agrees_with_the_artifact(name: str) -> None:
    artifact = committed(name)
    metadata = json.loads(artifact["metadata"])
    assert metadata["compiler"]["version"] == artifact["compiler"]["version"]
    assert metadata["output"]["abi"] == artifact["abi"]
    assert metadata["settings"]["compilationTarget"] == {f"contracts/{name}.sol": name}
    assert metadata["settings"]["evmVersion"] == SETTINGS["evmVersion"]


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_code_fits_every_chain(name: str) -> None:
    assert len(bytes.fromhex(committed(name)["deployedBytecode"][2:])) <= MAX_CODE_SIZE


def test_only_the_anchor_has_a_value_in_its_code() -> None:
    assert {name: set(committed(name)["immutableReferences"]) for name in CONTRACTS} == {
        "CheckpointAnchor": {"governance"},
        "InclusionVerifier": set(),
        "ParticipantRegistry": set(),
    }


def test_variables_lie_where_the_formats_page_and_the_interfaces_say() -> None:
    layout = json.loads((ARTIFACTS / STORAGE_LAYOUT).read_bytes())
    slots = {
        name: [(variable["name"], variable["slot"]) for variable in layout[name]["variables"]]
        for name in CONTRACTS
    }
    assert slots["CheckpointAnchor"] == [("anchors", 0), ("heads", 1), ("closures", 2)]
    assert slots["InclusionVerifier"] == []
    assert slots["ParticipantRegistry"][:4] == [
        ("_roles", 0),
        ("organisations", 1),
        ("roleIntervals", 2),
        ("keys", 3),
    ]
