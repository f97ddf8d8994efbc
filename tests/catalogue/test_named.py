"""Who names a milestone, paper or category that a corridor does not have is told so and not hindered."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ledger.corridors.profile import foundation_profile
from ledger.corridors.shipped import shipped_profile
from ledger.domain.cid import cid_of
from tests.builders import EXPORTER, Trip, a_trip, seeded
from tests.catalogue.office import Office, an_office

ESTIMATE = {"milestone": "arrival", "classifier": "EST", "at": "2026-09-25T12:00:00Z"}
ODD = ESTIMATE | {"milestone": "arival"}


@pytest.fixture(name="trip")
def _trip(office: Office) -> Trip:
    """Return a trip on record."""
    return office.opens(a_trip())


def test_times_and_papers_that_do_nothing_in_a_corridor_are_told_to_who_says_them(tmp_path: Path) -> None:
    ahead = {"milestone": "departure", "classifier": "ACT", "at": "2027-09-21T12:00:00Z"}
    papers = ["packinglist", "packing-list", "our-own-paper"]
    with an_office(tmp_path, profile=shipped_profile("guatemala-us")) as office:
        trip = office.opens(a_trip())
        warned = [
            (one.code, one.field)
            for kind, body in (
                ("status", {"schedule": [ESTIMATE, ODD, ahead]}),
                ("document", {"documents": papers}),
            )
            for one in office.says(EXPORTER, kind, trip, body).warnings
        ]
    assert warned == [
        ("unknown-milestone", "body.schedule.1.milestone"),
        ("actual-in-future", "body.schedule.2.at"),
        ("unknown-paper", "body.documents.0"),
    ]


def test_where_nothing_is_asked_of_shipments_all_milestones_will_do(office: Office, trip: Trip) -> None:
    assert office.says(EXPORTER, "status", trip, {"schedule": [ODD]}).warnings == ()


def an_item(category: str) -> dict[str, Any]:
    label = {"media_type": "image/png", "category": category}
    return {"commitment": seeded(category, 32).hex(), "cid": cid_of([category.encode()]), "size": 1} | label


@pytest.mark.parametrize("category", ["scan", "rendition-scan", "other"])
def test_the_corridors_categories_are_taken_in_silence(office: Office, trip: Trip, category: str) -> None:
    assert office.says(EXPORTER, "document", trip, {"evidence": [an_item(category)]}).warnings == ()


@pytest.mark.parametrize("category", ["x-ray", "rendition-x-ray", "rendition-rendition-scan"])
def test_a_category_that_the_corridor_does_not_have_is_a_warning(
    office: Office, trip: Trip, category: str
) -> None:
    body = {"evidence": [an_item("photo"), an_item(category)]}
    (warning,) = office.says(EXPORTER, "document", trip, body).warnings
    assert (warning.code, warning.field) == ("unknown-category", "body.evidence.1.category")


def test_where_a_profile_has_no_categories_any_will_do(tmp_path: Any) -> None:
    profile = replace(foundation_profile(), categories={}, sharing={})
    with an_office(tmp_path, profile=profile) as office:
        trip = office.opens(a_trip())
        assert office.says(EXPORTER, "document", trip, {"evidence": [an_item("x-ray")]}).warnings == ()
