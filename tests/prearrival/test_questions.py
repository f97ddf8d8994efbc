"""Questions for arrivals and for what is owed: filters, pages, deadlines."""

from typing import Any

import pytest

from ledger.prearrival import asking, looking, working
from ledger.prearrival.asking import Filter
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT
from tests.prearrival.quay import HOUR, Quay

ETA = NOON + 100 * HOUR
SHIP: dict[str, Any] = {"vessel": {"name": "MV Piña", "imo": "9321483"}, "voyage_number": "023N"}


def three(quay: Quay) -> list[str]:
    """Put three shipments on their way, an hour apart, the last one elsewhere; return their URIs."""
    found = []
    for number, place in enumerate(("USILG", "USILG", "USPEF")):
        goods, trip = quay.goods(f"MAEU.BL{number}", ("MSKU1234565", "TEMU4567899")[number % 2], seed=number)
        quay.carried(goods, trip, ETA + number * HOUR, place, **(SHIP if number == 1 else {}))
        found.append(goods.uri)
    return found


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ({}, [0, 1, 2]),
        ({"port": "USILG"}, [0, 1]),
        ({"port": "usilg", "eta_from": ETA + 1}, [1]),
        ({"eta_to": ETA + HOUR}, [0]),
        ({"eta_from": ETA, "eta_to": ETA + 2 * HOUR}, [0, 1]),
        ({"vessel": "9321483"}, [1]),
        ({"vessel": "mv piña", "voyage": "023n"}, [1]),
        ({"voyage": "023N", "port": "USPEF"}, []),
        ({"container": "TEMU4567899"}, [1]),
        ({"bill_of_lading": "MAEU.BL2"}, [2]),
        ({"bill_of_lading": "BL2"}, [2]),
        ({"country": "US", "outcome": "missing", "ready": "false"}, [0, 1, 2]),
        ({"party": "https://carrier.example"}, [0, 1, 2]),
        ({"party": ORIGIN_PORT}, []),
        ({"delivery": "none", "port": "USPEF"}, [2]),
        ({"delivery": "blocked"}, []),
    ],
)
def test_all_that_is_asked_for_holds(quay: Quay, wanted: dict[str, Any], places: list[int]) -> None:
    uris = three(quay)
    assert quay.uris(CUSTOMS, **wanted) == [uris[place] for place in places]


def test_pages_are_whole_without_repetition_whatever_comes_in_between(quay: Quay) -> None:
    uris = three(quay)
    first = quay.arrivals.query(EXPORTER, Filter(), limit=2)
    goods, trip = quay.goods("MAEU.BL9", seed=9)
    quay.carried(goods, trip, ETA - HOUR)
    rest = quay.arrivals.query(EXPORTER, Filter(), after=first.after, limit=2)
    assert [uri in text for uri, text in zip(uris, (*first.items, *rest.items), strict=True)] == [True] * 3
    assert rest.after is None


