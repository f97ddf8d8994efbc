"""The line of holders, and evidence, in the second verifier."""

import copy
import json
from typing import Any

import pytest
from second_dossier import cid_of
from second_formats import read_statement

from tests.examples.by_hand import Signer, h
from tests.examples.scene import CARRIER, CID, Scene
from tests.examples.verdicts import Change, statuses, verdict


def body(number: int, **changes: Any) -> Change:
    """Change the body of one of the two hand-over statements; None takes a member away."""

    def change(scene: Scene) -> None:
        signer, payload = scene.then[number]
        said = {name: value for name, value in (payload["body"] | changes).items() if value is not None}
        scene.then[number] = (signer, payload | {"body": said})

    return change


def withheld(*more: Change) -> Change:
    return lambda scene: [change(scene) for change in (body(0, agreed=None), body(1, agreed=None), *more)]


def again(number: int, **changes: Any) -> Change:
    """Say one of the hand-over statements once more, after both."""

    def change(scene: Scene) -> None:
        scene.then.append((scene.then[number][0], copy.deepcopy(scene.then[number][1])))
        body(2, **changes)(scene)

    return change


def opened_by_carrier(scene: Scene) -> None:
    name = b"\0".join([b"corridor/subject/v1", b"trip", b"XXXU5001230", CARRIER.encode(), scene.tag])
    old, scene.subject = scene.subject, f"urn:corridor:trip:XXXU5001230:{h(name).hex()}"
    for batch in (scene.first, scene.then):
        text = json.dumps([payload for _, payload in batch]).replace(old, scene.subject)
        batch[:] = [(signer, said) for (signer, _), said in zip(batch, json.loads(text), strict=True)]
    scene.first[0] = (scene.carrier, scene.first[0][1])
    withheld(lambda s: None)(scene)


def corrected(scene: Scene, by: Signer, kind: str = "hand-over") -> None:
    """Let the giver refuse first, and somebody correct the refusal before the taker accepts those terms."""
    body = scene.then[0][1]["body"]
    refusal = scene.payload("hand-over", body | {"result": "refused"})
    scene.first[1] = (scene.exporter, refusal)
    said = read_statement(scene.exporter.statement(refusal, scene.audience, iat=scene.iats[0]))
    scene.then[0] = (by, scene.payload(kind, body) | {"corrects": said.id.hex()})


def put_right(scene: Scene) -> None:
    """Let the giver refer to what is not there, and correct that."""
    mistaken = scene.payload("status", {}) | {"references": [{"rel": "about", "id": "00" * 32}]}
    scene.first[1] = (scene.exporter, mistaken)
    said = read_statement(scene.exporter.statement(mistaken, scene.audience, iat=scene.iats[0]))
    scene.then.append((scene.exporter, scene.payload("status", {}) | {"corrects": said.id.hex()}))


CUSTODY: dict[str, tuple[str, str, Change]] = {
    "refused by the taker": ("missing", "handover-refused", body(1, result="refused")),
    "with remarks": ("passed", "ok", body(1, result="accepted-with-remarks")),
    "a result that there is not": ("failed", "handover-malformed", body(1, result="ok")),
    "other terms than signed": ("failed", "handover-malformed", body(1, terms="00" * 32)),
    "terms shown by one side": ("passed", "ok", body(0, agreed=None)),
    "terms withheld": ("passed", "ok", withheld()),
    "only one side signed": (
        "missing",
        "handover-unaccepted",
        lambda scene: scene.then[1][1].update(kind="status"),
    ),
    "giver twice": ("passed", "ok", again(0)),
    "giver says two things": ("failed", "handover-contradicted", again(0, result="refused")),
    "taker gave": ("failed", "handover-gap", withheld(body(0, role="taker"), body(1, role="giver"))),
    "holder did not give": ("failed", "handover-gap", opened_by_carrier),
    "given to itself": (
        *("failed", "handover-to-self"),
        withheld(
            lambda scene: scene.then.append((scene.carrier, scene.payload("status", {}))),
            lambda scene: scene.then.__setitem__(1, (scene.exporter, scene.then[1][1])),
        ),
    ),
    "corrected by the same organisation": ("passed", "ok", lambda scene: corrected(scene, scene.exporter)),
    "corrected by another kind of statement": (
        *("missing", "handover-refused"),
        lambda scene: corrected(scene, scene.exporter, "status"),
    ),
    "corrected by another organisation": (
        *("missing", "handover-refused"),
        lambda scene: corrected(scene, scene.carrier, "status"),
    ),
    "a reference to what is not there": (
        *("missing", "reference-missing"),
        lambda scene: scene.then[0][1].update(references=[{"rel": "about", "id": "00" * 32}]),
    ),
    "a reference to what is not there, corrected": ("passed", "ok", put_right),
    "a correction of what is not there": (
        *("missing", "reference-missing"),
        lambda scene: scene.then[0][1].update(corrects="00" * 32),
    ),
}


@pytest.mark.parametrize("name", CUSTODY)
def test_the_line_of_holders(name: str) -> None:
    status, reason, change = CUSTODY[name]
    scene = Scene()
    change(scene)
    if len(scene.then) > 2:
        scene.anchors[8] = scene.anchors.pop(7)
    file = scene.file()
    assert statuses(verdict(scene, file))["custody"] == (status, reason)


def test_evidence_that_is_not_there_is_withheld() -> None:
    scene = Scene()
    members = scene.members()
    del members[f"evidence/{CID}"]
    assert statuses(verdict(scene, scene.file(members)))["evidence"] == ("missing", "withheld")


def test_evidence_that_nobody_claims_fails() -> None:
    scene = Scene()
    more = {f"evidence/{cid_of(b'x')}": b"x"}
    found = statuses(verdict(scene, scene.file(scene.members() | more)))
    assert found["evidence"] == ("failed", "unclaimed-evidence")
