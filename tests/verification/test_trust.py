"""Trust files: strict, frozen, written whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.verdict import CHECKS
from ledger.verification.trust import DEFAULT_REQUIRED, LastSeen, PinnedBlock, Trust, load, save
from tests.builders import NOON, an_ed25519_key
from tests.verification.authority import TimeStampingAuthority
from tests.verification.factory import a_small_world, witness_key

WORLD, _ = a_small_world()
TRUST = WORLD.trust()
MEMBERS = json.loads(TRUST.encode())


def changed(change: Callable[[dict[str, Any]], None]) -> bytes:
    members = json.loads(TRUST.encode())
    change(members)
    return json.dumps(members).encode()


def test_a_trust_file_comes_back_from_its_bytes() -> None:
    assert Trust.parse(TRUST.encode()) == TRUST
    assert Trust.parse(TRUST.encode()).encode() == TRUST.encode()


def test_a_trust_file_has_exactly_the_members_of_the_format() -> None:
    assert list(MEMBERS) == [
        *("format", "name", "origin", "genesis", "chain", "log_keys", "receipt_keys", "witnesses"),
        *("index_cosigners", "tsa", "times", "max_age", "profile", "last_seen", "required"),
    ]
    assert list(MEMBERS["chain"]) == ["id", "genesis", "control", "rpc", "registry", "anchor", "pinned"]


def test_everything_but_evidence_and_passages_is_required_unless_said_otherwise() -> None:
    assert set(CHECKS) - set(DEFAULT_REQUIRED) == {"evidence", "passages"}


def test_a_trust_file_from_before_there_were_passages_is_read_and_requires_none() -> None:
    old = tuple(name for name in CHECKS if name not in ("evidence", "passages"))
    assert Trust.parse(setting("required", to=list(old))).required == old


def test_a_trust_file_cannot_be_changed_in_use() -> None:
    with pytest.raises(ValidationError):
        TRUST.max_age = None


def setting(*path: str | int, to: object) -> bytes:
    def change(members: Any) -> None:
        for step in path[:-1]:
            members = members[step]
        members[path[-1]] = to

    return changed(change)


KEY = MEMBERS["witnesses"]["keys"][0]
BAD: dict[str, bytes] = {
    "not JSON": b"{",
    "not an object": b"[]",
    "a member twice": TRUST.encode().replace(b'"name"', b'"origin"'),
    "a member more": changed(lambda members: members.update(note="")),
    "a member less": changed(lambda members: members.pop("tsa")),
    "a member more within": changed(lambda members: members["chain"].update(note="")),
    "another format": setting("format", to="corridor-trust/2"),
    "no log key": setting("log_keys", to=[]),
    "a log key of another log": setting("log_keys", 0, "vkey", to=KEY),
    "a witness key that is none": setting("witnesses", "keys", 0, to="witness"),
    "a log key as witness": setting("witnesses", "keys", 0, to=MEMBERS["log_keys"][0]["vkey"]),
    "a quorum that cannot be reached": setting("witnesses", "quorum", to=4),
    "a quorum of nobody": setting("witnesses", "quorum", to=0),
    "a quorum that is a truth value": setting("witnesses", "quorum", to=True),
    "a witness twice": setting("witnesses", "keys", 1, to=KEY),
    "one key under two names": setting(
        "witnesses", "keys", 1, to=witness_key("x").encode() and KEY.replace("witness-a", "witness-z")
    ),
    "an index cosigner that is none": setting("index_cosigners", to=["x"]),
    "a hash in capitals": setting("genesis", to=MEMBERS["genesis"].upper()),
    "a hash that is too short": setting("profile", to="00"),
    "an address without 0x": setting("chain", "anchor", "address", to="00" * 20),
    "an RPC that is no URL": setting("chain", "rpc", to="localhost"),
    "control by somebody else": setting("chain", "control", to="somebody"),
    "a block pinned twice": setting("chain", "pinned", to=MEMBERS["chain"]["pinned"] * 2),
    "a size as text": setting("log_keys", 0, "from_size", to="0"),
    "a range that runs backwards": setting("log_keys", 0, "to_size", to=-1),
    "a receipt key that is none": setting("receipt_keys", 0, "cose_key", to="AA"),
    "a clock that is not known": setting("times", to=["sundial"]),
    "a clock twice": setting("times", to=["chain", "chain"]),
    "a maximum age below nothing": setting("max_age", to=-1),
    "a maximum age with a fraction": setting("max_age", to=1.5),
    "a certificate that is none": setting("tsa", to=["PEM"]),
    "two certificates in one": setting("tsa", to=[TimeStampingAuthority(NOON).pem * 2]),
    "a check that is not known": setting("required", to=["beauty"]),
    "a check twice": setting("required", to=["time", "time"]),
    "a checkpoint seen without root": setting("last_seen", to={"size": 3}),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_another_form_is_refused_with_one_line_that_names_the_member(data: bytes) -> None:
    with pytest.raises(MalformedError) as caught:
        Trust.parse(data)
    assert "\n" not in caught.value.message


def test_the_message_says_where() -> None:
    with pytest.raises(MalformedError, match=r"witnesses\.quorum"):
        Trust.parse(BAD["a quorum that is a truth value"])


@pytest.mark.parametrize(("size", "good"), [(4, False), (5, True), (9, True), (10, False)])
def test_both_ends_of_a_range_of_sizes_are_good(size: int, good: bool) -> None:
    trust = Trust.parse(changed(lambda members: members["log_keys"][0].update(from_size=5, to_size=9)))
    assert trust.log_keys[0].covers(size) is good


def test_a_block_is_pinned_in_order_and_only_once() -> None:
    block = PinnedBlock(number=1, hash=bytes(32))
    pinned = TRUST.with_pinned(block).with_pinned(block).chain.pinned
    assert pinned == (block, *TRUST.chain.pinned)
    assert Trust.parse(TRUST.with_pinned(block).encode()).chain.pinned == pinned


def test_a_pinned_block_is_never_replaced() -> None:
    known = TRUST.chain.pinned[0]
    with pytest.raises(UsageError, match="rewritten"):
        TRUST.with_pinned(PinnedBlock(number=known.number, hash=bytes(32)))


def test_the_last_checkpoint_seen_only_moves_forward_and_never_sideways() -> None:
    seen = LastSeen(size=8, root=bytes(32))
    trust = TRUST.with_last_seen(seen)
    assert trust.last_seen == seen
    assert trust.with_last_seen(LastSeen(size=4, root=bytes(32))) is trust
    assert Trust.parse(trust.encode()) == trust
    with pytest.raises(UsageError, match="two histories"):
        trust.with_last_seen(LastSeen(size=8, root=b"x" * 32))


def test_a_summary_says_what_is_trusted_and_what_is_missing() -> None:
    lines = dict(TRUST.summary())
    assert lines["newest pinned block"].startswith(f"{WORLD.chain.number}, 0x")
    assert lines["witnesses"].startswith("2 of witness-a")
    bare = Trust.parse(setting("times", to=[]))
    assert "never checked" in dict(bare.summary())["accepted clocks"]


def test_a_trust_file_is_saved_and_loaded(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    save(TRUST, path)
    assert load(path) == TRUST
    assert [one.name for one in tmp_path.iterdir()] == ["trust.json"]


def test_a_trust_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "trust.json"
    save(TRUST, path)
    (tmp_path / "trust.json.new").mkdir()
    with pytest.raises(OSError, match=r"trust\.json\.new"):
        save(TRUST.with_pinned(PinnedBlock(number=1, hash=bytes(32))), path)
    assert load(path) == TRUST


def test_the_public_key_of_a_witness_is_read_once() -> None:
    assert (
        TRUST.witnesses.keys[0].public
        == an_ed25519_key("witness-a.example/w").public_key().public_bytes_raw()
    )