def test_a_question_looks_at_so_many_and_says_where_to_go_on(
    quay: Quay, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(quay)
    goods, trip = quay.goods("MAEU.BL8", seed=8)
    quay.carried(goods, trip, ETA + 9 * HOUR)
    quay.complete(goods, trip)
    monkeypatch.setattr(asking, "SCANNED", 2)
    page = quay.arrivals.query(EXPORTER, Filter(delivery="none", ready="true"), limit=2)
    assert page.items == []
    assert page.after is not None
    assert quay.uris(EXPORTER, delivery="none", ready="true") == [goods.uri]


@pytest.mark.parametrize(
    ("wanted", "bills"),
    [
        ({"port": "USILG"}, ["BL5"]),
        ({"port": "usilg", "eta_from": ETA + 1}, ["BL5"]),
        ({"port": "USILG", "eta_from": ETA + HOUR + 1}, []),
        ({"port": "USILG", "outcome": "missing"}, ["BL5"]),
        ({"port": "USILG", "outcome": "contradicted"}, []),
        ({"port": "USPEF"}, ["BL6"]),
        ({"vessel": "9321483"}, ["BL5"]),
        ({"vessel": "mv piña", "voyage": "023n", "country": "US"}, ["BL5"]),
        ({"party": "https://carrier.example", "country": "US", "ready": "false"}, ["BL6", "BL5"]),
        ({"container": "TEMU4567899", "port": "USILG"}, ["BL5"]),
        ({"container": "MSKU1234565", "port": "USILG"}, []),
    ],
)
def test_what_is_rare_is_found_without_looking_through_the_rest(
    quay: Quay, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any], bills: list[str]
) -> None:
    three(quay)
    elsewhere, other = quay.goods("MAEU.BL6", seed=6)
    quay.carried(elsewhere, other, ETA, "USPEF")
    held, trip = quay.goods("MAEU.BL5", "TEMU4567899", seed=5)
    quay.carried(held, trip, ETA + HOUR, **SHIP)
    for goods in (elsewhere, held):
        quay.office.says(CUSTOMS, "decision", goods, {"delivery": "blocked"})
    monkeypatch.setattr(asking, "SCANNED", 1)
    found = quay.items(CUSTOMS, delivery="blocked", **wanted)
    assert [one["bill_of_lading"] for one in found] == [f"MAEU.{bill}" for bill in bills]


def test_rare_terms_make_one_stretch_to_read() -> None:
    assert Filter(delivery="blocked", port="USILG").terms == ["delivery=blocked&port=usilg"]
    both = Filter(delivery="blocked", outcome="contradicted", port="USILG", terminal="T1", ready="true").terms
    assert both == ["delivery=blocked&terminal=t1", "outcome=contradicted", "port=usilg", "ready=true"]
    assert Filter(delivery="free", port="USILG").terms == ["port=usilg", "delivery=free"]
    assert Filter(delivery="blocked").terms == ["delivery=blocked"]


def test_without_an_eta_a_shipment_comes_last_and_in_no_window(quay: Quay) -> None:
    goods, _ = quay.goods("MAEU.BL7", seed=7)
    uris = three(quay)
    assert quay.uris(EXPORTER) == [*uris, goods.uri]
    assert quay.uris(EXPORTER, eta_from=0) == uris


def test_small_batches_and_a_history_made_again_give_the_same(
    quay: Quay, monkeypatch: pytest.MonkeyPatch
) -> None:
    three(quay)
    items = quay.items(EXPORTER)
    monkeypatch.setattr(looking, "BATCH", 3)
    monkeypatch.setattr(working, "BATCH", 1)
    quay.arrivals.rebuild()
    assert quay.items(EXPORTER) == items


def owed(quay: Quay, organisation: str, state: str = "owed", language: str = "en") -> list[tuple[str, str]]:
    found, after = [], None
    while True:
        page = quay.arrivals.todo(organisation, state=state, language=language, after=after, limit=1)
        found += [(one["need"], one["state"]) for one in page.items]
        after = page.after
        if after is None:
            return found


def test_a_to_do_list_has_what_ones_roles_owe_by_deadline_and_empties(quay: Quay) -> None:
    goods, trip = quay.goods()
    assert owed(quay, EXPORTER) == [("invoice", "open")]
    quay.carried(goods, trip, ETA)
    assert owed(quay, CUSTOMS) == []
    (item,) = quay.arrivals.todo(EXPORTER, language="es").items
    assert (item["title"], item["due"], item["hours_left"]) == ("factura comercial", ETA - 48 * HOUR, 52.0)
    assert "commercial-invoice" in item["what"]
    quay.office.clock.now = ETA
    assert owed(quay, EXPORTER) == [("invoice", "late")]
    assert owed(quay, EXPORTER, "open") == []
    assert owed(quay, EXPORTER, "late") == [("invoice", "late")]
    quay.complete(goods, trip)
    assert owed(quay, EXPORTER) == []
    assert owed(quay, EXPORTER, "done") == owed(quay, EXPORTER, "all") == [("invoice", "done")]
    assert owed(quay, ORIGIN_PORT, "all") == [("scan", "done")]
