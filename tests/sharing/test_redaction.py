"""What an organisation is shown: by its roles, by grants, as its own, and by a profile that says nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.errors import UnavailableError
from ledger.domain.statement import Reference
from ledger.sharing.redaction import Redaction
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_trip
from tests.catalogue.office import CARRIER, ROLES, STRANGER, Office, an_office

CONCEALED = {"price": 1, "driver": "x", "reason": "y", "note": "z"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty log."""
    with an_office(tmp_path) as office:
        yield office


def tell(office: Office, by: str = EXPORTER) -> Trip:
    """Open a trip that all are in, and say something with every member concealed."""
    trip = office.opens(a_trip())
    office.grants(EXPORTER, trip, *(uri for uri in sorted(ROLES) if uri != EXPORTER))
    office.says(by, "human-interaction", trip, CONCEALED, conceal=[[name] for name in CONCEALED])
    return trip


def seen(office: Office, trip: Trip, who: str) -> dict[str, Any]:
    """Return what an organisation is shown of what was concealed."""
    return {
        name: value
        for one in office.catalogue.said(trip.uri, who)
        for name, value in one.body.items()
        if name in CONCEALED
    }


def test_roles_are_shown_what_the_profile_gives_them(office: Office) -> None:
    trip = tell(office, CUSTOMS)
    shown = {who: set(seen(office, trip, who)) for who in (EXPORTER, ORIGIN_PORT, CARRIER, CUSTOMS, STRANGER)}
    assert shown == {
        EXPORTER: {"price"},
        ORIGIN_PORT: set(),
        CARRIER: set(),
        CUSTOMS: set(CONCEALED),
        STRANGER: {"price"},
    }


def test_a_profile_that_shares_nothing_in_particular_shows_members_everything(tmp_path: Path) -> None:
    document = foundation_profile().document
    sharing = document.index(b"[sharing]")
    profile = Profile.parse(document[:sharing] + document[document.index(b"# One gate passage") :])
    assert profile.sharing == {}
    with an_office(tmp_path, profile=profile) as office:
        trip = tell(office)
        assert all(seen(office, trip, who) == CONCEALED for who in ROLES)


def test_a_grant_adds_its_categories_of_its_author_alone(office: Office) -> None:
    trip = tell(office, CUSTOMS)
    granted = office.says(CUSTOMS, "grant", trip, {"to": [CARRIER], "categories": ["people", "enforcement"]})
    office.says(EXPORTER, "grant", trip, {"to": [CARRIER], "categories": ["*"]})
    assert set(seen(office, trip, CARRIER)) == {"driver", "reason"}
    office.says(CUSTOMS, "grant-ended", trip, {}, references=[Reference("ends", granted.id)])
    assert seen(office, trip, CARRIER) == {}


def test_what_is_remembered_of_one_reader_is_not_shown_to_another(office: Office) -> None:
    """What was read of statements is kept; it has to be kept apart by what was shown of them."""
    trip = tell(office)
    for who, wanted in ((EXPORTER, CONCEALED), (ORIGIN_PORT, {}), (CUSTOMS, CONCEALED), (ORIGIN_PORT, {})):
        assert seen(office, trip, who) == wanted


def test_items_open_by_the_rule_of_their_category(office: Office) -> None:
    trip = tell(office)
    view = office.redaction.view(ORIGIN_PORT)
    tags = [trip.custody_tag]
    opened = {
        category: view.may_open(category, EXPORTER, tags)
        for category in ("scan", "rendition-scan", "commercial", "nobody-named-this")
    }
    assert opened == {
        "scan": True,
        "rendition-scan": True,
        "commercial": False,
        "nobody-named-this": False,
    }
    assert office.redaction.may_open("nobody-named-this", ORIGIN_PORT, ORIGIN_PORT, tags)
    assert office.redaction.may_open("nobody-named-this", EXPORTER, CUSTOMS, tags)


def test_the_fingerprint_changes_with_every_grant_that_begins_or_ends(office: Office) -> None:
    trip, tags = tell(office), [a_trip().custody_tag]
    prints = [office.redaction.view(CARRIER).fingerprint(tags)]
    body = {"to": [CARRIER], "categories": ["people"]}
    granted = office.says(EXPORTER, "grant", trip, body)
    office.catalogue.catch_up()
    prints.append(office.redaction.view(CARRIER).fingerprint(tags))
    office.says(EXPORTER, "grant-ended", trip, {}, references=[Reference("ends", granted.id)])
    office.catalogue.catch_up()
    prints.append(office.redaction.view(CARRIER).fingerprint(tags))
    assert prints[0] != prints[1]
    assert prints[0] == prints[2]
    assert office.redaction.view(STRANGER).fingerprint(tags) != prints[0]


def test_an_organisation_without_roles_is_shown_its_own_and_nothing_else(office: Office) -> None:
    trip = tell(office, CARRIER)
    nobody = Redaction(office.store.engine, foundation_profile(), lambda _uri: frozenset(), office.clock)
    stored = office.store.statement_at(office.store.size() - 1)
    assert nobody.visible(stored, CARRIER) == stored.disclosures
    assert nobody.visible(stored, CUSTOMS) == ()
    assert trip.uri


def test_while_the_registry_cannot_be_read_nothing_is_shown(office: Office) -> None:
    def unreadable(_uri: str) -> frozenset[str]:
        raise UnavailableError("registry-unavailable", "the registry cannot be read now")

    blind = Redaction(office.store.engine, foundation_profile(), unreadable, office.clock)
    with pytest.raises(UnavailableError):
        blind.view(CUSTOMS)
