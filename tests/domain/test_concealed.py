"""Concealed values: to which categories they belong, and which of them a reader is shown together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import concealed
from ledger.domain.concealed import Concealed
from ledger.domain.statement import SignedStatement
from tests.builders import a_trip, an_author

MEMBERS = {"price": "commercial", "freight": "commercial", "driver": "people", "reason": "enforcement"}
ITEM = {
    "commitment": "00" * 32,
    "cid": "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
    "size": 1,
    "media_type": "text/plain",
}


def said(body: dict[str, Any], *paths: Any, kind: str = "document") -> SignedStatement:
    return an_author().says(kind, a_trip(), body, conceal=paths)


def found(signed: SignedStatement) -> tuple[Concealed, ...]:
    return concealed.concealed_in(signed.statement, signed.disclosures, MEMBERS)


def shown(signed: SignedStatement, *allowed: str, names: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the body as somebody sees it who is shown some categories."""
    texts = concealed.visible(found(signed), allowed, names)
    return signed.statement.reveal([text for text in signed.disclosures if text in texts])


def item(category: str) -> dict[str, Any]:
    return ITEM | {"category": category}


CATEGORIES: dict[str, tuple[dict[str, Any], tuple[Any, ...], list[set[str]]]] = {
    "by its name": ({"price": 1}, (["price"],), [{"commercial"}]),
    "by no known name": ({"cost": 1}, (["cost"],), [{"other"}]),
    "by a name above it": ({"price": {"sum": 1}}, (["price", "sum"],), [{"commercial"}]),
    "by all names above it": (
        {"reason": {"price": 1}},
        (["reason", "price"],),
        [{"commercial", "enforcement"}],
    ),
    "by a name in it, too": (
        {"price": {"agent": {"driver": "x"}}},
        (["price"],),
        [{"commercial", "people"}],
    ),
    "a name in what has none": ({"note": {"driver": "x"}}, (["note"],), [{"other", "people"}]),
    "an item": ({"evidence": [item("scan")]}, (["evidence", 0],), [{"scan"}]),
    "a rendition": ({"evidence": [item("rendition-scan")]}, (["evidence", 0],), [{"scan"}]),
    "the name of an item": (
        {"evidence": [item("scan") | {"name": "x"}]},
        (["evidence", 0, "name"],),
        [{"scan"}],
    ),
    "all items at once": (
        {"evidence": [item("scan"), item("photo")]},
        (["evidence"],),
        [{"scan", "photo"}],
    ),
    "an item that conceals its category": (
        {"evidence": [item("scan")]},
        (["evidence", 0], ["evidence", 0, "category"]),
        [{"scan"}, {"scan"}],
    ),
    "what holds only what is concealed": (
        {"terms": {"price": 1}},
        (["terms"], ["terms", "price"]),
        [set(), {"commercial"}],
    ),
    "an element of an array": ({"price": [1, 2]}, (["price", 1],), [{"commercial"}]),
    "an empty object": ({"note": {}}, (["note"],), [{"other"}]),
}


@pytest.mark.parametrize("name", CATEGORIES)
def test_a_concealed_value_belongs_to(name: str) -> None:
    body, paths, wanted = CATEGORIES[name]
    signed = said(body, *paths)
    places = {one.disclosure: set(one.categories) for one in found(signed)}
    assert [places[text] for text in signed.disclosures] == wanted


def test_what_a_reading_found_belongs_to_what_was_read() -> None:
    for category, wanted in (("rendition-scan", {"scan"}), ("radiation", {"radiation"}), (7, {"other"})):
        signed = said({"category": category, "found": {"n": 1}}, ["found"], kind="reading")
        assert set(found(signed)[0].categories) == wanted


def test_no_value_is_shown_without_what_it_stands_in() -> None:
    signed = said({"note": {"price": 1, "text": "x"}}, ["note"], ["note", "price"])
    assert shown(signed, "commercial") == {}
    assert shown(signed, "commercial", "other") == {"note": {"price": 1, "text": "x"}}
    assert shown(signed, "other") == {"note": {"text": "x"}}


def test_what_only_holds_others_is_shown_with_the_first_of_them() -> None:
    paths = (["cargo"], ["cargo", "price"], ["cargo", "driver"])
    signed = said({"cargo": {"price": 1, "driver": "x"}}, *paths)
    assert shown(signed, "commercial") == {"cargo": {"price": 1}}
    assert shown(signed, "people") == {"cargo": {"driver": "x"}}
    assert shown(signed, "enforcement") == {}


def test_everything_is_everything_and_a_name_is_that_alone() -> None:
    signed = said({"price": 1, "note": "x", "driver": "y"}, ["price"], ["note"], ["driver"])
    assert shown(signed, "*") == {"price": 1, "note": "x", "driver": "y"}
    assert shown(signed, names=("note",)) == {"note": "x"}


VALUES = st.recursive(
    st.integers(0, 9) | st.text("ab", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["price", "driver", "reason", "note", "evidence"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(["price", "driver", "reason", "note"]), VALUES, max_size=4)


def ways(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to everything in a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for step, inner in steps for way in ((*here, step), *ways(inner, (*here, step)))]


@given(BODIES, st.randoms(use_true_random=False), st.sets(st.sampled_from(["commercial", "people", "other"])))
def test_what_is_shown_can_be_revealed_and_holds_nothing_of_another_category(
    body: dict[str, Any], random: Any, allowed: set[str]
) -> None:
    paths = [way for way in ways(body) if random.random() < 0.5]
    signed = said(body, *paths)
    places = found(signed)
    assert {one.disclosure for one in places} == set(signed.disclosures)
    texts = concealed.visible(places, allowed)
    # Every one of them matches a digest that is there: the signature still holds.
    signed.statement.reveal([text for text in signed.disclosures if text in texts])
    assert all(one.categories <= allowed for one in places if one.disclosure in texts)
    # More categories never show less.
    assert texts <= concealed.visible(places, {*allowed, "enforcement"})
    assert concealed.visible(places, ["*"]) >= texts
