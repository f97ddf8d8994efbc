"""Where papers come from: bodies, their older members, and readings; corrected ones and repetitions."""

from typing import Any

import pytest

from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.papers import papers_of
from ledger.domain.statement import Reference, SignedStatement
from tests.assessment.papers import BOX, INVOICE, PACKING_LIST, PaperStory, changed, ruled
from tests.domain.custody_story import A, B, C, Story, packed

OLD = {
    "packages": {"pallets": 20, "cartons": 1500},
    "weights": {"net_kg": 17_700, "gross_kg": 19_500, "vgm_kg": True, "measured_kg": 3},
    "hts": "0804.30",
    "container": BOX,
    "price": {"amount": 13_860, "currency": "USD"},
}


def read_of(story: Story, claim: SignedStatement, iss: str = C) -> bytes:
    """Let somebody read what a statement claims; returns the id of the reading."""
    of = [Reference("of", claim.statement.id)]
    return story.say(iss, "reading", {"outcome": "read"}, references=of).statement.id


def codes(story: PaperStory, **changes: Any) -> list[str]:
    return [one.reason.code for one in PAPERS.run(story.case(**changes)).findings]


def test_older_members_of_a_body_are_a_paper() -> None:
    story = PaperStory()
    story.story.say(A, "manifest", OLD)
    (one,) = papers_of(story.case())
    assert one.paper.to_json() == {
        "document": "manifest",
        "containers": [{"number": BOX}],
        "goods": [{"hs": "080430"}],
        "totals": {
            "packages": 1500,
            "net_kg": 17_700,
            "gross_kg": 19_500,
            "value": 13_860,
            "currency": "USD",
        },
    }
    assert one.by == A


def test_older_members_are_called_by_the_one_paper_that_the_statement_brings() -> None:
    story = PaperStory()
    story.story.say(A, "document", {"documents": ["commercial-invoice"], "price": 9_120})
    story.story.say(A, "document", {"documents": ["commercial-invoice", "packing-list"], "price": 9_121})
    assert [one.paper.document for one in papers_of(story.case())] == ["commercial-invoice", "document"]


def test_other_kinds_and_what_says_nothing_are_no_papers() -> None:
    story = PaperStory()
    story.story.say(C, "scan", OLD)
    story.story.say(A, "manifest", {"packages": "many", "weights": [], "hts": "none", "container": 7})
    story.tell({"document": "status", "containers": [{"number": BOX}]})
    assert papers_of(story.case()) == ()


def test_a_reading_rests_on_the_statement_that_claims_the_item_and_speaks_in_its_name() -> None:
    story = PaperStory(packed(), ruled())
    claim = story.story.say(A, "document", {"documents": ["packing-list"]})
    reading = read_of(story.story, claim)
    opened = {reading: {"paper": dict(PACKING_LIST), "format": "JSON"}}
    (one,) = papers_of(story.case(opened=opened))
    assert (one.by, [each.statement.id for each in one.said]) == (A, [claim.statement.id, reading])
    assert papers_of(story.case()) == ()


def test_what_somebody_else_read_is_told_as_its_word_unless_the_signer_says_the_same() -> None:
    story = PaperStory(packed(), ruled())
    claim = story.story.say(A, "document", {"documents": ["packing-list"]})
    opened = {read_of(story.story, claim, C): {"paper": dict(PACKING_LIST)}}
    (one,) = papers_of(story.case(opened=opened))
    assert one.title.en.endswith(f"({A}, read by {C})")
    opened[read_of(story.story, claim, A)] = {"paper": dict(PACKING_LIST)}
    (one,) = papers_of(story.case(opened=opened))
    assert one.title.en.endswith(f"({A})")


def test_what_a_body_and_a_reading_say_of_one_paper_is_held_against_each_other() -> None:
    story = PaperStory()
    claim = story.story.say(A, "manifest", {"packages": 1500, "documents": ["packing-list"]})
    opened = {
        read_of(story.story, claim): {"paper": {"document": "packing-list", "totals": {"packages": 1480}}}
    }
    assert codes(story, opened=opened) == ["packages-contradict"]


def test_a_corrected_paper_counts_no_more_and_neither_does_what_was_read_of_it() -> None:
    story = PaperStory()
    story.tell(INVOICE)
    wrong = story.tell(changed(changed(PACKING_LIST, "totals", {}), "goods.0.packages", 1480))
    opened = {
        read_of(story.story, wrong): {"paper": {"document": "packing-list", "totals": {"packages": 1480}}}
    }
    assert codes(story, opened=opened) == ["packages-contradict"]
    story.tell(PACKING_LIST, corrects=wrong.statement.id)
    assert codes(story, opened=opened) == []


def test_a_correction_of_somebody_else_takes_nothing_back() -> None:
    story = PaperStory()
    story.tell(INVOICE)
    wrong = story.tell(changed(changed(PACKING_LIST, "totals", {}), "goods.0.packages", 1480))
    story.tell(PACKING_LIST, iss=B, corrects=wrong.statement.id)
    assert codes(story) == ["packages-contradict"]


def test_the_same_paper_told_twice_counts_once_and_rests_on_both() -> None:
    story = PaperStory()
    first, second = story.tell(PACKING_LIST), story.tell(PACKING_LIST, iss=B)
    (one,) = papers_of(story.case())
    assert [each.statement.id for each in one.said] == [first.statement.id, second.statement.id]


def test_concealed_values_are_not_compared() -> None:
    story = PaperStory()
    story.tell(INVOICE)
    other = changed(changed(PACKING_LIST, "totals", {}), "goods.0.packages", 1480)
    signed = story.story.say(
        A, "document", {"papers": [other]}, conceal=[("papers", 0, "goods", 0, "packages")]
    )
    assert codes(story) == ["packages-contradict"]
    hidden = story.story.said[-1]
    withheld = signed.statement.reveal(())
    story.story.said[-1] = type(hidden)(hidden.index, hidden.statement, withheld)
    assert codes(story) == []


HIDDEN = {
    "a line of goods": ("goods", {"hs": "080450", "packages": 300, "net_kg": 2_700, "gross_kg": 3_000}),
    "one of two exporters": ("parties", {"role": "exporter", "name": "Other Farms Example"}),
    "one of two numbers": ("numbers", {"kind": "invoice", "value": "FE-2"}),
}


@pytest.mark.parametrize(("member", "row"), HIDDEN.values(), ids=HIDDEN)
def test_a_list_of_which_rows_are_hidden_is_not_compared(member: str, row: dict[str, Any]) -> None:
    more = changed(changed(PACKING_LIST, "totals", {}), "containers", [])
    with_row = changed(more, member, [row, *more[member]])
    story = PaperStory()
    others = [row, *INVOICE["goods"]] if member == "goods" else [row]
    story.tell(changed(changed(INVOICE, "totals", {}), member, others))
    shown = story.story.say(A, "document", {"papers": [with_row]}, conceal=[("papers", 0, member, 0)])
    hidden = story.story.said[-1]
    story.story.said[-1] = type(hidden)(hidden.index, hidden.statement, shown.statement.reveal(()))
    assert len(story.story.said[-1].body["papers"][0][member]) == len(with_row[member]) - 1
    assert codes(story) == []
    story.tell(more)
    assert codes(story) != []


def test_a_list_whose_concealed_rows_are_shown_is_compared() -> None:
    story = PaperStory()
    story.tell(INVOICE)
    other = changed(changed(PACKING_LIST, "totals", {}), "goods.0.packages", 1480)
    story.story.say(A, "document", {"papers": [other]}, conceal=[("papers", 0, "goods", 0)])
    assert codes(story) == ["packages-contradict"]
