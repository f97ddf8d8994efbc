"""The second verifier on dossiers made by hand: what it accepts, and which check stops which forgery."""

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
import second_verifier
from second_dossier import cid_of, read_container, read_dossier, read_trust
from second_formats import Refused

from tests.examples.by_hand import NoteKey, Signer, b64url, base64_of, h, pack
from tests.examples.scene import CARRIER, CID, EXPORTER, NOW, ORIGIN, Scene

Change = Callable[[Scene], Any]


def verdict(scene: Scene, file: bytes | None = None, now: int = NOW, **trust: Any) -> dict[str, Any]:
    data = scene.file() if file is None else file
    return second_verifier.verify(data, read_trust(json.dumps(scene.trust(**trust)).encode()), now)


def statuses(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {check["name"]: (check["status"], check["reason"]) for check in found["checks"]}


def test_a_dossier_made_by_hand_is_accepted() -> None:
    found = verdict(Scene())
    assert found["outcome"] == "accepted"
    not_passed = {name: status for name, status in statuses(found).items() if status[0] != "passed"}
    assert not_passed == {"evidence": ("not-checked", "sealed")}


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


OTHER_CODE = {"address": "0x" + "02" * 20, "code_hash": "0x" + "00" * 32}
UNPINNED: dict[str, Any] = {"chain": {"pinned": []}}
OPERATOR: dict[str, Any] = {"chain": {"control": "operator"}}
NO_WITNESSES: dict[str, Any] = {"witnesses": {"quorum": 0, "keys": []}}
TRUSTS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "operator's chain": ("time", "not-checked", "operator-clock", OPERATOR | {"times": ["chain"]}),
    "operator's chain says no age": ("freshness", "not-checked", "operator-clock", OPERATOR | {"times": []}),
    "operator's chain shows no view": (
        *("no-split-view", "not-checked", "no-independent-view"),
        OPERATOR | NO_WITNESSES,
    ),
    "no pinned block": ("anchor", "not-checked", "no-pinned-block", UNPINNED),
    "no believed registry": ("authority", "not-checked", "needs-anchor", UNPINNED),
    "other log": ("readable", "failed", "other-log", {"genesis": "00" * 32}),
    "other profile": ("readable", "failed", "other-profile", {"profile": "00" * 32}),
    "nothing is checked of another log": ("custody", "not-checked", "needs-readable", {"genesis": "00" * 32}),
    "no index cosigner": ("completeness", "not-checked", "no-index-cosigner", {"index_cosigners": []}),
    "another root seen": (
        *("no-split-view", "failed", "history-contradicted"),
        {"last_seen": {"size": 4, "root": "00" * 32}},
    ),
    "too old": ("freshness", "failed", "stale", {"max_age": 799}),
    "just young enough": ("freshness", "passed", "young", {"max_age": 800}),
    "no maximum age": ("freshness", "not-checked", "offline", {"max_age": None}),
    "other code": ("anchor", "failed", "other-code", {"chain": {"anchor": OTHER_CODE}}),
    "another block pinned": (
        *("anchor", "failed", "chain-rewritten"),
        {"chain": {"pinned": [{"number": 25, "hash": "0x" + "00" * 32}]}},
    ),
    "witnesses only": ("no-split-view", "passed", "ok", UNPINNED),
    "no witnesses and no block": ("time", "not-checked", "no-accepted-time", UNPINNED | NO_WITNESSES),
}


@pytest.mark.parametrize("name", TRUSTS)
def test_the_trust_file_decides(name: str) -> None:
    check, status, reason, changes = TRUSTS[name]
    scene = Scene()
    file = scene.file()
    assert statuses(verdict(scene, file, **changes))[check] == (status, reason)


@pytest.mark.parametrize(
    ("iats", "times", "expected"),
    [
        ([5_300, 5_500], ["chain"], ("passed", "ok")),  # the anchor of size 4 is of 5,000, and clocks differ
        ([5_301, 5_500], ["chain"], ("failed", "signed-after-registered")),
        ([5_400, 5_500], ["witnesses"], ("passed", "ok")),  # the second smallest of three is 5,100
        ([5_401, 5_500], ["witnesses"], ("failed", "signed-after-registered")),
        ([1_000, 4_600], ["witnesses"], ("passed", "ok")),  # nobody can have seen size 4 before 4,900
        ([1_000, 4_599], ["witnesses"], ("failed", "signed-before-seen")),
        ([1_000, 4_599], ["chain"], ("passed", "ok")),  # then the witnesses' clocks are not gone by
    ],
)
def test_statements_were_signed_between_what_they_saw_and_where_they_stand(
    iats: list[int], times: list[str], expected: tuple[str, str]
) -> None:
    scene = Scene()
    scene.iats = iats
    file = scene.file()
    assert statuses(verdict(scene, file, times=times))["time"] == expected


def test_time_stamps_are_said_not_to_be_read() -> None:
    scene = Scene()
    file = scene.file(scene.members() | {"timestamps.cbor": cbor2.dumps([[7, b"token"]])})
    assert statuses(verdict(scene, file, times=["tsa"]))["time"] == ("not-checked", "tsa-not-read")


def test_a_witness_that_renews_its_word_makes_the_target_younger_but_not_its_statements() -> None:
    scene = Scene()
    members = scene.members()
    text = members["target.checkpoint"].partition(b"\n\n")[0].decode() + "\n"
    renewed = "".join(key.line(text, 6_900) for key in scene.witnesses[:2]).encode()
    file = scene.file(members | {"target.checkpoint": members["target.checkpoint"] + renewed})
    found = statuses(verdict(scene, file, times=["witnesses"], max_age=100))
    assert (found["freshness"], found["time"]) == (("passed", "young"), ("passed", "ok"))
    one_key_twice = {"quorum": 2, "keys": [scene.witnesses[0].vkey, NoteKey("witness0.example", 4, 90).vkey]}
    with pytest.raises(Refused):
        verdict(scene, file, witnesses=one_key_twice)


def test_a_target_from_the_future_fails_by_the_clock() -> None:
    scene = Scene()
    assert statuses(verdict(scene, scene.file(), now=5_899))["freshness"] == ("failed", "clock")
    assert statuses(verdict(scene, scene.file(), now=5_900))["freshness"] == ("passed", "young")


@pytest.mark.parametrize(("since", "status"), [(20, ("missing", "key-suspect")), (21, ("passed", "ok"))])
def test_a_suspected_key_is_missing_the_word_of_its_organisation(since: int, status: tuple[str, str]) -> None:
    scene = Scene()
    scene.keys[scene.carrier.kid] = (CARRIER, 5, 0, since)
    found = verdict(scene)
    assert statuses(found)["authority"] == status
    assert found["outcome"] == ("accepted" if status[0] == "passed" else "incomplete")


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
    "a reference to what is not there": (
        *("missing", "reference-missing"),
        lambda scene: scene.then[0][1].update(references=[{"rel": "about", "id": "00" * 32}]),
    ),
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
    "a checkpoint with an extension line": lambda members: members.update(
        {"target.checkpoint": members["target.checkpoint"].replace(b"\n\n", b"\nmore\n\n", 1)}
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
        assert len(lines) == 12
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
