"""Whatever a node does, the client says one clear line, and never takes nonsense for an answer."""

import json
import socket
from typing import Any

import pytest

from ledger.chain.client import ChainClient, Sent
from ledger.chain.errors import RevertedError, RpcRefusedError, WrongChainError
from ledger.chain.fees import GWEI, Fees
from ledger.chain.reader import ChainIdentity, ChainReader
from ledger.domain.errors import CorridorError, UnavailableError, UsageError
from tests.builders import seeded
from tests.chain.chains import OPERATOR, World
from tests.chain.nodes import Refusal, a_lying_node, a_node, dripping, serving

ADDRESS = seeded("address", 20)


def error_of(url: str, *, timeout: float = 10.0) -> CorridorError:
    """Return the error that asking a node for its chain ends in."""
    reader = ChainReader(url, timeout=timeout)
    try:
        with pytest.raises(CorridorError) as caught:
            reader.identity()
    finally:
        reader.close()
    assert "\n" not in caught.value.message
    return caught.value


def test_a_node_that_is_down_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        error = error_of(f"http://127.0.0.1:{probe.getsockname()[1]}")
    assert (type(error), error.code) == (UnavailableError, "chain-unreachable")
    assert "cannot be reached" in error.message


def test_a_node_that_does_not_answer_is_slow() -> None:
    with serving(lambda _body: None) as url:
        error = error_of(url, timeout=0.2)
    assert (type(error), error.code) == (UnavailableError, "chain-slow")
    assert "eth_chainId within 0.2 s" in error.message


def test_a_node_that_answers_byte_by_byte_is_slow() -> None:
    with dripping(b"[" * 10_000, pause=0.02) as url:
        error = error_of(url, timeout=0.3)
    assert (type(error), error.code) == (UnavailableError, "chain-slow")


def test_an_answer_without_end_is_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.chain.rpc.MAX_ANSWER", 100_000)
    with serving(lambda _body: (200, b" " * 200_000)) as url:
        assert error_of(url).code == "chain-nonsense"


def result(value: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 0, "result": value}).encode()


NONSENSE = {
    "nothing": b"",
    "no JSON": b"<html>It works!</html>",
    "no UTF-8": b"\xff\xfe\x00",
    "a number": b"7",
    "a list": b"[]",
    "an empty object": b"{}",
    "null for a chain id": result(None),
    "a chain id in decimal": result("1"),
    "a number for a chain id": result(31337),
    "a chain id that is no number": result("0xzz"),
    "a negative chain id": result("-0x1"),
    "a chain id beyond all numbers": result("0x1" + 64 * "0"),
    "nesting without end": b"[" * 100_000,
}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_called_nonsense(body: bytes) -> None:
    with serving(lambda _body: (200, body)) as url:
        error = error_of(url)
    assert (type(error), error.code) == (UnavailableError, "chain-nonsense")


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500, 503])
def test_an_http_status_is_named(status: int) -> None:
    with serving(lambda _body: (status, b"{}")) as url:
        error = error_of(url)
    assert isinstance(error, UnavailableError)
    assert str(status) in error.message or error.code == "chain-nonsense"


BLOCK: dict[str, object] = {
    "number": "0x0",
    "hash": "0x" + 64 * "a",
    "parentHash": "0x" + 64 * "0",
    "timestamp": "0x0",
}
BAD_BLOCKS: dict[str, object] = {
    "none": None,
    "a text": "block",
    "one without a hash": {**BLOCK, "hash": None},
    "one with a short hash": {**BLOCK, "hash": "0xaa"},
    "one without a time": {**BLOCK, "timestamp": "now"},
    "another one": {**BLOCK, "number": "0x7"},
    "one with a strange fee": {**BLOCK, "baseFeePerGas": []},
}


@pytest.mark.parametrize("block", BAD_BLOCKS.values(), ids=BAD_BLOCKS)
def test_a_block_that_is_none_is_called_nonsense(block: object) -> None:
    with a_node(lambda method, _params: "0x1" if method == "eth_chainId" else block) as url:
        error = error_of(url)
    assert error.code == "chain-nonsense"


def test_a_node_of_another_genesis_is_the_wrong_chain(world: World) -> None:
    found = world.client.identity()
    for expected in (
        ChainIdentity(found.chain_id, seeded("another genesis", 32)),
        ChainIdentity(1, found.genesis),
    ):
        reader = ChainReader(world.chain.url, expected=expected)
        with pytest.raises(WrongChainError) as caught:
            reader.identity()
        reader.close()
        assert found.genesis.hex() in caught.value.message
        assert expected.genesis.hex() in caught.value.message


def test_what_a_node_refuses_is_told_in_its_words() -> None:
    with a_node(lambda _method, _params: Refusal.of("daily limit reached")) as url:
        error = error_of(url)
    assert isinstance(error, RpcRefusedError)
    assert "daily limit reached" in error.message


