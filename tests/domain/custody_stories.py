"""What honest parties may meet on the way, and what cheats do: each story by its name, with its codes."""

from collections.abc import Callable
from functools import cache

from ledger.domain.hand_over import HAND_OVER, Result, Role, Terms, hand_over_body
from ledger.domain.statement import Reference
from tests.builders import a_trip
from tests.domain.custody_story import (
    CUSTOMS,
    POLICE,
    A,
    B,
    C,
    D,
    Story,
    cleared,
    clock,
    inspected,
    packed,
    posix,
    seal,
)

RESEALED = {"seals_found": [seal("B1")], "seals_removed": [seal("B1")], "seals_applied": [seal("P1")]}

# Honest exceptions.


def a_police_inspection(story: Story) -> None:
    inspected(story)
    story.saw(C, "seal-check", 21, seals_found=[seal("P1")])
    story.hand_over(C, D, 22)


def a_police_inspection_still_in_the_yard(story: Story) -> None:
    inspected(story)


def four_hours_offline(story: Story) -> None:
    # The gate signs at once and sends everything after the lading was logged.
    late = [
        (B, "gate-passage", 16.5, {"seals_found": [seal("B1")]}),
        (C, "seal-check", 17.1, {"seals_found": [seal("B1")]}),
    ]
    story.saw(C, "loading", 21.5)
    story.hand_over(C, D, 21)
    for iss, kind, hour, body in late:
        story.saw(iss, kind, hour, **body)


def a_clock_an_hour_ahead(story: Story) -> None:
    # By its own clock the camera saw the first seal after the police had changed it.
    inspected(story)
    story.saw(C, "photo", 20.5, clock_offset_s=3600, seals_found=[seal("B1")])
    story.hand_over(C, D, 22)


def a_roll_over(story: Story) -> None:
    story.saw(C, "loading", 20, vessel={"name": "M/V First"})
    story.saw(C, "discharge", 21, vessel={"name": "M/V First"})
    story.saw(C, "loading", 23, vessel={"name": "M/V Second"})
    story.hand_over(C, D, 23.5)


def a_corrected_weight(story: Story) -> None:
    first = story.say(A, "manifest", {"weights": {"vgm_kg": 24850}})
    story.say(A, "manifest", {"weights": {"vgm_kg": 24580}}, corrects=first.statement.id)
    story.hand_over(C, D, 22)


def a_weight_corrected_twice_over(story: Story) -> None:
    first = story.say(A, "manifest", {"weights": {"vgm_kg": 24850}})
    for weight in (24580, 24581):
        story.say(A, "manifest", {"weights": {"vgm_kg": weight}}, corrects=first.statement.id)


def a_mistyped_seal_put_right(story: Story) -> None:
    wrong = story.saw(C, "seal-check", 18, seals_found=[seal("8I")])
    right = {"occurred_at": clock(18), "seals_found": [seal("B1")]}
    story.say(C, "seal-check", right, corrects=wrong.statement.id)


def a_second_kind_of_seal(story: Story) -> None:
    story.saw(CUSTOMS, "seal-applied", 18, seals_applied=[{"number": "M1", "kind": "marchamo"}])
    story.saw(C, "seal-check", 19, seals_found=[seal("B1"), {"number": "M1"}])


def a_box_emptied_by_its_holder(story: Story) -> None:
    story.saw(C, "stripping", 30, doors="opened", seals_found=[seal("B1")], seals_removed=[seal("B1")])
    story.saw(C, "photo", 31, doors="opened")
    story.saw(C, "seal-applied", 40, seals_applied=[seal("B2")])


def a_camera_that_looked_all_the_time(story: Story) -> None:
    cleared(story)
    story.saw(C, "video", 18, observed={"from": clock(17.5), "to": clock(23)})
    story.saw(C, "loading", 22)


def a_long_wait_in_the_yard(story: Story) -> None:
    cleared(story)
    story.saw(C, "loading", 30)


# Cheats.


def a_hand_over_skipped(story: Story) -> None:
    story.hand_over(D, A, 22)


def a_seal_cloned(story: Story) -> None:
    story.saw(C, "seal-check", 18, seals_found=[seal("B1", mark="TID-0000-0000")])


def a_seal_put_on_again(story: Story) -> None:
    inspected(story)
    story.saw(C, "seal-applied", 21, seals_applied=[seal("B1")])


def a_seal_replaced_without_an_inspection(story: Story) -> None:
    body = {"seals_found": [seal("B1")], "seals_removed": [seal("B1")], "seals_applied": [seal("X9")]}
    story.saw(C, "human-interaction", 20, reason="because", **body)


def a_seal_replaced_unsaid(story: Story) -> None:
    story.saw(C, "seal-check", 20, seals_found=[seal("X9")])
    story.saw(C, "seal-check", 21, seals_found=[seal("X9")])


def a_second_bolt_over_the_first(story: Story) -> None:
    story.saw(C, "seal-applied", 20, seals_applied=[seal("X9")])


