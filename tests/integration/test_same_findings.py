"""The operator's assessment finds what a verifier finds in the dossier that the same reader gets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from ledger.assessment.needs import needs_of
from ledger.domain.custody import Said
from ledger.domain.moment import shown_time
from ledger.domain.statement import FILE_MEDIA_TYPE, Reference, StatementFile
from ledger.founding import Governance, Organisation
from ledger.verification.verifier import Examination, examine
from tests.api.visitors import sign_in
from tests.assessment.story import (
    ADUANA,
    BROKER,
    CARRIER,
    CBP,
    EXPORTER,
    PACKER,
    PORT,
    ROLES,
    Shipment,
    complete,
    us,
)
from tests.builders import Trip, a_signer, a_trip, seeded
from tests.catalogue.office import a_thing
from tests.chain.chains import Hands
from tests.domain.custody_story import clock, posix
from tests.integration.stage import FOUNDERS, Stage, a_stage

OWING = (BROKER, CARRIER)
"""Who owes what is due only once the ship is there."""
OTHERS = tuple(uri for uri in ROLES if uri != EXPORTER)


@dataclass
class ServedShipment(Shipment):
    """A shipment that is told to a ledger over HTTP, each statement when it is signed."""

    stage: Stage | None = None
    goods: Trip = field(default_factory=lambda: a_thing("consignment", "MAEU.240713001", iss=EXPORTER))

    def say(
        self,
        iss: str,
        kind: str,
        hour: float,
        body: Mapping[str, Any] | None = None,
        *,
        registered: float | None = None,
        **more: Any,
    ) -> Said:
        """Say it; the first thing that is said opens consignment and container, and lets everybody in."""
        assert registered is None
        if kind == "subject-opened":
            for thing in (self.goods, self.trip):
                self._post(iss, kind, thing, hour, {})
                self._post(iss, "grant", thing, hour, {"to": [uri for uri in OTHERS if uri != iss]})
            return self.said[-1]
        more["streams"] = sorted((self.goods.custody_tag, self.trip.custody_tag))
        more["subjects"] = (self.goods.uri, self.trip.uri)
        return self._post(iss, kind, self.trip, hour, {"occurred_at": clock(hour)} | dict(body or {}), **more)

    def _post(self, iss: str, kind: str, thing: Trip, hour: float, body: dict[str, Any], **more: Any) -> Said:
        assert self.stage is not None
        stage = self.stage
        stage.clock.now = max(stage.clock.now + 1, int(posix(hour)))
        signed = stage.author(iss).says(kind, thing, body, iat=stage.clock(), seen=stage.seen(), **more)
        file = StatementFile(signed.raw, signed.disclosures).encode()
        headers = {"Content-Type": FILE_MEDIA_TYPE, "Prefer": "handling=lenient"}
        answer = stage.http.post("/v1/statements", content=file, headers=headers)
        assert answer.status_code == 201, answer.text
        one = Said(answer.json()["index"], signed.statement, signed.statement.reveal(signed.disclosures))
        self.said.append(one)
        # Anchored at once, so that operator and chain tell nearly the same time.
        stage.anchor()
        return one


def enrol(stage: Stage) -> None:
    """Let the organisations of the corridor take part, each with its role."""
    ledger = stage.ledger
    assert ledger.embedded is not None
    governance = Governance(ledger.client, ledger.contracts, FOUNDERS)
    for uri, role in ROLES.items():
        organisation = Organisation(uri, Account.from_key(seeded(("admin", uri), 32)))
        ledger.embedded.fund(organisation.signer.address)
        governance.admit(organisation, [role])
        governance.add_key(organisation, a_signer(uri).key)
    ledger.mirror.refresh()


@pytest.fixture(name="told", scope="module")
def _told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedShipment]:
    """Return a shipment of which much is wrong, anchored in a ledger that is served."""
    folder: Path = tmp_path_factory.mktemp("same")
    with a_stage(folder, clock=Hands(int(posix(-1))), profile=us()) as stage:
        enrol(stage)
        one = ServedShipment(trip=a_trip(iss=EXPORTER), stage=stage)
        complete(one)
        links = [{"rel": "stuffed-in", "from": one.goods.uri, "to": one.trip.uri}]
        one.say(PACKER, "stuffing", 131, {"container": "MSKU1234565", "links": links})
        _contradict(one)
        yield one


def _contradict(one: ServedShipment) -> None:
    """Tell what several checks complain of, some of it concealed."""
    paper = {"document": "commercial-invoice", "totals": {"packages": 1000, "gross_kg": 18000}}
    one.say(EXPORTER, "document", 132, {"documents": ["commercial-invoice"], "papers": [paper]})
    paper = {"document": "packing-list", "totals": {"packages": 900, "gross_kg": 18000}}
    one.say(EXPORTER, "document", 132, {"documents": ["packing-list"], "papers": [paper]})
    paper = {"document": "packing-list", "totals": {"packages": 1000, "gross_kg": 25000}}
    body = {"documents": ["packing-list"], "papers": [paper]}
    one.say(EXPORTER, "document", 133, body, conceal=[("papers", 0, "totals")])
    one.say(PORT, "radiation", 134, {"alarm": True, "place": "GTPBR"})
    scan = one.say(PORT, "scan", 135, {"place": "GTPBR", "container": "MSKU1234570"})
    of = [Reference("of", scan.statement.id)]
    suspect = {"conclusion": "suspect", "concluded_by": "person"}
    one.say(ADUANA, "analysis", 136, suspect, references=of, conceal=[("conclusion",)])
    one.say(CBP, "decision", 137, {"delivery": "blocked"})


def findings(assessment: Mapping[str, Any]) -> dict[str, tuple[str, list[Any]]]:
    """Return what each check says, without sentences that tell by whose clock something was registered."""
    members = ("code", "severity", "statements", "owed_by", "due", "need")
    return {
        check["name"]: (check["status"], [[one[name] for name in members] for one in check["findings"]])
        for check in assessment["checks"]
        # What other shipments use, a dossier of one does not tell.
        if check["name"] != "re-use"
    }


def asked(told: ServedShipment, uri: str, reader: str) -> tuple[dict[str, Any], Examination]:
    """Return what the operator tells a reader of a shipment, and what the reader's verifier finds."""
    stage = told.stage
    assert stage is not None
    headers = sign_in(stage, reader)
    assessment = stage.http.get(f"/v1/subjects/{uri}/assessment", headers=headers)
    dossier = stage.http.get(f"/v1/subjects/{uri}/dossier", headers=headers)
    assert (assessment.status_code, dossier.status_code) == (200, 200), assessment.text
    found = examine(dossier.content, stage.trust(), clock=stage.clock, chain_view=stage.view())
    return assessment.json(), found


