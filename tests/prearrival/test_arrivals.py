"""What is on its way: one row for each shipment, for those who may see it, as of the newest statement."""

from typing import Any

from tests.builders import CUSTOMS, EXPORTER, NOON
from tests.catalogue.office import CARRIER, STRANGER
from tests.prearrival.quay import HOUR, Quay

ETA = NOON + 100 * HOUR
VESSEL: dict[str, Any] = {"vessel": {"name": "MV Piña", "imo": "9321483"}, "voyage_number": "023N"}


def test_a_shipment_is_one_item_with_its_trip_and_its_ship(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA, **VESSEL)
    (item,) = quay.items(CUSTOMS)
    assert item["shipment"] == goods.uri
    assert (item["trips"], item["containers"]) == ([trip.uri], ["MSKU1234565"])
    assert (item["bill_of_lading"], item["port"], item["voyage"]) == ("MAEU.BL1", "USILG", "023N")
    assert item["vessel"] == VESSEL["vessel"]
    assert (item["eta"]["at"], item["eta"]["classifier"], item["eta"]["source"]) == (ETA, "EST", CARRIER)
    assert (item["outcome"], item["ready_at"], item["delivery"]) == ("missing", None, "none")
    assert item["decision"] is None


def test_strangers_find_nothing_and_parties_find_the_same(quay: Quay) -> None:
    goods, trip = quay.goods()
    quay.carried(goods, trip, ETA)
    assert quay.items(STRANGER) == []
    assert quay.items(CARRIER) == quay.items(EXPORTER) == quay.items(CUSTOMS) != []
    assert quay.arrivals.shown(goods.uri, STRANGER) is None
    assert quay.arrivals.shown(goods.uri, CARRIER) == quay.items(CARRIER)[0]
