"""Selective disclosure: what is concealed opens with its own disclosure and with nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from jwcrypto.jws import JWS  # type: ignore[import-untyped]
from sd_jwt.common import SDObj
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.verifier import SDJWTVerifier

from ledger.domain.disclosure import conceal, digest, reveal
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.fields import b64url
from tests.builders import Salts

SALT = b64url(bytes(16))
NAMES = st.text("abcdefgh", min_size=1, max_size=3)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("äbc", max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
BODIES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(NAMES, VALUES, max_size=5)


def every_path(value: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the ways to all members and elements of a body."""
    steps: list[Any] = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    paths = []
    for step in steps:
        paths += [(*above, step), *every_path(value[step], (*above, step))]
    return paths


def text(*parts: Any) -> str:
    """Return a disclosure of any parts."""
    return b64url(json.dumps(parts).encode())


def body_for(*disclosures: str) -> dict[str, Any]:
    """Return a body that conceals these."""
    return {"_sd": [digest(each) for each in disclosures]}


@given(BODIES, st.data())
def test_opens_with_all_disclosures_to_what_it_was(body: dict[str, Any], data: st.DataObject) -> None:
    paths = every_path(body)
    chosen = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    concealed, disclosures = conceal(body, chosen, Salts())
    shuffled = data.draw(st.permutations(disclosures))
    assert reveal(concealed, shuffled) == body
    assert len(disclosures) == len(chosen)


@given(BODIES, st.data())
def test_withheld_members_are_left_out_and_nothing_else(body: dict[str, Any], data: st.DataObject) -> None:
    names = data.draw(st.sets(st.sampled_from(sorted(body)))) if body else set()
    concealed, disclosures = conceal(body, [(name,) for name in sorted(names)], Salts())
    shown = data.draw(st.sets(st.sampled_from(sorted(names)))) if names else set()
    given_out = [each for name, each in zip(sorted(names), disclosures, strict=True) if name in shown]
    assert reveal(concealed, given_out) == {n: v for n, v in body.items() if n not in names or n in shown}


def test_concealing_leaves_the_original_as_it_was() -> None:
    body = {"a": {"b": [1, 2]}}
    conceal(body, [("a", "b", 0), ("a", "b"), ("a",)], Salts())
    assert body == {"a": {"b": [1, 2]}}


def test_a_disclosure_within_another_needs_the_outer_one() -> None:
    concealed, (outer, inner) = conceal({"a": {"b": 1, "c": 2}}, [("a",), ("a", "b")], Salts())
    assert reveal(concealed, [outer, inner]) == {"a": {"b": 1, "c": 2}}
    assert reveal(concealed, [outer]) == {"a": {"c": 2}}
    with pytest.raises(MalformedError) as caught:
        reveal(concealed, [inner])
    assert caught.value.code == "disclosure-unmatched"


def test_the_order_of_digests_tells_nothing_of_the_names() -> None:
    concealed, _ = conceal({"a": 1, "b": 2, "c": 3}, [("c",), ("a",), ("b",)], Salts())
    assert concealed["_sd"] == sorted(concealed["_sd"])


def test_equal_values_have_different_digests() -> None:
    concealed, _ = conceal({"a": [1, 1]}, [("a", 0), ("a", 1)], Salts())
    assert concealed["a"][0] != concealed["a"][1]


def test_a_decoy_is_dropped() -> None:
    assert reveal({"_sd": ["A" * 43], "a": [{"...": "Q" + "A" * 42}, 1]}, ()) == {"a": [1]}


