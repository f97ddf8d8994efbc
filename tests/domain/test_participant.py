"""Onboarding and delegation: what is said of organisations and devices is read strictly, by field."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError
from ledger.domain.participant import LEVELS, Delegation, Identifier, Onboarding, check_body
from tests.builders import seeded
from tests.domain.certificates import DAYS, SINCE, a_certificate, a_chain, shown

GOOD: dict[str, Any] = {
    "legal_name": "Exportadora de Piña, S.A.",
    "country": "GT",
    "identifiers": [
        {"scheme": "vat", "value": "576937-K"},
        {"scheme": "gln", "value": "7412345000011"},
    ],
    "proofing": {"level": "IAL2", "by": "chamber of commerce"},
    "sponsor": "https://origin-port.example",
    "agreement": seeded("agreement", 32).hex(),
}
SCANNER: dict[str, Any] = {
    "key": seeded("scanner", 32).hex(),
    "device": {"type": "scanner", "name": "gate 3", "serial": "XR-0042", "place": "GTPRQ"},
    "clock_offset_s": -1.75,
    "measured_at": "2026-11-06T13:00:00-06:00",
    "from": "2026-11-06T00:00:00Z",
    "to": "2027-11-06T00:00:00Z",
}


def changed(good: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a body with the value at a path changed, or taken out when it is None."""
    name, _, rest = path.partition(".")
    there: Any = good.get(name, {})
    if rest and isinstance(there, list):
        place, _, member = rest.partition(".")
        value = [changed(one, member, value) if str(at) == place else one for at, one in enumerate(there)]
    elif rest:
        value = changed(there, rest, value)
    return {**good, name: value} if value is not None else {k: v for k, v in good.items() if k != name}


def test_an_onboarding_is_read() -> None:
    read = Onboarding.parse({**GOOD, "x509": list(a_chain()), "occurred_at": "2026-11-06T13:00:00-06:00"})
    assert (read.legal_name, read.country, read.level) == ("Exportadora de Piña, S.A.", "GT", "IAL2")
    assert read.identifiers[1] == Identifier("gln", "7412345000011")
    assert read.sponsor == "https://origin-port.example"
    assert read.agreement == seeded("agreement", 32)
    assert len(read.x509) == 3


@pytest.mark.parametrize("level", LEVELS)
def test_every_proofing_level_is_taken(level: str) -> None:
    assert Onboarding.parse(changed(GOOD, "proofing.level", level)).level == level


@pytest.mark.parametrize(
    ("scheme", "value", "country"),
    [
        ("gln", "7412345000011", "GT"),
        ("lei", "HWUPKR0MPOU8FGXBT394", "US"),
        ("scac", "XXXU", "US"),
        ("vat", "DE136695976", "DE"),
        ("vat", "no rules are known here", "US"),
        ("duns", "15-048-3782", "US"),
    ],
)
def test_identifiers_that_keep_their_schemes_rules_are_taken(scheme: str, value: str, country: str) -> None:
    body = {**GOOD, "country": country, "identifiers": [{"scheme": scheme, "value": value}]}
    assert Onboarding.parse(body).identifiers == (Identifier(scheme, value),)


BAD_ONBOARDING: dict[str, tuple[str, object, str]] = {
    "no name": ("legal_name", None, "body.legal_name"),
    "an empty name": ("legal_name", "", "body.legal_name"),
    "a name of two lines": ("legal_name", "A\nB", "body.legal_name"),
    "a name that ends in a blank": ("legal_name", "A ", "body.legal_name"),
    "a name that is a number": ("legal_name", 7, "body.legal_name"),
    "a name of 201 characters": ("legal_name", "A" * 201, "body.legal_name"),
    "a country in small letters": ("country", "gt", "body.country"),
    "a country of three letters": ("country", "GTM", "body.country"),
    "no identifier": ("identifiers", [], "body.identifiers"),
    "identifiers that are an object": ("identifiers", {}, "body.identifiers"),
    "17 identifiers": (
        "identifiers",
        [{"scheme": "other", "value": str(n)} for n in range(17)],
        "body.identifiers",
    ),
    "one identifier twice": (
        "identifiers",
        [{"scheme": "other", "value": "1"}] * 2,
        "body.identifiers",
    ),
    "a wrong check digit of a GLN": ("identifiers.1.value", "7412345000012", "body.identifiers.1.value"),
    "a GLN of 8 digits": ("identifiers.1.value", "73513537", "body.identifiers.1.value"),
    "a wrong check digit of a tax number": ("identifiers.0.value", "576937-1", "body.identifiers.0.value"),
    "a scheme in capitals": ("identifiers.0.scheme", "VAT", "body.identifiers.0.scheme"),
    "an identifier without a value": ("identifiers.0.value", None, "body.identifiers.0.value"),
    "an identifier with more members": ("identifiers.0.note", "x", "body.identifiers.0.note"),
    "an identifier with control characters": ("identifiers.0.value", "1\x07", "body.identifiers.0.value"),
    "an unknown level": ("proofing.level", "IAL4", "body.proofing.level"),
    "a level that is a list": ("proofing.level", ["IAL1"], "body.proofing.level"),
    "nobody who looked": ("proofing.by", None, "body.proofing.by"),
    "a sponsor that is no URI": ("sponsor", "the port", "body.sponsor"),
    "an agreement of 31 bytes": ("agreement", "00" * 31, "body.agreement"),
    "an agreement in capitals": ("agreement", "AB" * 32, "body.agreement"),
    "a misspelt member": ("sponsored", "https://port.example", "body.sponsored"),
    "no certificates": ("x509", [], "body.x509"),
    "nine certificates": ("x509", [a_chain()[0]] * 9, "body.x509"),
    "a certificate that is none": ("x509", ["AAAA"], "body.x509.0"),
    "a certificate that is no text": ("x509", [1], "body.x509.0"),
    "base64 that is broken": ("x509", ["A==="], "body.x509.0"),
    "base64 with white space": ("x509", [a_chain()[0] + "\n"], "body.x509.0"),
    "a certificate of 16,385 bytes": ("x509", ["AAAA" * 5462], "body.x509.0"),
    "a chain in the other order": ("x509", list(a_chain()[::-1]), "body.x509.0"),
    "a chain with a hole": ("x509", [a_chain()[0], a_chain()[2]], "body.x509.0"),
    "a certificate that its issuer did not sign": (
        "x509",
        [*shown([a_certificate("organisation", "issuer", ca=False, signed_by="thief")]), *a_chain()[1:]],
        "body.x509",
    ),
    "an issuer that may not issue": (
        "x509",
        [a_chain()[0], *shown([a_certificate("issuer", "root", ca=False)]), a_chain()[2]],
        "body.x509",
    ),
    "certificates that were never good together": (
        "x509",
        [
            *shown(
                [a_certificate("organisation", "issuer", ca=False, since=SINCE + timedelta(days=DAYS + 1))]
            ),
            *a_chain()[1:],
        ],
        "body.x509",
    ),
}


