"""Vectors of whole dossiers and receipt files: honest ones, forged ones, and files that are none.

The ZIP files lie beside `dossier.json`; the trust file is in the case. A case expects the outcome, and the
status of the checks that its story is about, each under its name.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from ledger.domain import strict_cbor
from ledger.verification.container import open_container, write_container
from ledger.verification.trust import Trust
from tests.builders import EXPORTER, ORIGIN_PORT, Trip, a_signer, a_trip, seeded
from tests.verification import test_forgeries as forgeries
from tests.verification import test_notes as notes
from tests.verification.factory import World, a_small_world, packed, replace_receipt

Case = dict[str, Any]
REQUIRED = ("signature", "authority", "inclusion", "completeness", "anchor")
OF_RECEIPT = ("signature", "authority", "inclusion", "anchor")


class Told(NamedTuple):
    """A file, whom it is shown to, and what that one has to find."""

    file: bytes
    trust: Trust
    now: int
    expect: Mapping[str, Any]


@cache
def _world() -> tuple[World, Trip]:
    return a_small_world()


def _trust(world: World, required: tuple[str, ...] = REQUIRED, **chain: Any) -> Trust:
    trust = world.trust(required=required)
    return trust if not chain else _with_chain(trust, chain)


def _with_chain(trust: Trust, changes: Mapping[str, Any]) -> Trust:
    value = json.loads(trust.encode())
    return Trust.model_validate(value | {"chain": value["chain"] | changes})


def _all_passed(names: tuple[str, ...]) -> Case:
    return {"outcome": "accepted"} | dict.fromkeys(names, "passed")


def honest() -> Told:
    world, trip = _world()
    expect = _all_passed(REQUIRED) | {"shipment": trip.uri}
    return Told(packed(world.dossier(trip)), _trust(world), world.now, expect)


def honest_with_two_subjects_and_a_disclosure() -> Told:
    world, trip = a_small_world()
    other = a_trip("HLXU7654321")
    world.opens(other)
    world.says(
        "stuffing",
        trip,
        {"seal": "H1", "weight": 24_000},
        conceal=[("weight",)],
        subjects=(trip.uri, other.uri),
        streams=(trip.custody_tag, other.custody_tag),
    )
    world.checkpoint()
    return Told(packed(world.dossier(trip, other)), _trust(world), world.now, _all_passed(REQUIRED))


def honest_that_withholds_a_disclosure() -> Told:
    world, trip = a_small_world()
    world.says("photo", trip, {"who": "pseudonym"}, conceal=[("who",)])
    world.checkpoint()
    dossier = world.dossier(trip)
    statements = tuple(replace(one, disclosures=()) for one in dossier.statements)
    file = packed(replace(dossier, statements=statements))
    return Told(file, _trust(world), world.now, _all_passed(REQUIRED))


def honest_receipt() -> Told:
    world, _ = _world()
    return Told(packed(world.receipt(4)), _trust(world, OF_RECEIPT), world.now, _all_passed(OF_RECEIPT))


def key_ended_before_and_registered_after() -> Told:
    world, trip = a_small_world()
    ended = world.chain.number
    world.chain.set_key(EXPORTER, world.authors[EXPORTER].signer.key.thumbprint, 1, ended)
    world.chain.mine(world.now)
    expect = {"outcome": "rejected", "signature": "passed", "authority": "failed"}
    return Told(packed(world.dossier(trip)), _trust(world), world.now, expect)


def key_ended_after_all_was_registered() -> Told:
    world, trip = a_small_world()
    ended = world.chain.number + 1
    world.chain.set_key(EXPORTER, world.authors[EXPORTER].signer.key.thumbprint, 1, ended)
    world.chain.mine(world.now)
    return Told(packed(world.dossier(trip)), _trust(world), world.now, _all_passed(REQUIRED))


def _by_a_device(kind: str, expect: Case) -> Callable[[], Told]:
    """Return a maker of a dossier in which the port's key is registered as a device's."""

    def told() -> Told:
        world, trip = a_small_world()
        world.chain.set_key(ORIGIN_PORT, world.authors[ORIGIN_PORT].signer.key.thumbprint, 1, use=2)
        world.says(kind, trip, {}, by=ORIGIN_PORT)
        world.checkpoint()
        return Told(packed(world.dossier(trip)), _trust(world), world.now, expect)

    return told


def role_that_may_not_say_it() -> Told:
    world, trip = a_small_world()
    world.says("decision", trip, {"decision": "release"})
    world.checkpoint()
    expect = {"outcome": "rejected", "signature": "passed", "authority": "failed"}
    return Told(packed(world.dossier(trip)), _trust(world), world.now, expect)


def receipt_by_another_key() -> Told:
    world, _ = _world()
    dossier = world.receipt(4)
    assert dossier.receipt is not None
    cose, proof = dossier.receipt
    thief = a_signer("thief").key.thumbprint
    forged = cose.replace(a_signer("receipts").key.thumbprint, thief)
    file = packed(replace_receipt(dossier, (forged, proof)))
    return Told(file, _trust(world, OF_RECEIPT), world.now, {"outcome": "rejected", "inclusion": "failed"})


def _member(change: Callable[[dict[str, bytes]], Any]) -> Told:
    """Return the honest dossier with members that its format does not allow."""
    world, trip = _world()
    file = packed(world.dossier(trip))
    container = open_container(file)
    parts = {name: container.read(name) for name in container.names}
    change(parts)
    out = io.BytesIO()
    write_container(container.manifest.header, parts, out)
    return Told(out.getvalue(), _trust(world), world.now, {"error": True})


def _resorted(parts: dict[str, bytes]) -> None:
    parts["keys.cbor"] = strict_cbor.dumps(strict_cbor.loads(parts["keys.cbor"])[::-1])


def _hash_of_31_bytes(parts: dict[str, bytes]) -> None:
    statements = strict_cbor.loads(parts["statements.cbor"])
    statements[0][3][0] = statements[0][3][0][1:]
    parts["statements.cbor"] = strict_cbor.dumps(statements)


def _forged(forge: Callable[[], forgeries.Tried]) -> Callable[[], Told]:
    """Return a maker of what an operator with all of its keys hands out, and of the check that stops it."""

    def told() -> Told:
        tried = forge()
        name, status, _ = forgeries.FORGERIES[forge]
        trust = tried.trust or tried.world.trust()
        value = json.loads(trust.encode()) | {"required": REQUIRED}
        expect = {"outcome": "rejected", name: status}
        return Told(packed(tried.dossier), Trust.model_validate(value), tried.world.now, expect)

    return told


def _unlike(expect: Case, **chain: Any) -> Callable[[], Told]:
    def told() -> Told:
        world, trip = _world()
        return Told(packed(world.dossier(trip)), _trust(world, **chain), world.now, expect)

    return told


def _without_index_cosigner() -> Told:
    world, trip = _world()
    trust = world.trust(required=REQUIRED, index_cosigners=[])
    expect = {"outcome": "incomplete", "completeness": "not-checked", "signature": "passed"}
    return Told(packed(world.dossier(trip)), trust, world.now, expect)


def bad_line_of_an_index_cosigner() -> Told:
    world, trip = _world()
    key, listed = notes.trusted_by(world)["index cosigner"]
    trust = world.trust(required=REQUIRED, **listed)
    expect = {"outcome": "rejected", "inclusion": "failed", "completeness": "not-checked"}
    return Told(packed(notes.on_target(world.dossier(trip), key)), trust, world.now, expect)


def target_that_is_no_note() -> Told:
    world, trip = _world()
    file = packed(replace(world.dossier(trip), target=b"no note"))
    expect = {"outcome": "rejected", "inclusion": "failed", "anchor": "not-checked"}
    return Told(file, _trust(world), world.now, expect)


def shipment_that_nothing_opens() -> Told:
    world, trip = _world()
    dossier = world.dossier(trip)
    header = replace(dossier.header, shipment=a_trip("HLXU7654321").uri)
    expect = {"outcome": "rejected", "completeness": "failed", "custody": "missing"}
    return Told(packed(replace(dossier, header=header)), _trust(world), world.now, expect)


_FORGED = (
    forgeries.old_entry_signed_later,
    forgeries.old_entry_with_its_other_signature,
    forgeries.statement_left_out_of_the_dossier,
    forgeries.statement_left_out_of_the_map_only,
    forgeries.entry_under_a_wrong_tag,
    forgeries.second_custody_stream,
    forgeries.stream_that_no_authority_opened,
    forgeries.second_history_before_an_independent_chain,
    forgeries.another_genesis_under_the_same_chain_id,
    forgeries.contract_of_other_code,
    forgeries.anchor_said_to_be_earlier,
    forgeries.anchor_after_the_log_was_closed,
    forgeries.statement_signed_with_another_organisations_key,
    forgeries.statement_for_another_log,
    forgeries.disclosure_that_matches_nothing,
    forgeries.key_left_out,
    forgeries.key_put_in,
    forgeries.statement_of_another_shipment_put_in,
    forgeries.rewritten_embedded_chain,
    forgeries.another_genesis_that_calls_itself_the_trusted_one,
)
_OTHER_CODE = {"address": "0x" + seeded("anchor", 20).hex(), "code_hash": "0x" + "00" * 32}
CASES: dict[str, Callable[[], Told]] = {
    "honest": honest,
    "two subjects": honest_with_two_subjects_and_a_disclosure,
    "a disclosure withheld": honest_that_withholds_a_disclosure,
    "receipt": honest_receipt,
    "no index cosigner trusted": _without_index_cosigner,
    "no block pinned": _unlike(
        {"outcome": "incomplete", "anchor": "not-checked", "signature": "passed"}, pinned=[]
    ),
    "other code trusted": _unlike({"outcome": "rejected", "anchor": "failed"}, anchor=_OTHER_CODE),
    "key ended in the block of the anchor": key_ended_before_and_registered_after,
    "key ended after the anchor": key_ended_after_all_was_registered,
    "role that may not say it": role_that_may_not_say_it,
    "device that says what devices may": _by_a_device("radiation", _all_passed(REQUIRED)),
    "device that says more than devices may": _by_a_device(
        "status", {"outcome": "rejected", "signature": "passed", "authority": "failed"}
    ),
    "receipt by another key": receipt_by_another_key,
    "bad line of an index cosigner": bad_line_of_an_index_cosigner,
    "target that is no note": target_that_is_no_note,
    "shipment that nothing opens": shipment_that_nothing_opens,
    **{forge.__name__.replace("_", " "): _forged(forge) for forge in _FORGED},
    "no anchors": lambda: _member(lambda parts: parts.pop("anchors.cbor")),
    "a member of unknown meaning": lambda: _member(lambda parts: parts.update({"note.txt": b""})),
    "a receipt in a dossier": lambda: _member(lambda parts: parts.update({"receipt.cose": b""})),
    "keys out of order": lambda: _member(_resorted),
    "a hash of 31 bytes": lambda: _member(_hash_of_31_bytes),
    "indefinite length": lambda: _member(lambda parts: parts.update({"keys.cbor": b"\x9f\xff"})),
}


@cache
def _told() -> Mapping[str, Told]:
    return {name: tell() for name, tell in CASES.items()}


@cache
def _names() -> Mapping[bytes, str]:
    """Return the name of each file; cases about the same bytes share one."""
    names: dict[bytes, str] = {}
    for name, told in _told().items():
        names.setdefault(told.file, f"dossier-{name.replace(' ', '-')}.zip")
    return names


def dossiers() -> list[Case]:
    """Return the cases of `dossier.json`."""
    return [
        {
            "name": name,
            "input": {
                "file": _names()[told.file],
                "trust": json.loads(told.trust.encode()),
                "now": told.now,
            },
            "expect": dict(told.expect),
        }
        for name, told in _told().items()
    ]


def dossier_files() -> dict[str, bytes]:
    """Return the files that lie beside it, by name."""
    return {name: file for file, name in _names().items()}


SECTIONS: dict[str, Any] = {"dossier": dossiers}