NESTED = text(SALT, "a", {"_sd": [digest(text(SALT, "b", 1))]})
BAD: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "matches nothing": ({}, [text(SALT, "a", 1)], "disclosure-unmatched"),
    "given twice": (body_for(text(SALT, "a", 1)), [text(SALT, "a", 1)] * 2, "disclosure-repeated"),
    "digest twice": (body_for(text(SALT, "a", 1), text(SALT, "a", 1)), [], "digest-repeated"),
    "digest again within a disclosure": (
        body_for(NESTED, text(SALT, "b", 1)),
        [NESTED, text(SALT, "b", 1)],
        "digest-repeated",
    ),
    "name that is there already": (
        {"a": 0} | body_for(text(SALT, "a", 1)),
        [text(SALT, "a", 1)],
        "malformed-disclosure",
    ),
    "two of one name": (
        body_for(text(SALT, "a", 1), text(SALT, "a", 2)),
        [text(SALT, "a", 1), text(SALT, "a", 2)],
        "malformed-disclosure",
    ),
    "name _sd": (body_for(text(SALT, "_sd", [])), [text(SALT, "_sd", [])], "malformed-disclosure"),
    "name ...": (body_for(text(SALT, "...", 1)), [text(SALT, "...", 1)], "malformed-disclosure"),
    "name null": (body_for(text(SALT, None, 1)), [text(SALT, None, 1)], "malformed-disclosure"),
    "name a number": (body_for(text(SALT, 1, 1)), [text(SALT, 1, 1)], "malformed-disclosure"),
    "element in an object": (body_for(text(SALT, 1)), [text(SALT, 1)], "malformed-disclosure"),
    "member in an array": (
        {"a": [{"...": digest(text(SALT, "a", 1))}]},
        [text(SALT, "a", 1)],
        "malformed-disclosure",
    ),
    "four parts": (body_for(text(SALT, "a", 1, 2)), [text(SALT, "a", 1, 2)], "malformed-disclosure"),
    "one part": (body_for(text(SALT)), [text(SALT)], "malformed-disclosure"),
    "no array": (body_for(b64url(b"{}")), [b64url(b"{}")], "malformed-disclosure"),
    "not JSON": (body_for(b64url(b"x")), [b64url(b"x")], "json-syntax"),
    "padding": (body_for("e30="), ["e30="], "malformed-field"),
    "blank in it": (body_for("e3 0"), ["e3 0"], "malformed-field"),
    "beyond ASCII": ({}, ["é"], "malformed-field"),
    "salt of 15 bytes": (
        body_for(text(b64url(bytes(15)), "a", 1)),
        [text(b64url(bytes(15)), "a", 1)],
        "malformed-field",
    ),
    "salt a number": (body_for(text(1, "a", 1)), [text(1, "a", 1)], "malformed-field"),
    "duplicate member inside": (
        body_for(b64url(f'["{SALT}","a",{{"b":1,"b":1}}]'.encode())),
        [b64url(f'["{SALT}","a",{{"b":1,"b":1}}]'.encode())],
        "json-duplicate",
    ),
    "257 disclosures": ({}, [text(SALT, str(n), 1) for n in range(257)], "too-large"),
    "one of 65,537 characters": ({}, ["A" * 65_537], "too-large"),
    "1,048,577 characters together": ({}, ["A" * 65_536] * 16 + ["A"], "too-large"),
}


@pytest.mark.parametrize(("body", "disclosures", "code"), BAD.values(), ids=BAD)
def test_refuses(body: dict[str, Any], disclosures: list[str], code: str) -> None:
    with pytest.raises(MalformedError) as caught:
        reveal(body, disclosures)
    assert caught.value.code == code


def test_disclosures_that_nest_without_end_are_refused() -> None:
    # Each is shallow by itself; together they would be 4,000 levels deep.
    disclosures, inner = [], text(SALT, "a", 1)
    for _ in range(200):
        disclosures.append(inner)
        value: Any = {"_sd": [digest(inner)]}
        for _ in range(20):
            value = {"a": value}
        inner = text(SALT, "a", value)
    with pytest.raises(MalformedError) as caught:
        reveal(body_for(inner), [*disclosures, inner])
    assert caught.value.code == "json-depth"


BAD_PATHS = {
    "nothing there": [("x",)],
    "empty": [()],
    "no such element": [("a", 9)],
    "negative place": [("a", -1)],
    "name into an array": [("a", "x")],
    "into a text": [("t", 0)],
    "into a number": [("n", "x")],
    "twice": [("a",), ("a",)],
}


@pytest.mark.parametrize("paths", BAD_PATHS.values(), ids=BAD_PATHS)
def test_refuses_to_conceal_what_is_not_there(paths: list[tuple[str | int, ...]]) -> None:
    with pytest.raises(UsageError) as caught:
        conceal({"a": [1], "t": "text", "n": 1}, paths, Salts())
    assert caught.value.code == "bad-path"


