"""Applications: signed by the key that they bring, and read strictly."""

from typing import Any

import pytest

from ledger.domain import strict_json
from ledger.domain.cose import Alg, Signer
from ledger.domain.enrolment import TYP, Application, apply_for
from ledger.domain.errors import CorridorError
from ledger.domain.fields import b64url
from ledger.domain.login import TYP as LOGIN
from ledger.domain.message import sign_message
from tests.builders import EXPORTER, NOON, a_genesis, a_signer, a_statement, seeded
from tests.domain.test_participant import GOOD as BODY

ADMIN = seeded("admin account", 20)
SIGNER = a_signer(EXPORTER)
PAYLOAD: dict[str, Any] = {
    "format": "corridor-enrolment/1",
    "roles": ["exporter", "packer"],
    "admin": "0x" + ADMIN.hex(),
    "cose_key": b64url(SIGNER.key.encoded),
    "onboarding": BODY,
    "nonce": seeded("nonce", 16).hex(),
}


def signed(payload: Any, *, signer: Signer = SIGNER, typ: str = TYP, iss: str = EXPORTER) -> bytes:
    data = payload if isinstance(payload, bytes) else strict_json.dumps(payload)
    return sign_message(signer, data, typ=typ, iss=iss, aud=a_genesis().audience, iat=NOON)


@pytest.mark.parametrize("alg", list(Alg))
def test_an_application_is_made_and_read(alg: Alg) -> None:
    made = apply_for(
        a_signer(EXPORTER, alg),
        uri=EXPORTER,
        aud=a_genesis().audience,
        iat=NOON,
        roles=["exporter"],
        admin=ADMIN,
        onboarding=BODY,
    )
    read = Application.parse(made.raw)
    assert (read.id, read.uri, read.roles, read.admin) == (made.id, EXPORTER, ("exporter",), ADMIN)
    assert read.key == a_signer(EXPORTER, alg).key
    assert read.onboarding.country == "GT"
    assert read.body == BODY


def test_two_applications_that_say_the_same_have_names_of_their_own() -> None:
    arguments: dict[str, Any] = {"uri": EXPORTER, "aud": a_genesis().audience, "iat": NOON}
    arguments |= {"roles": ["exporter"], "admin": ADMIN, "onboarding": BODY}
    assert apply_for(SIGNER, **arguments).id != apply_for(SIGNER, **arguments).id


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in PAYLOAD.items() if key != name}


def damaged(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


BAD: dict[str, tuple[bytes, str, str | None]] = {
    "nothing": (b"", "cose-serialisation", None),
    "a statement": (a_statement().raw, "malformed-header", None),
    "a login": (signed(PAYLOAD, typ=LOGIN), "wrong-type", "typ"),
    "an issuer that is no URI": (signed(PAYLOAD, iss="exporter"), "malformed-field", "iss"),
    "a payload that is no JSON": (signed(b"{"), "json-syntax", None),
    "a payload that is a list": (signed([]), "malformed-field", "the application"),
    "a payload with a member twice": (
        signed(b'{"format":1,"format":1}'),
        "json-duplicate",
        "format",
    ),
    "no format": (signed(without("format")), "missing-field", "format"),
    "another format": (signed(PAYLOAD | {"format": "corridor-enrolment/2"}), "unknown-format", "format"),
    "one member more": (signed(PAYLOAD | {"note": "please"}), "unknown-field", "note"),
    "no roles": (signed(PAYLOAD | {"roles": []}), "malformed-field", "roles"),
    "a role twice": (signed(PAYLOAD | {"roles": ["packer", "packer"]}), "malformed-field", "roles"),
    "a role in capitals": (signed(PAYLOAD | {"roles": ["Packer"]}), "malformed-field", "roles.0"),
    "17 roles": (signed(PAYLOAD | {"roles": [f"role-{n}" for n in range(17)]}), "malformed-field", "roles"),
    "an admin of 19 bytes": (signed(PAYLOAD | {"admin": "0x" + "01" * 19}), "malformed-field", "admin"),
    "an admin with a checksum in capitals": (
        signed(PAYLOAD | {"admin": "0x" + "AB" * 20}),
        "malformed-field",
        "admin",
    ),
    "nobody as admin": (signed(PAYLOAD | {"admin": "0x" + "00" * 20}), "malformed-field", "admin"),
    "a key that is none": (signed(PAYLOAD | {"cose_key": "AAAA"}), "malformed-key", None),
    "another key than the one that signed": (
        signed(PAYLOAD | {"cose_key": b64url(a_signer("thief").key.encoded)}),
        "wrong-key",
        "kid",
    ),
    "a nonce of 15 bytes": (signed(PAYLOAD | {"nonce": "00" * 15}), "malformed-field", "nonce"),
    "an onboarding without a name": (
        signed(PAYLOAD | {"onboarding": {**BODY, "legal_name": ""}}),
        "malformed-field",
        "onboarding.legal_name",
    ),
    "a wrong check digit": (
        signed(PAYLOAD | {"onboarding": {**BODY, "identifiers": [{"scheme": "gln", "value": "7" * 13}]}}),
        "malformed-field",
        "onboarding.identifiers.0.value",
    ),
    "over 65,536 bytes": (signed(b" " * 65_536), "too-large", None),
    "bytes after it": (signed(PAYLOAD) + b"\x00", "cose-serialisation", None),
    "another signature": (damaged(signed(PAYLOAD)), "signature-invalid", None),
}


@pytest.mark.parametrize(("raw", "code", "field"), BAD.values(), ids=BAD)
def test_an_application_is_refused_by_name(raw: bytes, code: str, field: str | None) -> None:
    with pytest.raises(CorridorError) as caught:
        Application.parse(raw)
    assert (caught.value.code, caught.value.field) == (code, field)
