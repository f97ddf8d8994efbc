"""What is concealed leaves the service for nobody who may not see it, by whichever route it is asked for.

Each concealed value holds a mark. Every route that gives something out is asked as everybody, and the
answers, files within files too, are searched for the marks and for the disclosures that open them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile, is_zipfile

import httpx
import pytest

from ledger.domain.hand_over import Role, build_terms, hand_over_body
from ledger.domain.statement import (
    FILE_MEDIA_TYPE,
    Reference,
    SignedStatement,
    Statement,
    StatementFile,
)
from ledger.domain.verdict import Status
from ledger.founding import Governance
from ledger.verification.verifier import verify
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_signer, seeded
from tests.catalogue.office import a_thing
from tests.integration.stage import FOUNDERS, Stage, a_stage, an_organisation, another_trip, enrol
from tests.security.test_reads import OBJECTS, OWN_LISTS, PARTICIPANTS, evidence_in

BROKER, STRANGER = "https://broker.example", "https://stranger.example"
TRIP = another_trip("redacted")
HOUR = 3600
AUTHOR_OF = {
    "price": EXPORTER,
    "people": EXPORTER,
    "note": EXPORTER,
    "filing": EXPORTER,
    "scan": ORIGIN_PORT,
    "terms": EXPORTER,
    "reason": CUSTOMS,
    "found": ORIGIN_PORT,
}
"""What is concealed, and who conceals it."""
SEES = {
    EXPORTER: {"price", "people", "note", "filing", "terms"},
    ORIGIN_PORT: {"scan", "found", "terms"},
    CUSTOMS: set(AUTHOR_OF),
    BROKER: {"price", "filing"},
    STRANGER: set(),
}
"""By the agreement of the foundation's profile, and by what is one's own or was agreed on."""


def mark(name: str) -> str:
    return f"MARK-{seeded(name, 6).hex()}"


def item(category: str) -> dict[str, Any]:
    cid = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
    return {
        "commitment": seeded(category, 32).hex(),
        "cid": cid,
        "size": 9,
        "media_type": "text/plain",
        "category": category,
        "name": mark(category),
    }


@dataclass
class Scene:
    """A trip of which everybody concealed something, and sessions of its parties and of a stranger."""

    stage: Stage
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    statements: list[bytes] = field(default_factory=list)
    disclosures: dict[str, list[str]] = field(default_factory=dict)

    def say(self, who: str, kind: str, body: dict[str, Any], *conceal: Any, **more: Any) -> SignedStatement:
        author = self.stage.author(who)
        arguments: dict[str, Any] = {
            "iat": self.stage.clock(),
            "seen": self.stage.seen(),
            "trip": TRIP,
        } | more
        signed = author.says(kind, arguments.pop("trip"), body, conceal=conceal, **arguments)
        answer = self.stage.post(signed)
        assert answer.status_code == 201, answer.text
        self.statements.append(signed.statement.id)
        return signed

    def conceal(self, name: str, kind: str, body: dict[str, Any], *paths: Any, **more: Any) -> None:
        signed = self.say(AUTHOR_OF[name], kind, body, *paths, **more)
        self.disclosures[name] = list(signed.disclosures)

    def get(self, path: str, who: str | None, **headers: str) -> httpx.Response:
        return self.stage.http.get(path, headers=(self.sessions[who] if who else {}) | headers)

    def seen(self, path: str, who: str | None) -> set[str]:
        """Return what of the concealed an answer shows."""
        answer = self.get(path, who)
        whole = repr(dict(answer.headers)).encode() + b"".join(unpacked(answer.content))
        return {
            name
            for name in AUTHOR_OF
            if any(text.encode() in whole for text in (mark(name), *self.disclosures[name]))
        }

    def at(self, seconds: int) -> str:
        return datetime.fromtimestamp(self.stage.clock() + seconds, UTC).isoformat()


def unpacked(content: bytes) -> Iterator[bytes]:
    """Yield bytes, and those of what is packed in them."""
    yield content
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as container:
            for name in container.namelist():
                yield from unpacked(container.read(name))


def admit(stage: Stage, uri: str, role: str) -> None:
    governance = Governance(stage.ledger.client, stage.ledger.contracts, FOUNDERS)
    organisation = an_organisation(uri)
    assert stage.ledger.embedded is not None
    stage.ledger.embedded.fund(organisation.signer.address)
    governance.admit(organisation, [role])
    governance.add_key(organisation, a_signer(uri).key)
    stage.ledger.mirror.refresh()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Everybody but the stranger is let into the trip, and conceals what is its own."""
    with a_stage(tmp_path_factory.mktemp("redaction")) as stage:
        enrol(stage.ledger)
        for uri, role in ((BROKER, "broker"), (STRANGER, "exporter")):
            admit(stage, uri, role)
        scene = Scene(stage, {uri: sign_in(stage, uri) for uri in SEES})
        scene.say(EXPORTER, "subject-opened", {})
        scene.say(EXPORTER, "grant", {"to": [ORIGIN_PORT, CUSTOMS, BROKER]})
        terms = build_terms(
            giver=EXPORTER,
            taker=ORIGIN_PORT,
            subjects=[TRIP.uri],
            place=mark("terms"),
            at="2026-09-21T13:33:20Z",
            nonce=bytes(16),
        )
        scene.conceal("terms", "hand-over", hand_over_body(terms, Role.GIVER), ["agreed"])
        scene.conceal(
            "price", "document", {"weights": {"gross": 9}, "price": {"amount": mark("price")}}, ["price"]
        )
        scene.conceal("people", "status", {"people": [{"driver": mark("people")}]}, ["people", 0])
        scene.conceal("note", "status", {"note": mark("note")}, ["note"])
        scene.conceal("filing", "document", {"evidence": [item("filing")]}, ["evidence", 0])
        scene.conceal("scan", "scan", {"evidence": [item("scan")]}, ["evidence"], ["evidence", 0, "name"])
        why = {"decision": "hold", "type": "cet", "reason": mark("reason")}
        scene.conceal("reason", "decision", {"delivery": "blocked", "hold": why}, ["hold"])
        read = Reference("of", scene.statements[-2])
        reading = {
            "of": seeded("scan", 32).hex(),
            "category": "scan",
            "reader": {"name": "n42", "version": "1"},
            "outcome": "read",
            "complaints": [],
            "found": {"counts": mark("found")},
        }
        scene.conceal("found", "reading", reading, ["found"], references=[read])
        asked = {"to": EXPORTER, "about": [TRIP.uri], "categories": ["commercial"], "purpose": mark("ask")}
        own = a_thing("organisation", "BROKER", iss=BROKER)
        scene.say(BROKER, "subject-opened", {}, trip=own)
        scene.say(BROKER, "access-request", asked, ["purpose"], trip=own)
        stage.anchor()
        yield scene


