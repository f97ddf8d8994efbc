"""The life of an organisation on real parts: what registration and a verifier say at each step of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.chain.governance import Governor, begin_role, end_organisation, end_role, enrol
from ledger.chain.organisation import OrganisationAdmin
from ledger.domain.enrolment import TYP, Application, apply_for
from ledger.domain.key_use import USE_DEVICE
from ledger.domain.statement import FILE_MEDIA_TYPE, SignedStatement, StatementFile
from ledger.domain.subject import Subject, stream_tag
from ledger.dossiers import everything
from ledger.keys.memory import MemorySigner
from ledger.verification.verifier import verify_receipt
from tests.builders import EXPORTER, Author, Salts, Trip, a_signer, a_trip, seeded
from tests.domain.test_participant import GOOD as IDENTITY
from tests.integration.stage import FOUNDERS, Stage, a_stage, an_organisation, operator_keys, packed
from tests.verification.verdicts import said

PORT = "https://new-port.example"
FIRST, SCANNER, SECOND = (a_signer((PORT, name)) for name in ("first", "scanner", "second"))
ADMIN = an_organisation(PORT)
TRIP = a_trip(iss=PORT, seed="life")
SELF_TAG = stream_tag(seeded("self", 16))
SELF = Trip(Subject.create("organisation", "NEW-PORT", PORT, SELF_TAG), seeded("self", 16), SELF_TAG, PORT)


@dataclass
class Life:
    """An organisation at a ledger: what it says, and what is said of that."""

    stage: Stage

    @property
    def admin(self) -> OrganisationAdmin:
        ledger = self.stage.ledger
        return OrganisationAdmin(ledger.client, ledger.contracts, ADMIN.signer)

    def governor(self, place: int) -> Governor:
        ledger = self.stage.ledger
        return Governor(ledger.client, ledger.contracts, FOUNDERS[place].signer)

    def says(
        self, kind: str, by: MemorySigner, body: dict[str, Any] | None = None, about: Trip = TRIP
    ) -> Any:
        """Sign and submit a statement; return its id, or the code by which it is refused."""
        stage = self.stage
        # The mirror of the registry is asked anew.
        stage.ticks.ahead += 2
        stage.clock.now += 1
        author = Author(PORT, by, stage.ledger.genesis.audience, Salts(("life", stage.clock())))
        signed: SignedStatement = author.says(kind, about, body or {}, iat=stage.clock(), seen=stage.seen())
        file = StatementFile(signed.raw, signed.disclosures).encode()
        answer = stage.http.post("/v1/statements", content=file, headers={"Content-Type": FILE_MEDIA_TYPE})
        if answer.is_success:
            return signed.statement.id
        return answer.json()["type"].removeprefix("urn:corridor:problem:")

    def judged(self, identifier: bytes) -> tuple[str, str]:
        """Return what a verifier with a node of its own says of the signer of a statement."""
        stage = self.stage
        receipt = stage.ledger.builder.receipt(
            identifier, EXPORTER, operator_keys().receipt.signer, everything
        )
        verdict = verify_receipt(packed(receipt), stage.trust(), chain_view=stage.view())
        return said(verdict, "authority")

    def apply(self) -> tuple[Application, dict[str, Any]]:
        stage = self.stage
        application = apply_for(
            FIRST,
            uri=PORT,
            aud=stage.ledger.genesis.audience,
            iat=stage.clock(),
            roles=["origin-port"],
            admin=ADMIN.signer.address,
            onboarding=IDENTITY,
        )
        answer = stage.http.post("/v1/enrolments", content=application.raw, headers={"Content-Type": TYP})
        assert answer.status_code == 201, answer.text
        return application, answer.json()

    def progress(self, application: Application) -> tuple[str, list[str], bool]:
        self.stage.ticks.ahead += 2
        found = self.stage.http.get(f"/v1/enrolments/{application.id.hex()}").json()
        return found["state"], found["roles_given"], found["key_registered"]


def test_the_life_of_an_organisation(tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        life = Life(stage)
        embedded = stage.ledger.embedded
        assert embedded is not None
        embedded.fund(ADMIN.signer.address)

        # (1) It asks to take part; nobody listens to it before two organisations have agreed.
        assert life.says("subject-opened", FIRST) == "key-unknown"
        application, answer = life.apply()
        assert answer["id"] == application.id.hex()
        assert life.progress(application) == ("pending", [], False)
        proposals = [
            life.governor(0).propose(call)
            for call in (enrol(PORT, ADMIN.signer.address), begin_role(PORT, "origin-port"))
        ]
        assert life.progress(application) == ("proposed", [], False)
        for proposal in proposals:
            life.governor(1).approve(proposal)
        assert life.progress(application) == ("enrolled", ["origin-port"], False)
        assert life.says("subject-opened", FIRST) == "key-unknown"

        # (2) It adds its key, and says who it is.
        life.admin.add_key(FIRST.key)
        assert life.progress(application) == ("enrolled", ["origin-port"], True)
        opened = life.says("subject-opened", FIRST)
        assert isinstance(life.says("subject-opened", FIRST, about=SELF), bytes)
        onboarded = life.says("onboarding", FIRST, IDENTITY, about=SELF)
        assert life.says("onboarding", FIRST, {**IDENTITY, "country": "Guatemala"}, about=SELF) == (
            "malformed-field"
        )

        # (3) A device gets a key, which says what devices say and nothing else.
        life.admin.add_key(SCANNER.key, USE_DEVICE)
        delegation = {
            "key": SCANNER.key.thumbprint.hex(),
            "device": {"type": "scanner", "name": "gate 3"},
            "clock_offset_s": -1.75,
            "measured_at": "2026-09-21T13:33:20Z",
        }
        delegated = life.says("delegation", FIRST, delegation, about=SELF)
        scanned = life.says("scan", SCANNER, {"clock_offset_s": -1.75})
        for kind in ("delegation", "status", "subject-opened"):
            assert life.says(kind, SCANNER, delegation, about=SELF) == "key-use"
        stage.anchor()
        good = [opened, onboarded, delegated, scanned]
        assert [life.judged(one) for one in good] == [("passed", "ok")] * 4

        # (4) A new key for an old one. What came in before the old one ended and was anchored after, is late.
        life.admin.add_key(SECOND.key)
        late = life.says("seal-check", FIRST)
        life.admin.end_key(FIRST.key.thumbprint)
        assert life.says("seal-check", FIRST) == "key-inactive"
        renewed = life.says("seal-check", SECOND)
        stage.anchor()
        assert life.judged(late) == ("failed", "key-not-good")
        assert life.judged(renewed) == ("passed", "ok")
        assert [life.judged(one) for one in good] == [("passed", "ok")] * 4

        # (5) The device is lost.
        life.admin.end_key(SCANNER.key.thumbprint)
        assert life.says("scan", SCANNER) == "key-inactive"
        assert life.judged(scanned) == ("passed", "ok")

        # (6) Somebody else may have had the key since now: it still registers, and verifiers ask.
        life.admin.suspect_key(SECOND.key.thumbprint, stage.ledger.client.head().number)
        doubtful = life.says("seal-check", SECOND)
        stage.anchor()
        assert life.judged(doubtful) == ("missing", "key-suspect")
        assert life.judged(renewed) == ("passed", "ok")

        # (7) A role ends, and then the organisation. What was anchored before stays good.
        third = a_signer((PORT, "third"))
        life.admin.add_key(third.key)
        last = life.says("seal-check", third)
        stage.anchor()
        life.governor(1).approve(life.governor(0).propose(end_role(PORT, "origin-port")))
        assert life.says("seal-check", third) == "kind-not-allowed"
        life.governor(0).approve(life.governor(1).propose(end_organisation(PORT)))
        assert life.says("seal-check", third) == "key-inactive"
        assert [life.judged(one) for one in (*good, renewed, last)] == [("passed", "ok")] * 6
        assert life.progress(application)[:2] == ("enrolled", [])


def test_what_is_registered_and_anchored_after_the_end_is_not_good(tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage:
        life = Life(stage)
        assert stage.ledger.embedded is not None
        stage.ledger.embedded.fund(ADMIN.signer.address)
        for call in (enrol(PORT, ADMIN.signer.address), begin_role(PORT, "origin-port")):
            life.governor(1).approve(life.governor(0).propose(call))
        life.admin.add_key(FIRST.key)
        opened = life.says("subject-opened", FIRST)
        stage.anchor()
        # Accepted while both hold, anchored when they do not any more.
        before_the_role = life.says("seal-check", FIRST)
        life.governor(1).approve(life.governor(0).propose(end_role(PORT, "origin-port")))
        stage.anchor()
        assert life.judged(before_the_role) == ("failed", "role")
        life.governor(1).approve(life.governor(0).propose(begin_role(PORT, "origin-port")))
        before_the_end = life.says("seal-check", FIRST)
        life.governor(1).approve(life.governor(0).propose(end_organisation(PORT)))
        stage.anchor()
        assert life.judged(before_the_end) == ("failed", "organisation-not-good")
        assert life.judged(opened) == ("passed", "ok")
