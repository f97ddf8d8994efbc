"""Write `api/examples.json` anew: what a real service answers, as examples in the OpenAPI document.

Run it (`python -m tests.api.make_examples`) after an answer has changed; the tests hold the examples to the
schemas.
"""

import json
import re
import tempfile
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pyrage

from api.openapi import operations
from api.operations import PARAMETERS
from ledger.domain.fields import from_b64url
from ledger.domain.login import TYP, sign_login
from ledger.domain.statement import Statement, StatementFile
from ledger.keys.files import KeyFile, KeyKind
from ledger.verification.sealed import unwrap_secret
from tests.api.test_enrolments import an_application
from tests.api.test_enrolments import post as apply
from tests.api.visitors import answered, sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, a_p256_key, a_signer
from tests.catalogue.office import a_thing
from tests.integration.stage import Stage, a_stage, another_trip, enrol, operator_keys

FILE = Path(__file__).parents[2] / "api" / "examples.json"
_SHOWN = 2
_ASKED = {"/v1/hand-overs": {"state": "all"}, "/v1/grants": {"role": "given"}}
ID_TOKEN = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovLy4uLiJ9.c2lnbmF0dXJl"
READER = str(PARAMETERS["corridor-recipients"])
_KEYS: dict[str, dict[str, Any]] = {"subject-opened": {}, "encryption-key": {"recipients": [READER]}}


