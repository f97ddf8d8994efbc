"""Everybody who may knock at the service, with sessions, and things that belong to some of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage

from ledger.chain.organisation import OrganisationAdmin
from ledger.corridors.profile import foundation_profile
from ledger.domain.cid import cid_of
from ledger.domain.key_use import USE_DEVICE
from ledger.domain.statement import Reference
from ledger.founding import Governance
from tests.access.officers import Officers, officers
from tests.api.test_uploads import TUS, metadata
from tests.api.visitors import sign_in
from tests.builders import EXPORTER, Trip, a_signer, a_trip
from tests.catalogue.office import a_thing
from tests.integration.stage import FOUNDERS, Stage, a_stage, an_organisation, another_trip, enrol

ROLES = tuple(sorted(foundation_profile().roles))
GRANTED, ENDED, FOREIGN = (f"https://{name}.example" for name in ("granted", "ended", "foreign"))
CAMERA = "camera-of-the-exporter"
OWN, THEIRS = another_trip("own"), a_trip(iss=FOREIGN, seed="theirs")
STRANGERS = {f"stranger, {role}": f"https://{role}.stranger.example" for role in ROLES}
GOVERNORS = {"stranger, governor"}
"""A governor has no part in any trip, and decides who takes part."""
OPENER, MEMBER, LEFT = "opener", "member by grant", "member whose grant has ended"
DEVICE, OFFICER, OTHER_OFFICER = "device of the opener", "officer of a member", "officer of a stranger"
KEYS = (OPENER, MEMBER, LEFT, *STRANGERS)
OFFICERS = (OFFICER, OTHER_OFFICER)
UNKNOWN = ("nobody", "a made-up session", "an expired session", "a closed session", "the operator's token")
VISITORS = (*UNKNOWN, *KEYS, *OFFICERS, DEVICE)
MEMBERS = {OPENER, MEMBER, OFFICER}


@dataclass
class Things:
    """What belongs to a trip, by the names of parameters.

    Args:
        trip: The trip.
        owner: URI of its opener.
        statement: Id of a statement of it, hex.
        cid: CID of evidence that the statement claims.
        upload: Identifier of an upload that was begun.
        subscription: Identifier of a subscription.
    """

    trip: Trip
    owner: str
    statement: str = ""
    cid: str = ""
    upload: str = "0" * 64
    subscription: str = "0" * 32

    def values(self) -> dict[str, str]:
        """Return what the parameters of paths stand for."""
        statement = self.statement
        tag = self.trip.custody_tag.hex()
        return {"uri": self.trip.uri, "id": statement, "entry": statement, "tag": tag, "cid": self.cid}


@dataclass
class Scene:
    """A ledger, and everybody's headers."""

    stage: Stage
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    own: Things = field(default_factory=lambda: Things(OWN, EXPORTER))
    theirs: Things = field(default_factory=lambda: Things(THEIRS, FOREIGN))

    def upload(self, of: Things) -> str:
        """Return the identifier of an upload of the things' owner: there is one, or it is begun."""
        session = self.headers[OPENER if of.owner == EXPORTER else FOREIGN]
        there = self.stage.http.head(f"/v1/uploads/{of.upload}", headers=session | TUS)
        if there.is_success:
            return of.upload
        sealed = {"Upload-Length": "9", "Upload-Metadata": metadata(cid_of([of.owner.encode()]))}
        begun = self.stage.http.post("/v1/uploads", headers=session | TUS | sealed)
        assert begun.status_code == 201, begun.text
        of.upload = str(begun.headers["Location"]).rpartition("/")[2]
        return of.upload

    def subscription(self, of: Things) -> str:
        """Return the identifier of a subscription of the things' owner: there is one, or it is made."""
        session = self.headers[OPENER if of.owner == EXPORTER else FOREIGN]
        http = self.stage.http
        if not http.get(f"/v1/subscriptions/{of.subscription}", headers=session).is_success:
            made = http.post("/v1/subscriptions", json={"name": of.owner}, headers=session)
            assert made.status_code == 201, made.text
            of.subscription = made.json()["id"]
        return of.subscription

    def marks(self) -> list[bytes]:
        """Return what only the other trip's opener may be told."""
        return [one.encode() for one in (self.theirs.trip.uri, self.theirs.statement, self.theirs.cid)]


