"""The committed artifacts on a real node, by the rules of old and of new chains."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak

from ledger.chain.compile import ARTIFACTS, ROOT

ANVIL = ROOT / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
GAS: dict[str, int] = json.loads((ROOT / "contracts" / "test" / "gas.json").read_bytes())
ORIGIN = "corridor.example/log"
ROOT_HASH = keccak(b"a root")


@dataclass(frozen=True)
class Node:
    """A node with unlocked accounts that mines when it is told to."""

    client: httpx.Client

    def call(self, method: str, *parameters: object) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        answer = self.client.post("/", json=body).json()
        assert "error" not in answer, answer
        return answer["result"]

    def send(self, sender: str, to: str | None, data: bytes) -> dict[str, Any]:
        """Send a transaction and return its receipt; it has to pass."""
        target = {} if to is None else {"to": to}
        name = self.call("eth_sendTransaction", {"from": sender, "data": "0x" + data.hex(), **target})
        self.call("evm_mine")
        receipt: dict[str, Any] = self.call("eth_getTransactionReceipt", name)
        assert receipt["status"] == "0x1", receipt
        return receipt

    def deploy(self, sender: str, name: str, arguments: bytes = b"") -> str:
        code = bytes.fromhex(artifact(name)["bytecode"][2:])
        address: str = self.send(sender, None, code + arguments)["contractAddress"]
        return address


@dataclass(frozen=True)
class Deployment:
    node: Node
    accounts: list[str]
    registry: str
    anchor: str
    inclusion: str


def artifact(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ARTIFACTS / f"{name}.json").read_bytes())
    return content


def call_data(signature: str, *values: object) -> bytes:
    types = signature[signature.index("(") + 1 : -1].split(",")
    return keccak(signature.encode())[:4] + encode(types, values)


# London is what consortium chains with an old genesis run.
@pytest.fixture(scope="module", params=["london", "paris", "shanghai", "prague", "osaka"])
def node(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    log = tmp_path_factory.mktemp("anvil") / "log"
    with log.open("wb") as output:
        arguments = ["--host", "127.0.0.1", "--port", "0", "--no-mining", "--hardfork", request.param]
        process = subprocess.Popen([str(ANVIL), *arguments], stdout=output, stderr=subprocess.STDOUT)
    try:
        with httpx.Client(base_url=f"http://{listening(process, log)}", timeout=30) as client:
            yield Node(client)
    finally:
        process.terminate()
        process.wait()


def listening(process: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address that the node says it listens on, as soon as it says it."""
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("Listening on "):
                return line.removeprefix("Listening on ")
    pytest.fail(log.read_text())


@pytest.fixture(scope="module")
def deployment(node: Node) -> Deployment:
    accounts = node.call("eth_accounts")
    # In front of block 1 a node estimates gas as if in block 0, where a beginning is zero and writes nothing.
    node.call("evm_mine")
    founders = [("https://port.example", accounts[0]), ("https://customs.example", accounts[1])]
    registry = node.deploy(accounts[0], "ParticipantRegistry", encode(["(string,address)[]"], [founders]))
    anchor = node.deploy(accounts[0], "CheckpointAnchor", encode(["address"], [registry]))
    return Deployment(node, accounts, registry, anchor, node.deploy(accounts[0], "InclusionVerifier"))


def test_the_deployed_code_is_that_of_the_artifacts_with_the_registry_filled_in(
    deployment: Deployment,
) -> None:
    def deployed(address: str) -> bytes:
        return bytes.fromhex(deployment.node.call("eth_getCode", address, "latest")[2:])

    def expected(name: str) -> bytearray:
        return bytearray.fromhex(artifact(name)["deployedBytecode"][2:])

    assert deployed(deployment.registry) == expected("ParticipantRegistry")
    assert deployed(deployment.inclusion) == expected("InclusionVerifier")
    anchor = expected("CheckpointAnchor")
    for place in artifact("CheckpointAnchor")["immutableReferences"]["governance"]:
        assert place["length"] == 32
        anchor[place["start"] : place["start"] + 32] = bytes.fromhex(deployment.registry[2:]).rjust(32, b"\0")
    assert deployed(deployment.anchor) == anchor


def test_an_anchor_costs_by_its_receipt_what_the_gas_snapshot_says(deployment: Deployment) -> None:
    node, operator = deployment.node, deployment.accounts[2]
    opening = call_data("open(string,address)", ORIGIN, operator)
    proposing = node.send(
        deployment.accounts[0],
        deployment.registry,
        call_data("propose(address,bytes)", deployment.anchor, opening),
    )
    # The proposal's name is the first topic of the only event.
    proposal = bytes.fromhex(proposing["logs"][0]["topics"][1][2:])
    node.send(deployment.accounts[1], deployment.registry, call_data("approve(bytes32)", proposal))

    def anchor(size: int) -> int:
        data = call_data("anchor(bytes32,uint64,bytes32)", sha256(ORIGIN.encode()).digest(), size, ROOT_HASH)
        return int(node.send(operator, deployment.anchor, data)["gasUsed"], 16)

    assert anchor(1) == GAS["anchor_first"]
    assert anchor(2) == GAS["anchor_at_head_1"]
    anchor(100_000)
    assert anchor(100_001) == GAS["anchor_at_head_100000"]


def test_a_chain_shows_the_slots_that_the_formats_page_names(deployment: Deployment) -> None:
    organisation = sha256(b"https://port.example").digest()
    slot = keccak(organisation + (1).to_bytes(32, "big"))
    value = deployment.node.call("eth_getStorageAt", deployment.registry, "0x" + slot.hex(), "latest")
    # Deployed in block 2: admin (160 bits), from (48), ended (48).
    expected = int(deployment.accounts[0], 16) | 2 << 160
    assert int(value, 16) == expected
