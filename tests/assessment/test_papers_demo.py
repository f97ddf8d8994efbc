"""Papers of the demo's honest trip, read by the readers, contradict nothing under its corridor's rules."""

from functools import cache
from types import ModuleType
from typing import Any

import pytest

from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.checks.re_use import RE_USE
from ledger.assessment.papers import papers_of
from ledger.corridors.shipped import shipped_profile
from ledger.demo.data.seals import expected_seals
from ledger.demo.facts import Facts
from ledger.domain.statement import Reference
from ledger.readers.formats import edifact, json_paper, xml_paper
from tests.assessment.papers import PaperStory
from tests.builders import a_trip
from tests.domain.custody_story import A, C, D, Story
from tests.readers.items import made, read

FACTS = Facts.default()
FILES: dict[str, tuple[ModuleType, str]] = {
    "export-declaration.xml": (xml_paper, A),
    "manifest.json": (json_paper, A),
    "importer-security-filing.json": (json_paper, A),
    "seal-certificate.json": (json_paper, A),
    "verified-gross-mass.edi": (edifact, A),
    "carrier-manifest.edi": (edifact, D),
    "stow-plan.edi": (edifact, D),
    "status-loaded.json": (json_paper, D),
}


@cache
def paper(name: str) -> Any:
    """Return what a reader finds in one of the demo's files."""
    return read(FILES[name][0], made(name)).found["paper"]


def told(**instead: Any) -> tuple[PaperStory, dict[bytes, Any]]:
    """Tell of the trip: each item is claimed by its author and read by the port."""
    story = Story(a_trip(FACTS.identifiers.container, iss=A)).open()
    story.saw(A, "stuffing", 13, seals_applied=expected_seals(FACTS))
    opened = {}
    for name, (_, iss) in FILES.items():
        claim = story.say(iss, "document", {})
        reading = story.say(C, "reading", {}, references=[Reference("of", claim.statement.id)])
        opened[reading.statement.id] = {"paper": instead.get(name, paper(name))}
    story.saw(D, "loading", 62)
    story.saw(D, "departure", 68)
    return PaperStory(story, shipped_profile("guatemala-us")), opened


def test_the_papers_of_the_honest_trip_contradict_nothing() -> None:
    story, opened = told()
    case = story.case(opened=opened)
    assert len(papers_of(case)) == 6
    result = PAPERS.run(case)
    assert ([one.sentence() for one in result.findings], result.skipped) == ([], None)
    assert RE_USE.run(case).findings == ()


def test_the_mistyped_mass_of_the_story_is_found() -> None:
    mistyped = {**paper("manifest.json"), "totals": {**paper("manifest.json")["totals"], "vgm_kg": 25_480}}
    story, opened = told(**{"manifest.json": mistyped})
    (finding,) = PAPERS.run(story.case(opened=opened)).findings
    assert finding.reason.code == "vgm-contradicts"
    assert "25480" in finding.sentence()


@pytest.mark.parametrize("name", ["export-declaration.xml", "carrier-manifest.edi"])
def test_a_swapped_seal_in_any_of_them_is_found(name: str) -> None:
    other = {**paper(name), "containers": [{**paper(name)["containers"][0], "seals": ["GT0000000"]}]}
    story, opened = told(**{name: other})
    codes = [one.reason.code for one in PAPERS.run(story.case(opened=opened)).findings]
    assert codes == ["seal-not-on-record"]