def paths(scene: Scene) -> Iterator[str]:
    """Yield every path that gives something out, filled in with all that the scene has."""
    cid = item("scan")["cid"]
    values = {
        "subject": [TRIP.uri],
        "statement": [one.hex() for one in scene.statements],
        "stream": [TRIP.custody_tag.hex()],
        "evidence": [cid],
    }
    for path, what in OBJECTS.items():
        parameter = path[path.index("{") : path.index("}") + 1]
        for value in values[what]:
            yield path.replace(parameter, value)
    yield from OWN_LISTS.values()
    yield from PARTICIPANTS.values()
    yield from ("/v1/evidence/secrets", "/v1/grants?role=given&state=all", "/v1/access-requests?state=all")


@pytest.mark.parametrize("who", SEES)
def test_everybody_sees_what_it_may_and_nothing_else(scene: Scene, who: str) -> None:
    found: dict[str, set[str]] = {path: scene.seen(path, who) for path in paths(scene)}
    too_much = {path: seen - SEES[who] for path, seen in found.items() if seen - SEES[who]}
    assert too_much == {}
    assert set().union(*found.values()) == SEES[who]


def test_nobody_sees_anything_without_a_session(scene: Scene) -> None:
    for path in paths(scene):
        assert scene.seen(path, None) == set()


def test_what_is_not_concealed_everybody_in_the_stream_sees(scene: Scene) -> None:
    """Do not deliver, but not why; what it weighs, but not what it costs."""
    said = scene.get(f"/v1/subjects/{TRIP.uri}/statements?limit=200", ORIGIN_PORT).json()["items"]
    bodies = {one["kind"]: one["body"] for one in said if one["body"].keys() & {"delivery", "weights"}}
    assert bodies == {"decision": {"delivery": "blocked"}, "document": {"weights": {"gross": 9}}}


