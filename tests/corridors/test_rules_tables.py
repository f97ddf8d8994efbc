"""What a profile asks of shipments: read as written, by this reader and by the second one, or refused."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_encoding import Refused
from second_profile import read_profile

from ledger.corridors.checking import check
from ledger.corridors.profile import Profile
from ledger.corridors.rules import (
    CorridorRules,
    Due,
    Leg,
    Milestone,
    Place,
    Reefer,
    Term,
    Tolerances,
    When,
)
from ledger.corridors.shipped import SHIPPED, shipped_profile
from ledger.domain.errors import MalformedError
from ledger.domain.words import Words
from tests.corridors.rules_text import CORRIDOR, changed, profile
from tests.corridors.toml_writing import written

WITHOUT_ROUTE = CORRIDOR[: CORRIDOR.index("[route]")]


def rules() -> CorridorRules:
    found = profile().rules
    assert found is not None
    return found


def test_reads_what_is_written() -> None:
    read = rules()
    assert read.origins == {"GTPBR"}
    assert read.destinations == {"USILG"}
    assert read.parties == {"exporter", "carrier", "origin-port"}
    assert read.promise_hours == 48
    assert read.promise == Due((Term("arrival", -48), Term("departure")), "latest")
    assert read.times == {"witnesses", "tsa"}
    assert read.places["USILG"] == Place("Wilmington", "US", 39.72, -75.53)
    assert list(read.milestones) == ["stuffing", "departure", "arrival"]
    assert read.milestones["departure"] == Milestone(
        Words("departure", "zarpe", "départ"), frozenset({"departure"}), frozenset({"GTPBR"}), ("carrier",)
    )
    assert read.legs["voyage"] == Leg(
        Words("voyage", "travesía", "traversée"), "departure", "arrival", "sea", 3250, 60, 200, 500
    )
    scan = read.required["scan"]
    assert (scan.kind, scan.owed_by, scan.per) == ("scan", ("origin-port",), "trip")
    assert not scan.documents
    assert scan.when == When(frozenset({"US"}), frozenset(), ("0804",), None, 48)
    assert scan.origin
    assert not read.required["stow-plan"].origin
    assert read.required["stow-plan"].until == Due((Term("arrival", -24),))
    assert read.tolerances == Tolerances(packages=1, gross_percent=0.5, hs_digits=6)
    assert read.reefer == Reefer(7, 10.5, 120)
    assert read.most_speed_kmh == {"road": 120, "sea": 60}
    assert read.answer_alarm_hours == 24
    assert read.seal_check_at == read.machinery_check_at == {"departure"}


def test_without_route_nothing_is_asked() -> None:
    assert Profile.parse(WITHOUT_ROUTE.encode()).rules is None


def test_the_least_route_asks_for_nothing_else() -> None:
    least = '[route]\norigins = ["GTPBR"]\ndestinations = ["USILG"]\nparties = ["carrier"]\n'
    read = Profile.parse((WITHOUT_ROUTE + least).encode()).rules
    assert read == CorridorRules(frozenset({"GTPBR"}), frozenset({"USILG"}), parties=frozenset({"carrier"}))


BAD: dict[str, tuple[tuple[str, str], str | None]] = {
    "table without route": (
        (CORRIDOR[CORRIDOR.index("[route]") : CORRIDOR.index("[places.GTPBR]")], ""),
        "route",
    ),
    "unknown table": (("[alarms]", "[alerts]"), "alerts"),
    "unknown member": (("answer_hours", "answer_days"), "alarms.answer_days"),
    "route without parties": (('parties = ["exporter", "carrier", "origin-port"]\n', ""), "route.parties"),
    "origins empty": (('origins = ["GTPBR"]', "origins = []"), "route.origins"),
    "origin twice": (('origins = ["GTPBR"]', 'origins = ["GTPBR", "GTPBR"]'), "route.origins"),
    "origin of four letters": (('origins = ["GTPBR"]', 'origins = ["GTPB"]'), "route.origins.0"),
    "origin in small letters": (('origins = ["GTPBR"]', 'origins = ["gtpbr"]'), "route.origins.0"),
    "origin a number": (('origins = ["GTPBR"]', "origins = [1]"), "route.origins.0"),
    "origins a text": (('origins = ["GTPBR"]', 'origins = "GTPBR"'), "route.origins"),
    "promise that is no deadline": (("promise_hours = 48", "promise_hours = true"), "route.promise_hours"),
    "promise endless": (("promise_hours = 48", "promise_hours = inf"), "route.promise_hours"),
    "promise not a number": (("promise_hours = 48", "promise_hours = nan"), "route.promise_hours"),
    "promise negative": (("promise_hours = 48", "promise_hours = -1"), "route.promise_hours"),
    "unknown clock": (('times = ["witnesses", "tsa"]', 'times = ["sundial"]'), "route.times"),
    "clock twice": (('times = ["witnesses", "tsa"]', 'times = ["tsa", "tsa"]'), "route.times"),
    "no clock": (('times = ["witnesses", "tsa"]', "times = []"), "route.times"),
    "place by another name": (("[places.GTPBR]", "[places.Barrios]"), None),
    "place without country": (('country = "GT"\n', ""), "places.GTPBR.country"),
    "country of three letters": (('country = "GT"', 'country = "GTM"'), "places.GTPBR.country"),
    "latitude alone": (("longitude = -88.6\n", ""), "places.GTPBR"),
    "latitude over the pole": (("latitude = 15.73", "latitude = 90.1"), "places.GTPBR.latitude"),
    "longitude a text": (("longitude = -88.6", 'longitude = "W 88"'), "places.GTPBR.longitude"),
    "milestone in two languages": ((', fr = "départ" }', " }"), "milestones.departure.title.fr"),
    "milestone in four languages": (
        ('fr = "départ" }', 'fr = "départ", de = "Abfahrt" }'),
        "milestones.departure.title.de",
    ),
    "milestone with a text for a title": (
        ('title = { en = "departure", es = "zarpe", fr = "départ" }', 'title = "departure"'),
        "milestones.departure.title",
    ),
    "milestone of no kind": (('kinds = ["arrival"]', "kinds = []"), "milestones.arrival.kinds"),
    "milestone at a name": (('places = ["USILG"]', 'places = ["Wilmington"]'), "milestones.arrival.places.0"),
    "leg by air": (('mode = "sea"', 'mode = "air"'), "legs.voyage.mode"),
    "leg without an end": (('to = "arrival"\n', ""), "legs.voyage.to"),
    "leg of negative length": (("km = 3250", "km = -1"), "legs.voyage.km"),
    "leg a date": (("km = 3250", "km = 2026-11-06"), "legs.voyage.km"),
    "need owed by nobody": (('owed_by = ["exporter"]', "owed_by = []"), "required.invoice.owed_by"),
    "need without a kind": (('kind = "scan"\n', ""), "required.scan.kind"),
    "need of no document": (('documents = ["stow-plan"]', "documents = []"), "required.stow-plan.documents"),
    "need of a document in words": (
        ('documents = ["stow-plan"]', 'documents = ["stow plan"]'),
        "required.stow-plan.documents.0",
    ),
    "need per ship": (('per = "trip"', 'per = "ship"'), "required.scan.per"),
    "need that is due at some time": (
        ('due = "departure - 24 h"', 'due = "a day before departure"'),
        "required.invoice.due",
    ),
    "need under no condition": (
        ('when = { destinations = ["US"], hs = ["0804"], voyage_over_hours = 48 }', "when = {}"),
        "required.scan.when",
    ),
    "need under an unknown condition": (("hs = [", "cargo = ["), "required.scan.when.cargo"),
    "tariff with points": (('hs = ["0804"]', 'hs = ["08.04"]'), "required.scan.when.hs.0"),
    "origin in words": (("origin = false", 'origin = "no"'), "required.stow-plan.origin"),
    "percent over all": (("gross_percent = 0.5", "gross_percent = 101"), "tolerances.gross_percent"),
    "half a digit": (("hs_digits = 6", "hs_digits = 6.5"), "tolerances.hs_digits"),
    "reefer without a limit": (("high_c = 10.5\n", ""), "reefer.high_c"),
    "speed of light": (("sea = 60", "sea = 1e9"), "speeds.sea"),
    "speed by air": (("sea = 60", "air = 900"), "speeds.air"),
    "check before a number": (('seal_check = ["departure"]', "seal_check = [1]"), "before.seal_check.0"),
}


@pytest.mark.parametrize("case", BAD)
def test_anything_else_is_refused_and_says_where(case: str) -> None:
    change, field = BAD[case]
    document = changed(change).encode()
    with pytest.raises(MalformedError) as caught:
        Profile.parse(document)
    if field is not None:
        assert caught.value.field == field
    with pytest.raises(Refused):
        read_profile(document)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_second_reader_takes_what_is_shipped(name: str) -> None:
    read = read_profile(shipped_profile(name).document)
    assert set(read.kinds) == set(shipped_profile(name).kinds)


PARSED = tomllib.loads(CORRIDOR)
VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(("arrival", "arrival - 48 h", "US", "GTPBR", "carrier", "document", "sea", "trip")),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(("en", "from", "earliest", "due", "hs", "x")), inner, max_size=3),
    ),
    max_leaves=5,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [more for name, inner in steps for more in _paths(inner, (*path, name))]


@settings(max_examples=300)
@given(st.sampled_from(_paths(PARSED)), VALUES, st.sampled_from(("replace", "remove", "double")))
def test_whatever_stands_in_a_table_is_read_or_refused_by_both_readers(
    path: tuple[Any, ...], value: Any, how: str
) -> None:
    document = tomllib.loads(CORRIDOR)
    inner: Any = document
    for step in path[:-1]:
        inner = inner[step]
    if how == "replace":
        inner[path[-1]] = value
    elif isinstance(inner, dict):
        inner |= {"more": inner.pop(path[-1])} if how == "remove" else {"double": inner[path[-1]]}
    else:
        inner.append(value)
    _taken_by_both_or_neither(written(document).encode())


@settings(max_examples=200)
@given(st.binary(max_size=6), st.integers(0, len(CORRIDOR)), st.integers(0, 40))
def test_broken_text_is_read_or_refused_by_both_readers(piece: bytes, start: int, left_out: int) -> None:
    text = CORRIDOR.encode()
    _taken_by_both_or_neither(text[:start] + piece + text[start + left_out :])


def _taken_by_both_or_neither(document: bytes) -> None:
    try:
        read = Profile.parse(document)
    except MalformedError:
        with pytest.raises(Refused):
            read_profile(document)
        return
    read_profile(document)
    # What can be read can be checked, however little sense it makes.
    assert all(one.says and one.todo for one in check(read))
