"""Bills of lading and certificates belong to one shipment, and their numbers to one paper."""

from collections.abc import Collection

from ledger.assessment.case import Case
from ledger.assessment.checks.re_use import RE_USE
from ledger.domain.verdict import Status
from tests.assessment.papers import BILL, BILL_OF_LADING, BOX, PHYTO, PaperStory, a_story, changed
from tests.builders import a_trip

OTHER = a_trip("XXXU5001233", seed="other").uri


def used_in(*pairs: tuple[str, str], subject: str = OTHER) -> Case:
    def used(kind: str, number: str) -> Collection[str]:
        return [subject] if (kind, number) in pairs else []

    return a_story().case(used=used)


def codes(case: Case) -> list[str]:
    return [one.reason.code for one in RE_USE.run(case).findings]


def test_a_bill_of_another_shipment_is_found_with_both_named() -> None:
    case = used_in(("bill-of-lading", BILL))
    result = RE_USE.run(case)
    assert [one.reason.code for one in result.findings] == ["number-used-elsewhere"]
    sentence = result.findings[0].sentence("es")
    assert BILL in sentence
    assert OTHER in sentence
    assert result.to_check("re-use").status is Status.FAILED


def test_a_certificate_of_another_shipment_is_found_however_it_is_written() -> None:
    assert codes(used_in(("certificate", "GTPHYTO2026081944"))) == ["number-used-elsewhere"]


def test_numbers_used_nowhere_else_pass_and_own_subjects_do_not_count() -> None:
    assert RE_USE.run(used_in()).to_check("re-use").reason == "ok"
    own = a_story().story.trip.uri
    assert codes(used_in(("bill-of-lading", BILL), subject=own)) == []


def test_without_other_shipments_nothing_is_called_passed() -> None:
    checked = RE_USE.run(a_story().case()).to_check("re-use")
    assert (checked.status, checked.reason) == (Status.NOT_CHECKED, "no-other-shipments")


def test_two_certificates_with_one_number_are_found_without_other_shipments() -> None:
    story = a_story()
    story.tell(changed(PHYTO, "parties.0.name", "Plant Health Office Example"))
    result = RE_USE.run(story.case())
    assert [one.reason.code for one in result.findings] == ["number-on-two-papers"]
    assert "issuer" in result.findings[0].sentence()
    assert result.to_check("re-use").status is Status.FAILED


def test_one_number_on_bills_of_different_containers_is_found() -> None:
    story = a_story()
    story.tell(changed(BILL_OF_LADING, "containers.0", {"number": "XXXU5001233"}))
    assert codes(story.case()) == ["number-on-two-papers"]


def test_a_number_on_a_certificate_of_another_kind_is_found() -> None:
    story = a_story()
    story.tell(changed(PHYTO, "document", "certification-of-origin"))
    assert codes(story.case()) == ["number-on-two-papers"]


def test_the_same_paper_told_by_another_party_and_in_less_detail_is_one_paper() -> None:
    story = a_story()
    story.tell(BILL_OF_LADING)
    story.tell({"document": "bill-of-lading", "numbers": BILL_OF_LADING["numbers"]})
    story.tell(
        {"document": "bill-of-lading", "numbers": BILL_OF_LADING["numbers"], "containers": [{"number": BOX}]}
    )
    assert codes(story.case()) == []


def test_short_numbers_and_manifests_of_many_bills_use_nothing() -> None:
    story = PaperStory().load()
    bills = [{"kind": "bill-of-lading", "value": f"{BILL}-{place}"} for place in range(3)]
    story.tell({"document": "manifest", "numbers": bills})
    story.tell({"document": "sanitary-certificate", "numbers": [{"kind": "certificate", "value": "C-1"}]})
    assert codes(story.case(used=lambda _kind, _number: [OTHER])) == []
