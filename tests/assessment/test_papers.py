"""Papers of one shipment: a planted contradiction is found by its own code, its clean twin says nothing."""

from collections.abc import Callable, Sequence

import pytest

from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.finding import Severity
from ledger.domain.verdict import Status
from ledger.domain.words import LANGUAGES
from tests.assessment.papers import (
    BILL_OF_LADING,
    DECLARATION,
    INVOICE,
    PACKING_LIST,
    PHYTO,
    VGM,
    PaperStory,
    a_story,
    changed,
)
from tests.domain.custody_story import clock, inspected


def _with(name: str, paper: object, *steps: tuple[str, object]) -> Callable[[], PaperStory]:
    def told() -> PaperStory:
        assert isinstance(paper, dict)
        other = paper
        for path, value in steps:
            other = changed(other, path, value)
        return a_story(**{name: other})

    return told


def _resealed() -> PaperStory:
    story = PaperStory()
    inspected(story.story)
    return story.load("P1").tell_all()


PLANTED: Sequence[tuple[str, str, Callable[[], PaperStory]]] = (
    (
        "a packing list of fewer cartons",
        "packages-contradict",
        _with("packing_list", PACKING_LIST, ("totals", {}), ("goods.0.packages", 1480)),
    ),
    (
        "a certificate of more net weight",
        "net-weight-contradicts",
        _with("phyto", PHYTO, ("goods.0.net_kg", 18_900)),
    ),
    (
        "a bill of lading of less gross weight",
        "gross-weight-contradicts",
        _with("bill", BILL_OF_LADING, ("goods.0.gross_kg", 19_100), ("containers.0.gross_kg", 19_100)),
    ),
    ("a mass that is too small", "vgm-not-sum", _with("vgm", VGM, ("containers.0.vgm_kg", 21_000))),
    (
        "a mass below the goods, and no tare",
        "vgm-below-gross",
        _with("vgm", VGM, ("containers.0", {"number": "MSKU1234565", "vgm_kg": 19_000})),
    ),
    (
        "another value declared than invoiced",
        "value-contradicts",
        _with("declaration", DECLARATION, ("totals.value", 9_120)),
    ),
    (
        "net and gross exchanged",
        "net-over-gross net-weight-contradicts",
        _with("packing_list", PACKING_LIST, ("totals", {}), ("goods.0.net_kg", 19_590)),
    ),
    (
        "a total that its lines do not make",
        "totals-not-lines",
        _with("declaration", DECLARATION, ("goods.0.packages", 750)),
    ),
    (
        "another exporter",
        "exporter-contradicts",
        _with("phyto", PHYTO, ("parties.1.name", "Other Farms Example, S.A.")),
    ),
    (
        "another consignee",
        "consignee-contradicts",
        _with("bill", BILL_OF_LADING, ("parties.1.name", "Nobody Example LLC")),
    ),
    ("mangos on the bill", "hs-contradicts", _with("bill", BILL_OF_LADING, ("goods.0.hs", "080450"))),
    ("another origin", "origin-contradicts", _with("phyto", PHYTO, ("goods.0.origin", "HN"))),
    (
        "a bill of another container",
        "paper-of-other-container",
        _with("bill", BILL_OF_LADING, ("containers.0.number", "XXXU5001233"), ("containers.0.seals", [])),
    ),
    (
        "a seal that never was",
        "seal-not-on-record",
        _with("packing_list", PACKING_LIST, ("containers.0.seals", ["B2"])),
    ),
    ("a seal that police took off", "seal-outdated", _resealed),
    (
        "an invoice made out at sea",
        "invoice-after-lading",
        _with("invoice", INVOICE, ("dates.0.value", "2026-11-09")),
    ),
    (
        "a certificate made out at sea",
        "certificate-after-departure",
        _with("phyto", PHYTO, ("dates.0.value", clock(40))),
    ),
    (
        "a certificate that ran out",
        "certificate-expired",
        _with("phyto", PHYTO, ("dates.2.value", "2026-11-01")),
    ),
    (
        "an antedated bill of lading",
        "bill-before-lading",
        _with("bill", BILL_OF_LADING, ("dates.0.value", "2026-11-03")),
    ),
    (
        "an inspection of a closed container",
        "inspected-after-stuffing",
        _with("phyto", PHYTO, ("dates.1.value", clock(20))),
    ),
)


@pytest.mark.parametrize(("code", "told"), [each[1:] for each in PLANTED], ids=[each[0] for each in PLANTED])
def test_a_planted_contradiction_is_found_alone(code: str, told: Callable[[], PaperStory]) -> None:
    case = told().case()
    result = PAPERS.run(case)
    assert {one.reason.code for one in result.findings} == set(code.split())
    problem = result.findings[0].reason.severity is Severity.PROBLEM
    assert result.to_check("papers").status is (Status.FAILED if problem else Status.PASSED)
    for finding in result.findings:
        assert len({finding.sentence(language) for language in LANGUAGES}) == 3
        assert set(finding.statements) <= set(case.by_id)
        assert finding.statements


def test_the_same_story_without_a_contradiction_says_nothing() -> None:
    result = PAPERS.run(a_story().case())
    assert (result.findings, result.skipped) == ((), None)
    assert result.to_check("papers").status is Status.PASSED
