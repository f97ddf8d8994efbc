"""Statements that nobody should make: any header and payload, signed all the same."""

from collections.abc import Callable
from typing import Any

import cbor2

from ledger.domain import cose, strict_cbor, strict_json
from ledger.domain.cose import Sign1
from tests.builders import a_signer, a_statement

Change = Callable[[dict[Any, Any]], object]


def nothing(_: dict[Any, Any]) -> None:
    """Change nothing."""


def forged(header: Change = nothing, payload: Change = nothing) -> bytes:
    """Return a valid statement whose header map and payload members were changed before it was signed."""
    sign1 = Sign1.parse(a_statement().raw)
    header_map, members = (
        strict_cbor.loads(sign1.protected),
        strict_json.loads(sign1.payload, max_bytes=10**6),
    )
    header(header_map)
    payload(members)
    return signed(cbor2.dumps(dict(sorted(header_map.items()))), strict_json.dumps(members))


def signed(protected: bytes, payload: bytes) -> bytes:
    """Return any two byte strings, signed as a statement."""
    signature = a_signer().sign(cose.sig_structure(protected, payload))
    return Sign1(protected, payload, signature).encode()


def protected_of(raw: bytes) -> bytes:
    """Return the encoded header of a statement."""
    return Sign1.parse(raw).protected


def payload_of(raw: bytes) -> bytes:
    """Return the payload of a statement."""
    return Sign1.parse(raw).payload