def a_seal_taken_off(story: Story) -> None:
    story.saw(C, "human-interaction", 20, seals_removed=[seal("B1")])


def a_seal_taken_off_by_one_who_strips_what_it_does_not_hold(story: Story) -> None:
    story.saw(B, "stripping", 20, seals_found=[seal("B1")], seals_removed=[seal("B1")])


def a_seal_that_never_existed(story: Story) -> None:
    story.saw(C, "seal-check", 20, seals_found=[seal("B1"), {"number": "Z", "on": "machinery"}])


def a_seal_broken(story: Story) -> None:
    for hour in (20, 21):
        story.saw(C, "seal-check", hour, seals_found=[seal("B1", state="broken")])


def a_seal_missing(story: Story) -> None:
    story.saw(C, "seal-check", 20, seals_found=[seal("B1", state="missing")])


def a_broken_seal_whole_again(story: Story) -> None:
    a_seal_broken(story)
    story.saw(C, "seal-check", 22, seals_found=[seal("B1")])


def an_inspection_without_a_reason(story: Story) -> None:
    inspected(story, reason=None)


def an_inspection_that_does_not_say_what_it_found(story: Story) -> None:
    inspected(story, seals_found=None)


def an_inspection_without_pictures(story: Story) -> None:
    story.saw(POLICE, "inspection", 20, reason="random search", **RESEALED)
    story.hand_over(C, D, 22)


def an_inspection_with_evidence(story: Story) -> None:
    item = {"commitment": "00" * 32, "cid": "b", "size": 1, "media_type": "image/jpeg", "category": "photo"}
    story.saw(POLICE, "inspection", 20, reason="random search", evidence=[item], **RESEALED)
    story.hand_over(C, D, 22)


def an_inspection_that_names_its_pictures(story: Story) -> None:
    shown = [Reference("shown-by", story.saw(POLICE, "photo", 20).statement.id)]
    said = {"occurred_at": clock(20), "reason": "random search"} | RESEALED
    story.say(POLICE, "inspection", said, references=shown)
    story.hand_over(C, D, 22)


def an_inspection_that_leaves_the_box_open(story: Story) -> None:
    inspected(story, seals_applied=None)


def a_container_switched(story: Story) -> None:
    story.saw(C, "gate-passage", 20, container="MSKU7654321")


def doors_opened_in_the_yard(story: Story) -> None:
    story.saw(C, "video", 20, doors="opened")


def two_takers(story: Story) -> None:
    story.hand_over(C, D, 20)
    story.hand_over(C, B, 21)


def two_takers_one_dated_back(story: Story) -> None:
    story.hand_over(B, D, 16)


def given_to_itself(story: Story) -> None:
    story.hand_over(C, C, 20)


def given_before_it_was_taken(story: Story) -> None:
    story.hand_over(D, A, 20)
    story.hand_over(C, D, 21)


def refused(story: Story) -> None:
    terms = story.terms(C, D, 20)
    story.give(terms)
    story.take(terms, Result.REFUSED)


UNREADABLE = {"terms": "x", "role": "taker", "result": "accepted"}


def a_stranger_signs_what_does_not_count(story: Story) -> None:
    story.say(D, HAND_OVER, UNREADABLE)
    story.say(D, HAND_OVER, hand_over_body(story.terms(C, POLICE, 20), Role.TAKER))
    elsewhere = story.terms(C, D, 20, subjects=[a_trip(seed="another").uri])
    story.say(D, HAND_OVER, hand_over_body(elsewhere, Role.TAKER))


def a_former_holder_signs_what_does_not_count(story: Story) -> None:
    story.say(B, HAND_OVER, UNREADABLE)


def a_party_that_never_held_it_signs_what_does_not_count(story: Story) -> None:
    story.give(story.terms(C, D, 20))
    story.say(D, HAND_OVER, UNREADABLE)


def _withheld(story: Story, iss: str, terms: Terms, role: Role) -> None:
    body = hand_over_body(terms, role)
    del body["agreed"]
    story.say(iss, HAND_OVER, body, iat=int(posix(20)) + len(story.said))


def two_take_under_withheld_terms(story: Story) -> None:
    terms = story.terms(C, D, 20)
    for iss, role in ((C, Role.GIVER), (POLICE, Role.TAKER), (D, Role.TAKER)):
        _withheld(story, iss, terms, role)


def withheld_terms_that_are_about_something_else(story: Story) -> None:
    terms = story.terms(C, D, 20, subjects=[a_trip(seed="another").uri])
    _withheld(story, C, terms, Role.GIVER)
    _withheld(story, D, terms, Role.TAKER)
    story.say(POLICE, HAND_OVER, hand_over_body(terms, Role.TAKER))