def main() -> None:
    """Play a short trip, ask for everything that there is to read, and keep the answers."""
    reader = KeyFile(KeyKind.STATEMENT, ORIGIN_PORT, a_p256_key(ORIGIN_PORT))
    keys = replace(operator_keys(), reader=reader)
    with tempfile.TemporaryDirectory() as folder, a_stage(Path(folder), keys=keys) as stage:
        enrol(stage.ledger)
        done = written(stage)
        examples = read(stage) | done
    FILE.write_text(json.dumps(examples, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def written(stage: Stage) -> dict[str, Any]:
    """Return the examples of what is posted."""
    trip = another_trip("example")
    stage.tell(trip)
    stage.anchor()
    said = stage.says(EXPORTER, "seal-check", trip, {"seal": "GT4471902", "place": "GTPBR"})
    file = StatementFile(said.raw, said.disclosures)
    first, again = stage.post(said), stage.post(said)
    given = stage.http.post("/v1/challenges")
    joined = {"secret": trip.custody_secret.hex()}
    membership = stage.http.post("/v1/memberships", json=joined, headers=sign_in(stage, CUSTOMS))
    assert membership.status_code == 201, membership.text
    evidence = stage.http.post(
        "/v1/evidence",
        params={"media_type": "image/png", "category": "scan"},
        content=b"an image",
        headers=sign_in(stage, EXPORTER)
        | {"Content-Type": "application/octet-stream", "Corridor-Recipients": READER},
    )
    assert evidence.status_code == 201, evidence.text
    received = evidence.json()
    names = {name: received["item"][name] for name in ("commitment", "cid")}
    own = {"record": None, "for": EXPORTER, "secrets": [names | {"wrapped": received["secrets"]}]}
    kept = stage.http.post("/v1/evidence/secrets", json=own, headers=sign_in(stage, EXPORTER))
    assert kept.status_code == 200, kept.text
    claimed = stage.post(stage.says(EXPORTER, "document", trip, {"evidence": [received["item"]]}))
    assert claimed.status_code == 201, claimed.text
    fingerprint = {
        "cid": names["cid"],
        "subject": trip.uri,
        "kind": "scan",
        "exact": sha256(b"pixels").hexdigest(),
    }
    offered = stage.http.post("/v1/fingerprints", json=fingerprint, headers=sign_in(stage, EXPORTER))
    assert offered.status_code == 200, offered.text
    customs = a_thing("organisation", "CUSTOMS", iss=CUSTOMS)
    for kind, body in _KEYS.items():
        answer = stage.post(stage.says(CUSTOMS, kind, customs, body))
        assert answer.status_code == 201, answer.text
    statement = {"request": shown(json.loads(file.encode())), "201": first.json(), "200": again.json()}
    return {
        "registerStatement": statement,
        "giveChallenge": {"201": given.json()},
        "openSession": {"201": (session := opened(stage))},
        "openOfficerSession": {
            "request": {"token": ID_TOKEN},
            "201": session | {"kid": None, "officer": sha256(ID_TOKEN.encode()).hexdigest()},
        },
        "addEvidence": {"201": evidence.json()},
        "readEvidence": opened_to_readers(stage, trip),
        "giveSecrets": {"request": own, "200": kept.json()},
        "offerFingerprint": {"request": fingerprint, "200": offered.json()},
        "joinStream": {"request": joined, "201": membership.json()},
        **subscribed(stage),
        **applied(stage),
    }


def subscribed(stage: Stage) -> dict[str, Any]:
    """Return the examples of saying what to be told of."""
    session = sign_in(stage, CUSTOMS)
    asked = {
        "name": "what comes to Wilmington",
        "events": ["dossier.ready", "decision.made"],
        "filter": {"port": "USILG"},
        "url": "https://customs.example/corridor",
    }
    made = stage.http.post("/v1/subscriptions", json=asked, headers=session)
    assert made.status_code == 201, made.text
    where = made.headers["Location"]
    changed = stage.http.post(f"{where}/secret", headers=session)
    again = {"since": "2026-09-21T00:00:00Z"}
    replayed = stage.http.post(f"{where}/replay", json=again, headers=session)
    told = stage.http.get(where, headers=session)
    # Made up, for nothing is sent while examples are made.
    delivery = {
        "id": "msg_5f0c1c7a0a4b3e2d9c8b7a6f",
        "seq": 42,
        "type": "decision.made",
        "happened_at": stage.clock(),
        "state": "pending",
        "attempts": 1,
        "next_at": stage.clock() + 5,
        "status": 503,
        "problem": "refused",
        "ended_at": None,
    }
    secret = {"secret": "whsec_" + "Q" * 43 + "="}
    return {
        "subscribe": {"request": asked, "201": made.json() | secret},
        "changeSecret": {"200": changed.json() | secret},
        "replayDeliveries": {"request": again, "200": replayed.json()},
        "getSubscription": {"200": told.json()},
        "listSubscriptions": {"200": {"items": [told.json()], "next": None}},
        "listDeliveries": {"200": {"items": [delivery], "next": None}},
    }


def opened_to_readers(stage: Stage, trip: Trip) -> dict[str, Any]:
    """Return the example of an item that the operator's readers look into."""
    mine = pyrage.x25519.Identity.generate()
    received = stage.http.post(
        "/v1/evidence",
        params={"media_type": "application/json", "category": "paper"},
        content=b'{"container": "MSKU1234565"}',
        headers=sign_in(stage, EXPORTER)
        | {"Content-Type": "application/octet-stream", "Corridor-Recipients": str(mine.to_public())},
    ).json()
    claim = stage.says(EXPORTER, "document", trip, {"evidence": [received["item"]]})
    assert stage.post(claim).status_code == 201
    secret = unwrap_secret(b64decode(received["secrets"]), [mine])
    assert secret is not None
    body = {"statement": Statement.parse(claim.raw).id.hex(), "recipients": [READER]}
    answer = stage.http.post(
        f"/v1/evidence/{received['item']['cid']}/readings",
        json=body | {"secret": secret.decode()},
        headers=sign_in(stage, EXPORTER),
    )
    assert answer.status_code == 201, answer.text
    return {"request": {"secret": "AGE-SECRET-KEY-1" + "Q" * 58} | body, "201": answer.json()}


def applied(stage: Stage) -> dict[str, Any]:
    """Return the examples of applying to take part, seen by the applicant and by a governor."""
    application = an_application(stage, "https://packer.example")
    first, again = (apply(stage, application.raw) for _ in range(2))
    where, governor = first.headers["Location"], sign_in(stage, CUSTOMS)
    told, listed, whole = (
        stage.http.get(path, headers=governor) for path in (where, "/v1/enrolments", f"{where}/application")
    )
    refusal = {"reason": "the X.509 chain that was sent has expired"}
    refused = stage.http.post(f"{where}/refusal", headers=governor, json=refusal)
    assert refused.status_code == 200, refused.text
    return {
        "applyForEnrolment": {"201": first.json(), "200": again.json()},
        "getEnrolment": {"200": told.json()},
        "listEnrolments": {"200": shown(listed.json())},
        "getApplication": {"200": whole.json()},
        "refuseEnrolment": {"request": refusal, "200": refused.json()},
    }


def opened(stage: Stage) -> Any:
    """Return what opening a session answers."""
    given = stage.http.post("/v1/challenges").json()["challenge"]
    message = sign_login(
        a_signer(EXPORTER),
        iss=EXPORTER,
        aud=stage.ledger.genesis.audience,
        iat=stage.clock(),
        challenge=from_b64url(given, "challenge"),
    )
    return stage.http.post("/v1/sessions", content=message, headers={"Content-Type": TYP}).json()


def read(stage: Stage) -> dict[str, Any]:
    """Return the examples of what is read."""
    stage.anchor()
    trip = another_trip("example")
    session = sign_in(stage, EXPORTER)
    asked = {"to": EXPORTER, "about": [trip.uri], "categories": ["commercial"], "purpose": "valuation"}
    given = {"to": [CUSTOMS], "categories": ["commercial"], "until": "2026-12-31T00:00:00Z"}
    for statement in (
        stage.says(EXPORTER, "seal-check", trip),
        stage.says(CUSTOMS, "access-request", a_thing("organisation", "CUSTOMS", iss=CUSTOMS), asked),
        stage.says(EXPORTER, "grant", trip, given),
        stage.says(CUSTOMS, "decision", trip, {"delivery": "blocked"}),
    ):
        assert stage.post(statement).status_code == 201
    values = {
        "uri": trip.uri,
        "tag": trip.custody_tag.hex(),
        "id": stage.ledger.store.statement_at(1).id.hex(),
    }
    examples = {}
    for method, path, operation in operations(stage.http.get("/openapi.json").json()):
        if method != "get":
            continue
        named = values | ({"uri": CUSTOMS} if "/organisations/" in path else {})
        answer = ask(stage, path, named, session)
        if answer is not None and "json" in answer.headers["Content-Type"]:
            examples[operation["operationId"]] = {"200": shown(answer.json())}
    return examples


def ask(stage: Stage, path: str, values: dict[str, str], session: dict[str, str]) -> httpx.Response | None:
    """Return the answer to a path with its parameters filled in, None when that gives none."""
    names = re.findall(r"\{(\w+)\}", path)
    if not set(names) <= values.keys():
        return None
    for name in names:
        path = path.replace(f"{{{name}}}", values[name])
    answer = answered(stage.http, "GET", path, headers=session, params=_ASKED.get(path))
    return answer if answer.status_code == 200 else None


def shown(value: Any) -> Any:
    """Return an answer with its long lists cut."""
    if isinstance(value, list):
        return [shown(one) for one in value[:_SHOWN]]
    if isinstance(value, dict):
        return {name: shown(one) for name, one in value.items()}
    return value


if __name__ == "__main__":
    main()
