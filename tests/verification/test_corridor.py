"""The corridor's checks in verdicts: on accepted clocks, proven roles, and what the reader can open."""

from dataclasses import replace

import pytest

from ledger.assessment.assess import checks_of
from ledger.corridors.profile import foundation_profile
from ledger.domain.verdict import CHECKS, CORRIDOR_CHECKS, Outcome
from ledger.verification.trust_defaults import required_by
from ledger.verification.verifier import CHECKS_OF_RECEIPT, examine, verify_receipt
from tests.assessment.story import BROKER, CARRIER, EXPORTER, complete, sailing, us
from tests.domain.custody_story import posix
from tests.verification.corridor_world import LoggedShipment, a_corridor_world
from tests.verification.factory import a_small_world, packed
from tests.verification.test_evidence import READER, sealed
from tests.verification.verdicts import check, said, verdict_on

ASKED = tuple(one.name for one in checks_of(us()))


@pytest.fixture(scope="module")
def told() -> LoggedShipment:
    shipment = LoggedShipment()
    complete(shipment)
    return shipment


def test_a_corridor_s_checks_stand_behind_the_others_in_one_order(told: LoggedShipment) -> None:
    verdict = verdict_on(told.world, told.world.dossier(told.trip))
    assert tuple(one.name for one in verdict.checks) == CHECKS + ASKED
    assert [CORRIDOR_CHECKS.index(name) for name in ASKED] == sorted(map(CORRIDOR_CHECKS.index, ASKED))
    assert said(verdict, "required-evidence") == ("passed", "ok")
    assert "60 h 00 min before the arrival expected then" in check(verdict, "timeliness").message


def test_without_rules_for_shipments_no_verdict_speaks_of_them() -> None:
    world, trip = a_small_world()
    assert tuple(one.name for one in verdict_on(world, world.dossier(trip)).checks) == CHECKS


def test_a_check_that_only_the_trust_file_asks_for_is_not_passed() -> None:
    world, trip = a_small_world()
    trust = world.trust(required=[*CHECKS[:-3], "timeliness"])
    verdict = verdict_on(world, world.dossier(trip), trust)
    assert said(verdict, "timeliness") == ("not-checked", "not-asked-for")
    assert verdict.outcome is Outcome.INCOMPLETE


def test_what_is_missing_makes_a_verdict_incomplete_where_the_trust_file_requires_it() -> None:
    one = LoggedShipment()
    one.say(EXPORTER, "subject-opened", 0)
    one.bring(EXPORTER, "packing-list", 14)
    dossier = one.world.dossier(one.trip)
    verdict = verdict_on(one.world, dossier)
    assert said(verdict, "required-evidence") == ("missing", "evidence-missing")
    assert verdict.outcome is Outcome.ACCEPTED
    required = list(required_by(us(), ("witnesses",)))
    assert required[-2:] == ["required-evidence", "timeliness"]
    assert verdict_on(one.world, dossier, one.world.trust(required=required)).outcome is Outcome.INCOMPLETE


def test_a_late_filing_rejects_a_dossier_whatever_the_trust_file_requires() -> None:
    one = LoggedShipment()
    complete(one)
    one.bring(BROKER, "prior-notice", 183)
    verdict = verdict_on(one.world, one.world.dossier(one.trip))
    assert said(verdict, "timeliness") == ("failed", "evidence-late")
    assert verdict.outcome is Outcome.REJECTED


def test_a_time_of_the_operator_s_own_chain_makes_nothing_timely() -> None:
    one = LoggedShipment(world=a_corridor_world(control="operator"))
    complete(one)
    dossier = one.world.dossier(one.trip)
    alone = one.world.trust(times=["chain"], required=["readable"])
    assert said(verdict_on(one.world, dossier, alone), "timeliness") == ("not-checked", "operator-clock")
    with_witnesses = one.world.trust(times=["witnesses"], required=["readable"])
    assert said(verdict_on(one.world, dossier, with_witnesses), "timeliness") == ("passed", "ok")
    without = one.world.trust(times=[], required=["readable"])
    assert said(verdict_on(one.world, dossier, without), "timeliness") == ("not-checked", "operator-clock")


