"""What the trust file, the clocks and the registry decide in the second verifier."""

from typing import Any

import cbor2
import pytest
from second_encoding import Refused

from tests.examples.by_hand import NoteKey
from tests.examples.scene import CARRIER, Scene
from tests.examples.verdicts import statuses, verdict

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