@pytest.mark.parametrize("reader", [EXPORTER, CBP])
@pytest.mark.parametrize("of", ["goods", "trip"])
def test_operator_and_verifier_find_the_same(told: ServedShipment, of: str, reader: str) -> None:
    operator, examined = asked(told, getattr(told, of).uri, reader)
    assert examined.assessment is not None
    verifier = examined.assessment.to_json()
    assert findings(operator) == findings(verifier)
    failed = {name for name, (status, _) in findings(operator).items() if status == "failed"}
    assert {"papers", "scan"} <= failed


@pytest.mark.parametrize("reader", [EXPORTER, BROKER, CARRIER, PORT])
def test_who_owes_something_is_told_what_the_verifier_misses(told: ServedShipment, reader: str) -> None:
    assert told.stage is not None
    goods = told.goods.uri
    _, examined = asked(told, goods, reader)
    assert examined.case is not None
    needs = [one for one in needs_of(examined.case) if one.applies and ROLES[reader] in one.need.owed_by]
    headers = sign_in(told.stage, reader)
    page = told.stage.http.get("/v1/todo", params={"state": "all", "limit": 100}, headers=headers)
    items = [one for one in page.json()["items"] if one["shipment"] == goods]
    assert {(one["need"], one["trip"], one["due"], one["state"] != "done") for one in items} == {
        (one.name, one.trip, shown_time(one.due), one.is_missing) for one in needs
    }
    assert len(items) == len(needs)
    assert any(one.is_missing for one in needs) == (reader in OWING), reader
