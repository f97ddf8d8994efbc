"""The notes of a dossier: a line of a trusted key that does not hold fails `inclusion`, whosever it is."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ledger.domain.checkpoint import Checkpoint, cosign
from ledger.domain.note import ED25519, Note, NoteSignature, VerifierKey
from ledger.verification.dossier import Dossier
from tests.builders import an_ed25519_key
from tests.verification.factory import WITNESSES, World, a_small_world, witness_key
from tests.verification.verdicts import BARE_PASSAGE, not_passed, said, verdict_on

STRANGER = "index.example/other"
OLD_LOG_KEY = an_ed25519_key("log before").public_key().public_bytes_raw()


def with_bad_line(note: bytes, key: VerifierKey) -> bytes:
    """Return a note with a line under a key's name and id that the key did not sign."""
    size = 64 if key.kind == ED25519 else 72
    return Note.parse(note).add(NoteSignature(key.name, key.key_id, bytes(size))).encode()


def on_target(dossier: Dossier, key: VerifierKey) -> Dossier:
    return replace(dossier, target=with_bad_line(dossier.target, key))


def on_earlier(dossier: Dossier, key: VerifierKey) -> Dossier:
    first, *others = dossier.checkpoints
    return replace(dossier, checkpoints=(replace(first, note=with_bad_line(first.note, key)), *others))


def trusted_by(world: World) -> dict[str, tuple[VerifierKey, dict[str, Any]]]:
    """Return keys of each kind, each with a trust file that lists it in that place only."""
    old = VerifierKey(world.genesis.origin, ED25519, OLD_LOG_KEY)
    now = json.loads(world.trust().encode())["log_keys"]
    witnesses = {"quorum": 2, "keys": [witness_key(name).encode() for name in WITNESSES]}
    return {
        "witness": (witness_key(WITNESSES[0]), {"witnesses": witnesses}),
        "index cosigner": (
            witness_key(STRANGER),
            {"index_cosigners": [witness_key(WITNESSES[2]).encode(), witness_key(STRANGER).encode()]},
        ),
        "log key of other sizes": (
            old,
            {"log_keys": [*now, {"vkey": old.encode(), "from_size": 0, "to_size": 0}]},
        ),
    }


@pytest.mark.parametrize("whose", ["witness", "index cosigner", "log key of other sizes"])
def test_a_line_of_a_trusted_key_that_does_not_hold_fails_inclusion(whose: str) -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    key, listed = trusted_by(world)[whose]
    trust = world.trust(**listed)
    assert not_passed(verdict_on(world, dossier, trust)) == BARE_PASSAGE
    for wrong in (on_target(dossier, key), on_earlier(dossier, key)):
        assert said(verdict_on(world, wrong, trust), "inclusion") == ("failed", "note-signature")
    of_target = verdict_on(world, on_target(dossier, key), trust)
    assert said(of_target, "completeness") == ("not-checked", "needs-inclusion")


def test_a_line_of_a_key_that_is_not_trusted_means_nothing() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    for wrong in (on_target(dossier, witness_key(STRANGER)), on_earlier(dossier, witness_key(STRANGER))):
        assert not_passed(verdict_on(world, wrong)) == BARE_PASSAGE


def test_the_verifiers_own_replay_does_not_mend_a_bad_line_of_an_index_cosigner() -> None:
    world, trip = a_small_world()
    key, listed = trusted_by(world)["index cosigner"]
    dossier = on_target(world.dossier(trip), key)
    own = world.map_roots[dossier.header.target]
    verdict = verdict_on(world, dossier, world.trust(**listed), replayed_map_root=own)
    assert said(verdict, "inclusion") == ("failed", "note-signature")


def test_an_index_cosigner_beside_the_witnesses_makes_the_map_believed() -> None:
    world, trip = a_small_world()
    dossier = world.dossier(trip)
    checkpoint = Checkpoint(world.genesis.origin, dossier.header.target, world.root(dossier.header.target))
    line = cosign(checkpoint, witness_key(STRANGER), world.now, an_ed25519_key(STRANGER).sign)
    cosigned = replace(dossier, target=Note.parse(dossier.target).add(line).encode())
    trust = world.trust(index_cosigners=[witness_key(STRANGER).encode()])
    assert said(verdict_on(world, dossier, trust), "completeness") == ("not-checked", "no-index-cosigner")
    assert said(verdict_on(world, cosigned, trust), "completeness") == ("passed", "ok")


def test_a_note_that_is_none_and_checkpoints_out_of_order_fail_inclusion() -> None:
    world, trip = a_small_world()
    world.says("photo", trip, {})
    world.checkpoint()
    dossier = world.dossier(trip)
    none = verdict_on(world, replace(dossier, target=b"no note"))
    assert said(none, "inclusion") == ("failed", "note")
    turned = replace(dossier, checkpoints=dossier.checkpoints[::-1])
    assert said(verdict_on(world, turned), "inclusion") == ("failed", "checkpoint-order")
    other = replace(dossier, header=replace(dossier.header, target=dossier.header.target - 1))
    assert said(verdict_on(world, other), "inclusion") == ("failed", "other-target")
