"""This project's own readers of what the vectors hold, section by section.

Each takes the input of a case and returns its members as the second verifier does; a refusal is an error of
ours.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger.corridors.profile import Profile
from ledger.domain import disclosure, evm_layout, merkle, strict_json
from ledger.domain import entry as entries
from ledger.domain.checkpoint import open_checkpoint, verify_cosignatures
from ledger.domain.cid import cid_of
from ledger.domain.cose import CoseKey
from ledger.domain.custody import Said, custody_of
from ledger.domain.errors import CorridorError, VerificationError
from ledger.domain.evidence import commitment, derive_salt
from ledger.domain.genesis import Genesis
from ledger.domain.login import Login
from ledger.domain.map_proof import MapProof
from ledger.domain.map_proof import verify as verify_map
from ledger.domain.note import ED25519, VerifierKey
from ledger.domain.passage import passages_of
from ledger.domain.statement import Statement
from ledger.domain.subject import Subject, stream_tag
from ledger.verification.container import open_container
from ledger.verification.manifest import DOSSIER
from ledger.verification.receipt import open_receipt
from ledger.verification.state_proof import ProvenState, StateProof
from ledger.verification.trust import Trust
from ledger.verification.verifier import verify, verify_receipt

Case = dict[str, Any]
raw = bytes.fromhex


def read(section: str, case: Case, beside: Path) -> Case:
    """Return what comes out of a case, `{"error": true}` for a refusal.

    Args:
        section: Its section.
        case: Its input.
        beside: Folder of the vector file.
    """
    try:
        return _dossier(case, beside) if section == "dossier" else READERS[section](case)
    except CorridorError as error:
        return {"error": True, "code": error.code}


def _refuse_unless(same: bool, what: str) -> None:
    if not same:
        raise VerificationError("vector", what)


def _cose_key(case: Case) -> Case:
    return {"thumbprint": CoseKey.parse(raw(case["cose_key"])).thumbprint}


def _stream(case: Case) -> Case:
    return {"tag": stream_tag(raw(case["secret"]))}


def _subject(case: Case) -> Case:
    return {"uri": Subject.create(case["type"], case["key"], case["iss"], raw(case["custody_tag"])).uri}


def _statement(case: Case) -> Case:
    found = Statement.parse(raw(case["statement"]))
    found.verify(CoseKey.parse(raw(case["cose_key"])))
    _refuse_unless(found.aud == case["aud"], "made for another log")
    lists = {"subjects": list(found.subjects), "streams": list(found.streams), "alg": int(found.alg)}
    names = ("id", "envelope", "kid", "iss", "sub", "aud", "iat", "kind", "nonce", "body")
    return {name: getattr(found, name) for name in names} | lists


def _login(case: Case) -> Case:
    found = Login.parse(raw(case["login"]))
    found.verify(CoseKey.parse(raw(case["cose_key"])))
    said = found.message
    names = {name: getattr(said, name) for name in ("kid", "iss", "aud", "iat")}
    return names | {"alg": int(said.alg), "challenge": found.challenge}


def _disclosure(case: Case) -> Case:
    body = strict_json.loads(case["body"].encode(), max_bytes=1 << 20)
    return {"body": disclosure.reveal(body, case["disclosures"])}


def _genesis(case: Case) -> Case:
    found = Genesis.parse(case["document"].encode())
    return {"hash": found.hash, "origin_hash": found.origin_hash, "audience": found.audience}


def _entry(case: Case) -> Case:
    if "genesis_hash" in case:
        found = entries.genesis_entry(raw(case["genesis_hash"]))
    elif "map_root" in case:
        found = entries.map_root_entry(raw(case["map_root"]))
    else:
        found = entries.statement_entry(raw(case["envelope"]), [raw(tag) for tag in case["tags"]])
    return {"entry": found, "leaf_hash": merkle.leaf_hash(found)}


def _inclusion(case: Case) -> Case:
    path = [raw(node) for node in case["path"]]
    root = raw(case["root"])
    merkle.verify_inclusion(raw(case["leaf_hash"]), case["index"], case["size"], path, root)
    return {"root": root}


def _consistency(case: Case) -> Case:
    path = [raw(node) for node in case["path"]]
    merkle.verify_consistency(case["size1"], case["size2"], path, raw(case["root1"]), raw(case["root2"]))
    return {}


def _map(case: Case) -> Case:
    found = verify_map(MapProof.decode(raw(case["proof"])), raw(case["root"]), raw(case["tag"]))
    return {"absent": True} if found is None else {"count": found.count, "running": found.running}


def _checkpoint(case: Case) -> Case:
    keys = [VerifierKey.parse(text) for text in case["vkeys"]]
    found = open_checkpoint(case["note"].encode(), [key for key in keys if key.kind == ED25519])
    cosigned = verify_cosignatures(found.note, [key for key in keys if key.kind != ED25519])
    checkpoint = found.checkpoint
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root,
        "times": {one.name: one.timestamp for one in cosigned},
    }


def _anchor_record(case: Case) -> Case:
    return {"record": evm_layout.anchor_record(raw(case["root"]), case["number"], case["time"])}


def _slots(case: Case) -> Case:
    if "origin_hash" in case:
        origin_hash = raw(case["origin_hash"])
        closure, last_good = evm_layout.closure_slots(origin_hash)
        found = {
            "record": evm_layout.anchor_slot(origin_hash, case["size"]),
            "head": evm_layout.head_slot(origin_hash),
            "closure": closure,
            "last_good": last_good,
        }
    else:
        organisation, role = raw(case["organisation"]), evm_layout.role_id(case["role"])
        key, interval = evm_layout.key_slots(raw(case["thumbprint"]))
        found = {
            "organisation": evm_layout.organisation_slot(organisation),
            "key": key,
            "key_interval": interval,
            "role_count": evm_layout.role_count_slot(organisation, role),
            "role_first": evm_layout.role_interval_slot(organisation, role, 0),
        }
    return {name: slot.to_bytes(32) for name, slot in found.items()}


def _state_proof(case: Case) -> Case:
    proof = StateProof.from_bytes(raw(case["proof"]))
    hashes = [header.hash for header in proof.headers]
    _refuse_unless(raw(case["block_hash"]) in hashes, "of another block")
    state = ProvenState(proof.headers[0], proof.by_hash)
    values = [state.slot(raw(one["address"]), raw(one["slot"])) for one in case["slots"]]
    return {"values": [value.to_bytes(32) for value in values], "number": state.header.number}


def _receipt(case: Case) -> Case:
    entry = raw(case["entry"])
    key = CoseKey.parse(raw(case["key"]))
    found = open_receipt(raw(case["receipt"]), key=key, origin=case["origin"], sub=case["sub"], entry=entry)
    return {"root": found.root(entry), "size": found.tree_size, "index": found.leaf_index}


def _container(case: Case) -> Case:
    return {"manifest": json.loads(open_container(raw(case["file"])).manifest_bytes)}


def _evidence(case: Case) -> Case:
    if "byte" in case:
        cid = cid_of([raw(case["byte"]) * case["times"]])
        _refuse_unless(case.get("cid", cid) == cid, "other bytes than the CID names")
        return {"cid": cid}
    salt = derive_salt(case["secret"].encode())
    found = commitment(salt, [raw(case["plaintext"])])
    _refuse_unless(case.get("commitment", found.hex()) == found.hex(), "another plaintext")
    return {"salt": salt, "commitment": found}


def custody_members(case: Case) -> Case:
    """Return what a line of custody is: seals and codes sorted, codes each once."""
    rules = Profile.parse(case["profile"].encode()).custody_rules()
    statements = [(index, Statement.parse(raw(text))) for index, text in case["statements"]]
    said = [Said(index, statement, statement.reveal([])) for index, statement in statements]
    found = custody_of(case["subject"], said, rules)
    document = found.to_json()
    clean = document["last_clean"]
    return {
        "holders": [[span["holder"], span["from"]] for span in document["spans"]],
        "problems": sorted({one.code for one in found.problems if not one.is_warning}),
        "warnings": sorted({one.code for one in found.problems if one.is_warning}),
        "seals": sorted(seal.number for seal in found.seals),
        "unobserved_minutes": found.unobserved_minutes,
        "last_clean": None if clean is None else [clean["at"], clean["statement"], clean["holder"]],
    }


def passage_members(case: Case) -> Case:
    """Return what gate passages and clips are: codes sorted, each once."""
    rules = Profile.parse(case["profile"].encode()).passage_rules()
    statements = [(index, Statement.parse(raw(text))) for index, text in case["statements"]]
    said = [Said(index, statement, statement.reveal([])) for index, statement in statements]
    found = passages_of(case["subject"], said, rules)
    document = found.to_json()
    return {
        "passages": [
            {
                "statement": one["statement"],
                "at": one["at"],
                "records": [[each["rel"], each["statement"], each["at"]] for each in one["records"]],
                "without": one["without"],
            }
            for one in document["passages"]
        ],
        "clips": [
            [one["by"], one["camera"], one["sequence"], one["from"], one["to"]] for one in document["clips"]
        ],
        "problems": sorted({one.code for one in found.problems if not one.is_warning}),
        "warnings": sorted({one.code for one in found.problems if one.is_warning}),
    }


def _dossier(case: Case, beside: Path) -> Case:
    file, trust = (beside / case["file"]).read_bytes(), Trust.parse(strict_json.dumps(case["trust"]))
    if open_container(file).manifest.header.kind == DOSSIER:
        verdict = verify(file, trust, clock=lambda: case["now"])
    else:
        verdict = verify_receipt(file, trust)
    statuses = {check.name: check.status.value for check in verdict.checks}
    return {"outcome": verdict.outcome.value, "shipment": verdict.shipment} | statuses


READERS: dict[str, Callable[[Case], Case]] = {
    "cose-key": _cose_key,
    "stream": _stream,
    "subject": _subject,
    "statement": _statement,
    "disclosure": _disclosure,
    "genesis": _genesis,
    "entry": _entry,
    "merkle-inclusion": _inclusion,
    "merkle-consistency": _consistency,
    "map": _map,
    "checkpoint": _checkpoint,
    "anchor-record": _anchor_record,
    "slots": _slots,
    "state-proof": _state_proof,
    "receipt": _receipt,
    "container": _container,
    "evidence": _evidence,
    "custody": custody_members,
    "passages": passage_members,
    "login": _login,
}
