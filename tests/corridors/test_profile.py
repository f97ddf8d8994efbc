"""Corridor profiles: every kind says who may say it, and nothing that is not written down is allowed."""

import tomllib
from hashlib import sha256

import pytest

from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.errors import MalformedError

GOOD = """
[corridor]
id = "test"
version = 3
title = "Test"

[roles]
port = { title = "Port" }
lab = { title = "Laboratory" }

[kinds.scan]
roles = ["port", "lab"]
note = "X-ray"

[kinds.video]
roles = ["port"]
"""


def parse(text: str) -> Profile:
    return Profile.parse(text.encode())


def test_says_what_is_written() -> None:
    profile = parse(GOOD)
    assert (profile.id, profile.version, profile.title) == ("test", 3, "Test")
    assert profile.roles == {"port": "Port", "lab": "Laboratory"}
    assert profile.kinds["scan"].note == "X-ray"
    assert profile.kinds["video"].note is None
    assert profile.hash == sha256(GOOD.encode()).digest()
    assert profile.document == GOOD.encode()


def test_one_of_the_roles_is_enough() -> None:
    profile = parse(GOOD)
    assert profile.may_say("scan", {"lab"})
    assert profile.may_say("scan", ["carrier", "port"])
    assert not profile.may_say("video", {"lab"})
    assert not profile.may_say("video", set())


def test_nobody_may_say_what_the_corridor_does_not_know() -> None:
    profile = parse(GOOD)
    assert profile.roles_for("gossip") == frozenset()
    assert not profile.may_say("gossip", profile.roles)


def test_a_profile_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        parse(GOOD).kinds["new"] = parse(GOOD).kinds["scan"]  # type: ignore[index]


BAD = {
    "nothing": "",
    "not TOML": GOOD + "[",
    "a key twice": GOOD + "[kinds.video]\n",
    "unknown table": GOOD + "[rules]\n",
    "no roles": GOOD.replace("[roles]", "[others]"),
    "roles empty": '[roles]\n[corridor]\nid="test"\nversion=1\ntitle="x"\n[kinds.scan]\nroles=[]\n',
    "kinds a number": 'kinds = 1\n[corridor]\nid="test"\nversion=1\ntitle="x"\n[roles]\nport={title="x"}\n',
    "unknown member of corridor": GOOD.replace("version = 3", "version = 3\nauthor = 1"),
    "version a text": GOOD.replace("version = 3", 'version = "3"'),
    "version negative": GOOD.replace("version = 3", "version = -3"),
    "version a time": GOOD.replace("version = 3", "version = 2026-01-01"),
    "id with a capital": GOOD.replace('"test"', '"Test"'),
    "title empty": GOOD.replace('"Test"', '""'),
    "role with a capital": GOOD.replace("lab =", "Lab ="),
    "role with more": GOOD.replace('"Port" }', '"Port", x = 1 }'),
    "role without a title": GOOD.replace('{ title = "Port" }', "{}"),
    "role a text": GOOD.replace('{ title = "Port" }', '"Port"'),
    "kind with a capital": GOOD.replace("[kinds.video]", "[kinds.Video]"),
    "kind without roles": GOOD.replace("[kinds.video]\nroles", "[kinds.video]\nnote"),
    "kind with more": GOOD + "least = 1\n",
    "kind with no role": GOOD + "[kinds.photo]\nroles = []\n",
    "kind with a role twice": GOOD + '[kinds.photo]\nroles = ["lab", "lab"]\n',
    "kind with an unknown role": GOOD + '[kinds.photo]\nroles = ["lab", "pirate"]\n',
    "kind with a role that is a number": GOOD + "[kinds.photo]\nroles = [1]\n",
    "kind with a role that is a table": GOOD + "[kinds.photo]\nroles = [{}]\n",
    "roles a text": GOOD + '[kinds.photo]\nroles = "lab"\n',
    "note a number": GOOD + "note = 1\n",
    "too large": GOOD + "#" * 131_072,
    "nested without end": GOOD + "[kinds.photo]\nroles = " + "[" * 5000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_refuses(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text)


def test_refuses_what_is_not_utf_8() -> None:
    with pytest.raises(MalformedError):
        Profile.parse(GOOD.encode("utf-16"))


KINDS = [
    "subject-opened",
    "stream-opened",
    "onboarding",
    "delegation",
    "manifest",
    "document",
    "stuffing",
    "stripping",
    "link",
    "link-ended",
    "seal-applied",
    "seal-check",
    "gate-passage",
    "scan",
    "radiation",
    "video",
    "photo",
    "temperature-log",
    "analysis",
    "hand-over",
    "human-interaction",
    "inspection",
    "status",
    "loading",
    "discharge",
    "departure",
    "arrival",
    "decision",
    "grant",
    "access-request",
    "access-answer",
    "disclosure-record",
    "erasure",
    "log-key",
    "correction-note",
]
ROLES = [
    "governor",
    "exporter",
    "packer",
    "haulier",
    "origin-port",
    "origin-customs",
    "police",
    "carrier",
    "destination-port",
    "destination-customs",
    "broker",
    "lab",
    "auditor",
    "operator",
]


def test_the_foundation_knows_its_kinds_and_roles() -> None:
    profile = foundation_profile()
    assert sorted(profile.kinds) == sorted(KINDS)
    assert sorted(profile.roles) == sorted(ROLES)
    assert profile is foundation_profile()


@pytest.mark.parametrize(
    ("kind", "may", "may_not"),
    [
        ("scan", "origin-port", "exporter"),
        ("decision", "destination-customs", "destination-port"),
        ("stream-opened", "police", "operator"),
        ("log-key", "operator", "carrier"),
        ("hand-over", "haulier", "operator"),
        ("analysis", "operator", "carrier"),
        ("access-request", "auditor", "governor"),
    ],
)
def test_the_foundation_keeps_the_parties_apart(kind: str, may: str, may_not: str) -> None:
    assert foundation_profile().may_say(kind, {may})
    assert not foundation_profile().may_say(kind, {may_not})


def test_every_kind_of_the_foundation_says_what_it_means() -> None:
    document = tomllib.loads(foundation_profile().document.decode())
    assert all(len(kind["note"].split()) > 1 for kind in document["kinds"].values())