def test_who_has_no_role_for_it_on_the_chain_is_no_source_of_times() -> None:
    one = LoggedShipment()
    one.say(EXPORTER, "subject-opened", 0)
    one.expect(EXPORTER, 10, sailing("arrival", "EST", 190, place="USILG"))
    found = examine(
        packed(one.world.dossier(one.trip)), one.world.trust(), clock=one.world.clock, chain_view=None
    )
    assert found.case is not None
    assert found.case.roles_of is not None
    assert found.case.roles_of(EXPORTER) == {"exporter"}
    assert found.case.roles_of(CARRIER) == frozenset()
    assert found.case.registered_by(found.case.said[0]) == posix(0)


def test_with_a_signature_that_does_not_hold_nobody_said_anything(told: LoggedShipment) -> None:
    dossier = told.world.dossier(told.trip)
    broken = replace(dossier.statements[3], raw=dossier.statements[3].raw[:-1] + b"\x00")
    statements = (*dossier.statements[:3], broken, *dossier.statements[4:])
    verdict = verdict_on(told.world, replace(dossier, statements=statements))
    assert {said(verdict, name) for name in ASKED} == {("not-checked", "needs-signature")}


def test_a_dossier_of_another_log_has_no_rules_that_could_be_asked(told: LoggedShipment) -> None:
    trust = told.world.trust(genesis="00" * 32, required=["timeliness"])
    verdict = verdict_on(told.world, told.world.dossier(told.trip), trust)
    assert tuple(one.name for one in verdict.checks) == (*CHECKS, "timeliness")
    assert said(verdict, "timeliness") == ("not-checked", "needs-readable")


def test_a_receipt_says_nothing_of_a_whole_shipment(told: LoggedShipment) -> None:
    receipt = told.world.receipt(told.said[0].index)
    verdict = verify_receipt(packed(receipt), told.world.trust(required=["timeliness", "readable"]))
    assert tuple(one.name for one in verdict.checks) == CHECKS_OF_RECEIPT
    assert verdict.outcome is Outcome.ACCEPTED


def test_trust_files_require_evidence_of_corridors_with_rules_and_timeliness_with_a_clock() -> None:
    bare = required_by(foundation_profile(), ("chain",))
    assert required_by(None, ("chain",)) == bare
    assert required_by(us(), ()) == (*bare, "required-evidence")
    assert required_by(us(), ("tsa",)) == (*bare, "required-evidence", "timeliness")


PAPER = b'{"paper":{"document":"packing-list","totals":{"packages":1500}}}'
CONTENTS = [
    pytest.param(PAPER, True, id="a paper"),
    pytest.param(b"[]", False, id="no object"),
    pytest.param(b"{", False, id="no JSON"),
    pytest.param(b'{"a":1,"a":2}', False, id="a member twice"),
    pytest.param(b"[" * 99, False, id="too deep"),
    pytest.param(b'{"x":"' + b"x" * 1_048_576 + b'"}', False, id="too long"),
    pytest.param(b"\xff\xfe", False, id="no UTF-8"),
]


@pytest.mark.parametrize(("content", "opens"), CONTENTS)
def test_what_a_reader_found_is_opened_with_the_verifier_s_keys_only(content: bytes, opens: bool) -> None:
    label = {"media_type": "application/json", "category": "rendition-paper", "name": "what was found"}
    item = sealed(content, **label)
    one = LoggedShipment()
    one.say(EXPORTER, "subject-opened", 0)
    reading = one.say(EXPORTER, "reading", 1, {"category": "paper", "evidence": [item.item.to_json()]})
    dossier = packed(
        replace(one.world.dossier(one.trip), secrets=(item.wrapped(),)), {item.item.cid: item.stored}
    )
    for identities, expected in (([READER], opens), ([], False)):
        found = examine(dossier, one.world.trust(), clock=one.world.clock, identities=identities)
        assert found.case is not None
        assert (reading.statement.id in found.case.opened) is expected


def test_names_of_a_screening_list_reach_the_checks(told: LoggedShipment) -> None:
    found = examine(
        packed(told.world.dossier(told.trip)),
        told.world.trust(),
        clock=told.world.clock,
        screening=frozenset({"Somebody"}),
    )
    assert found.case is not None
    assert found.case.screened == {"Somebody"}
