"""Papers in bodies: read whole or refused with the place at fault; read as far as they are well-formed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError
from ledger.domain.paper_shape import paper_as_far_as_said, papers_as_far_as_said, read_paper, read_papers
from ledger.domain.papers import MAX_ROWS, MAX_TEXT, Named, Paper

PAPER = {
    "document": "bill-of-lading",
    "numbers": [{"kind": "bill-of-lading", "value": "XXXX26GT110045"}],
    "dates": [{"kind": "on-board", "value": "2026-11-08"}],
    "places": [{"kind": "loading", "value": "GTPBR"}],
    "parties": [{"role": "shipper", "name": "Pineapples Example, S.A.", "id": "9000001-3"}],
    "containers": [{"number": "XXXU5001233", "type": "45R1", "seals": ["B1"], "gross_kg": 19_500}],
    "seals": ["B2"],
    "goods": [
        {"description": "Pineapples", "hs": "080430", "origin": "GT", "package_kind": "CT", "packages": 1500}
    ],
    "totals": {"packages": 1500, "value": 13_860.5, "currency": "USD"},
}
BAD: dict[str, tuple[Any, str]] = {
    "no array": ({}, "p"),
    "too many": ([{"document": "manifest"}] * 17, "p"),
    "no object": (["manifest"], "p.0"),
    "no document": ([{}], "p.0.document"),
    "a document in words": ([{"document": "Bill of lading"}], "p.0.document"),
    "an unknown member": ([{"document": "manifest", "price": 1}], "p.0.price"),
    "a number without kind": ([{"document": "manifest", "numbers": [{"value": "1"}]}], "p.0.numbers.0.kind"),
    "a weight below nothing": ([{"document": "manifest", "totals": {"net_kg": -1}}], "p.0.totals.net_kg"),
    "a weight that is true": ([{"document": "manifest", "totals": {"net_kg": True}}], "p.0.totals.net_kg"),
    "a tariff number with dots": ([{"document": "manifest", "goods": [{"hs": "0804.30"}]}], "p.0.goods.0.hs"),
    "a tariff number in other digits": (
        [{"document": "manifest", "goods": [{"hs": "٠٨٠٤٣٠"}]}],
        "p.0.goods.0.hs",
    ),
    "a seal that is none": ([{"document": "manifest", "seals": [""]}], "p.0.seals.0"),
    "a long text": ([{"document": "manifest", "seals": ["1" * (MAX_TEXT + 1)]}], "p.0.seals.0"),
    "too many rows": ([{"document": "manifest", "seals": ["1"] * (MAX_ROWS + 1)}], "p.0.seals"),
    "rows that are none": ([{"document": "manifest", "goods": {"hs": "080430"}}], "p.0.goods"),
}


@pytest.mark.parametrize(("value", "field"), BAD.values(), ids=BAD)
def test_what_is_no_paper_is_refused_with_its_place(value: Any, field: str) -> None:
    with pytest.raises(MalformedError) as raised:
        read_papers(value, "p")
    assert raised.value.field == field


def test_a_paper_that_is_read_and_written_is_the_same() -> None:
    paper = read_paper(PAPER, "p")
    assert paper.to_json() == PAPER
    assert paper_as_far_as_said(PAPER) == paper
    assert paper.of_kind("numbers", "bill-of-lading", "other") == ("XXXX26GT110045",)


def test_all_papers_may_be_concealed() -> None:
    assert read_papers([], "p") == ()


def test_long_texts_and_lists_are_cut_where_they_are_written() -> None:
    rows = tuple(Named("invoice", str(place)) for place in range(MAX_ROWS + 1))
    written = Paper("manifest", numbers=rows, seals=("1" * 300,)).to_json()
    assert len(written["numbers"]) == MAX_ROWS
    assert written["seals"] == ["1" * MAX_TEXT]
    assert read_paper(written, "p").to_json() == written


def test_what_is_malformed_counts_as_not_said_and_the_rest_stays() -> None:
    value = {
        "document": "manifest",
        "numbers": "none",
        "parties": [{"role": "exporter", "name": "Pineapples Example"}, {"name": "nobody"}, 3],
        "totals": {"packages": 1500, "net_kg": "much", "pallets": 20},
        "later": "member",
    }
    paper = paper_as_far_as_said(value)
    assert paper is not None
    assert paper.to_json() == {
        "document": "manifest",
        "parties": [{"role": "exporter", "name": "Pineapples Example"}],
        "totals": {"packages": 1500},
    }


@pytest.mark.parametrize("value", [None, [], {}, {"document": 3}, {"document": "A"}, "manifest"], ids=repr)
def test_what_does_not_say_which_paper_it_is_is_none(value: Any) -> None:
    assert paper_as_far_as_said(value) is None
    assert papers_as_far_as_said([value]) == ()


NAMES = st.sampled_from([*PAPER, "kind", "value"])
ANYTHING = st.recursive(
    st.none() | st.floats() | st.text(max_size=3),
    lambda each: st.lists(each) | st.dictionaries(NAMES, each),
    max_leaves=20,
)


@given(ANYTHING)
def test_whatever_can_be_read_as_far_as_said_can_be_read_again(value: Any) -> None:
    papers = papers_as_far_as_said(
        [value, {"document": "manifest"} | (value if isinstance(value, dict) else {})]
    )
    written = [paper.to_json() for paper in papers]
    assert [paper.to_json() for paper in read_papers(written, "p")] == written
