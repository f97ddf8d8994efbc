"""The kinds of values in a trust file, read from text once and then typed (formats, section 14)."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

from cryptography.x509 import load_pem_x509_certificates
from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, PlainSerializer

from ledger.domain import fields, strict_json
from ledger.domain.cose import Alg, CoseKey
from ledger.domain.errors import CorridorError, MalformedError
from ledger.domain.note import COSIGNATURE_V1, ED25519, VerifierKey

_T = TypeVar("_T")
_RPC_SCHEMES = ("http://", "https://", "ws://", "wss://")


def _reader(read: Callable[[str], _T]) -> Callable[[Any], _T]:
    """Return a validator: text as in the file is read, and an object that was read already stays as it is."""

    def validate(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return read(value)
        except CorridorError as error:
            # Pydantic collects ValueErrors and says at which member each arose.
            raise ValueError(error.message) from None

    return validate


def _hash_validator(read: Callable[..., bytes], length: int) -> BeforeValidator:
    return BeforeValidator(_reader(lambda text: read(text, length, "this")))


def _verifier_key(text: str, kind: int) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind != kind:
        raise MalformedError("verifier-key", f"the verifier key of {key.name} is of another kind")
    return key


def _receipt_key(text: str) -> CoseKey:
    key = CoseKey.parse(fields.from_b64url(text, "a receipt key"))
    if key.alg is not Alg.ES256:
        raise MalformedError("malformed-key", "a receipt key must be a P-256 key")
    return key


def _rpc(value: str) -> str:
    if not value.startswith(_RPC_SCHEMES):
        raise ValueError("must be an http, https, ws or wss URL, or null")
    return value


def distinct(values: tuple[_T, ...]) -> tuple[_T, ...]:
    """Return the values; raise ValueError when one is named twice."""
    if len({repr(value) for value in values}) != len(values):
        raise ValueError("must not name anything twice")
    return values


def _check_pem(value: str) -> str:
    try:
        found = load_pem_x509_certificates(value.encode())
    except ValueError:
        found = []
    if len(found) != 1:
        raise ValueError("must be one PEM certificate")
    return value


_0xHex = PlainSerializer(lambda value: "0x" + value.hex(), return_type=str)
_Hex = PlainSerializer(lambda value: value.hex(), return_type=str)
Hash0x = Annotated[
    bytes, _hash_validator(fields.from_0x_hex, 32), Field(min_length=32, max_length=32), _0xHex
]
Address = Annotated[
    bytes, _hash_validator(fields.from_0x_hex, 20), Field(min_length=20, max_length=20), _0xHex
]
Hash = Annotated[bytes, _hash_validator(fields.from_hex, 32), Field(min_length=32, max_length=32), _Hex]
_AsVkey = PlainSerializer(lambda key: key.encode(), return_type=str)
LogKey = Annotated[
    InstanceOf[VerifierKey], BeforeValidator(_reader(partial(_verifier_key, kind=ED25519))), _AsVkey
]
WitnessKey = Annotated[
    InstanceOf[VerifierKey], BeforeValidator(_reader(partial(_verifier_key, kind=COSIGNATURE_V1))), _AsVkey
]
ReceiptKey = Annotated[
    InstanceOf[CoseKey],
    BeforeValidator(_reader(_receipt_key)),
    PlainSerializer(lambda key: fields.b64url(key.encoded), return_type=str),
]
Natural = Annotated[int, Field(strict=True, ge=0, le=strict_json.MAX_INTEGER)]
RpcUrl = Annotated[str, AfterValidator(_rpc)]
Pem = Annotated[str, AfterValidator(_check_pem)]
