"""Servers that commands talk to: real applications, and nodes and ledgers that misbehave."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from eth_abi.abi import encode
from fastapi import FastAPI

from ledger.chain.contracts import ANCHOR, REGISTRY, Interface
from ledger.domain.evm_layout import Closure, Head
from ledger.log import http_server
from ledger.verification.proof_view import ProofChainView, view_from_proofs
from tests.verification.factory import World

Answer = Callable[[str, bytes], tuple[int, str, bytes]]
"""Given path and body of a request, returns status, media type and body of the answer."""


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Serve HTTP while a block runs, and give the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, media_type, content = answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def an_app(app: FastAPI) -> Iterator[str]:
    """Serve an application while a block runs, and give the URL."""
    with http_server.listen(0) as listener, http_server.serving(app, listener) as url:
        yield url


class Node:
    """An EVM node that serves the chain of a world, as of its newest block, in Ethereum's JSON-RPC.

    Args:
        world: Whose chain.
        genesis: Hash of block 0 that it tells, that of the world's chain if None.
        answers: After how many answers it falls silent; never if None.
    """

    def __init__(self, world: World, *, genesis: bytes | None = None, answers: int | None = None) -> None:
        self.chain = world.chain
        self._genesis = genesis or world.chain.genesis
        self._left = answers
        signed = [one.signed for one in world.logged.values()]
        view = view_from_proofs([world.state_proof(signed, world.anchors)], world.trust().chain)
        assert view is not None
        self._view: ProofChainView = view

    def __call__(self, _path: str, body: bytes) -> tuple[int, str, bytes]:
        """Answer a request."""
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                return 503, "text/plain", b"gone"
        request = json.loads(body)
        result = self._result(request["method"], request["params"])
        return (
            200,
            "application/json",
            json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode(),
        )

    def _result(self, method: str, params: list[Any]) -> Any:
        if method == "eth_chainId":
            return hex(self.chain.id)
        if method == "eth_getBlockByNumber":
            return self._block(params[0])
        if method == "eth_getCode":
            addresses = {"0x" + address.hex(): contract for contract, address in self.chain.addresses.items()}
            # The chain's hash of a contract's code is that of the contract's name.
            return "0x" + addresses[params[0]].value.encode().hex()
        assert method == "eth_call", method
        data = bytes.fromhex(params[0]["data"][2:])
        for name in (REGISTRY, ANCHOR):
            call = Interface.load(name).read_call(data)
            if call is not None:
                return "0x" + self._call(call[0], call[1]).hex()
        raise AssertionError(data)

    def _block(self, at: str) -> dict[str, str] | None:
        number = self.chain.number if at in ("latest", "finalized") else int(at, 16)
        if number > self.chain.number:
            return None
        name = self._genesis if number == 0 else self.chain.block_hash(number)
        zero = "0x" + bytes(32).hex()
        return {"number": hex(number), "hash": "0x" + name.hex(), "parentHash": zero, "timestamp": "0x1"}

    def _call(self, function: str, args: dict[str, Any]) -> bytes:
        view = self._view
        if function == "anchorOf":
            return view.anchor_record(args["originHash"], args["size"]) or bytes(32)
        if function == "headOf":
            head: Head = view.head(args["originHash"])
            return encode(["(address,uint64,bool)"], [(head.operator, head.size, head.closed)])
        if function == "closureOf":
            closure: Closure = view.closure(args["originHash"])
            values = (closure.successor, closure.last_good_size, closure.closed_at)
            return encode(["(bytes32,uint64,uint64)"], [values])
        if function == "keyOf":
            key = view.key_record(args["thumbprint"], 0)
            assert key is not None
            record = (key.organisation, key.interval.start, key.interval.ended, key.suspect_since, key.use)
            return encode(["(bytes32,uint64,uint64,uint64,uint8)"], [record])
        if function == "organisationOf":
            found = view.organisation(args["organisation"], 0)
            assert found is not None
            member = (found.admin, found.interval.start, found.interval.ended)
            return encode(["(address,uint48,uint48)"], [member])
        assert function == "roleIntervalsOf", function
        intervals = view.role_intervals(args["organisation"], args["role"], 0)
        return encode(["(uint64,uint64)[]"], [[(one.start, one.ended) for one in intervals]])