def somebody_else_corrects_the_seal(story: Story) -> None:
    wrong = story.saw(C, "seal-check", 18, seals_found=[seal("X9")])
    story.saw(B, "seal-check", 18, seals_found=[seal("B1")])
    right = {"occurred_at": clock(18), "seals_found": [seal("B1")]}
    story.say(B, "seal-check", right, corrects=wrong.statement.id)


def a_member_that_nobody_can_read(story: Story) -> None:
    story.saw(C, "seal-check", 18, seals_found=[{"number": 7}], doors="ajar")


NOT_YET = "inspection-not-yet-accepted"
STORIES: dict[str, tuple[Callable[[Story], None], list[str], list[str]]] = {
    "police inspection with re-sealing": (a_police_inspection, [], []),
    "police inspection, nobody took over yet": (a_police_inspection_still_in_the_yard, [], [NOT_YET]),
    "four hours offline": (four_hours_offline, [], []),
    "a clock an hour ahead": (a_clock_an_hour_ahead, [], []),
    "roll-over": (a_roll_over, [], []),
    "corrected weight": (a_corrected_weight, [], []),
    "competing corrections": (a_weight_corrected_twice_over, [], ["correction-competing"]),
    "mistyped seal put right": (a_mistyped_seal_put_right, [], []),
    "a second kind of seal": (a_second_kind_of_seal, [], []),
    "emptied by its holder": (a_box_emptied_by_its_holder, [], []),
    "watched all the time": (a_camera_that_looked_all_the_time, [], []),
    "unobserved for long": (a_long_wait_in_the_yard, [], ["unobserved"]),
    "hand-over skipped": (a_hand_over_skipped, ["handover-gap"], []),
    "seal cloned": (a_seal_cloned, ["seal-cloned"], []),
    "seal put on again": (a_seal_put_on_again, ["seal-cloned"], [NOT_YET]),
    "seal replaced without inspection": (a_seal_replaced_without_an_inspection, ["seal-replaced"], []),
    "seal replaced unsaid": (a_seal_replaced_unsaid, ["seal-changed"], []),
    "second bolt": (a_second_bolt_over_the_first, ["seal-replaced"], []),
    "seal taken off": (a_seal_taken_off, ["seal-removed"], []),
    "stripped by a stranger": (
        a_seal_taken_off_by_one_who_strips_what_it_does_not_hold,
        ["seal-removed"],
        [],
    ),
    "seal that never existed": (a_seal_that_never_existed, ["seal-unknown"], []),
    "seal broken": (a_seal_broken, ["seal-broken"], []),
    "seal missing": (a_seal_missing, ["seal-missing"], []),
    "broken seal whole again": (a_broken_seal_whole_again, ["seal-broken", "seal-changed"], []),
    "inspection without reason": (an_inspection_without_a_reason, ["inspection-incomplete"], [NOT_YET]),
    "inspection without what was found": (
        an_inspection_that_does_not_say_what_it_found,
        ["inspection-incomplete"],
        [NOT_YET],
    ),
    "inspection without pictures": (an_inspection_without_pictures, [], ["inspection-not-pictured"]),
    "inspection with evidence": (an_inspection_with_evidence, [], []),
    "inspection that names its pictures": (an_inspection_that_names_its_pictures, [], []),
    "inspection that leaves the box open": (
        an_inspection_that_leaves_the_box_open,
        [],
        [NOT_YET, "seal-not-renewed"],
    ),
    "container switched": (a_container_switched, ["container-mismatch"], []),
    "doors opened in the yard": (doors_opened_in_the_yard, ["doors-opened"], []),
    "two takers": (two_takers, ["handover-competing"], []),
    "two takers, one dated back": (two_takers_one_dated_back, ["handover-competing"], []),
    "hand-over to oneself": (given_to_itself, ["handover-to-self"], []),
    "given before it was taken": (given_before_it_was_taken, ["handover-overlap"], []),
    "refused": (refused, ["handover-refused"], []),
    "what a stranger signs": (
        a_stranger_signs_what_does_not_count,
        [],
        ["handover-malformed", "handover-not-party", "handover-other-subject"],
    ),
    "what a former holder signs": (a_former_holder_signs_what_does_not_count, ["handover-malformed"], []),
    "what a party signs that never held it": (
        a_party_that_never_held_it_signs_what_does_not_count,
        ["handover-unaccepted", "handover-malformed"],
        [],
    ),
    "two take under withheld terms": (two_take_under_withheld_terms, ["handover-not-party"], []),
    "withheld terms that are about something else": (
        withheld_terms_that_are_about_something_else,
        ["handover-other-subject"],
        [],
    ),
    "corrected by somebody else": (
        somebody_else_corrects_the_seal,
        ["seal-changed", "seal-changed"],
        ["correction-not-entitled"],
    ),
    "malformed members": (a_member_that_nobody_can_read, [], ["body-malformed", "body-malformed"]),
}


@cache
def story_of(name: str) -> Story:
    """Return a story that has happened, to be looked at only."""
    story = packed()
    STORIES[name][0](story)
    return story
