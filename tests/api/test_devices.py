"""What a session of a device's key may ask: to send evidence, and to read what it signed itself."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

import httpx
import pyrage
import pytest

from api.openapi import operations
from api.operations import FOR_DEVICES
from ledger.chain.organisation import OrganisationAdmin
from ledger.domain.cid import cid_of
from ledger.domain.key_use import USE_DEVICE
from ledger.domain.statement import SignedStatement
from tests.api.errors_seen import Errors
from tests.api.test_uploads import TUS, metadata
from tests.api.visitors import sign_in
from tests.builders import EXPORTER, ORIGIN_PORT, Author, a_signer, seeded
from tests.integration.stage import Stage, an_organisation, another_trip

TRIP = another_trip("api")
CAMERA, SCANNER = "camera", "scanner"


@dataclass
class Gate:
    """A port with two devices, and one session of each."""

    stage: Stage
    camera: dict[str, str]
    scanner: dict[str, str]
    port: dict[str, str]

    def says(self, device: str, kind: str, body: dict[str, Any]) -> SignedStatement:
        author = Author(ORIGIN_PORT, a_signer(device), self.stage.ledger.genesis.audience)
        return author.says(kind, TRIP, body, iat=self.stage.clock(), seen=self.stage.seen())

    def get(self, path: str, session: dict[str, str]) -> httpx.Response:
        return self.stage.http.get(path, headers=session)

    def evidence(self, session: dict[str, str], content: bytes) -> dict[str, Any]:
        reader = str(pyrage.x25519.Identity.generate().to_public())
        answer = self.stage.http.post(
            "/v1/evidence",
            content=content,
            params={"media_type": "image/png", "category": "photo"},
            headers=session | {"Content-Type": "application/octet-stream", "Corridor-Recipients": reader},
        )
        assert answer.status_code == 201, answer.text
        item: dict[str, Any] = answer.json()["item"]
        return item


@pytest.fixture(scope="module")
def gate(stage: Stage) -> Gate:
    ledger = stage.ledger
    admin = OrganisationAdmin(ledger.client, ledger.contracts, an_organisation(ORIGIN_PORT).signer)
    for device in (CAMERA, SCANNER):
        admin.add_key(a_signer(device).key, USE_DEVICE)
    ledger.mirror.refresh()
    camera, scanner = (sign_in(stage, ORIGIN_PORT, key=device) for device in (CAMERA, SCANNER))
    return Gate(stage, camera, scanner, sign_in(stage, ORIGIN_PORT))


def test_a_device_asks_for_what_is_listed_and_for_nothing_else(gate: Gate, errors: Errors) -> None:
    asked = set()
    document = gate.stage.http.get("/openapi.json").json()
    for method, path, operation in operations(document):
        if operation["security"] != [{"session": []}]:
            continue
        name = operation["operationId"]
        filled = path
        for parameter in operation.get("parameters", []):
            filled = filled.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
        session = sign_in(gate.stage, ORIGIN_PORT, key=CAMERA) if name == "endSession" else gate.camera
        answer = gate.stage.http.request(method, filled, headers=session | TUS)
        refused = answer.status_code == 403
        assert refused is (name not in FOR_DEVICES), (name, answer.status_code, answer.text)
        assert answer.status_code != 401, name
        assert not refused or answer.json()["type"] == "urn:corridor:problem:device-session"
        asked.add(name)
    assert asked > FOR_DEVICES
    assert len(asked - FOR_DEVICES) > 10
    assert errors.messages == []


def test_a_device_reads_the_statements_that_it_signed_and_no_others(gate: Gate) -> None:
    mine = gate.says(CAMERA, "seal-check", {"place": "GTPBR"})
    others = [
        gate.says(SCANNER, "scan", {"place": "GTPBR"}),
        gate.stage.says(ORIGIN_PORT, "gate-passage", TRIP),
        gate.stage.says(EXPORTER, "seal-check", TRIP, {"place": "GTGUA"}),
    ]
    for one in (mine, *others):
        assert gate.stage.post(one).status_code == 201
    gate.stage.anchor()

    def statuses(signed: SignedStatement, session: dict[str, str]) -> set[int]:
        there = signed.statement.id.hex()
        paths = [f"/v1/statements/{there}{end}" for end in ("", "/file", "/receipt")]
        return {gate.get(path, session).status_code for path in (*paths, f"/entries/{there}")}

    assert statuses(mine, gate.camera) == {200}
    for one in others:
        # Its organisation reads all of them.
        assert (statuses(one, gate.camera), statuses(one, gate.port)) == ({404}, {200})
    unknown = gate.get(f"/v1/statements/{'0' * 64}", gate.camera).json()
    theirs = gate.get(f"/v1/statements/{others[0].statement.id.hex()}", gate.camera).json()
    assert theirs == unknown


def test_a_device_fetches_what_its_organisation_sent_and_nothing_that_others_claim(gate: Gate) -> None:
    exporter = sign_in(gate.stage, EXPORTER)
    ours = [gate.evidence(gate.camera, b"a clip"), gate.evidence(gate.port, b"a gate ticket")]
    theirs = gate.evidence(exporter, b"an invoice")
    said = gate.stage.says(EXPORTER, "seal-check", TRIP, {"evidence": [theirs], "place": "GTPBR"})
    assert gate.stage.post(said).status_code == 201
    for item in ours:
        assert gate.get(f"/v1/evidence/{item['cid']}", gate.camera).status_code == 200
    path = f"/v1/evidence/{theirs['cid']}"
    assert gate.get(path, gate.port).status_code == 200
    assert gate.get(path, gate.camera).status_code == 404


def test_a_device_uploads_what_it_sealed(gate: Gate) -> None:
    sealed = seeded("clip", 5_000)
    headers = gate.camera | TUS
    begun = gate.stage.http.post(
        "/v1/uploads",
        headers=headers | {"Upload-Length": "5000", "Upload-Metadata": metadata(cid_of([sealed]))},
    )
    assert begun.status_code == 201, begun.text
    part = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    where = begun.headers["Location"]
    assert gate.stage.http.patch(where, content=sealed, headers=headers | part).status_code == 204
    assert gate.get(f"/v1/evidence/{cid_of([sealed])}", gate.camera).content == sealed


def test_a_key_of_another_use_opens_no_session(gate: Gate) -> None:
    ledger, port = gate.stage.ledger, an_organisation(ORIGIN_PORT)
    admin = OrganisationAdmin(ledger.client, ledger.contracts, port.signer)
    admin.add_key(a_signer("unheard of").key, 7)
    ledger.mirror.refresh()
    with pytest.raises(AssertionError, match="urn:corridor:problem:key-use"):
        sign_in(gate.stage, ORIGIN_PORT, key="unheard of")


def test_a_device_leaves_secrets_with_its_organisation_replaces_none_and_shares_none(gate: Gate) -> None:
    item = gate.evidence(gate.camera, b"a clip with a secret")

    def given(session: dict[str, str], for_: str = ORIGIN_PORT) -> tuple[httpx.Response, str]:
        secret = str(pyrage.x25519.Identity.generate()).encode()
        wrapped = pyrage.encrypt(secret, [pyrage.x25519.Identity.generate().to_public()])
        one = {name: item[name] for name in ("commitment", "cid")}
        one["wrapped"] = b64encode(wrapped).decode()
        body = {"for": for_, "record": None, "secrets": [one]}
        return gate.stage.http.post("/v1/evidence/secrets", json=body, headers=session), one["wrapped"]

    def kept() -> list[str]:
        return [one["wrapped"] for one in gate.get("/v1/evidence/secrets", gate.port).json()["items"]]

    answer, first = given(gate.camera)
    assert (answer.status_code, kept()) == (200, [first])
    answer, _ = given(gate.scanner)
    assert (answer.status_code, kept()) == (200, [first])
    answer, second = given(gate.port)
    assert (answer.status_code, kept()) == (200, [second])
    answer, _ = given(gate.camera, EXPORTER)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:corridor:problem:device-session")
    assert gate.get("/v1/evidence/secrets", gate.camera).status_code == 403


def test_a_device_leaves_no_secrets_of_what_others_claim(gate: Gate) -> None:
    """In the dossiers of its organisation they would stand before what was given, and open nothing."""
    theirs = gate.evidence(sign_in(gate.stage, EXPORTER), b"a packing list")
    said = gate.stage.says(EXPORTER, "seal-check", TRIP, {"evidence": [theirs], "place": "GTPBR"})
    assert gate.stage.post(said).status_code == 201
    secret = str(pyrage.x25519.Identity.generate()).encode()
    one = {name: theirs[name] for name in ("commitment", "cid")}
    one["wrapped"] = b64encode(
        pyrage.encrypt(secret, [pyrage.x25519.Identity.generate().to_public()])
    ).decode()
    body = {"for": ORIGIN_PORT, "record": None, "secrets": [one]}
    answer = gate.stage.http.post("/v1/evidence/secrets", json=body, headers=gate.camera)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:corridor:problem:item-of-another")
    answer = gate.stage.http.post("/v1/evidence/secrets", json=body, headers=gate.port)
    assert answer.status_code == 200, answer.text
