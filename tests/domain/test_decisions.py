"""Decisions: which are in force, what they mean for delivery, and what is not taken for one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.custody import Said
from ledger.domain.decision import Why, check_body, decision_body
from ledger.domain.decisions import Decision, Decisions, State, decisions_of
from ledger.domain.errors import MalformedError
from ledger.domain.statement import Reference, SignedStatement
from tests.builders import Trip, a_trip, an_author
from tests.domain.custody_story import CUSTOMS, POLICE, Story

OTHER = a_trip("MSKU7654321")
HOLD, EXAM, RELEASE = Why("hold", "cet", "rule 7"), Why("exam", "nii"), Why("release")


def decide(story: Story, why: Why = HOLD, by: str = CUSTOMS, **changes: Any) -> SignedStatement:
    return story.say(by, "decision", decision_body(why), **changes)


def told(decisions: Decisions) -> list[tuple[str, State]]:
    return [(one.delivery, one.state) for one in decisions.history]


def in_force(decisions: Decisions) -> Decision:
    assert decisions.in_force is not None
    return decisions.in_force


def test_nothing_is_decided_until_somebody_decides() -> None:
    story = Story().open()
    assert decisions_of(story.said) == Decisions("none", None, ())


def test_the_newest_decision_of_an_authority_is_in_force_and_history_is_kept() -> None:
    story = Story().open()
    for why in (HOLD, EXAM, RELEASE):
        decide(story, why)
    found = decisions_of(story.said)
    assert found.delivery == "free"
    assert in_force(found).why == RELEASE
    assert told(found) == [
        ("blocked", State.REPLACED),
        ("blocked", State.REPLACED),
        ("free", State.IN_FORCE),
    ]


def test_of_several_holds_each_blocks_until_it_is_taken_back() -> None:
    story = Story().open()
    first, second = decide(story, HOLD), decide(story, EXAM)
    for held, delivery in ((first, "blocked"), (second, "free")):
        decide(story, RELEASE, references=[Reference("reverses", held.statement.id)])
        assert decisions_of(story.said).delivery == delivery
    states = [one.state for one in decisions_of(story.said).history]
    assert states == [State.REVERSED, State.REVERSED, State.REPLACED, State.IN_FORCE]


def test_a_plain_release_ends_all_that_its_authority_said_before_and_a_later_hold_ends_it() -> None:
    story = Story().open()
    for why, delivery in ((HOLD, "blocked"), (EXAM, "blocked"), (RELEASE, "free"), (HOLD, "blocked")):
        decide(story, why)
        assert decisions_of(story.said).delivery == delivery
    states = [one.state for one in decisions_of(story.said).history]
    assert states == [State.REPLACED] * 3 + [State.IN_FORCE]


def test_one_authority_does_not_end_what_another_one_said() -> None:
    story = Story().open()
    decide(story, HOLD, POLICE)
    decide(story, RELEASE, CUSTOMS)
    found = decisions_of(story.said)
    assert (found.delivery, in_force(found).by) == ("blocked", POLICE)
    assert decisions_of(story.said, lambda uri, _delivery: uri == CUSTOMS).delivery == "free"


def test_a_release_of_one_container_leaves_the_other_one_held() -> None:
    story = Story().open()
    both = [story.trip.uri, OTHER.uri]
    decide(story, HOLD, subjects=both)
    decide(story, RELEASE)
    found = decisions_of(story.said)
    assert (found.delivery, in_force(found).stands_for) == ("blocked", (OTHER.uri,))
    decide(story, RELEASE, subjects=[OTHER.uri], streams=[OTHER.custody_tag])
    assert decisions_of(story.said).delivery == "free"


def test_what_is_reversed_is_over_for_all_that_it_named() -> None:
    story = Story().open()
    held = decide(story, HOLD, subjects=[story.trip.uri, OTHER.uri])
    decide(story, RELEASE, references=[Reference("reverses", held.statement.id)])
    found = decisions_of(story.said)
    assert found.delivery == "free"
    assert told(found) == [("blocked", State.REVERSED), ("free", State.IN_FORCE)]
    assert found.history[1].reverses == (held.statement.id,)


@pytest.mark.parametrize("by", [POLICE, CUSTOMS])
def test_nobody_reverses_what_another_one_said_nor_what_it_has_yet_to_say(by: str) -> None:
    story = Story().open()
    later = decide(story, HOLD, CUSTOMS, iat=2_000_000_000)
    decide(story, RELEASE, by, references=[Reference("reverses", later.statement.id)])
    assert decisions_of(story.said).delivery == "blocked"


def test_a_correction_stands_where_what_it_corrects_stands() -> None:
    story = Story().open()
    held = decide(story, HOLD)
    decide(story, RELEASE)
    decide(story, Why("hold", "cet", "rule 8"), corrects=held.statement.id)
    found = decisions_of(story.said)
    assert found.delivery == "free"
    assert [state for _, state in told(found)] == [State.CORRECTED, State.IN_FORCE, State.REPLACED]


def test_a_decision_that_was_reversed_stays_so_when_it_is_corrected() -> None:
    story = Story().open()
    held = decide(story, HOLD, subjects=[story.trip.uri, OTHER.uri])
    decide(story, RELEASE, references=[Reference("reverses", held.statement.id)])
    decide(story, EXAM, corrects=held.statement.id, subjects=[story.trip.uri, OTHER.uri])
    assert decisions_of(story.said).delivery == "free"


def test_a_decision_that_was_withdrawn_counts_no_more() -> None:
    story = Story().open()
    held = decide(story, HOLD)
    story.say(CUSTOMS, "correction-note", {"note": "another shipment was meant"}, corrects=held.statement.id)
    found = decisions_of(story.said)
    assert (found.delivery, told(found)) == ("none", [("blocked", State.CORRECTED)])


def test_nobody_withdraws_what_another_one_said() -> None:
    story = Story().open()
    held = decide(story, HOLD)
    story.say(POLICE, "correction-note", {"note": "no"}, corrects=held.statement.id)
    assert decisions_of(story.said).delivery == "blocked"


def test_who_is_not_shown_why_is_told_the_same_about_delivery() -> None:
    story = Story().open()
    decide(story, HOLD, conceal=[("hold",)])
    (open_,) = [one for one in story.said if one.statement.kind == "decision"]
    redacted = Said(open_.index, open_.statement, open_.statement.reveal(()))
    all_, some = decisions_of([open_]), decisions_of([redacted])
    assert (all_.delivery, in_force(all_).why) == ("blocked", HOLD)
    assert (some.delivery, in_force(some).why) == ("blocked", None)
    assert in_force(some).to_json()["decision"] is None


def test_what_is_concealed_and_contradicts_what_everybody_reads_is_not_believed() -> None:
    story = Story().open()
    body = {"delivery": "blocked", "hold": {"decision": "release"}}
    story.say(CUSTOMS, "decision", body, conceal=[("hold",)])
    found = decisions_of(story.said)
    assert (found.delivery, in_force(found).why) == ("blocked", None)


@given(st.permutations(range(6)))
def test_the_order_in_which_statements_are_given_changes_nothing(order: list[int]) -> None:
    story = Story().open()
    held = decide(story, HOLD)
    decide(story, EXAM, POLICE)
    decide(story, RELEASE, references=[Reference("reverses", held.statement.id)])
    decide(story, RELEASE, POLICE)
    decide(story, HOLD)
    expected = decisions_of(story.said)
    assert decisions_of([story.said[place] for place in order]) == expected


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no delivery": ({}, "delivery-not-said"),
    "another word for it": ({"delivery": "do not deliver"}, "malformed-field"),
    "no text": ({"delivery": True}, "malformed-field"),
    "a hold that is delivered": ({"delivery": "free", "hold": {"decision": "hold"}}, "delivery-contradicts"),
    "an examination that is delivered": (
        {"delivery": "free", "hold": {"decision": "exam", "type": "nii"}},
        "delivery-contradicts",
    ),
    "a release that is not": (
        {"delivery": "blocked", "hold": {"decision": "release"}},
        "delivery-contradicts",
    ),
    "an examination that is a hold": (
        {"delivery": "blocked", "hold": {"decision": "exam", "type": "cet"}},
        "malformed-field",
    ),
    "a release with a type": (
        {"delivery": "free", "hold": {"decision": "release", "type": "cet"}},
        "malformed-field",
    ),
    "another decision": ({"delivery": "blocked", "hold": {"decision": "seize"}}, "malformed-field"),
    "a text for all of it": ({"delivery": "blocked", "hold": "cet"}, "malformed-field"),
    "an unknown member": ({"delivery": "blocked", "hold": {"decision": "hold", "why": "x"}}, "unknown-field"),
    "an empty reason": (
        {"delivery": "blocked", "hold": {"decision": "hold", "reason": ""}},
        "malformed-field",
    ),
    "a source without a reference": (
        {"delivery": "blocked", "hold": {"decision": "hold", "source": {"system": "ACE"}}},
        "missing-field",
    ),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_a_decision_that_is_not_as_the_format_says_is_refused(body: dict[str, Any], code: str) -> None:
    signed = an_author(CUSTOMS).says("decision", a_trip(), body)
    with pytest.raises(MalformedError) as refused:
        check_body(signed.statement, body)
    assert refused.value.code == code
    assert str(refused.value.field).startswith("body.")


def test_delivery_is_not_to_be_concealed() -> None:
    body = {"delivery": "blocked"}
    signed = an_author(CUSTOMS).says("decision", a_trip(), body, conceal=[("delivery",)])
    with pytest.raises(MalformedError, match="in the clear"):
        check_body(signed.statement, body)


@pytest.mark.parametrize("why", [HOLD, EXAM, RELEASE], ids=lambda one: one.decision)
def test_what_is_made_is_what_is_read(why: Why) -> None:
    body = decision_body(why)
    trip: Trip = a_trip()
    check_body(an_author(CUSTOMS).says("decision", trip, body).statement, body)
    assert Why.parse(body["hold"], "body.hold") == why