@pytest.mark.parametrize("who", [EXPORTER, ORIGIN_PORT, CUSTOMS, BROKER])
def test_every_dossier_has_every_statement_and_its_signature_holds(scene: Scene, who: str) -> None:
    file = scene.get(f"/v1/subjects/{TRIP.uri}/dossier", who).content
    verdict = verify(file, scene.stage.trust(), clock=scene.stage.clock, expected_shipment=TRIP.uri)
    told = {one.name: one.status for one in verdict.checks}
    assert [told[name] for name in ("readable", "signature", "authority", "inclusion")] == [Status.PASSED] * 4
    assert told["completeness"] is not Status.FAILED
    listed = scene.get(f"/v1/subjects/{TRIP.uri}/statements?limit=200", CUSTOMS).json()["items"]
    with ZipFile(BytesIO(file)) as container:
        held = b"".join(container.read(name) for name in container.namelist())
    stored = (scene.stage.ledger.store.statement(bytes.fromhex(one["id"])) for one in listed)
    assert all(one.statement in held for one in stored)


def test_requests_are_shown_to_the_two_whom_they_concern(scene: Scene) -> None:
    for who in SEES:
        texts = [
            scene.get(path, who).text for path in ("/v1/access-requests", OWN_LISTS["/v1/access-requests"])
        ]
        assert any(mark("ask") in text for text in texts) is (who in (EXPORTER, BROKER))


def entity_tags(scene: Scene, who: str) -> list[str]:
    names = ("statements", "dossier")
    return [scene.get(f"/v1/subjects/{TRIP.uri}/{name}", who).headers["ETag"] for name in names]


def test_a_grant_shows_more_until_it_ends(scene: Scene) -> None:
    """And what a client holds is not taken for what it would get."""
    path = f"/v1/subjects/{TRIP.uri}/statements?limit=200"
    before, tags = scene.seen(path, ORIGIN_PORT), entity_tags(scene, ORIGIN_PORT)
    until = scene.at(2 * HOUR)
    body = {"to": [ORIGIN_PORT], "categories": ["commercial"], "from": scene.at(HOUR), "until": until}
    granted = scene.say(EXPORTER, "grant", body)
    assert scene.seen(path, ORIGIN_PORT) == before
    scene.stage.clock.now += HOUR
    assert scene.seen(path, ORIGIN_PORT) == before | {"price"}
    during = entity_tags(scene, ORIGIN_PORT)
    assert all(a != b for a, b in zip(tags, during, strict=True))
    held = scene.get(path, ORIGIN_PORT).headers["ETag"]
    assert scene.get(path, ORIGIN_PORT, **{"If-None-Match": held}).status_code == 304
    scene.say(EXPORTER, "grant-ended", {}, references=[Reference("ends", granted.statement.id)])
    assert scene.seen(path, ORIGIN_PORT) == before
    assert scene.get(path, ORIGIN_PORT, **{"If-None-Match": held}).status_code == 200
    assert entity_tags(scene, ORIGIN_PORT)[1] != during[1]


def test_a_grant_is_of_what_its_author_concealed(scene: Scene) -> None:
    path = f"/v1/subjects/{TRIP.uri}/statements?limit=200"
    granted = scene.say(EXPORTER, "grant", {"to": [ORIGIN_PORT], "categories": ["*"]})
    assert scene.seen(path, ORIGIN_PORT) == {name for name, by in AUTHOR_OF.items() if by != CUSTOMS}
    scene.say(EXPORTER, "grant-ended", {}, references=[Reference("ends", granted.statement.id)])


def test_one_audiences_answer_is_no_other_ones(scene: Scene) -> None:
    for place in range(2):
        assert len({entity_tags(scene, who)[place] for who in (EXPORTER, ORIGIN_PORT, BROKER)}) == 3


