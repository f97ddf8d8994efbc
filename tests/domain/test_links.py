"""Links: what stands is the same whatever the order of arrival, and the trade's odd cases come out right."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.custody import Said, time_of
from ledger.domain.errors import MalformedError
from ledger.domain.links import (
    BOOKED_AS,
    CARRIED_IN,
    CARRIED_ON,
    LINK,
    LINK_ENDED,
    REPLACES,
    STRIPPING,
    STUFFED_IN,
    STUFFING,
    Link,
    LinkSet,
    Span,
    links_of,
)
from ledger.domain.statement import SignedStatement
from ledger.domain.subject import Subject
from tests.builders import CUSTOMS, EXPORTER, NOON, Salts, Trip, a_trip, an_author, seeded

HOUR = 3600


def a_subject(kind: str, key: str, seed: object = 0) -> str:
    """Return the name of a subject of any type."""
    return Subject.create(kind, key, EXPORTER, seeded((kind, key, seed), 32)).uri


def clock(hour: float) -> str:
    """Return so many hours after a midnight as RFC 3339."""
    minutes = round(hour * 60)
    return f"2026-11-{6 + minutes // 1440:02d}T{minutes // 60 % 24:02d}:{minutes % 60:02d}:00Z"


def at(hour: float) -> float:
    """Return the same as POSIX seconds."""
    return 1_793_923_200 + hour * HOUR


TRIP, OTHER_TRIP = a_subject("trip", "XXXU5001233"), a_subject("trip", "MSKU1234565")
GOODS, OTHER_GOODS, THIRD_GOODS = (a_subject("consignment", f"MAEU.BL{n}") for n in range(3))
BOOKING, OTHER_BOOKING = (a_subject("booking", f"B{n}") for n in range(2))
VOYAGE, OTHER_VOYAGE = (a_subject("voyage", f"SHIP.{n}") for n in range(2))


@dataclass(frozen=True)
class Links:
    """What the spans that were worked out say."""

    spans: tuple[Span, ...]

    def at(self, time: float | None = None) -> set[Link]:
        """Return the links that stand at a time, or that stand in the end if none is given."""
        if time is None:
            return {span.link for span in self.spans if span.until is None}
        return {
            span.link
            for span in self.spans
            if span.since <= time and (span.until is None or time < span.until)
        }

    def to(self, rel: str, from_: str, time: float | None = None) -> set[str]:
        """Return where the links of a relation lead from a subject."""
        return {link.to for link in self.at(time) if (link.rel, link.from_) == (rel, from_)}

    def leading_to(self, to: str, time: float | None = None) -> set[str]:
        """Return the subjects that links lead from to one."""
        return {link.from_ for link in self.at(time) if link.to == to}

    def linked_to(self, uri: str) -> set[str]:
        """Return the subjects that ever were linked to one, directly."""
        ends = [{span.link.from_, span.link.to} for span in self.spans]
        return set().union(*(both for both in ends if uri in both)) - {uri}


def links_after(said: Iterable[Said]) -> Links:
    """Return the links that are worked out from what was said."""
    return Links(LinkSet.of(said).spans)


@dataclass
class Log:
    """What was said of links, in the order in which it was logged."""

    said: list[Said] = field(default_factory=list)
    salts: Salts = field(default_factory=Salts)

    def say(
        self, kind: str, hour: float | None, *links: Link, iss: str = EXPORTER, **changes: Any
    ) -> SignedStatement:
        """Log that links begin or end at an hour."""
        author = an_author(iss)
        author.salts = self.salts
        body: dict[str, Any] = {"links": [{"rel": one.rel, "from": one.from_, "to": one.to} for one in links]}
        body |= {} if hour is None else {"occurred_at": clock(hour)}
        body |= changes.pop("body", {})
        ends = list(dict.fromkeys(uri for one in links for uri in (one.from_, one.to)))
        signed = author.says(kind, a_trip(), body, subjects=ends, **changes)
        self.said.append(Said(10 + len(self.said), signed.statement, body))
        return signed

    def links(self) -> Links:
        """Return the links that were made."""
        return links_after(self.said)


def test_a_reused_container_number_is_two_trips() -> None:
    first, second = a_subject("trip", "XXXU5001233", "March"), a_subject("trip", "XXXU5001233", "April")
    log = Log()
    log.say(STUFFING, 1, Link(STUFFED_IN, GOODS, first))
    log.say(STRIPPING, 30, Link(STUFFED_IN, GOODS, first))
    log.say(STUFFING, 50, Link(STUFFED_IN, OTHER_GOODS, second))
    links = log.links()
    assert Subject.parse(first).key == Subject.parse(second).key
    assert links.to(STUFFED_IN, GOODS, at(2)) == {first}
    assert links.to(STUFFED_IN, OTHER_GOODS) == {second}
    assert links.leading_to(first) == set()
    assert links.linked_to(second) == {OTHER_GOODS}


def test_a_consolidation_is_several_consignments_in_one_trip() -> None:
    log = Log()
    log.say(STUFFING, 1, *(Link(STUFFED_IN, goods, TRIP) for goods in (GOODS, OTHER_GOODS)))
    log.say(STUFFING, 2, Link(STUFFED_IN, THIRD_GOODS, TRIP), iss=CUSTOMS)
    assert log.links().leading_to(TRIP) == {GOODS, OTHER_GOODS, THIRD_GOODS}
    assert log.links().leading_to(TRIP, at(1.5)) == {GOODS, OTHER_GOODS}


def test_a_consignment_may_have_several_bookings() -> None:
    log = Log()
    log.say(LINK, 1, Link(BOOKED_AS, GOODS, BOOKING), Link(BOOKED_AS, GOODS, OTHER_BOOKING))
    log.say(LINK, 1, Link(CARRIED_IN, BOOKING, TRIP), Link(CARRIED_IN, OTHER_BOOKING, OTHER_TRIP))
    links = log.links()
    assert links.linked_to(GOODS) == {BOOKING, OTHER_BOOKING}
    assert links.linked_to(BOOKING) == {GOODS, TRIP}


def test_a_short_ship_leaves_one_trip_of_a_consignment_ashore() -> None:
    log = Log()
    log.say(STUFFING, 1, Link(STUFFED_IN, GOODS, TRIP), Link(STUFFED_IN, GOODS, OTHER_TRIP))
    log.say(LINK, 2, Link(CARRIED_ON, TRIP, VOYAGE), Link(CARRIED_ON, OTHER_TRIP, VOYAGE))
    log.say(LINK_ENDED, 3, Link(CARRIED_ON, OTHER_TRIP, VOYAGE), iss=CUSTOMS)
    links = log.links()
    assert links.to(STUFFED_IN, GOODS) == {TRIP, OTHER_TRIP}
    assert {trip for trip in links.to(STUFFED_IN, GOODS) if links.to(CARRIED_ON, trip)} == {TRIP}


def test_a_roll_over_moves_a_trip_to_the_next_voyage() -> None:
    log = Log()
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE))
    log.say(LINK_ENDED, 5, Link(CARRIED_ON, TRIP, VOYAGE))
    log.say(LINK, 5, Link(CARRIED_ON, TRIP, OTHER_VOYAGE))
    links = log.links()
    assert links.to(CARRIED_ON, TRIP, at(4)) == {VOYAGE}
    assert links.to(CARRIED_ON, TRIP, at(5)) == links.to(CARRIED_ON, TRIP) == {OTHER_VOYAGE}


def test_a_vessel_change_replaces_a_voyage_for_all_that_it_carries() -> None:
    log = Log()
    carried = [Link(CARRIED_ON, trip, VOYAGE) for trip in (TRIP, OTHER_TRIP)]
    log.say(LINK, 1, *carried)
    log.say(LINK, 4, Link(REPLACES, OTHER_VOYAGE, VOYAGE))
    log.say(LINK_ENDED, 4, *carried)
    log.say(LINK, 4, *(Link(CARRIED_ON, trip, OTHER_VOYAGE) for trip in (TRIP, OTHER_TRIP)))
    links = log.links()
    assert links.to(CARRIED_ON, TRIP) == links.to(CARRIED_ON, OTHER_TRIP) == {OTHER_VOYAGE}
    assert Link(REPLACES, OTHER_VOYAGE, VOYAGE) in links.at()


def test_a_transshipment_is_two_voyages_one_after_the_other() -> None:
    log = Log()
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE))
    log.say(LINK_ENDED, 20, Link(CARRIED_ON, TRIP, VOYAGE))
    log.say(LINK, 26, Link(CARRIED_ON, TRIP, OTHER_VOYAGE))
    links = log.links()
    assert [links.to(CARRIED_ON, TRIP, at(hour)) for hour in (10, 23, 30)] == [
        {VOYAGE},
        set(),
        {OTHER_VOYAGE},
    ]
    assert links.linked_to(TRIP) == {VOYAGE, OTHER_VOYAGE}


def test_a_transload_moves_the_goods_to_another_container() -> None:
    log = Log()
    log.say(STUFFING, 1, Link(STUFFED_IN, GOODS, TRIP))
    log.say(STRIPPING, 7, Link(STUFFED_IN, GOODS, TRIP), iss=CUSTOMS)
    log.say(STUFFING, 8, Link(STUFFED_IN, GOODS, OTHER_TRIP), Link(REPLACES, OTHER_TRIP, TRIP), iss=CUSTOMS)
    links = log.links()
    assert [links.to(STUFFED_IN, GOODS, at(hour)) for hour in (6, 7.5, 9)] == [{TRIP}, set(), {OTHER_TRIP}]
    assert links.linked_to(OTHER_TRIP) == {GOODS, TRIP}


def test_an_end_that_arrives_before_its_beginning_ends_it() -> None:
    log = Log()
    log.say(LINK_ENDED, 5, Link(CARRIED_ON, TRIP, VOYAGE))
    assert log.links().at() == set()
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE))
    assert log.links().at() == set()
    assert log.links().to(CARRIED_ON, TRIP, at(2)) == {VOYAGE}


def test_a_link_that_is_made_again_stands_again() -> None:
    log = Log()
    for kind, hour in ((LINK, 1), (LINK_ENDED, 2), (LINK, 3), (LINK, 4)):
        log.say(kind, hour, Link(CARRIED_ON, TRIP, VOYAGE))
    spans = [(span.since, span.until) for span in log.links().spans]
    assert spans == [(at(1), at(2)), (at(3), None)]


def test_a_stuffing_of_one_consignment_and_one_trip_needs_no_links() -> None:
    signed = an_author().says(STUFFING, a_trip(), {}, subjects=(TRIP, GOODS))
    assert links_of(signed.statement, {}) == (Link(STUFFED_IN, GOODS, TRIP),)
    ended = an_author().says(STRIPPING, a_trip(), {}, subjects=(TRIP, GOODS))
    said = [Said(1, signed.statement, {}), Said(2, ended.statement, {})]
    assert links_after(said).at() == set()


def test_a_stuffing_that_leaves_a_choice_says_nothing_by_itself() -> None:
    signed = an_author().says(STUFFING, a_trip(), {}, subjects=(TRIP, GOODS, OTHER_GOODS))
    assert links_of(signed.statement, {}) == ()


def test_the_clocks_offset_puts_an_end_before_the_next_beginning() -> None:
    log = Log()
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE))
    log.say(LINK_ENDED, 9, Link(CARRIED_ON, TRIP, VOYAGE), body={"clock_offset_s": 7 * HOUR})
    assert log.links().spans[0].until == at(2)


@pytest.mark.parametrize("body", [{}, {"occurred_at": "yesterday"}], ids=["none", "malformed"])
def test_without_a_claimed_time_the_time_of_signing_counts(body: dict[str, Any]) -> None:
    log = Log()
    log.say(LINK, None, Link(CARRIED_ON, TRIP, VOYAGE), iat=NOON, body=body)
    assert log.links().spans[0].since == NOON


@pytest.mark.parametrize("offset", ["fast", True, 10**9], ids=["text", "true", "years"])
def test_an_offset_that_is_malformed_counts_as_not_said(offset: object) -> None:
    log = Log()
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE), body={"clock_offset_s": offset})
    assert log.links().spans[0].since == at(1)


def test_lines_of_custody_tell_the_same_time() -> None:
    log = Log()
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE), body={"clock_offset_s": 0.1})
    assert log.links().spans[0].since == time_of(log.said[0])


def test_a_correction_by_its_author_takes_a_link_back_and_nobody_elses_does() -> None:
    log = Log()
    wrong = log.say(LINK, 1, Link(CARRIED_ON, TRIP, VOYAGE)).statement.id
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, OTHER_VOYAGE), iss=CUSTOMS, corrects=wrong)
    assert log.links().to(CARRIED_ON, TRIP) == {VOYAGE, OTHER_VOYAGE}
    log.say(LINK, 1, Link(CARRIED_ON, TRIP, OTHER_VOYAGE), corrects=wrong)
    assert log.links().to(CARRIED_ON, TRIP) == {OTHER_VOYAGE}


LINKS = [Link(CARRIED_ON, trip, voyage) for trip in (TRIP, OTHER_TRIP) for voyage in (VOYAGE, OTHER_VOYAGE)]
EVENTS = st.lists(
    st.tuples(st.sampled_from([LINK, LINK_ENDED]), st.integers(0, 4), st.sampled_from(LINKS)), max_size=6
)


@settings(max_examples=60)
@given(events=EVENTS, data=st.data())
def test_any_order_of_arrival_gives_the_same_links(
    events: list[tuple[str, int, Link]], data: st.DataObject
) -> None:
    log = Log()
    for kind, hour, link in events:
        log.say(kind, hour, link)
    order = data.draw(st.permutations(log.said))
    arrived = [Said(index, one.statement, one.body) for index, one in enumerate(order, 1)]
    assert links_after(arrived) == log.links()


def test_twice_logged_is_said_once() -> None:
    log = Log()
    for kind, hour in ((LINK, 1), (LINK_ENDED, 2)):
        log.say(kind, hour, LINKS[0])
    assert all(links_after([*order, *order]) == log.links() for order in permutations(log.said))


def bad(**changes: Any) -> dict[str, Any]:
    """Return a body with one link that differs from a good one."""
    return {"links": [{"rel": CARRIED_ON, "from": TRIP, "to": VOYAGE} | changes]}


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no links": ({}, "body.links"),
    "links that are no array": ({"links": {}}, "body.links"),
    "an empty array": ({"links": []}, "body.links"),
    "the same link twice": ({"links": bad()["links"] * 2}, "body.links"),
    "a link that is text": ({"links": ["carried-on"]}, "body.links.0"),
    "an unknown relation": (bad(rel="towed-by"), "body.links.0.rel"),
    "a relation that is an array": (bad(rel=[]), "body.links.0.rel"),
    "a relation between other types": (bad(rel=STUFFED_IN), "body.links.0"),
    "a link to itself": (bad(rel=REPLACES, to=TRIP), "body.links.0"),
    "an end that is no subject": (bad(to="SHIP.1"), "body.links.0.to"),
    "an end that the statement is not about": (bad(to=OTHER_VOYAGE), "body.links.0.to"),
    "a surplus member": (bad(since=1), "body.links.0.since"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
def test_a_bad_link_is_refused_with_its_place(body: dict[str, Any], field: str) -> None:
    signed = an_author().says(LINK, a_trip(), {}, subjects=(TRIP, VOYAGE))
    with pytest.raises(MalformedError) as caught:
        links_of(signed.statement, body)
    assert caught.value.field == field
    assert re.fullmatch(r"malformed-(field|subject)|missing-field|unknown-field", caught.value.code)
    assert links_after([Said(1, signed.statement, body)]).spans == ()


def test_concealed_links_are_no_mistake() -> None:
    signed = an_author().says(LINK, a_trip(), bad(), subjects=(TRIP, VOYAGE), conceal=[["links"]])
    assert links_of(signed.statement, signed.statement.reveal(())) == ()
    revealed = signed.statement.reveal(signed.disclosures)
    assert links_of(signed.statement, revealed) == (Link(CARRIED_ON, TRIP, VOYAGE),)


def test_other_kinds_make_no_links() -> None:
    trip: Trip = a_trip()
    signed = an_author().says("status", trip, {})
    assert links_of(signed.statement, bad()) == ()
