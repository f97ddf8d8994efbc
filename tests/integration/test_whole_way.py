"""The whole way on real parts: founded, restarted, registered over HTTP, cosigned, anchored, verified."""

from collections.abc import Iterator

import pytest

from ledger.domain.errors import ConflictError
from ledger.domain.verdict import Outcome
from ledger.dossiers import everything
from ledger.verification.verifier import verify, verify_receipt
from tests.builders import EXPORTER
from tests.integration.stage import (
    NOT_PASSED_OFFLINE,
    WITNESSES,
    Stage,
    a_stage,
    another_trip,
    check_chain,
    enrol,
    operator_keys,
    packed,
)
from tests.integration.waiting import wait_until
from tests.log.checker import check_log
from tests.verification.verdicts import NO_PASSAGE, not_passed, said


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with a_stage(tmp_path_factory.mktemp("whole"), witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        yield stage


def test_from_a_statement_over_http_to_a_verdict_online_and_offline(stage: Stage) -> None:
    trip = another_trip("verdict")
    ids = stage.tell(trip)
    size = stage.anchor()
    note = stage.http.get("/log/checkpoint").text
    assert [line.split()[1] for line in note.split("\n\n")[1].splitlines()] == [
        stage.ledger.genesis.origin,
        *sorted(one.key.name for one in WITNESSES),
    ]
    dossier = stage.dossier(trip)
    assert dossier.header.target == size
    assert len(dossier.statements) == len(ids)
    file, trust = packed(dossier), stage.trust()
    online = verify(file, trust, clock=stage.clock, chain_view=stage.view(), expected_shipment=trip.uri)
    assert (online.outcome, not_passed(online)) == (Outcome.ACCEPTED, NO_PASSAGE)
    offline = verify(file, trust, clock=stage.clock, expected_shipment=trip.uri)
    assert offline.outcome is Outcome.ACCEPTED
    assert set(not_passed(offline)) == NOT_PASSED_OFFLINE
    assert size in check_chain(stage.ledger)
    check_log(stage.ledger.store)


def test_every_statement_gets_a_receipt_that_verifies(stage: Stage) -> None:
    trip = another_trip("receipts")
    ids = stage.tell(trip)
    signer = operator_keys().receipt.signer
    with pytest.raises(ConflictError) as early:
        stage.ledger.builder.receipt(ids[0], EXPORTER, signer, everything)
    assert early.value.code == "not-final"
    stage.anchor()
    trust = stage.trust()
    for identifier in ids:
        file = packed(stage.ledger.builder.receipt(identifier, EXPORTER, signer, everything))
        for view in (None, stage.view()):
            verdict = verify_receipt(file, trust, chain_view=view)
            assert verdict.outcome is Outcome.ACCEPTED, not_passed(verdict)


def test_what_was_anchored_earlier_keeps_its_earlier_time(stage: Stage) -> None:
    trip = another_trip("times")
    stage.tell(trip)
    first = stage.anchor()
    stage.clock.now += 3600
    assert stage.post(stage.says(EXPORTER, "seal-check", trip)).status_code == 201
    second = stage.anchor()
    dossier = stage.dossier(trip)
    assert [one.size for one in dossier.anchors] == [first, second]
    verdict = verify(packed(dossier), stage.trust(), clock=stage.clock)
    assert verdict.outcome is Outcome.ACCEPTED, not_passed(verdict)


def test_witnesses_keep_a_quiet_log_fresh(stage: Stage) -> None:
    trip = another_trip("quiet")
    stage.tell(trip)
    size = stage.anchor()
    trust = stage.trust(max_age=7200)
    stage.clock.now += 7000
    assert stage.publish() == size
    # They are asked in the background: what was published is there already.
    wait_until(lambda: len(stage.ledger.store.checkpoints.cosignatures(size)) == 2 * len(WITNESSES))
    stage.clock.now += 7000
    kept_fresh = verify(packed(stage.dossier(trip)), trust, clock=stage.clock)
    assert (kept_fresh.outcome, not_passed(kept_fresh)) == (Outcome.ACCEPTED, NO_PASSAGE)
    stage.clock.now += 7000
    assert said(verify(packed(stage.dossier(trip)), trust, clock=stage.clock), "freshness") == (
        "failed",
        "stale",
    )


def test_nothing_is_wrong_with_a_ledger_that_works(stage: Stage) -> None:
    stage.anchor()
    answer = stage.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