def test_warnings_and_repeated_answers_tell_a_signer_what_it_may_see(scene: Scene) -> None:
    """The exporter concealed the seal: whoever checks another one is not told which was put on."""
    number = "GT" + str(int.from_bytes(seeded("seal", 3)))
    body = {"seals_applied": [{"number": number}], "occurred_at": "2026-09-21T13:33:20Z"}
    scene.say(EXPORTER, "seal-applied", body, ["seals_applied"])
    check = {"seals_found": [{"number": "GT9999999"}], "occurred_at": "2026-09-21T13:33:20Z"}
    author = scene.stage.author(BROKER)
    signed = author.says("seal-check", TRIP, check, iat=scene.stage.clock(), seen=scene.stage.seen())
    told = [scene.stage.post(signed).text for _ in range(2)]
    assert all(number not in text for text in told)
    assert Statement.parse(signed.raw).kind == "seal-check"


def test_sealed_bytes_of_a_concealed_item_are_for_whom_it_is_shown_to(scene: Scene) -> None:
    """Who is shown the claim; to others the item is not there, though they guess its CID."""
    sealed = evidence_in(scene.stage, EXPORTER, scene.sessions[EXPORTER]) | {"category": "commercial"}
    scene.say(EXPORTER, "document", {"evidence": [sealed]}, ["evidence", 0])
    path = f"/v1/evidence/{sealed['cid']}"
    fetched = {who: scene.get(path, who).status_code for who in SEES}
    assert fetched == {EXPORTER: 200, BROKER: 200, CUSTOMS: 200, ORIGIN_PORT: 404, STRANGER: 404}


def test_late_joiners_get_the_whole_history_and_it_verifies(scene: Scene) -> None:
    """And once their grant has ended, not even what they held an answer to."""
    before = [one.hex() for one in scene.statements]
    granted = scene.say(EXPORTER, "grant", {"to": [STRANGER], "purpose": "a late joiner"})
    scene.stage.anchor()
    path = f"/v1/subjects/{TRIP.uri}"
    answer = scene.get(f"{path}/dossier", STRANGER)
    verdict = verify(answer.content, scene.stage.trust(), clock=scene.stage.clock, expected_shipment=TRIP.uri)
    told = {one.name: one.status for one in verdict.checks}
    assert {told[name] for name in ("readable", "signature", "authority", "inclusion")} == {Status.PASSED}
    listed = [one["id"] for one in scene.get(f"{path}/statements?limit=200", STRANGER).json()["items"]]
    everything = scene.get(f"{path}/statements?limit=200", EXPORTER).json()["items"]
    assert listed == [one["id"] for one in everything]
    assert set(before) & set(listed)
    scene.say(EXPORTER, "grant-ended", {}, references=[Reference("ends", granted.statement.id)])
    for name in ("", "/statements", "/dossier", "/custody", "/verdict"):
        again = scene.get(f"{path}{name}", STRANGER, **{"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 404, name


def test_a_request_tells_nobody_which_subjects_there_are(scene: Scene) -> None:
    own = a_thing("organisation", "STRANGER", iss=STRANGER)
    scene.say(STRANGER, "subject-opened", {}, trip=own)
    told = []
    for about in (TRIP, another_trip("never opened")):
        author, now = scene.stage.author(STRANGER), scene.stage.clock()
        body = {"to": EXPORTER, "about": [about.uri], "categories": ["*"], "purpose": "what is there?"}
        signed = author.says("access-request", own, body, iat=now, seen=scene.stage.seen())
        answer = scene.stage.post(signed)
        told.append((answer.status_code, answer.json()["warnings"], answer.json()["duplicate"]))
    assert told[0] == told[1] == (201, [], False)


def test_an_answer_to_a_repeated_request_is_kept_from_those_who_hold_the_statement(scene: Scene) -> None:
    """An Idempotency-Key is of whoever signed with it, and what is answered holds nothing concealed."""
    author = scene.stage.author(EXPORTER)
    body = {"price": mark("price")}
    signed = author.says("document", TRIP, body, iat=scene.stage.clock(), conceal=[["price"]])
    file = StatementFile(signed.raw, signed.disclosures).encode()
    headers = {"Content-Type": FILE_MEDIA_TYPE, "Idempotency-Key": "once-1"}
    told = [scene.stage.http.post("/v1/statements", content=file, headers=headers).content for _ in range(2)]
    assert all(mark("price").encode() not in one for one in told)
    assert all(text.encode() not in one for one in told for text in signed.disclosures)
