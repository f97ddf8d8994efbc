"""The second verifier on dossiers made by hand: what it accepts, and which check stops which forgery."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
import second_verifier
from second_dossier import read_container, read_dossier
from second_encoding import Refused
from second_trust import read_trust

from tests.examples.by_hand import NoteKey, Signer, b64url, base64_of, h, pack
from tests.examples.scene import CARRIER, CID, EXPORTER, NOW, ORIGIN, Scene
from tests.examples.verdicts import Change, statuses, verdict


def test_a_dossier_made_by_hand_is_accepted() -> None:
    found = verdict(Scene())
    assert found["outcome"] == "accepted"
    not_passed = {name: status for name, status in statuses(found).items() if status[0] != "passed"}
    assert not_passed == {
        "evidence": ("not-checked", "sealed"),
        "passages": ("not-checked", "no-passage"),
    }


def test_every_flipped_byte_is_refused() -> None:
    data = bytearray(Scene().file())
    for at in range(len(data)):
        data[at] ^= 1
        with pytest.raises(Refused):
            read_container(bytes(data))
        data[at] ^= 1


def second_stream(scene: Scene) -> None:
    scene.tag = h(b"corridor/stream/v1", bytes(16))
    for _, payload in [*scene.first, *scene.then]:
        payload["streams"] = [scene.tag.hex()]


FORGERIES: dict[str, tuple[str, str, Change]] = {
    "signed with a key that is not there": (
        "signature",
        "key-missing",
        lambda s: s.first.__setitem__(0, (Signer(EXPORTER, 99), s.first[0][1])),
    ),
    "made for another log": (
        "signature",
        "malformed",
        lambda s: setattr(s, "audience", "ni:///sha-256;" + "A" * 43),
    ),
    "key ended in the block of the anchor": (
        "authority",
        "key-not-good",
        lambda s: s.keys.update({s.carrier.kid: (CARRIER, 5, 20, 0)}),
    ),
    "key added after the anchor": (
        "authority",
        "key-not-good",
        lambda s: s.keys.update({s.carrier.kid: (CARRIER, 21, 0, 0)}),
    ),
    "key of another organisation": (
        "authority",
        "key-of-another",
        lambda s: s.keys.update({s.carrier.kid: (EXPORTER, 5, 0, 0)}),
    ),
    "organisation ended": (
        "authority",
        "organisation-not-good",
        lambda s: s.organisations.update({CARRIER: (2, 20)}),
    ),
    "role between two intervals": (
        "authority",
        "role",
        lambda s: s.roles.update({(CARRIER, "carrier"): [(6, 19), (21, 0)]}),
    ),
    "kind that no role may say": ("authority", "role", lambda s: s.then[1][1].update(kind="release")),
    "key of a device": ("authority", "key-use", lambda s: setattr(s, "use", 2)),
    "key that is for something else": ("authority", "key-use", lambda s: setattr(s, "use", 0)),
    "map that leaves one out": ("completeness", "count-mismatch", lambda s: s.left_out_of_map.add(2)),
    "second custody stream": ("completeness", "wrong-stream", second_stream),
    "opening by another organisation": (
        "completeness",
        "wrong-stream",
        lambda s: (
            s.first.__setitem__(0, (s.carrier, s.first[0][1])),
            s.roles.update({(CARRIER, "exporter"): [(1, 0)]}),
        ),
    ),
    "evidence that is not the evidence": (
        "evidence",
        "cid-mismatch",
        lambda s: setattr(s, "stored", b"hello, world"),
    ),
    "terms between others": (
        "custody",
        "handover-not-party",
        lambda s: s.then.__setitem__(0, (s.carrier, s.then[0][1])),
    ),
    "log closed before": ("anchor", "log-closed", lambda s: setattr(s, "last_good", 0)),
    "checkpoint by another log key": (
        "inclusion",
        "note-unsigned",
        lambda s: setattr(s, "log_key", NoteKey(ORIGIN, 1, 98)),
    ),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_each_forgery_fails_its_named_check(name: str) -> None:
    check, reason, change = FORGERIES[name]
    honest, scene = Scene(), Scene()
    change(scene)
    file = scene.file()
    honest.pinned = scene.pinned
    found = verdict(honest, file)
    assert statuses(found)[check] == ("failed", reason), found
    assert found["outcome"] == "rejected"


UNMATCHED = b64url(json.dumps([b64url(bytes(16)), "seal", "H124"]).encode())
MEMBERS: dict[str, tuple[str, str, str, Callable[[list[Any]], Any]]] = {
    "statement left out": ("completeness", "count-mismatch", "statements.cbor", lambda items: items.pop(2)),
    "paths swapped": (
        "inclusion",
        "not-included",
        "statements.cbor",
        lambda items: items[0].__setitem__(3, items[1][3]),
    ),
    "signature changed": (
        "signature",
        "signature-invalid",
        "statements.cbor",
        lambda items: items[1].__setitem__(1, items[1][1][:-1] + bytes([items[1][1][-1] ^ 1])),
    ),
    "disclosure that matches nothing": (
        "signature",
        "disclosure-unmatched",
        "statements.cbor",
        lambda items: items[0][2].append(UNMATCHED),
    ),
    "other time in an anchor": (
        "anchor",
        "anchor-mismatch",
        "anchors.cbor",
        lambda items: items[0].__setitem__(2, 4_999),
    ),
    "other consistency proof": (
        "inclusion",
        "consistency-root-mismatch",
        "checkpoints.cbor",
        lambda items: items[0][1].__setitem__(0, bytes(32)),
    ),
    "state of another chain": (
        "anchor",
        "other-chain",
        "chain.cbor",
        lambda items: items[0].__setitem__(1, bytes(32)),
    ),
    "map root of another map": (
        "completeness",
        "map-not-included",
        "map.cbor",
        lambda items: items.__setitem__(0, bytes(32)),
    ),
    "no hand-over taken": ("signature", "surplus-key", "statements.cbor", lambda items: items.pop()),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_each_changed_member_fails_its_named_check(name: str) -> None:
    check, reason, member, change = MEMBERS[name]
    scene = Scene()
    members = scene.members()
    content = cbor2.loads(members[member])
    change(content)
    found = verdict(scene, scene.file(members | {member: cbor2.dumps(content)}))
    assert statuses(found)[check] == ("failed", reason), found
    assert found["outcome"] == "rejected"


NOT_DOSSIERS: dict[str, Callable[[dict[str, bytes]], Any]] = {
    "no anchors": lambda members: members.pop("anchors.cbor"),
    "a member of unknown meaning": lambda members: members.update({"note.txt": b""}),
    "a member outside": lambda members: members.update({"../note.txt": b""}),
    "indefinite length": lambda members: members.update({"keys.cbor": b"\x9f\xff"}),
    "a longer head than needed": lambda members: members.update({"keys.cbor": b"\x98\x00"}),
    "a tag": lambda members: members.update({"keys.cbor": b"\xc1\x80"}),
    "something after": lambda members: members.update({"anchors.cbor": members["anchors.cbor"] + b"\x80"}),
    "keys out of order": lambda members: members.update(
        {"keys.cbor": cbor2.dumps(cbor2.loads(members["keys.cbor"])[::-1])}
    ),
    "nodes of a state proof out of order": lambda members: members.update(
        {
            "chain.cbor": cbor2.dumps(
                [[*part[:4], part[4][::-1]] for part in cbor2.loads(members["chain.cbor"])]
            )
        }
    ),
}


@pytest.mark.parametrize("name", NOT_DOSSIERS)
def test_what_is_no_dossier_is_refused(name: str) -> None:
    scene = Scene()
    members = scene.members()
    NOT_DOSSIERS[name](members)
    with pytest.raises(Refused):
        read_dossier(scene.file(members))


def without_changed_nodes(before: bytes, after: bytes) -> bytes:
    """Return state proofs with those trie nodes only that are the same before and after a change."""
    proofs = zip(cbor2.loads(before), cbor2.loads(after), strict=True)
    return cbor2.dumps([[*other[:4], [node for node in other[4] if node in one[4]]] for one, other in proofs])


def test_members_changed_at_random_are_refused_or_rejected_and_never_crash() -> None:
    scene, chance = Scene(), random.Random(9162)
    members = scene.members()
    trust, manifest = read_trust(json.dumps(scene.trust()).encode()), scene.manifest()
    names = [name for name in members if name != f"evidence/{CID}"]
    read = 0
    for _ in range(600):
        name = chance.choice(names)
        data = bytearray(members[name])
        data[chance.randrange(len(data))] = chance.randrange(256)
        if bytes(data) == members[name]:
            continue
        try:
            found = second_verifier.verify(pack(members | {name: bytes(data)}, **manifest), trust, NOW)
        except Refused:
            continue
        read += 1
        if name == "chain.cbor" and found["outcome"] == "accepted":
            # Then it was in a trie node that no question leads to: without that node it is accepted as well.
            left = pack(members | {name: without_changed_nodes(members[name], bytes(data))}, **manifest)
            assert second_verifier.verify(left, trust, NOW)["outcome"] == "accepted"
            continue
        # A cosignature line that now names a key nobody pinned is as if it were not there.
        assert found["outcome"] != "accepted" or "checkpoint" in name, (name, found)
    assert read > 100


def test_the_command_prints_one_line_a_check_and_exits_by_the_outcome(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scene = Scene()
    (tmp_path / "d").write_bytes(scene.file())
    for name, max_age in (("accepted", 5_000), ("rejected", 0), ("incomplete", None)):
        (tmp_path / name).write_text(json.dumps(scene.trust(max_age=max_age)))
        status = second_verifier.main([str(tmp_path / "d"), str(tmp_path / name), "--now", str(NOW)])
        assert status == ["accepted", "rejected", "incomplete"].index(name)
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == len(second_verifier.CHECKS) + 1
        assert lines[-1].endswith(name)
    (tmp_path / "d").write_bytes(b"PK")
    assert second_verifier.main([str(tmp_path / "d"), str(tmp_path / "accepted")]) == 3
    assert capsys.readouterr().out == ""


def test_a_receipt_file_is_read_and_its_receipt_checked() -> None:
    scene = Scene()
    members = scene.members()
    index, raw, disclosures, path = cbor2.loads(members["statements.cbor"])[1]
    lines = ["c2sp.org/tlog-proof@v1", f"extra {base64_of(scene.entries[index])}", f"index {index}"]
    proof = "\n".join([*lines, *map(base64_of, path), "", ""]).encode() + members["target.checkpoint"]
    members["statements.cbor"] = cbor2.dumps([[index, raw, disclosures, path]])
    members["map.cbor"] = cbor2.dumps([*cbor2.loads(members["map.cbor"])[:2], []])
    more = {"receipt.cose": scene.receipt(index), "statement.tlog-proof": proof}
    found = statuses(verdict(scene, scene.file(members | more, kind="receipt", streams=[])))
    assert found["inclusion"] == ("passed", "ok")
    assert found.keys() == {
        "readable",
        "signature",
        "authority",
        "inclusion",
        "no-split-view",
        "anchor",
        "time",
    }
    for name, raw_member in more.items():
        damaged = {name: raw_member[:60] + bytes([raw_member[60] ^ 1]) + raw_member[61:]}
        file = scene.file(members | more | damaged, kind="receipt", streams=[])
        assert statuses(verdict(scene, file))["inclusion"][0] == "failed", name
