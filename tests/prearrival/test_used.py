"""A certificate used for two shipments is found, by those alone who may see both."""

from typing import Any

from sqlalchemy import select

from ledger.storage.catalogue_tables import catalogue_subjects
from ledger.storage.engine import read_transaction
from ledger.storage.prearrival_tables import arrival_work
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip
from tests.prearrival.quay import Quay

NUMBER = "PHYTO-2026-0042"
CERTIFICATE = {
    "document": "phytosanitary-certificate",
    "numbers": [{"kind": "certificate", "value": NUMBER}],
}


def certified(quay: Quay, goods: Trip, trip: Trip, number: str = NUMBER) -> None:
    paper = CERTIFICATE | {"numbers": [{"kind": "certificate", "value": number}]}
    quay.both("document", goods, trip, {"documents": ["phytosanitary-certificate"], "papers": [paper]})


def re_use(quay: Quay, uri: str, organisation: str) -> dict[str, Any]:
    checks = quay.arrivals.assessment(uri, organisation)["checks"]
    return next(one for one in checks if one["name"] == "re-use")


def test_a_certificate_of_another_shipment_is_found_from_both_sides(quay: Quay) -> None:
    first, second = quay.goods(), quay.goods("MAEU.BL2", "CSQU3054383", seed=1)
    certified(quay, *first)
    assert re_use(quay, first[0].uri, CUSTOMS)["status"] == "passed"
    certified(quay, *second)
    for one, other in ((first, second), (second, first)):
        told = re_use(quay, one[0].uri, CUSTOMS)
        assert (told["status"], told["reason"]) == ("failed", "number-used-elsewhere")
        assert other[0].uri in told["message"]


def test_its_clean_twin_has_a_certificate_of_its_own(quay: Quay) -> None:
    first, second = quay.goods(), quay.goods("MAEU.BL2", "CSQU3054383", seed=1)
    certified(quay, *first)
    certified(quay, *second, "PHYTO-2026-0043")
    for goods, _ in (first, second):
        assert re_use(quay, goods.uri, CUSTOMS)["status"] == "passed"


def test_who_may_not_see_the_other_shipment_learns_nothing_of_it(quay: Quay) -> None:
    first, second = quay.goods(), quay.goods("MAEU.BL2", "CSQU3054383", seed=1)
    certified(quay, *first)
    certified(quay, *second)
    for each in first:
        quay.office.grants(EXPORTER, each, ORIGIN_PORT)
    assert re_use(quay, first[0].uri, ORIGIN_PORT)["status"] == "passed"
    assert re_use(quay, first[0].uri, EXPORTER)["reason"] == "number-used-elsewhere"


def test_an_assessment_draws_up_others_and_leaves_its_own_shipment_for_later(quay: Quay) -> None:
    first, second = quay.goods(), quay.goods("MAEU.BL2", "CSQU3054383", seed=1)
    quay.arrivals.tick()
    for pair in (first, second):
        certified(quay, *pair)
    assert re_use(quay, first[0].uri, CUSTOMS)["reason"] == "number-used-elsewhere"
    assert still_due(quay) == {each.uri for each in first}
    quay.arrivals.tick()
    assert still_due(quay) == set()
    assert re_use(quay, first[1].uri, CUSTOMS)["reason"] == "number-used-elsewhere"


def still_due(quay: Quay) -> set[str]:
    work, subject = arrival_work.c, catalogue_subjects.c
    query = select(subject.uri).join(arrival_work, work.shipment == subject.idx).where(work.at == 0)
    with read_transaction(quay.office.store.engine) as connection:
        return set(connection.execute(query).scalars())
