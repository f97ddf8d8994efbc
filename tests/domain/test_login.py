"""Login messages: one serialisation, one `typ`, and never to be taken for a statement."""

from collections.abc import Callable

import pytest

from ledger.domain import strict_cbor
from ledger.domain.cose import Alg, Sign1, sign1
from ledger.domain.errors import MalformedError, VerificationError
from ledger.domain.login import MAX_BYTES, TYP, Login, sign_login
from ledger.domain.statement import Statement
from tests.builders import CUSTOMS, EXPORTER, NOON, a_genesis, a_signer, a_statement, seeded

CHALLENGE = seeded("challenge", 56)
AUD = a_genesis().audience
Header = dict[int, object]


def a_login(alg: Alg = Alg.ES256) -> bytes:
    return sign_login(a_signer(EXPORTER, alg), iss=EXPORTER, aud=AUD, iat=NOON, challenge=CHALLENGE)


def a_header() -> Header:
    claims = {1: EXPORTER, 3: AUD, 6: NOON}
    return {1: Alg.ES256, 4: a_signer(EXPORTER).key.thumbprint, 15: claims, 16: TYP}


def signed(change: Callable[[Header], object], payload: bytes = CHALLENGE) -> bytes:
    header = a_header()
    change(header)
    return sign1(header, payload, a_signer(EXPORTER)).encode()


def claims_of(header: Header) -> dict[int, object]:
    claims = header[15]
    assert isinstance(claims, dict)
    return claims


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cose-serialisation"),
    "cut short": (a_login()[:-1], "cose-serialisation"),
    "something after it": (a_login() + b"\x00", "cose-serialisation"),
    "no tag": (a_login()[1:], "cose-serialisation"),
    "too large": (a_login() + bytes(MAX_BYTES), "too-large"),
    "a statement": (a_statement().raw, "malformed-header"),
    "the typ of a statement": (
        signed(lambda h: h.update({16: "application/scitt-statement+cose"})),
        "wrong-type",
    ),
    "no typ": (signed(lambda h: h.pop(16)), "malformed-header"),
    "a content type": (signed(lambda h: h.update({3: "application/json"})), "malformed-header"),
    "a subject": (signed(lambda h: claims_of(h).update({2: "urn:x"})), "malformed-header"),
    "no audience": (signed(lambda h: claims_of(h).pop(3)), "malformed-header"),
    "no time": (signed(lambda h: claims_of(h).pop(6)), "malformed-header"),
    "a time before 1970": (signed(lambda h: claims_of(h).update({6: -1})), "malformed-header"),
    "an issuer that is no URI": (signed(lambda h: claims_of(h).update({1: "us"})), "malformed-field"),
    "an audience that is no log": (signed(lambda h: claims_of(h).update({3: "x"})), "malformed-audience"),
    "a key name of another size": (signed(lambda h: h.update({4: bytes(31)})), "malformed-header"),
    "no challenge": (signed(lambda h: None, b""), "malformed-login"),
    "a challenge of 15 bytes": (signed(lambda h: None, bytes(15)), "malformed-login"),
    "a challenge of 65 bytes": (signed(lambda h: None, bytes(65)), "malformed-login"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_login_is_refused(case: str) -> None:
    raw, code = REFUSED[case]
    with pytest.raises(MalformedError) as caught:
        Login.parse(raw)
    assert caught.value.code == code


@pytest.mark.parametrize("alg", list(Alg))
def test_a_login_says_who_wants_in_where(alg: Alg) -> None:
    login = Login.parse(a_login(alg))
    key = a_signer(EXPORTER, alg).key
    login.verify(key)
    assert (login.iss, login.aud, login.kid, login.challenge) == (EXPORTER, AUD, key.thumbprint, CHALLENGE)


def test_a_login_is_no_statement() -> None:
    with pytest.raises(MalformedError):
        Statement.parse(a_login())


def test_a_login_signed_by_another_key_does_not_hold() -> None:
    mine, other = Sign1.parse(a_login()), a_signer(CUSTOMS)
    swapped = Sign1(mine.protected, mine.payload, other.sign(mine.to_be_signed))
    with pytest.raises(VerificationError) as caught:
        Login.parse(swapped.encode()).verify(a_signer(EXPORTER).key)
    assert caught.value.code == "signature-invalid"
    with pytest.raises(VerificationError) as caught:
        Login.parse(a_login()).verify(other.key)
    assert caught.value.code == "wrong-key"


def test_its_header_is_what_the_formats_say() -> None:
    assert strict_cbor.loads(Sign1.parse(a_login()).protected) == a_header()
