"""What a corridor requires: each missing item is named, with who owes it and by when."""

from dataclasses import replace
from typing import Any

import pytest

from ledger.assessment.assess import assess
from ledger.assessment.case import Case
from ledger.assessment.checks.required_evidence import REQUIRED_EVIDENCE
from ledger.assessment.finding import Finding
from ledger.assessment.needs import needs_of
from ledger.corridors.profile import foundation_profile
from ledger.corridors.rules import When
from ledger.domain.verdict import Status
from tests.assessment.story import (
    BROKER,
    CARRIER,
    EXPORTER,
    ROLES,
    Shipment,
    complete,
    of_type,
    sailing,
    us,
    with_rules,
)
from tests.builders import a_trip
from tests.domain.custody_story import posix


def found(case: Case) -> list[Finding]:
    return list(REQUIRED_EVIDENCE.run(case).findings)


def without(*papers: str, kinds: tuple[str, ...] = ()) -> Shipment:
    """Return the complete story without some papers and kinds."""
    one = complete()
    one.said = [
        each
        for each in one.said
        if each.statement.kind not in kinds and not set(papers) & set(each.body.get("documents", ()))
    ]
    return one


def missing(one: Shipment, **more: Any) -> dict[str | None, Finding]:
    return {each.need: each for each in found(one.case(**more)) if each.reason.code == "evidence-missing"}


def test_nothing_is_missing_two_days_before_arrival_and_what_comes_later_is_told() -> None:
    result = REQUIRED_EVIDENCE.run(complete().case())
    assert {(one.reason.code, one.need) for one in result.findings} == {
        ("evidence-to-come", "prior-notice"),
        ("evidence-to-come", "temperature-log"),
    }
    check = result.to_check("required-evidence")
    assert (check.status, check.reason) == (Status.PASSED, "ok")
    assert "17 of 19" in check.message


PAPERS = [
    "packing-list",
    "commercial-invoice",
    "verified-gross-mass",
    "export-declaration",
    "export-licence",
    "phytosanitary-certificate",
    "certification-of-origin",
    "bill-of-lading",
]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_missing_paper_of_the_origin_is_named_with_who_owes_it_and_by_when(paper: str) -> None:
    (one,) = missing(without(paper)).values()
    need = us().rules.required[paper]  # type: ignore[union-attr]
    assert (one.need, one.owed_by) == (paper, need.owed_by[0])
    assert one.due is not None
    sentence = one.sentence("es")
    assert need.title.es in sentence
    assert us().roles[need.owed_by[0]].es in sentence
    assert "a más tardar el 2026-11" in sentence
    assert assess(without(paper).case()).checks[0].status is Status.MISSING


def test_a_missing_record_of_the_container_names_the_container() -> None:
    (one,) = missing(without(kinds=("radiation",))).values()
    assert one.need == "radiation"
    assert "of container MSKU1234565" in one.sentence()


def test_a_filing_is_to_come_until_its_time_is_over_and_missing_then() -> None:
    one = without("importer-security-filing", kinds=("loading", "departure"))
    one.said = [each for each in one.said if one.times[each.index] <= posix(23)]
    assert "importer-security-filing" not in missing(one)
    # Lading is expected at hour 60; nothing that is on record is later than 24 h before it, until now.
    one.say(EXPORTER, "status", 37)
    assert missing(one)["importer-security-filing"].due == posix(36)


def test_what_was_corrected_away_does_not_count() -> None:
    one = without("packing-list")
    first = one.bring(EXPORTER, "packing-list", 14)
    assert "packing-list" not in missing(one)
    one.correct(first, 20, {"documents": ["commercial-invoice"]})
    assert "packing-list" in missing(one)


def test_a_correction_counts_from_when_the_paper_first_came() -> None:
    one = without("packing-list")
    first = one.bring(EXPORTER, "packing-list", 14)
    second = one.correct(first, 70, {"documents": ["packing-list"]})
    state = next(each for each in needs_of(one.case()) if each.name == "packing-list")
    assert (state.satisfied_by, state.brought) == (second, first)
    assert (state.registered, state.amended) == (posix(14), posix(70))


def test_the_paper_of_who_does_not_owe_it_does_not_count_where_roles_are_known() -> None:
    one = without("importer-security-filing")
    one.bring(EXPORTER, "importer-security-filing", 23)
    assert "importer-security-filing" in missing(one)
    assert "importer-security-filing" not in missing(one, roles=None)


@pytest.mark.parametrize(
    "documents", [None, "packing-list", [], [3, None], {"packing-list": 1}, [["packing-list"]]]
)
def test_malformed_documents_bring_nothing(documents: object) -> None:
    one = without("packing-list")
    one.say(EXPORTER, "document", 14, {"documents": documents})
    assert "packing-list" in missing(one)


def test_a_seal_that_a_stuffing_names_brings_no_record_of_it() -> None:
    one = without(kinds=("seal-applied",))
    seals = {"seals_applied": [{"number": "GT4471902"}]}
    one.say(EXPORTER, "stuffing", 12, seals)
    assert "seal-record" in missing(one)
    one.say(EXPORTER, "seal-applied", 13, seals)
    assert "seal-record" not in missing(one)


