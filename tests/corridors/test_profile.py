"""Corridor profiles: every kind says who may say it, and nothing that is not written down is allowed."""

import tomllib
from hashlib import sha256

import pytest
from second_encoding import Refused
from second_profile import read_profile

from ledger.corridors.profile import Profile, foundation_profile
from ledger.domain.custody import Level, Rules
from ledger.domain.errors import MalformedError
from ledger.domain.passage_record import PassageRules
from ledger.domain.words import Words

GOOD = """
[corridor]
id = "test"
version = 3
title = "Test"

[roles]
port = { title = "Port" }
lab = { title = { en = "laboratory", es = "laboratorio", fr = "labo" } }

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
    assert profile.roles == {"port": Words.alike("Port"), "lab": Words("laboratory", "laboratorio", "labo")}
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
    "role in two languages": GOOD.replace('{ title = "Port" }', '{ title = { en = "Port", es = "Puerto" } }'),
    "role with an empty title in one language": GOOD.replace(
        '{ title = "Port" }', '{ title = { en = "Port", es = "", fr = "Port" } }'
    ),
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


WHOLE = (
    GOOD
    + """
[kinds.inspection]
roles = ["port"]

[custody]
least = "one-and-machine"
unobserved_minutes = 90

[custody.places]
GTPBR = "one"

[identifiers]
check_digit = "error"

[corrections]
video = ["port"]

[devices]
kinds = ["scan", "video"]

[passages]
within_seconds = 600
jump_seconds = 1
needs = ["scan", "seal-check"]

