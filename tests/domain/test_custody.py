"""The line of custody moves by accepted hand-overs from the present holder, and says where it does not."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.custody import Custody, Level, Said, custody_of
from ledger.domain.hand_over import HAND_OVER, Result, Role, hand_over_body
from ledger.domain.statement import Reference
from tests.builders import a_trip
from tests.domain.custody_story import A, B, C, D, Story, told

UNREADABLE = {"terms": "x", "role": "taker", "result": "accepted"}


@pytest.fixture
def story() -> Story:
    """Return a trip that A opened."""
    return Story().open()


def codes(custody: Custody) -> list[str]:
    return [problem.code for problem in custody.problems]


def test_the_opener_is_the_first_holder(story: Story) -> None:
    custody = story.custody()
    assert (custody.holders, custody.holder, custody.problems) == ((A,), A, ())


def test_accepted_hand_overs_move_the_line(story: Story) -> None:
    story.hand_over(A, B, 1)
    story.hand_over(B, C, 2)
    custody = story.custody()
    assert (custody.holders, custody.problems) == ((A, B, C), ())
    assert [hand_over.level for hand_over in custody.hand_overs] == [Level.BOTH, Level.BOTH]


@given(st.permutations(range(6)))
def test_the_order_of_the_log_does_not_matter(order: list[int]) -> None:
    story = Story().open()
    for giver, taker, hour in ((A, B, 1), (B, C, 2), (C, D, 3)):
        story.hand_over(giver, taker, hour)
    opening, *rest = story.said
    shuffled = [Said(20 + place, rest[each].statement, rest[each].body) for place, each in enumerate(order)]
    custody = custody_of(story.trip.uri, [opening, *shuffled])
    assert (custody.holders, custody.problems) == ((A, B, C, D), ())


def test_a_box_may_come_back(story: Story) -> None:
    for giver, taker, hour in ((A, B, 1), (B, A, 2), (A, C, 3)):
        story.hand_over(giver, taker, hour)
    assert story.custody().holders == (A, B, A, C)
    assert codes(story.custody()) == []


def test_a_hand_over_by_one_who_did_not_hold_it_is_a_gap(story: Story) -> None:
    terms = story.hand_over(B, C)
    custody = story.custody()
    assert (custody.holders, codes(custody)) == ((A,), ["handover-gap"])
    assert A in custody.problems[0].message
    assert B in custody.problems[0].message
    assert len(custody.problems[0].statements) == 2
    assert custody.hand_overs[0].terms == terms


def test_what_follows_a_gap_is_not_complained_of_again(story: Story) -> None:
    for giver, taker, hour in ((B, C, 2), (C, D, 3), (D, B, 4)):
        story.hand_over(giver, taker, hour)
    assert codes(story.custody()) == ["handover-gap"]
    story.hand_over(A, B, 1)
    assert (story.custody().holders, codes(story.custody())) == ((A, B, C, D, B), [])


def test_whatever_others_agree_on_the_holder_stays_in_the_line(story: Story) -> None:
    story.hand_over(C, D, 1)
    story.hand_over(A, B, 2)
    custody = story.custody()
    assert (custody.holders, codes(custody)) == ((A, B), ["handover-gap"])


def test_handing_over_twice_is_competing_and_the_first_counts(story: Story) -> None:
    story.hand_over(A, C, 2)
    story.hand_over(A, B, 1)
    custody = story.custody()
    assert (custody.holders, codes(custody)) == ((A, B), ["handover-competing"])


def test_of_a_hand_over_that_was_dated_back_both_are_named(story: Story) -> None:
    for giver, taker, hour in ((A, B, 1), (B, C, 3), (B, D, 2)):
        story.hand_over(giver, taker, hour)
    custody = story.custody()
    (problem,) = custody.problems
    assert (custody.holders, problem.code) == ((A, B, D), "handover-competing")
    # The line follows the agreed times: those who signed later in the log come first.
    signed = [one.statement.id for one in story.said]
    assert problem.statements == (*signed[5:7], *signed[3:5])
    assert C in problem.message
    assert D in problem.message
    assert custody.overlaps[0].statements == problem.statements


def test_handing_over_to_oneself_moves_nothing(story: Story) -> None:
    story.hand_over(A, A)
    assert (story.custody().holders, codes(story.custody())) == ((A,), ["handover-to-self"])


@pytest.mark.parametrize("giver_first", [True, False])
def test_a_refusal_leaves_the_box_where_it_was(story: Story, giver_first: bool) -> None:
    terms = story.terms(A, B)
    if giver_first:
        story.give(terms)
    story.take(terms, Result.REFUSED)
    if not giver_first:
        story.give(terms)
    custody = story.custody()
    assert (custody.holder, codes(custody), custody.hand_overs[0].level) == (
        A,
        ["handover-refused"],
        Level.REFUSED,
    )


def test_a_refusal_and_then_other_terms_end_with_the_taker(story: Story) -> None:
    story.take(story.terms(A, B, 1), Result.REFUSED)
    story.hand_over(A, B, 2)
    assert (story.custody().holder, codes(story.custody())) == (B, ["handover-refused"])


def test_remarks_are_shown(story: Story) -> None:
    terms = story.terms(A, B)
    story.give(terms)
    story.take(terms, Result.ACCEPTED_WITH_REMARKS)
    custody = story.custody()
    assert (custody.holder, custody.hand_overs[0].remarked, custody.problems) == (B, True, ())


def test_what_only_the_giver_says_moves_nothing(story: Story) -> None:
    story.give(story.terms(A, B))
    for least in (Level.BOTH, Level.ONE):
        custody = story.custody(least=least)
        assert (custody.holder, codes(custody)) == (A, ["handover-unaccepted"])
        assert custody.hand_overs[0].level is Level.ONE


def test_what_only_the_taker_says_counts_where_the_corridor_takes_it(story: Story) -> None:
    story.take(story.terms(A, B))
    assert (story.custody().holder, codes(story.custody())) == (A, ["handover-unaccepted"])
    lenient = story.custody(least=Level.ONE)
    assert (lenient.holder, lenient.problems) == (B, ())


@pytest.mark.parametrize("record_names_it", [True, False])
def test_a_machine_record_stands_in_for_the_other_party(story: Story, record_names_it: bool) -> None:
    terms = story.terms(A, B)
    if record_names_it:
        given_away = story.give(terms)
        story.say(C, "gate-passage", {}, references=[Reference("shows", given_away.statement.id)])
    else:
        passage = story.say(C, "gate-passage", {})
        story.give(terms, references=[Reference("shown-by", passage.statement.id)])
    custody = story.custody(least=Level.ONE_AND_MACHINE)
    assert (custody.holder, custody.problems) == (B, ())
    assert custody.hand_overs[0].level is Level.ONE_AND_MACHINE
    assert codes(story.custody()) == ["handover-unaccepted"]


def test_a_persons_statement_is_no_machine_record(story: Story) -> None:
    given_away = story.give(story.terms(A, B))
    story.say(C, "status", {}, references=[Reference("shows", given_away.statement.id)])
    assert story.custody().hand_overs[0].level is Level.ONE


def test_a_third_party_cannot_sign_for_another(story: Story) -> None:
    terms = story.terms(A, B)
    story.give(terms)
    story.say(D, HAND_OVER, hand_over_body(terms, Role.TAKER))
    custody = story.custody()
    assert (custody.holder, told(custody)) == (A, (["handover-unaccepted"], ["handover-not-party"]))


def test_a_third_party_cannot_sign_for_another_by_withholding_the_terms(story: Story) -> None:
    terms = story.terms(A, B)
    body = hand_over_body(terms, Role.TAKER)
    del body["agreed"]
    story.say(D, HAND_OVER, body)
    story.give(terms)
    custody = story.custody()
    assert (custody.holder, told(custody)) == (A, (["handover-unaccepted"], ["handover-not-party"]))


def test_withheld_terms_still_show_who_signed(story: Story) -> None:
    terms = story.terms(A, B)
    for iss, role in ((A, Role.GIVER), (B, Role.TAKER)):
        body = hand_over_body(terms, role)
        del body["agreed"]
        story.say(iss, HAND_OVER, body)
    custody = story.custody()
    assert (custody.holders, custody.problems) == ((A, B), ())
    assert custody.hand_overs[0].terms is None


def test_a_taker_alone_that_withholds_the_terms_leaves_a_gap(story: Story) -> None:
    body = hand_over_body(story.terms(A, B), Role.TAKER)
    del body["agreed"]
    story.say(B, HAND_OVER, body)
    custody = story.custody(least=Level.ONE)
    assert (custody.holder, codes(custody)) == (A, ["handover-gap"])


def test_terms_about_something_else_do_not_count(story: Story) -> None:
    terms = story.terms(A, B, subjects=[a_trip(seed="another").uri])
    story.give(terms)
    story.take(terms)
    custody = story.custody()
    # The taker has no other part in it than by what does not count.
    assert (custody.holder, told(custody)) == (A, (["handover-other-subject"], ["handover-other-subject"]))


def test_a_malformed_hand_over_is_named_and_passed_over(story: Story) -> None:
    bad = story.say(B, HAND_OVER, UNREADABLE)
    story.hand_over(A, B)
    custody = story.custody()
    assert (custody.holder, codes(custody)) == (B, ["handover-malformed"])
    assert custody.problems[0].statements == (bad.statement.id,)


@pytest.mark.parametrize("place", range(3))
def test_a_strangers_hand_over_that_nobody_can_read_stops_no_trip(story: Story, place: int) -> None:
    steps: list[Callable[[], object]] = [lambda: story.hand_over(A, B, 1), lambda: story.hand_over(B, C, 2)]
    steps.insert(place, lambda: story.say(D, HAND_OVER, UNREADABLE))
    for step in steps:
        step()
    assert (story.custody().holders, told(story.custody())) == ((A, B, C), ([], ["handover-malformed"]))
    # It is D's word all the same: once D has a part in the trip, it counts against it.
    story.hand_over(C, D, 3)
    assert told(story.custody()) == (["handover-malformed"], [])


@pytest.mark.parametrize("party", [A, B, C], ids=["opener", "former holder", "named"])
def test_what_a_party_says_that_nobody_can_read_breaks_the_line(story: Story, party: str) -> None:
    story.hand_over(A, B, 1)
    story.give(story.terms(B, C, 2))
    story.say(party, HAND_OVER, UNREADABLE)
    assert told(story.custody()) == (["handover-unaccepted", "handover-malformed"], [])


def test_where_terms_are_withheld_the_second_of_two_takers_is_no_stranger(story: Story) -> None:
    terms = story.terms(A, B)
    for iss, role in ((A, Role.GIVER), (D, Role.TAKER), (B, Role.TAKER)):
        body = hand_over_body(terms, role)
        del body["agreed"]
        story.say(iss, HAND_OVER, body)
    assert (story.custody().holders, told(story.custody())) == ((A, D), (["handover-not-party"], []))


def test_saying_two_things_of_the_same_terms_is_named_and_the_later_counts(story: Story) -> None:
    terms = story.terms(A, B)
    story.give(terms)
    story.take(terms, Result.REFUSED)
    story.take(terms)
    assert (story.custody().holder, codes(story.custody())) == (B, ["handover-contradicted"])


def test_a_correction_by_the_same_party_takes_the_place_of_what_it_corrects(story: Story) -> None:
    terms = story.terms(A, B)
    story.give(terms)
    refused = story.take(terms, Result.REFUSED)
    story.take(terms, corrects=refused.statement.id)
    assert (story.custody().holder, codes(story.custody())) == (B, [])


def test_nobody_corrects_what_another_said(story: Story) -> None:
    terms = story.terms(A, B)
    story.give(terms)
    refused = story.take(terms, Result.REFUSED)
    story.give(terms, corrects=refused.statement.id)
    assert story.custody().holder == A
    assert codes(story.custody()) == ["correction-not-entitled", "handover-refused"]


def test_without_an_opening_the_first_holder_is_not_known() -> None:
    story = Story()
    assert (story.custody().holder, codes(story.custody())) == (None, ["subject-not-opened"])
    story.hand_over(B, C)
    assert (story.custody().holders, codes(story.custody())) == ((B, C), ["subject-not-opened"])


def test_an_opening_that_the_name_does_not_commit_to_opens_nothing() -> None:
    story = Story()
    story.say(B, "subject-opened", {})
    story.say(A, "subject-opened", {}, streams=[bytes(32)])
    assert codes(story.custody()) == ["subject-not-opened"]


def test_statements_about_other_subjects_are_passed_over(story: Story) -> None:
    other = Story(trip=a_trip(iss=A, seed="another")).open()
    other.hand_over(A, B)
    custody = custody_of(story.trip.uri, [*story.said, *other.said])
    assert (custody.holders, custody.hand_overs, custody.problems) == ((A,), (), ())


def test_every_problem_is_a_sentence_for_people(story: Story) -> None:
    story.hand_over(A, A, 1)
    story.hand_over(C, D, 2)
    story.take(story.terms(D, B, 3), Result.REFUSED)
    for problem in story.custody().problems:
        assert problem.code == problem.code.lower()
        assert len(problem.message.split()) > 3
        assert problem.statements
