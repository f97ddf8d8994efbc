"""What an erasure says, and what it must not."""

from typing import Any

import pytest

from ledger.domain.erasure import CAUSES, MAX_ERASED, Erased, Erasure, erased
from ledger.domain.errors import MalformedError

CID = "bafkrei" + "a" * 52
ITEM = {"commitment": "00" * 32, "cid": CID}
GOOD: dict[str, Any] = {"items": [ITEM], "because": "request"}


@pytest.mark.parametrize("because", CAUSES)
def test_it_names_items_and_a_cause(because: str) -> None:
    body = GOOD | {"because": because, "note": "asked for", "occurred_at": "2026-12-05T10:00:00Z"}
    assert Erasure.parse(body) == Erasure((Erased(bytes(32), CID),), because, "asked for")
    assert erased(body) == (Erased(bytes(32), CID),)
    assert Erasure.parse(Erasure.parse(body).to_json()) == Erasure.parse(body)


def a_commitment(number: int) -> dict[str, str]:
    return {"commitment": f"{number:064x}", "cid": CID}


def test_as_many_items_as_one_statement_takes() -> None:
    items = [a_commitment(number) for number in range(MAX_ERASED)]
    assert len(erased(GOOD | {"items": items})) == MAX_ERASED


BAD: dict[str, tuple[object, str]] = {
    "no object": ([], "body"),
    "no items": ({"because": "request"}, "body.items"),
    "no cause": ({"items": [ITEM]}, "body.because"),
    "an empty list": (GOOD | {"items": []}, "body.items"),
    "too many": (GOOD | {"items": [a_commitment(one) for one in range(MAX_ERASED + 1)]}, "body.items"),
    "an item twice": (GOOD | {"items": [ITEM, ITEM]}, "body.items"),
    "a bare CID": (GOOD | {"items": [CID]}, "body.items.0"),
    "an item with a size": (GOOD | {"items": [ITEM | {"size": 1}]}, "body.items.0.size"),
    "capitals": (GOOD | {"items": [ITEM | {"commitment": "AA" * 32}]}, "body.items.0.commitment"),
    "another CID": (GOOD | {"items": [ITEM | {"cid": "Qm" + "a" * 44}]}, "body.items.0.cid"),
    "another cause": (GOOD | {"because": "because"}, "body.because"),
    "a cause that is no text": (GOOD | {"because": ["request"]}, "body.because"),
    "an empty note": (GOOD | {"note": ""}, "body.note"),
    "a long note": (GOOD | {"note": "x" * 501}, "body.note"),
    "an unknown member": (GOOD | {"secret": "x"}, "body.secret"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
def test_anything_else_is_refused_where_it_is_wrong(body: object, field: str) -> None:
    with pytest.raises(MalformedError) as caught:
        Erasure.parse(body)
    assert caught.value.field == field