[passages.places]
GTPBR = ["scan", "radiation", "clip"]
Yard = []
"""
)


def test_says_what_a_corridor_asks_beside_that() -> None:
    profile = parse(WHOLE)
    assert (profile.custody.least, profile.custody.places) == (Level.ONE_AND_MACHINE, {"GTPBR": Level.ONE})
    assert profile.custody.unobserved_minutes == 90
    assert profile.identifiers.check_digit == "error"
    assert profile.corrections == {"video": {"port"}}
    assert profile.devices == {"scan", "video"}
    assert profile.roles_for("inspection") == {"port"}
    passages = profile.passage_rules()
    assert (passages.within_seconds, passages.jump_seconds) == (600, 1)
    assert passages.needs_of("GTPBR") == {"scan", "radiation", "clip"}
    assert passages.needs_of("USILG") == passages.needs_of(None) == {"scan", "seal-check"}
    assert passages.needs_of("Yard") == set()
    assert passages.custody == profile.custody_rules()


def test_a_profile_without_these_tables_asks_for_both_sides_and_lets_nobody_correct_others() -> None:
    profile = parse(GOOD)
    assert profile.custody_rules() == Rules()
    assert profile.passage_rules() == PassageRules()
    assert (profile.identifiers.check_digit, profile.devices, profile.corrections) == (
        "warning",
        frozenset(),
        {},
    )
    assert profile.roles_for("inspection") == set()


def test_a_kind_corrects_another_when_all_who_may_say_it_may_correct_it() -> None:
    rules = parse(WHOLE).custody_rules()
    # A laboratory may say scan, and may not correct videos.
    assert rules.correctors == {"video": {"video", "inspection"}}
    assert rules.least_of("GTPBR") is Level.ONE
    assert rules.least_of("USILG") is rules.least_of(None) is Level.ONE_AND_MACHINE


BAD_TABLES = {
    "custody a text": GOOD.replace("[corridor]", 'custody = "both"\n[corridor]'),
    "unknown member of custody": GOOD + '[custody]\nmost = "both"\n',
    "a level that there is not": GOOD + '[custody]\nleast = "two"\n',
    "refused as a level": GOOD + '[custody]\nleast = "refused"\n',
    "a level that is a table": GOOD + "[custody]\nleast = {}\n",
    "places a text": GOOD + '[custody]\nplaces = "GTPBR"\n',
    "a place with a wrong level": GOOD + '[custody.places]\nGTPBR = "none"\n',
    "a place without a name": GOOD + '[custody.places]\n"" = "one"\n',
    "minutes below nothing": GOOD + "[custody]\nunobserved_minutes = -1\n",
    "minutes a text": GOOD + '[custody]\nunobserved_minutes = "90"\n',
    "check digit another word": GOOD + '[identifiers]\ncheck_digit = "never"\n',
    "unknown member of identifiers": GOOD + "[identifiers]\nstrict = true\n",
    "corrections an array": GOOD.replace("[corridor]", "corrections = []\n[corridor]"),
    "corrections of an unknown kind": GOOD + '[corrections]\ngossip = ["port"]\n',
    "corrections by an unknown role": GOOD + '[corrections]\nvideo = ["pirate"]\n',
    "corrections by nobody": GOOD + "[corrections]\nvideo = []\n",
    "corrections of hand-overs": GOOD
    + '[kinds.hand-over]\nroles = ["port"]\n[corrections]\nhand-over = ["port"]\n',
    "corrections of openings": GOOD
    + '[kinds.subject-opened]\nroles = ["port"]\n[corrections]\nsubject-opened = ["port"]\n',
    "devices without kinds": GOOD + "[devices]\n",
    "devices with an unknown kind": GOOD + '[devices]\nkinds = ["gossip"]\n',
    "devices with a kind twice": GOOD + '[devices]\nkinds = ["scan", "scan"]\n',
    "devices with more": GOOD + '[devices]\nkinds = ["scan"]\nbrand = "x"\n',
    "passages a text": GOOD.replace("[corridor]", 'passages = "all"\n[corridor]'),
    "unknown member of passages": GOOD + "[passages]\nminutes = 3\n",
    "passages with half seconds": GOOD + "[passages]\njump_seconds = 0.5\n",
    "passages with seconds below nothing": GOOD + "[passages]\nwithin_seconds = -1\n",
    "passages that need another record": GOOD + '[passages]\nneeds = ["photo"]\n',
    "passages that need a record twice": GOOD + '[passages]\nneeds = ["scan", "scan"]\n',
    "passages that need a table": GOOD + "[passages]\nneeds = [{}]\n",
    "passages with a text for what they need": GOOD + '[passages]\nneeds = "scan"\n',
    "passages with places that are no table": GOOD + "[passages]\nplaces = []\n",
    "passages with a place without a name": GOOD + '[passages.places]\n"" = ["scan"]\n',
    "passages with a place that needs another record": GOOD + '[passages.places]\nGTPBR = ["x"]\n',
}


@pytest.mark.parametrize("text", BAD_TABLES.values(), ids=BAD_TABLES)
def test_refuses_tables_that_say_something_else(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text)
    with pytest.raises(Refused):
        read_profile(text.encode())


def test_the_second_reader_takes_what_this_one_takes() -> None:
    for document in (GOOD.encode(), WHOLE.encode(), foundation_profile().document):
        ours, second = Profile.parse(document), read_profile(document)
        assert (second.least, second.places) == (ours.custody.least, ours.custody.places)
        assert second.unobserved == ours.custody.unobserved_minutes
        assert {kind: set(roles) for kind, roles in second.corrections.items()} == ours.corrections
        assert set(second.devices) == ours.devices
        asked = ours.passages
        assert (second.within, second.jump) == (asked.within_seconds, asked.jump_seconds)
        assert set(second.needs) == asked.needs
        assert {place: set(needs) for place, needs in second.needs_at.items()} == asked.places


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
    "legal-hold",
    "legal-hold-ended",
    "grant-ended",
    "encryption-key",
    "reading",
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


def test_only_authorities_inspect_and_correct_papers_of_others() -> None:
    profile = foundation_profile()
    assert profile.roles_for("inspection") == {"origin-customs", "police", "destination-customs"}
    rules = profile.custody_rules()
    assert "inspection" in rules.correctors["manifest"]
    assert "manifest" not in rules.correctors["manifest"]
    assert profile.devices <= profile.kinds.keys()
