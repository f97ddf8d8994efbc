"""How long a shipment of 60 statements takes to judge, read from the database, and again after one more.

By the rules of the corridor from Guatemala to the United States, with custody and gate passages; nothing is
remembered from one verdict to the next. After one new statement a process that knows the shipment takes
that one in, reads what the caller may see, and makes the checks again that it touches. Times are those of
one core.
"""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from ledger.catalogue import Catalogue
from ledger.corridors.profile import Profile, foundation_profile
from ledger.corridors.shipped import shipped_profile
from ledger.domain.custody import Said
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement
from tests.assessment.papers import PAPERS
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT, Trip
from tests.catalogue.office import CARRIER
from tests.prearrival.quay import HOUR, Quay, a_quay, arrivals_of, estimate

Row = dict[str, object]

STATEMENTS = 60
REPEATS = 40
MOST_MS = 30.0
SEAL = {"number": "B1", "kind": "bolt"}


def rows() -> list[Row]:
    """Return the figures."""
    rules = shipped_profile("guatemala-us").rules
    with TemporaryDirectory() as folder, a_quay(Path(folder), rules=rules) as quay:
        goods, trip = a_busy_shipment(quay)
        # As the background does: lists have the shipment.
        quay.arrivals.tick()
        profile = replace(foundation_profile(), rules=rules)
        stored = quay.office.catalogue.statements(goods.uri, EXPORTER, limit=-1)
        assert len(stored) == STATEMENTS, len(stored)
        gc.collect()
        # In turns, so that what else the machine does falls on all of them.
        verdicts, bare, again = [], [], []
        for place in range(REPEATS):
            verdicts.append(_seconds(lambda: judged_afresh(quay, profile, goods)))
            bare.append(_seconds(lambda: parsed(stored)))
            if place >= REPEATS * 3 // 4:
                again.append(judged_again(quay, profile, goods, trip))
    verdict, floor, later = (median(one) * 1000 for one in (verdicts, bare, again))
    return [
        {
            "name": f"verdict on a trip of {STATEMENTS} statements, from the database, p50",
            "value": verdict,
            "unit": "ms",
            "floor": floor,
            "ratio": verdict / floor,
            "target": f"below {MOST_MS:g} ms (floor: parsing them)",
            "met": verdict < MOST_MS,
        },
        {
            "name": "the same again after one new statement, p50",
            "value": later,
            "unit": "ms",
            "floor": verdict,
            "ratio": later / verdict,
            "target": f"below {MOST_MS:g} ms (floor: the first verdict)",
            "met": later < MOST_MS,
        },
    ]


def judged_afresh(quay: Quay, profile: Profile, goods: Trip) -> None:
    """Judge a shipment as a process does that has just started."""
    office = quay.office
    catalogue = Catalogue(office.store, office.clock, office.redaction.view)
    arrivals = arrivals_of(replace(office, catalogue=catalogue), profile)
    found = arrivals.assessment(goods.uri, EXPORTER)
    assert len(found["checks"]) > 5


def parsed(stored: Sequence[StoredStatement]) -> None:
    """Parse statements, and open what is disclosed of them."""
    for one in stored:
        statement = Statement.parse(one.statement)
        Said(one.index, statement, statement.reveal(one.disclosures))


def judged_again(quay: Quay, profile: Profile, goods: Trip, trip: Trip) -> float:
    """Return how long it takes to judge a shipment again that has just got a temperature log."""
    arrivals = arrivals_of(quay.office, profile)
    arrivals.assessment(goods.uri, EXPORTER)
    quay.both("temperature-log", goods, trip, {}, CARRIER)
    quay.office.catalogue.catch_up()
    return _seconds(lambda: arrivals.assessment(goods.uri, EXPORTER))


def a_busy_shipment(quay: Quay) -> tuple[Trip, Trip]:
    """Put a shipment on record: stuffing, papers, seals, passages, a voyage whose ETA moves."""
    goods, trip = quay.goods("XXXX.26GT110045", seals_applied=[SEAL])
    for each in (goods, trip):
        quay.office.grants(EXPORTER, each, ORIGIN_PORT)
        quay.office.catalogue.join(each.custody_secret, CARRIER)
    said = len(quay.office.catalogue.statements(goods.uri, EXPORTER, limit=-1))
    papers: list[tuple[str, str, dict[str, Any]]] = [
        (EXPORTER, "document", {"documents": [paper["document"]], "papers": [dict(paper)]})
        for paper in PAPERS.values()
    ]
    others: list[tuple[str, str, dict[str, Any]]] = [
        (ORIGIN_PORT, "scan", {}),
        (ORIGIN_PORT, "radiation", {"alarm": False}),
        (ORIGIN_PORT, "seal-check", {"seals_found": [SEAL]}),
        (ORIGIN_PORT, "photo", {}),
        (CARRIER, "status", {}),
        (CUSTOMS, "analysis", {"conclusion": "clear", "concluded_by": "person"}),
    ]
    for place in range(STATEMENTS - said):
        iss, kind, body = papers[place] if place < len(papers) else others[place % len(others)]
        if kind == "status":
            body = {"schedule": [estimate(NOON + (120 + place) * HOUR)]}
        quay.both(kind, goods, trip, body | {"note": f"number {place}"}, iss)
    return goods, trip


def _seconds(function: Callable[[], object]) -> float:
    # Of one core, whatever else the machine does.
    begun = time.process_time()
    function()
    return time.process_time() - begun
