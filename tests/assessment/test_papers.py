"""Papers of one shipment: a planted contradiction is found by its own code, its clean twin says nothing."""

from collections.abc import Callable, Sequence

import pytest

from ledger.assessment.case import Case
from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.finding import Severity
from ledger.domain.verdict import Status
from ledger.domain.words import LANGUAGES
from tests.assessment.papers import (
    BILL_OF_LADING,
    BOX,
    DECLARATION,
    INVOICE,
    PACKING_LIST,
    PHYTO,
    VGM,
    PaperStory,
    a_consignment,
    a_story,
    changed,
    ruled,
)
from tests.builders import a_trip
from tests.domain.custody_story import A, B, Story, clock, inspected

EXCHANGED = {"net_kg": 19_500, "gross_kg": 17_700}


def codes(case: Case) -> list[str]:
    return [one.reason.code for one in PAPERS.run(case).findings]


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


def _two_more(*parties: tuple[str, str]) -> Callable[[], PaperStory]:
    def told() -> PaperStory:
        story = a_story()
        for role, name in parties:
            story.tell({"document": "entry", "parties": [{"role": role, "name": name}]})
        return story

    return told


def _with_places(loading: str) -> Callable[[], PaperStory]:
    def told() -> PaperStory:
        story = a_story()
        story.tell({"document": "stow-plan", "places": [{"kind": "loading", "value": loading}]})
        return story

    return told


def _unsealed(*seals: str) -> Callable[[], PaperStory]:
    """Tell of a container without any seal on record, and of a paper for each seal."""

    def told() -> PaperStory:
        story = PaperStory(Story().open())
        for place, seal in enumerate(seals):
            box = {"number": BOX, "seals": [seal]}
            story.tell({"document": ("packing-list", "manifest")[place % 2], "containers": [box]})
        return story

    return told


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
        "net-over-gross",
        _with("packing_list", PACKING_LIST, ("totals", {}), ("containers.0", {"number": BOX, **EXCHANGED})),
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
    (
        "another mass verified",
        "vgm-contradicts",
        _with("packing_list", PACKING_LIST, ("containers.0.vgm_kg", 25_300)),
    ),
    (
        "another manufacturer",
        "party-contradicts",
        _two_more(("seller", "Pineapples Example, S.A."), ("seller", "Melons Example, S.A.")),
    ),
    ("another port", "port-contradicts", _with_places("GTSTC")),
    (
        "a certificate for another bill of lading",
        "number-contradicts",
        _with("declaration", DECLARATION, ("numbers.1.value", "XXXX26GT119999")),
    ),
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
    ("two seals and none on record", "seals-contradict", _unsealed("S-1", "S-2")),
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
    assert {one.reason.code for one in result.findings} == {code}
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


def test_each_reason_has_a_planted_contradiction_here_or_beside() -> None:
    planted = {code for _, code, _ in PLANTED}
    beside = {"container-not-covered", "papers-left-out"}
    assert {reason.code for reason in PAPERS.reasons} == planted | beside


def test_seals_written_otherwise_are_the_same() -> None:
    assert codes(_unsealed("S-1", "s 1")().case()) == []


def test_the_odd_one_out_is_named_against_the_majority_in_one_finding() -> None:
    told = _with("packing_list", PACKING_LIST, ("totals", {}), ("goods.0.packages", 1480))
    (finding,) = PAPERS.run(told().case()).findings
    said = finding.sentence()
    assert said.index("packing list") < said.index("1480") < said.index("1500")
    assert "3 papers are for the latter, 1 for the former" in said
    assert len(finding.statements) == 4


def test_two_papers_against_each_other_have_no_majority() -> None:
    story = PaperStory()
    for packages in (1500, 1480):
        story.tell({"document": "packing-list", "totals": {"packages": packages}})
    (finding,) = PAPERS.run(story.case()).findings
    assert "Neither has more papers behind it" in finding.sentence()


def test_papers_of_one_statement_and_kind_are_one_witness() -> None:
    story = PaperStory()
    many = [{"document": "packing-list", "totals": {"packages": 1480 + place}} for place in range(3)]
    tolerant = ruled(packages=5)
    story.profile = tolerant
    story.tell(*many)
    for iss in (A, B):
        story.tell({"document": "manifest", "totals": {"packages": 1500}}, iss=iss)
    story.tell({"document": "manifest", "totals": {"packages": 1500}, "goods": [{"hs": "080430"}]}, iss=B)
    findings = PAPERS.run(story.case()).findings
    assert {one.values["most_says"] for one in findings} == {"1500"}