@pytest.mark.parametrize(("path", "value", "field"), BAD_ONBOARDING.values(), ids=BAD_ONBOARDING)
def test_an_onboarding_is_refused_by_its_field(path: str, value: object, field: str) -> None:
    body = changed(GOOD, path, value)
    assert body != GOOD
    with pytest.raises(MalformedError) as caught:
        check_body("onboarding", body)
    assert caught.value.field == field


def test_certificates_have_to_be_good_at_the_time_that_is_asked_about() -> None:
    body = {**GOOD, "x509": list(a_chain())}
    first, last = int(SINCE.timestamp()), int((SINCE + timedelta(days=DAYS)).timestamp())
    for at in (first, last):
        assert len(Onboarding.parse(body, at=at).x509) == 3
    for at in (first - 1, last + 1):
        with pytest.raises(MalformedError) as caught:
            Onboarding.parse(body, at=at)
        assert caught.value.code == "bad-certificate"


def test_one_certificate_is_no_chain_and_enough() -> None:
    assert len(Onboarding.parse({**GOOD, "x509": list(a_chain()[:1])}).x509) == 1


def test_a_delegation_is_read() -> None:
    read = Delegation.parse(SCANNER)
    assert (read.key, read.device_type, read.name) == (seeded("scanner", 32), "scanner", "gate 3")
    assert (read.serial, read.place, read.clock_offset_s) == ("XR-0042", "GTPRQ", -1.75)
    least = {name: SCANNER[name] for name in ("key", "clock_offset_s", "measured_at")}
    short = Delegation.parse({**least, "device": {"type": "camera", "name": "mast 1"}})
    assert (short.serial, short.place, short.since, short.until) == (None, None, None, None)


BAD_DELEGATION: dict[str, tuple[str, object, str]] = {
    "no key": ("key", None, "body.key"),
    "a key of 31 bytes": ("key", "00" * 31, "body.key"),
    "no device": ("device", None, "body.device"),
    "a device that is text": ("device", "scanner", "body.device"),
    "a type in capitals": ("device.type", "Scanner", "body.device.type"),
    "a device without a name": ("device.name", None, "body.device.name"),
    "an unknown member of the device": ("device.vendor", "x", "body.device.vendor"),
    "no offset": ("clock_offset_s", None, "body.clock_offset_s"),
    "an offset that is text": ("clock_offset_s", "1", "body.clock_offset_s"),
    "an offset that is a truth": ("clock_offset_s", True, "body.clock_offset_s"),
    "an offset that is no number": ("clock_offset_s", float("nan"), "body.clock_offset_s"),
    "an offset of centuries": ("clock_offset_s", 10**10, "body.clock_offset_s"),
    "an offset too large for a double": ("clock_offset_s", 10**400, "body.clock_offset_s"),
    "a measurement without its offset from UTC": (
        "measured_at",
        "2026-11-06T13:00:00",
        "body.measured_at",
    ),
    "a beginning that is a number": ("from", 1, "body.from"),
    "an end before the beginning": ("to", "2026-11-05T00:00:00Z", "body.to"),
    "an end at the beginning": ("to", "2026-11-06T00:00:00Z", "body.to"),
}


@pytest.mark.parametrize(("path", "value", "field"), BAD_DELEGATION.values(), ids=BAD_DELEGATION)
def test_a_delegation_is_refused_by_its_field(path: str, value: object, field: str) -> None:
    body = changed(SCANNER, path, value)
    assert body != SCANNER
    with pytest.raises(MalformedError) as caught:
        check_body("delegation", body)
    assert caught.value.field == field


def test_other_kinds_are_not_looked_at() -> None:
    check_body("seal-check", {"key": "not a thumbprint"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted({**GOOD, **SCANNER, "x509": 0})), JSON)
def test_whatever_stands_in_a_member_is_taken_or_refused_as_malformed(name: str, value: object) -> None:
    for kind, good in (("onboarding", GOOD), ("delegation", SCANNER)):
        with suppress(MalformedError):
            check_body(kind, {**good, name: value})