def test_secrets_in_the_url_stay_out_of_messages() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        error = error_of(f"http://user:hunter2@127.0.0.1:{port}/v3/topsecret?key=s3cret")
    assert f"http://127.0.0.1:{port} " in error.message
    for secret in ("hunter2", "topsecret", "s3cret"):
        assert secret not in error.message


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ws://127.0.0.1:1",
        "127.0.0.1:8545",
        "http://",
        "http://host:port",
        "http://[::1",
        "file:///etc/passwd",
    ],
)
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="http"):
        ChainReader(url)


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("already known", Sent.KNOWN),
        ("Known transaction", Sent.KNOWN),
        ("transaction already imported", Sent.KNOWN),
        ("AlreadyKnown", Sent.KNOWN),
        ("nonce too low: next nonce 5, tx nonce 3", Sent.NONCE_USED),
        ("OldNonce", Sent.NONCE_USED),
        ("replacement transaction underpriced", Sent.UNDERPRICED),
    ],
)
def test_what_nodes_say_to_a_transaction_they_have_is_no_failure(words: str, sent: Sent) -> None:
    with a_node(lambda _method, _params: Refusal.of(words)) as url:
        client = ChainClient(url)
        assert client.send(b"\x02\xc0") is sent
        client.close()


def test_any_other_refusal_of_a_transaction_is_a_failure() -> None:
    with a_node(lambda _method, _params: Refusal.of("intrinsic gas too low")) as url:
        client = ChainClient(url)
        with pytest.raises(RpcRefusedError, match="intrinsic gas"):
            client.send(b"\x02\xc0")
        client.close()


def test_the_hash_of_another_transaction_is_no_success() -> None:
    with a_node(lambda _method, _params: "0x" + 64 * "7") as url:
        client = ChainClient(url)
        with pytest.raises(UnavailableError, match="another transaction"):
            client.send(b"\x02\xc0")
        client.close()


def test_a_real_node_takes_a_transaction_twice(world: World) -> None:
    from ledger.chain.accounts import unsigned

    raw = OPERATOR.sign(
        unsigned(
            chain_id=31337,
            nonce=world.client.nonce(OPERATOR.address),
            to=ADDRESS,
            data=b"",
            gas=30_000,
            fees=world.client.fees(),
        )
    )
    assert [world.client.send(raw) for _ in range(2)] == [Sent.ACCEPTED, Sent.KNOWN]
    world.chain.mine()
    assert world.client.send(raw) is Sent.NONCE_USED


def test_a_revert_is_told_by_the_contracts_own_error(world: World) -> None:
    from ledger.chain.contracts import REGISTRY, Interface

    data = Interface.load(REGISTRY).call("endKey", bytes(32))
    with pytest.raises(RevertedError) as caught:
        world.client.call(world.contracts.registry, data)
    assert caught.value.error == "NotAnAdmin"
    assert caught.value.message.startswith("the contract refused: NotAnAdmin(caller 0x")


def test_more_gas_than_allowed_is_not_spent(world: World) -> None:
    with pytest.raises(UnavailableError) as caught:
        world.client.estimate(OPERATOR.address, ADDRESS, b"", cap=20_999)
    assert caught.value.code == "gas-cap"
    assert world.client.estimate(OPERATOR.address, ADDRESS, b"", cap=25_000) == 25_000


def test_a_chain_without_base_fee_gets_a_gas_price() -> None:
    def old_chain(method: str, _params: list[Any]) -> object:
        return hex(3 * GWEI) if method == "eth_gasPrice" else BLOCK

    with a_node(old_chain) as url:
        client = ChainClient(url)
        assert client.fees() == Fees(3 * GWEI, None)
        client.close()


def test_a_node_that_names_no_tip_gets_a_usual_one() -> None:
    def answer(method: str, _params: list[Any]) -> object:
        if method == "eth_maxPriorityFeePerGas":
            return Refusal.of("the method does not exist", -32601)
        return {**BLOCK, "baseFeePerGas": hex(5 * GWEI)}

    with a_node(answer) as url:
        client = ChainClient(url)
        assert client.fees() == Fees(11 * GWEI, GWEI)
        client.close()


def test_fees_above_the_limit_are_not_paid(world: World) -> None:
    client = ChainClient(world.chain.url, max_fee=1)
    with pytest.raises(UnavailableError) as caught:
        client.fees()
    assert caught.value.code == "fee-cap"
    client.close()


def test_a_receipt_that_never_comes_is_waited_for_only_so_long(world: World) -> None:
    looks: list[int] = []
    client = ChainClient(world.chain.url, while_waiting=lambda: looks.append(1))
    with pytest.raises(UnavailableError, match="may still be"):
        client.wait(bytes(32), timeout=0.05)
    assert looks
    client.close()


def test_logs_are_asked_for_in_smaller_ranges_when_the_node_limits_them(world: World) -> None:
    world.chain.mine(20)
    last = world.client.head().number
    ranges: list[tuple[int, int]] = []

    def limit(method: str, params: list[Any], truth: Any) -> object:
        if method != "eth_getLogs":
            return truth
        first, until = (int(params[0][name], 16) for name in ("fromBlock", "toBlock"))
        if until - first >= 7:
            return Refusal.of("query returned more than 7 blocks")
        ranges.append((first, until))
        return truth

    with a_lying_node(world.chain.url, limit) as url:
        reader = ChainReader(url)
        found = reader.logs(world.contracts.registry, [], 0, last)
        reader.close()
    assert found == world.client.logs(world.contracts.registry, [], 0, last)
    assert found
    assert [one for first, until in ranges for one in range(first, until + 1)] == list(range(last + 1))


def test_a_replacement_pays_an_eighth_more_of_everything() -> None:
    old = Fees(100, 8)
    assert Fees(90, 2).replacing(old) == Fees(113, 10)
    assert Fees(500, 20).replacing(old) == Fees(500, 20)
    assert Fees(90, None).replacing(Fees(100, None)) == Fees(113, None)