@pytest.mark.parametrize("body", [{"_sd": []}, {"...": 1}, {"a": [{"b": {"_sd": 1}}]}], ids=str)
def test_refuses_a_body_with_a_reserved_name(body: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        conceal(body, [], Salts())
    assert caught.value.code == "reserved-name"


def test_refuses_to_conceal_what_is_too_long_for_a_disclosure() -> None:
    with pytest.raises(UsageError) as caught:
        conceal({"a": "x" * 50_000}, [("a",)], Salts())
    assert caught.value.code == "too-large"


# RFC 9901 section 5.1: digests, and contents of the disclosures.
RFC_9901 = {
    "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI": ("G02NSrQfjFXQ7Io09syajA", "updated_at", 1570000000),
    "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE": ("6Ij7tM-a5iVPGboS5tmvVA", "email", "johndoe@example.com"),
    "PorFbpKuVu6xymJagvkFsFXAbRoc2JGlAUA2BA4o7cI": (
        "eI8ZWm9QnKPpNPeNenHdhQ",
        "phone_number",
        "+1-202-555-0101",
    ),
    "TGf4oLbgwd5JQaHyKVQZU9UdGE0w5rtDsrZzfUaomLo": ("eluV5Og3gSNII8EYnsxA_A", "family_name", "Doe"),
    "XQ_3kPKt1XyX7KANkqVR6yZ2Va5NrPIvPYbyMvRKBMM": ("Qg_O64zqAxe412a108iroA", "phone_number_verified", True),
    "XzFrzwscM6Gn6CJDc6vVK8BkMnfG8vOSKfpPIZdAfdE": (
        "AJx-095VPrpTtN4QMOqROA",
        "address",
        {"street_address": "123 Main St", "locality": "Anytown", "region": "Anystate", "country": "US"},
    ),
    "gbOsI4Edq2x2Kw-w5wPEzakob9hV1cRD0ATN3oQL9JM": ("Pc33JM2LchcU_lHggv_ufQ", "birthdate", "1940-01-01"),
    "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4": ("2GLC42sKQveCfGfryNRN9w", "given_name", "John"),
}
RFC_9901_ELEMENTS = {
    "pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo": ("lklxF5jMYlGTPUovMNIvCA", "US"),
    "7Cf6JkPudry3lcbwHgeZ8khAv1U1OSlerP0VkBJrWZ0": ("nPuoQnkRFq3BIeAm7AnXFA", "DE"),
}


def test_reads_the_example_of_rfc_9901_section_5() -> None:
    body = {"_sd": list(RFC_9901), "nationalities": [{"...": each} for each in RFC_9901_ELEMENTS]}
    contents = [*RFC_9901.values(), *RFC_9901_ELEMENTS.values()]
    revealed = reveal(body, [text(*content) for content in contents])
    assert revealed.pop("nationalities") == ["US", "DE"]
    assert revealed == {name: value for _, name, value in RFC_9901.values()}


@pytest.mark.parametrize(
    ("disclosure", "expected"),
    [
        (
            "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
            "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
        ),
        ("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs"),
    ],
)
def test_digests_of_rfc_9901_section_4_2(disclosure: str, expected: str) -> None:
    assert digest(disclosure) == expected


KEY = JWK.generate(kty="EC", crv="P-256")


def test_reads_what_another_library_concealed() -> None:
    claims = {
        SDObj("guard"): "p-17",
        "seal": "XXXU1",
        "photos": [SDObj("a"), "b"],
        SDObj("site"): {SDObj("lane"): 3},
    }
    issuer = SDJWTIssuer(claims, KEY, add_decoy_claims=True)
    body = {name: value for name, value in issuer.sd_jwt_payload.items() if name != "_sd_alg"}
    expected = {"guard": "p-17", "seal": "XXXU1", "photos": ["a", "b"], "site": {"lane": 3}}
    assert reveal(body, [each.b64 for each in issuer.ii_disclosures]) == expected


def test_another_library_reads_what_we_concealed() -> None:
    body = {"guard": "p-17", "seal": "XXXU1", "photos": ["a", "b"], "site": {"lane": 3, "gate": "4"}}
    concealed, disclosures = conceal(body, [("guard",), ("photos", 1), ("site",), ("site", "lane")], Salts())
    token = JWS(json.dumps(concealed | {"_sd_alg": "sha-256"}))
    token.add_signature(KEY, alg="ES256", protected=json.dumps({"alg": "ES256"}))
    for shown in (disclosures, disclosures[:1]):
        presented = "~".join([token.serialize(compact=True), *shown, ""])
        verifier = SDJWTVerifier(presented, lambda *_: KEY)
        assert verifier.get_verified_payload() == reveal(concealed, shown)
