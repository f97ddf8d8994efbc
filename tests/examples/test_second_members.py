"""Members of a dossier that are not well-formed within, or that disagree with one another: each is found."""

from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from tests.examples.by_hand import NoteKey, base64_of, h
from tests.examples.scene import CHAIN, Scene
from tests.examples.verdicts import statuses, verdict

Members = dict[str, bytes]


def bad_line(key: NoteKey) -> bytes:
    return f"— {key.name} {base64_of(key.id + bytes(64 if key.kind == 1 else 72))}\n".encode()


def edited(name: str, change: Callable[[Any], Any]) -> Callable[[Members], Any]:
    """Change what the CBOR of a member holds."""

    def edit(members: Members) -> None:
        content = cbor2.loads(members[name])
        change(content)
        members[name] = cbor2.dumps(content)

    return edit


def extension_line(note: bytes) -> bytes:
    return note.replace(b"\n\n", b"\nmore\n\n", 1)


def keys_with_one_that_is_none(members: Members) -> None:
    members["keys.cbor"] = cbor2.dumps(sorted([*cbor2.loads(members["keys.cbor"]), b"no key"], key=h))


WRONG: dict[str, tuple[str, str, Callable[[Members], Any]]] = {
    "a target with an extension line": (
        *("inclusion", "malformed"),
        lambda members: members.update({"target.checkpoint": extension_line(members["target.checkpoint"])}),
    ),
    "an earlier checkpoint that is no note": (
        *("inclusion", "malformed"),
        edited("checkpoints.cbor", lambda notes: notes[0].__setitem__(0, b"no note")),
    ),
    "an earlier checkpoint twice": (
        *("inclusion", "checkpoint-order"),
        edited("checkpoints.cbor", lambda notes: notes.append(notes[0])),
    ),
    "a key that is none": ("signature", "malformed", keys_with_one_that_is_none),
    "a block header that is none": (
        *("anchor", "malformed"),
        edited("chain.cbor", lambda proofs: proofs[0].__setitem__(2, b"\xc0")),
    ),
    "map proofs of no stream": (
        "completeness",
        "map-proofs",
        edited("map.cbor", lambda part: part[2].clear()),
    ),
    "evidence under a name that is no CID": (
        *("evidence", "unclaimed-evidence"),
        lambda members: members.update({"evidence/photo": b""}),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_member_that_is_wrong_within_fails_its_check(name: str) -> None:
    check, reason, change = WRONG[name]
    scene = Scene()
    members = scene.members()
    change(members)
    found = verdict(scene, scene.file(members))
    assert statuses(found)[check] == ("failed", reason), found
    assert found["outcome"] == "rejected"


def test_a_target_of_another_size_than_in_the_manifest_fails_inclusion() -> None:
    scene = Scene()
    members = scene.members()
    found = statuses(verdict(scene, scene.file(members, target=6)))
    assert found["inclusion"] == ("failed", "other-target")
    assert found["completeness"] == ("not-checked", "needs-inclusion")


def test_state_proofs_of_other_chains_are_passed_over() -> None:
    scene = Scene()
    members = scene.members()
    edited("chain.cbor", lambda proofs: proofs[0].__setitem__(0, CHAIN + 1))(members)
    assert statuses(verdict(scene, scene.file(members)))["anchor"] == ("not-checked", "no-state-proof")


def test_without_state_proofs_it_is_not_asked_whether_the_target_is_anchored() -> None:
    scene = Scene()
    members = scene.members() | {"chain.cbor": b"\x80", "anchors.cbor": b"\x80"}
    found = statuses(verdict(scene, scene.file(members)))
    assert found["anchor"] == ("not-checked", "no-state-proof")
    assert found["authority"] == ("not-checked", "needs-anchor")


@pytest.mark.parametrize("whose", ["witness", "index cosigner", "log key of other sizes"])
def test_a_line_of_a_trusted_key_that_does_not_fit_fails_inclusion(whose: str) -> None:
    scene = Scene()
    before = NoteKey(scene.log_key.name, 1, 77)
    members = scene.members()
    listed = [*scene.trust()["log_keys"], {"vkey": before.vkey, "from_size": 0, "to_size": 0}]
    key = {"witness": scene.witnesses[2], "index cosigner": scene.cosigner}.get(whose, before)
    line = bad_line(key)
    target = members | {"target.checkpoint": members["target.checkpoint"] + line}
    earlier = dict(members)
    edited("checkpoints.cbor", lambda notes: notes[0].__setitem__(0, notes[0][0] + line))(earlier)
    assert statuses(verdict(scene, scene.file(members), log_keys=listed))["inclusion"] == ("passed", "ok")
    for wrong in (target, earlier):
        found = statuses(verdict(scene, scene.file(wrong), log_keys=listed))
        assert found["inclusion"] == ("failed", "note-signature")


def test_a_signer_that_saw_more_than_there_was_saw_another_history() -> None:
    scene = Scene()
    root = h(b"any").hex()
    scene.first[1][1]["seen"] = {"size": 7, "root": root}
    scene.iats = [6_000, 6_000]
    file = scene.file()
    assert statuses(verdict(scene, file))["no-split-view"] == ("failed", "history-contradicted")


def test_a_size_of_zero_that_the_verifier_saw_shows_no_view() -> None:
    scene = Scene()
    file = scene.file()
    alone: dict[str, Any] = {"chain": {"control": "operator"}, "witnesses": {"quorum": 0, "keys": []}}
    seen = {"size": 0, "root": h(scene.genesis).hex()}
    found = statuses(verdict(scene, file, **alone, last_seen=seen))
    assert found["no-split-view"] == ("not-checked", "no-independent-view")


def test_a_trust_file_that_names_the_genesis_document_of_another_origin_is_of_another_log() -> None:
    scene = Scene()
    other = NoteKey("other.example/log", 1, 21)
    keys = [{"vkey": other.vkey, "from_size": 0, "to_size": None}]
    found = verdict(scene, scene.file(), origin=other.name, log_keys=keys)
    assert statuses(found)["readable"] == ("failed", "other-log")
