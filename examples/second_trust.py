"""What a verifier trusts: section 14 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import second_formats as formats
import second_log as log
from cryptography.x509 import load_pem_x509_certificate
from second_encoding import (
    Refused,
    array,
    exactly,
    need,
    strict_json,
    text_of,
    uint,
    unb64,
    unhex,
)
from second_log import Vkey

T = TypeVar("T")

CHECK_NAMES = (
    "readable", "signature", "authority", "inclusion", "completeness", "no-split-view", "anchor", "time",
    "freshness", "evidence", "custody", "passages",
)  # fmt: skip
CORRIDOR_NAMES = (
    "required-evidence", "timeliness", "papers", "re-use", "parties", "corrections", "scan", "re-scan",
    "radiation", "box", "movement", "temperature",
)  # fmt: skip
# What a corridor's rules ask of shipments: another verifier has to hold them against it.


@dataclass(frozen=True)
class Contract:
    address: bytes
    code_hash: bytes


@dataclass(frozen=True)
class Trust:
    origin: str
    genesis: bytes
    chain: tuple[int, bytes]
    independent: bool
    registry: Contract
    anchor: Contract
    pinned: dict[int, bytes]
    log_keys: list[tuple[Vkey, int, int]]
    receipt_keys: list[tuple[bytes, int, int]]
    quorum: int
    witnesses: list[Vkey]
    index_cosigners: list[Vkey]
    times: list[str]
    max_age: int | None
    profile: bytes
    last_seen: tuple[int, bytes] | None
    required: list[str]


def read_trust(data: bytes) -> Trust:
    names = (
        "format name origin genesis chain log_keys receipt_keys witnesses index_cosigners tsa times max_age "
        "profile last_seen required"
    )
    need(len(data) <= 4_194_304, "trust file: over 4,194,304 bytes")
    value = exactly(strict_json(data), names, "trust file")
    need(value["format"] == "corridor-trust/1", "trust file: another format")
    chain = exactly(value["chain"], "id genesis control rpc registry anchor pinned", "trust file: chain")
    need(chain["control"] in ("operator", "independent"), "trust file: control")
    witnesses, seen = exactly(value["witnesses"], "quorum keys", "trust file: witnesses"), value["last_seen"]
    for name, known in (("times", ("chain", "witnesses", "tsa")), ("required", CHECK_NAMES + CORRIDOR_NAMES)):
        need(all(each in known for each in array(value[name], name)), f"trust file: {name}")
    for each in (value["times"], value["required"], witnesses["keys"], value["index_cosigners"]):
        need(
            len(set(map(str, array(each, "trust file")))) == len(each), "trust file: something is there twice"
        )

    def contract(name: str) -> Contract:
        both = exactly(chain[name], "address code_hash", name)
        return Contract(unhex(both["address"], 20, name, "0x"), unhex(both["code_hash"], 32, name, "0x"))

    def ranged(entry: dict[str, Any], name: str, read: Callable[[Any], T]) -> tuple[T, int, int]:
        exactly(entry, f"{name} from_size to_size", "trust file: key")
        last = 2**63 if entry["to_size"] is None else uint(entry["to_size"], "to_size")
        return read(entry[name]), uint(entry["from_size"], "from_size"), last

    def log_key(text: Any) -> Vkey:
        key = log.read_vkey(text, 1)
        need(key.name == value["origin"], "trust file: the log key of another log")
        return key

    def receipt_key(text: Any) -> bytes:
        cose = unb64(text, "receipt key", url=True)
        need(isinstance(formats.public_key(cose), formats.EllipticCurveKey), "trust file: a receipt key")
        return cose

    def pin(entry: Any) -> tuple[int, bytes]:
        exactly(entry, "number hash", "trust file: pinned block")
        return uint(entry["number"], "number"), unhex(entry["hash"], 32, "pinned block", "0x")

    pins = [pin(each) for each in array(chain["pinned"], "pinned")]
    need(len(dict(pins)) == len(pins), "trust file: a block pinned twice")
    keys = [log.read_vkey(each, 4) for each in array(witnesses["keys"], "witnesses")]
    quorum, names_of = uint(witnesses["quorum"], "quorum"), {each.name for each in keys}
    need(min(len(names_of), 1) <= quorum <= len(names_of), "trust file: a quorum that cannot be")
    text_of(value["name"], "(?s).{0,200}", "trust file: name")
    text_of(chain["rpc"] or "http://none", "(https?|wss?)://[!-~]+", "trust file: rpc")
    try:
        for each in array(value["tsa"], "tsa"):
            load_pem_x509_certificate(text_of(each, "(?s).+", "trust file: tsa").encode())
    except ValueError as error:
        raise Refused("trust file: tsa holds what is no certificate") from error
    return Trust(
        origin=text_of(value["origin"], log.ORIGIN, "trust file: origin"),
        genesis=unhex(value["genesis"], 32, "trust file: genesis"),
        chain=(uint(chain["id"], "chain id"), unhex(chain["genesis"], 32, "chain genesis", "0x")),
        independent=chain["control"] == "independent",
        registry=contract("registry"),
        anchor=contract("anchor"),
        pinned=dict(pins),
        log_keys=[ranged(each, "vkey", log_key) for each in array(value["log_keys"], "log_keys", 1)],
        receipt_keys=[
            ranged(each, "cose_key", receipt_key) for each in array(value["receipt_keys"], "receipt_keys")
        ],
        quorum=quorum,
        witnesses=keys,
        index_cosigners=[
            log.read_vkey(each, 4) for each in array(value["index_cosigners"], "index_cosigners")
        ],
        times=value["times"],
        max_age=None if value["max_age"] is None else uint(value["max_age"], "max_age"),
        profile=unhex(value["profile"], 32, "trust file: profile"),
        last_seen=seen
        and (uint(exactly(seen, "size root", "last_seen")["size"], "size"), unhex(seen["root"], 32, "root")),
        required=value["required"],
    )