def test_evidence_is_asked_of_every_container_of_a_consignment() -> None:
    one = complete()
    second, consignment = a_trip("TCLU4000009", iss=EXPORTER), of_type("consignment", "EXAM.1", EXPORTER)
    for trip in (one.trip, second):
        links = [{"rel": "stuffed-in", "from": consignment, "to": trip.uri}]
        one.say(EXPORTER, "link", 15, {"links": links}, subjects=[consignment, trip.uri])
    gone = missing(one)
    assert gone == {}
    case = replace(one.case(), subject=consignment)
    named = [(each.need, each.sentence()) for each in found(case) if each.reason.code == "evidence-missing"]
    assert {need for need, _ in named} == {
        *("stuffing-record", "seal-record", "verified-gross-mass"),
        *("gate-passage", "scan", "scan-conclusion", "radiation"),
    }
    assert all("TCLU4000009" in sentence for _, sentence in named)


CONDITIONS = [
    pytest.param(None, True, id="always"),
    pytest.param(When(destinations=frozenset({"US"})), True, id="all that it can be are in the country"),
    pytest.param(When(destinations=frozenset({"USILG"})), True, id="the port that was named"),
    pytest.param(When(destinations=frozenset({"USPEF"})), False, id="another port"),
    pytest.param(When(origins=frozenset({"GTPBR"})), True, id="laden there"),
    pytest.param(When(origins=frozenset({"GTSTC"})), False, id="laden elsewhere"),
    pytest.param(When(origins=frozenset({"GT"})), True, id="laden in the country"),
    pytest.param(When(hs=("0804", "09")), True, id="goods of the chapter"),
    pytest.param(When(hs=("09",)), False, id="other goods"),
    pytest.param(When(said="scan"), True, id="a kind that is on record"),
    pytest.param(When(said="video"), False, id="a kind that is not"),
    pytest.param(When(voyage_over_hours=100), True, id="a long voyage"),
    pytest.param(When(voyage_over_hours=124), False, id="a shorter voyage"),
    pytest.param(When(destinations=frozenset({"US"}), said="video"), False, id="not all of it"),
]


@pytest.mark.parametrize(("when", "applies"), CONDITIONS)
def test_a_condition_holds_when_all_of_it_is_on_record(when: When | None, applies: bool) -> None:
    one = without("packing-list")
    need = replace(us().rules.required["packing-list"], when=when)  # type: ignore[union-attr]
    one.profile = with_rules(us(), required={"packing-list": need})
    assert ("packing-list" in missing(one)) is applies


def test_a_condition_that_nothing_speaks_for_does_not_hold() -> None:
    need = us().rules.required["packing-list"]  # type: ignore[union-attr]
    unknown = When(destinations=frozenset({"USILG"}))
    asked = {"packing-list": replace(need, when=unknown)}
    one = Shipment(with_rules(us(), required=asked, parties=frozenset()))
    one.say(EXPORTER, "subject-opened", 0)
    assert found(one.case()) == []
    one.expect(CARRIER, 18, sailing("arrival", "EST", 190, place="USILG"))
    assert "packing-list" in missing(one)


@pytest.mark.parametrize("where", ["bodies", "readings"])
def test_tariff_numbers_and_places_are_taken_from_papers_too(where: str) -> None:
    paper = {
        "document": "commercial-invoice",
        "goods": [{"hs": "08043040"}],
        "places": [{"kind": "discharge", "value": "USPEF"}],
    }
    need = us().rules.required["packing-list"]  # type: ignore[union-attr]
    when = When(hs=("0804",), destinations=frozenset({"USPEF"}))
    one = Shipment(with_rules(us(), required={"packing-list": replace(need, when=when)}))
    if where == "bodies":
        one.say(EXPORTER, "document", 14, {"papers": [paper]})
        assert "packing-list" in missing(one)
    else:
        read = one.say(EXPORTER, "reading", 14)
        assert "packing-list" not in missing(one)
        assert "packing-list" in missing(one, opened={read.statement.id: {"paper": paper}})


def test_of_two_papers_the_one_that_was_brought_last_names_the_destination() -> None:
    need = us().rules.required["packing-list"]  # type: ignore[union-attr]
    when = When(destinations=frozenset({"USPEF"}))
    one = Shipment(with_rules(us(), required={"packing-list": replace(need, when=when)}))
    for hour, port, missed in ((14, "USILG", False), (15, "USPEF", True), (16, "USILG", False)):
        places = [{"kind": "discharge", "value": port}]
        numbers = [{"kind": "invoice", "value": f"{hour}"}]
        paper = {"document": "commercial-invoice", "places": places, "numbers": numbers}
        one.say(EXPORTER, "document", hour, {"papers": [paper]})
        assert ("packing-list" in missing(one)) is missed


def test_a_deadline_that_nobody_knows_is_said_to_be_unknown() -> None:
    one = Shipment()
    one.say(EXPORTER, "subject-opened", 0)
    assert missing(one)["packing-list"].due is None
    assert "not known yet" in missing(one)["packing-list"].sentence()


def absent(one: Shipment, **more: Any) -> list[str | None]:
    return [each.owed_by for each in found(one.case(**more)) if each.reason.code == "party-absent"]


def test_a_party_that_said_nothing_is_named_where_roles_are_known() -> None:
    one = complete()
    assert absent(one) == []
    one.said = [each for each in one.said if each.statement.iss != BROKER]
    assert absent(one) == ["broker"]
    assert absent(one, roles=None) == []
    assert ROLES[BROKER] == "broker"


def test_a_corridor_without_rules_asks_nothing() -> None:
    assert not REQUIRED_EVIDENCE.applies(foundation_profile())
    assert REQUIRED_EVIDENCE.applies(us())
