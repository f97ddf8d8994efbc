"""Which papers a statement brings: codes, none twice, and nothing that a check could stumble over."""

from typing import Any

import pytest

from ledger.domain.documents import documents_of, read_documents
from ledger.domain.errors import MalformedError

GOOD = {
    "one": ["stow-plan"],
    "a letter": ["a"],
    "the most": [f"paper-{number}" for number in range(32)],
    "the longest": ["a" * 64],
}
BAD: dict[str, tuple[Any, str]] = {
    "none": ([], "body.documents"),
    "too many": ([f"paper-{number}" for number in range(33)], "body.documents"),
    "twice": (["entry", "entry"], "body.documents"),
    "a text": ("entry", "body.documents"),
    "an object": ({"entry": True}, "body.documents"),
    "nothing": (None, "body.documents"),
    "a number": (["entry", 7], "body.documents.1"),
    "an array": ([["entry"]], "body.documents.0"),
    "in words": (["stow plan"], "body.documents.0"),
    "a capital": (["Entry"], "body.documents.0"),
    "a digit first": (["10-plus-2"], "body.documents.0"),
    "too long": (["a" * 65], "body.documents.0"),
    "a line end": (["entry\n"], "body.documents.0"),
    "empty": ([""], "body.documents.0"),
}


@pytest.mark.parametrize("case", GOOD)
def test_codes_are_read_in_their_order(case: str) -> None:
    assert read_documents(GOOD[case], "body.documents") == tuple(GOOD[case])
    assert documents_of({"documents": GOOD[case]}) == tuple(GOOD[case])


@pytest.mark.parametrize("case", BAD)
def test_anything_else_is_refused_at_intake_and_counts_as_not_said(case: str) -> None:
    value, field = BAD[case]
    with pytest.raises(MalformedError) as caught:
        read_documents(value, "body.documents")
    assert caught.value.field == field
    assert documents_of({"documents": value}) == ()


def test_a_body_without_them_brings_none() -> None:
    assert documents_of({}) == ()