def test_amounts_of_different_containers_are_not_compared() -> None:
    story = PaperStory()
    consignment, second = a_consignment(), a_trip("XXXU5001233", seed=2)
    for trip in (story.story.trip, second):
        story.story.say(A, "stuffing", {}, subjects=(consignment, trip.uri))
    both = [{"number": BOX, "packages": 1500}, {"number": "XXXU5001233", "packages": 900}]
    subjects = (consignment,)
    story.tell(
        {"document": "bill-of-lading", "containers": both, "totals": {"packages": 2400}}, subjects=subjects
    )
    one = {"document": "packing-list", "containers": both[:1]}
    story.tell(one, subjects=subjects)
    case = story.case(subject=consignment)
    assert codes(case) == []
    more = {"number": BOX, "packages": 1400}
    story.tell({"document": "manifest", "containers": [more, both[1]]}, subjects=subjects)
    found = PAPERS.run(story.case(subject=consignment)).findings
    assert {(one.reason.code, one.values["box"]) for one in found} == {
        ("packages-contradict", BOX),
        ("packages-contradict", f"{BOX}, XXXU5001233"),
    }


def test_a_container_that_nothing_links_to_a_consignment_is_worth_a_look() -> None:
    story = PaperStory()
    consignment = a_consignment()
    story.story.say(A, "stuffing", {}, subjects=(consignment, story.story.trip.uri))
    named = [{"number": BOX}, {"number": "XXXU5001233"}]
    story.tell({"document": "bill-of-lading", "containers": named}, subjects=(consignment,))
    assert codes(story.case(subject=consignment)) == ["container-not-covered"]
    assert codes(story.case()) == []


def test_packages_of_different_kinds_are_not_compared() -> None:
    story = PaperStory()
    for kind, packages in (("CT", 1500), ("cartons", 1500), ("PX", 20)):
        story.tell({"document": "manifest", "goods": [{"package_kind": kind, "packages": packages}]})
    assert codes(story.case()) == []
    story.tell({"document": "packing-list", "goods": [{"package_kind": "cajas", "packages": 1499}]})
    assert codes(story.case()) == ["packages-contradict"]


SAME = {
    "case and legal form": "PINEAPPLES EXAMPLE SA",
    "accents": "Pineápples Example, Sociedad Anónima",
    "letters apart": "Pineapples Example S. A.",
    "of variable capital": "Pineapples Example, S.A. de C.V.",
}


@pytest.mark.parametrize("name", SAME.values(), ids=SAME)
def test_one_company_in_several_writings_is_one(name: str) -> None:
    assert codes(_with("phyto", PHYTO, ("parties.1.name", name))().case()) == []


def test_a_name_that_was_cut_off_and_a_bill_to_order_contradict_nothing() -> None:
    story = PaperStory()
    for name in (
        "The Very Long Named Pineapples Company Example of Los Amates",
        "The Very Long Named Pineapples Comp",
    ):
        story.tell({"document": "manifest", "parties": [{"role": "shipper", "name": name}]})
    for name in ("TO ORDER OF BANK EXAMPLE", "Fruit Import Example Inc.", "95-0000451XX"):
        story.tell({"document": "bill-of-lading", "parties": [{"role": "consignee", "name": name}]})
    assert codes(story.case()) == []


def test_a_number_that_both_give_a_party_outweighs_its_name() -> None:
    story = PaperStory()
    for name in ("Pineapples Example", "Piñas Example"):
        party = {"role": "exporter", "name": name, "id": "9000001-3"}
        story.tell({"document": "manifest", "parties": [party]})
    assert codes(story.case()) == []


def test_without_two_papers_nothing_is_called_passed() -> None:
    story = PaperStory()
    story.tell(INVOICE)
    checked = PAPERS.run(story.case()).to_check("papers")
    assert (checked.status, checked.reason) == (Status.NOT_CHECKED, "nothing-to-compare")


def test_papers_beyond_the_most_are_left_out_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.assessment.papers.MOST_PAPERS", 3)
    assert codes(a_story().case()) == ["papers-left-out"]
