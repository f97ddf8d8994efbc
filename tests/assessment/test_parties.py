"""Parties are looked for on a supplied list, exactly, wherever they are named."""

from collections.abc import Collection

import pytest

from ledger.assessment.checks.parties import PARTIES
from ledger.domain.verdict import Status
from tests.assessment.papers import PaperStory, a_story
from tests.domain.custody_story import A, B, C, D

LISTED = {
    "a party of a paper": "Fruit Import Example Inc.",
    "in capitals and with other marks": "FRUIT IMPORT EXAMPLE, INC",
    "in full-width letters": "\uff26\uff52\uff55\uff49\uff54 Import Example Inc",
    "a tax number": "90000013",
    "who signs": D,
    "who takes over": B,
    "the issuer of a certificate": "Sanidad Vegetal Example",
}
NOT_LISTED = {
    "without its legal form": "Fruit Import Example",
    "in another order": "Import Fruit Example Inc.",
    "with another accent": "Fruit Impórt Example Inc.",
    "with one letter less": "Fruit Import Exmple Inc.",
    "nothing but marks": " ... ",
}


def screened(*names: str, story: PaperStory | None = None) -> list[str]:
    result = PARTIES.run((story or a_story()).case(screened=names))
    return [one.reason.code for one in result.findings]


@pytest.mark.parametrize("name", LISTED.values(), ids=LISTED)
def test_an_exact_name_is_found(name: str) -> None:
    assert screened("Somebody Example", name) == ["party-screened"]


@pytest.mark.parametrize("name", NOT_LISTED.values(), ids=NOT_LISTED)
def test_another_name_is_not(name: str) -> None:
    assert screened(name) == []


def test_without_a_list_nothing_is_called_passed() -> None:
    checked = PARTIES.run(a_story().case()).to_check("parties")
    assert (checked.status, checked.reason) == (Status.NOT_CHECKED, "no-screening-list")


def test_a_finding_names_who_where_and_in_which_statements() -> None:
    case = a_story().case(screened=["Pineapples Example SA"])
    (finding,) = PARTIES.run(case).findings
    assert "exporter, shipper" in finding.sentence()
    assert "factura comercial" in finding.sentence("es")
    assert len(finding.statements) == 5


def _in_a_body(story: PaperStory) -> Collection[str]:
    story.story.say(C, "status", {"vessel": {"name": "EXAMPLE QUETZAL", "imo": "9999993"}})
    story.story.say(C, "gate-passage", {"haulier": "Haulage Example", "people": [{"driver": {"id": "D-77"}}]})
    story.story.say(C, "status", {"parties": [{"role": "owner", "name": "Owner Example"}]})
    story.story.say(C, "status", {"remark": "Remark Example"})
    return ["EXAMPLE QUETZAL", "9999993", "Haulage Example", "d 77", "Owner Example", "Remark Example"]


def test_members_of_bodies_that_name_somebody_are_looked_at_and_others_not() -> None:
    story = PaperStory()
    names = _in_a_body(story)
    found = PARTIES.run(story.case(screened=names)).findings
    assert {one.values["name"] for one in found} == set(names) - {"Remark Example"}


def test_who_was_named_in_a_corrected_paper_is_found_still() -> None:
    story = PaperStory()
    first = story.tell(
        {"document": "packing-list", "parties": [{"role": "buyer", "name": "Gone Example"}]}, iss=A
    )
    story.tell({"document": "packing-list"}, iss=A, corrects=first.statement.id)
    assert screened("Gone Example", story=story) == ["party-screened"]
