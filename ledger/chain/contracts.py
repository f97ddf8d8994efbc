"""The committed contracts: what they take and give, their code, their errors in words."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.abi import collapse_if_tuple

from ledger.domain.errors import UnavailableError, UsageError
from ledger.domain.evm_layout import keccak

REGISTRY = "ParticipantRegistry"
ANCHOR = "CheckpointAnchor"
INCLUSION = "InclusionVerifier"

_BUILT_IN: tuple[dict[str, Any], ...] = (
    {"name": "Error", "inputs": [{"name": "reason", "type": "string"}]},
    {"name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)
_UNREADABLE = (DecodingError, OverflowError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Log:
    """An event that a contract emitted.

    Args:
        address: The contract, 20 bytes.
        topics: 32 bytes each; the first names the event.
        data: ABI encoding of the parameters that are not indexed.
        block_number: Of the block that it is in.
        block_hash: Of that block, 32 bytes.
        index: Place among the events of the block.
    """

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes
    block_number: int
    block_hash: bytes
    index: int


@dataclass(frozen=True, slots=True)
class Event:
    """A decoded event: its name and its parameters by name; addresses and fixed bytes are bytes."""

    name: str
    args: dict[str, Any]


class Interface:
    """The ABI of one contract (Solidity documentation, "Contract ABI Specification").

    Args:
        name: Name of the contract.
        abi: Its JSON ABI.
        bytecode: Creation code, without constructor arguments.
    """

    def __init__(self, name: str, abi: list[dict[str, Any]], bytecode: bytes) -> None:
        self.name = name
        self._bytecode = bytecode
        self._constructor: dict[str, Any] = next(
            (one for one in abi if one["type"] == "constructor"), {"inputs": []}
        )
        self._functions = {one["name"]: one for one in abi if one["type"] == "function"}
        self._by_selector = {self.selector(name): one for name, one in self._functions.items()}
        self._events = {keccak(_signature(one)): one for one in abi if one["type"] == "event"}
        self.errors = {keccak(_signature(one))[:4]: one for one in abi if one["type"] == "error"}

    @classmethod
    @cache
    def load(cls, name: str) -> Self:
        """Return the interface of a committed contract."""
        artifact = json.loads(files(__package__).joinpath("artifacts", f"{name}.json").read_bytes())
        return cls(name, artifact["abi"], bytes.fromhex(artifact["bytecode"][2:]))

    def selector(self, function: str) -> bytes:
        """Return the four bytes with which a call of a function begins."""
        return keccak(_signature(self._functions[function]))[:4]

    def call(self, function: str, *args: object) -> bytes:
        """Return the data of a call.

        Raises:
            UsageError: The arguments are not what the function takes.
        """
        return self.selector(function) + _encode(self._functions[function]["inputs"], args, function)

    def creation(self, *args: object) -> bytes:
        """Return the code that deploys the contract with these constructor arguments.

        Raises:
            UsageError: The arguments are not what the constructor takes.
        """
        return self._bytecode + _encode(self._constructor["inputs"], args, f"{self.name}'s constructor")

    def result(self, function: str, data: bytes) -> Any:
        """Return what a call returned: the one value, or the tuple of several.

        Raises:
            UnavailableError: The data are not such a result; no contract, or another one, is there.
        """
        try:
            values = tuple(_decode(self._functions[function]["outputs"], data).values())
        except _UNREADABLE:
            raise UnavailableError(
                "chain-nonsense",
                f"{self.name}.{function} answered {len(data)} bytes that are not its result; "
                "is the contract at this address?",
            ) from None
        return values[0] if len(values) == 1 else values

    def event(self, log: Log) -> Event | None:
        """Return an event of this contract, None for another's.

        Raises:
            UnavailableError: It has the name of one and not its form.
        """
        abi = self._events.get(log.topics[0]) if log.topics else None
        if abi is None:
            return None
        indexed = [one for one in abi["inputs"] if one["indexed"]]
        others = [one for one in abi["inputs"] if not one["indexed"]]
        try:
            # Indexed parameters of ours are all of one word, so that a topic is its encoding.
            args = _decode(indexed, b"".join(log.topics[1:])) | _decode(others, log.data)
        except _UNREADABLE:
            raise UnavailableError(
                "chain-nonsense",
                f"block {log.block_number} holds an event {abi['name']} that cannot be read",
            ) from None
        return Event(abi["name"], args)

    def topic(self, event: str) -> bytes:
        """Return the topic that names an event, 32 bytes."""
        return next(topic for topic, abi in self._events.items() if abi["name"] == event)

    def read_call(self, data: bytes) -> tuple[str, dict[str, Any]] | None:
        """Return function and arguments of a call, None when it is not one of this contract."""
        abi = self._by_selector.get(data[:4])
        if abi is None:
            return None
        try:
            return abi["name"], _decode(abi["inputs"], data[4:])
        except _UNREADABLE:
            return None


def revert_reason(data: bytes) -> tuple[str, str]:
    """Return name and text of the Solidity error in the data of a revert; empty when there is none.

    Args:
        data: As the node gave it.
    """
    selector, arguments = data[:4], data[4:]
    known = _known_errors()
    if selector not in known:
        return "", f"0x{data[:36].hex()}" if data else ""
    name = known[selector]["name"]
    try:
        args = _decode(known[selector]["inputs"], arguments)
    except _UNREADABLE:
        return name, name
    return name, f"{name}({', '.join(f'{key} {_readable(value)}' for key, value in args.items())})"


@cache
def _known_errors() -> dict[bytes, dict[str, Any]]:
    # Every Solidity contract has these two (its documentation, "Panic via assert and Error via require").
    known = {keccak(_signature(one))[:4]: one for one in _BUILT_IN}
    for contract in (REGISTRY, ANCHOR, INCLUSION):
        known |= Interface.load(contract).errors
    return known


def _signature(abi: dict[str, Any]) -> bytes:
    return f"{abi['name']}({','.join(_types(abi['inputs']))})".encode()


def _types(parameters: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(collapse_if_tuple(one) for one in parameters)


def _encode(parameters: list[dict[str, Any]], args: tuple[object, ...], where: str) -> bytes:
    try:
        return encode(_types(parameters), args)
    except (EncodingError, TypeError, ValueError) as error:
        raise UsageError("contract-arguments", f"{where} does not take these arguments: {error}") from None


def _decode(parameters: list[dict[str, Any]], data: bytes) -> dict[str, Any]:
    """Return the values by name; those without one by their place."""
    values = decode(_types(parameters), data)
    return {
        one["name"] or str(place): _plain(one, value)
        for place, (one, value) in enumerate(zip(parameters, values, strict=True))
    }


def _plain(parameter: dict[str, Any], value: Any) -> Any:
    """Turn the addresses that eth-abi gives as text into bytes, inside structs and arrays too."""
    kind: str = parameter["type"]
    if kind.endswith("[]"):
        element = {**parameter, "type": kind[:-2]}
        return tuple(_plain(element, one) for one in value)
    if kind == "tuple":
        return tuple(_plain(*pair) for pair in zip(parameter["components"], value, strict=True))
    return bytes.fromhex(value[2:]) if kind == "address" else value


def _readable(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