def evidence(stage: Stage, session: dict[str, str], content: bytes) -> dict[str, Any]:
    """Store an item and return what a statement says of it."""
    reader = str(pyrage.x25519.Identity.generate().to_public())
    received = stage.http.post(
        "/v1/evidence",
        content=content,
        params={"media_type": "video/mp4", "category": "cctv"},
        headers=session | {"Content-Type": "application/octet-stream", "Corridor-Recipients": reader},
    )
    assert received.status_code == 201, received.text
    item: dict[str, Any] = received.json()["item"]
    return item


def _say(stage: Stage, who: str, kind: str, trip: Trip, body: dict[str, Any], **more: Any) -> Any:
    signed = stage.author(who).says(kind, trip, body, iat=stage.clock(), seen=stage.seen(), **more)
    answer = stage.post(signed)
    assert answer.status_code == 201, answer.text
    return signed.statement.id


def _enrol(stage: Stage) -> None:
    ledger = stage.ledger
    enrol(ledger)
    governance = Governance(ledger.client, ledger.contracts, FOUNDERS)
    roles = {uri: name.removeprefix("stranger, ") for name, uri in STRANGERS.items()}
    roles |= {GRANTED: "carrier", ENDED: "broker", FOREIGN: "exporter"}
    assert ledger.embedded is not None
    for uri, role in roles.items():
        organisation = an_organisation(uri)
        ledger.embedded.fund(organisation.signer.address)
        governance.admit(organisation, [role])
        governance.add_key(organisation, a_signer(uri).key)
    admin = OrganisationAdmin(ledger.client, ledger.contracts, an_organisation(EXPORTER).signer)
    admin.add_key(a_signer(CAMERA).key, USE_DEVICE)
    ledger.mirror.refresh()


def _sign_in(scene: Scene, knows: dict[str, Officers]) -> None:
    stage = scene.stage
    scene.headers["an expired session"] = sign_in(stage, EXPORTER)
    stage.clock.now += stage.ledger.settings.session_seconds
    scene.headers |= {
        "nobody": {},
        "a made-up session": {"Authorization": f"Bearer {'A' * 43}"},
        "a closed session": sign_in(stage, EXPORTER),
        "the operator's token": {"Authorization": f"Bearer {stage.ledger.operator_token}"},
    }
    scene.headers |= {name: fresh(stage, name, knows) for name in (*KEYS, *OFFICERS, DEVICE, FOREIGN)}
    closed = scene.headers["a closed session"]
    assert stage.http.delete("/v1/sessions/current", headers=closed).status_code == 204


def fresh(stage: Stage, name: str, knows: dict[str, Officers]) -> dict[str, str]:
    """Open a session for somebody who may have one."""
    if name in OFFICERS:
        return knows[name].sign_in(stage)
    if name == DEVICE:
        return sign_in(stage, EXPORTER, key=CAMERA)
    known = {OPENER: EXPORTER, MEMBER: GRANTED, LEFT: ENDED, FOREIGN: FOREIGN} | STRANGERS
    return sign_in(stage, known[name])


def _tell(scene: Scene) -> None:
    stage = scene.stage
    for things in (scene.own, scene.theirs):
        who, trip = things.owner, things.trip
        _say(stage, who, "subject-opened", trip, {})
        item = evidence(stage, scene.headers[OPENER if who == EXPORTER else FOREIGN], who.encode())
        things.cid = item["cid"]
        things.statement = _say(stage, who, "status", trip, {"evidence": [item]}).hex()
    _say(stage, EXPORTER, "grant", OWN, {"to": [GRANTED]})
    ending = _say(stage, EXPORTER, "grant", OWN, {"to": [ENDED]})
    _say(stage, EXPORTER, "grant-ended", OWN, {}, references=[Reference("ends", ending)])
    organisation = a_thing("organisation", "EXPORTER", seed="matrix")
    key = str(pyrage.x25519.Identity.generate().to_public())
    _say(stage, EXPORTER, "subject-opened", organisation, {})
    _say(stage, EXPORTER, "encryption-key", organisation, {"recipients": [key]})
    stage.anchor()


@contextmanager
def a_scene(folder: Path) -> Iterator[tuple[Scene, dict[str, Officers]]]:
    """Bring everybody together while a block runs; officers by two providers."""
    with officers() as ours, officers() as others:
        settings: dict[str, Any] = {
            "oidc": (ours.setting(GRANTED), others.setting(STRANGERS["stranger, lab"]))
        }
        with a_stage(folder, **settings) as stage:
            _enrol(stage)
            scene, knows = Scene(stage), {OFFICER: ours, OTHER_OFFICER: others}
            _sign_in(scene, knows)
            _tell(scene)
            yield scene, knows
