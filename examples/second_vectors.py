"""Holds the test vectors of `docs/formats.md` against the second verifier.

    python examples/second_vectors.py tests/vectors/*.json

A vector file is `{"section", "cases": [{"name", "input", "expect"}]}`. What a case expects is compared member
by member with what the reader of its section returns; `{"error": true}` expects a refusal. Bytes are hex. A
dossier lies beside its vector file, and a check that its case names stands there with its status.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import second_dossier as files
import second_evm as evm
import second_formats as formats
import second_log as log
from second_case import Registered
from second_custody import custody_of
from second_encoding import Refused, cbor, h, k, need, strict_json
from second_login import read_login
from second_passages import passages_of
from second_profile import read_profile
from second_told import told
from second_trust import read_trust
from second_verifier import verify

Case = dict[str, Any]


def raw(value: str) -> bytes:
    return bytes.fromhex(value.removeprefix("0x"))


def path_of(case: Case) -> list[bytes]:
    return [raw(node) for node in case["path"]]


def cose_key(case: Case) -> Case:
    formats.public_key(raw(case["cose_key"]))
    return {"thumbprint": h(raw(case["cose_key"]))}


def stream(case: Case) -> Case:
    return {"tag": formats.stream_tag(raw(case["secret"]))}


def subject(case: Case) -> Case:
    return {"uri": formats.subject_uri(case["type"], case["key"], case["iss"], raw(case["custody_tag"]))}


def statement(case: Case) -> Case:
    found = formats.read_statement(raw(case["statement"]))
    need(found.kid == h(raw(case["cose_key"])), "statement: made with another key")
    need(found.aud == case["aud"], "statement: made for another log")
    formats.check_cose_signature(
        raw(case["cose_key"]), found.alg, found.signature, found.protected, found.payload
    )
    formats.reveal(found.content["body"], [])
    names = ("id", "envelope", "alg", "kid", "iss", "sub", "aud", "iat")
    return found.content | {"payload": found.content} | {name: getattr(found, name) for name in names}


def login(case: Case) -> Case:
    return read_login(raw(case["login"]), raw(case["cose_key"]))


def disclosure(case: Case) -> Case:
    return {"body": formats.reveal(strict_json(case["body"].encode()), case["disclosures"])}


def entry(case: Case) -> Case:
    if "genesis_hash" in case:
        found = log.genesis_entry(raw(case["genesis_hash"]))
    elif "map_root" in case:
        found = log.map_entry(raw(case["map_root"]))
    else:
        found = log.statement_entry(raw(case["envelope"]), [raw(tag) for tag in case["tags"]])
    return {"entry": found, "leaf_hash": h(b"\x00", found)}


def merkle_inclusion(case: Case) -> Case:
    leaf = raw(case["leaf_hash"]) if "leaf_hash" in case else h(b"\x00", raw(case["entry"]))
    root = log.inclusion_root(leaf, case["index"], case["size"], path_of(case))
    need(root == raw(case["root"]), "inclusion: leads to another root")
    return {"root": root}


def merkle_consistency(case: Case) -> Case:
    roots = raw(case["root1"]), raw(case["root2"])
    log.check_consistency(case["size1"], case["size2"], path_of(case), *roots)
    return {}


def map_proof(case: Case) -> Case:
    found = log.check_map_proof(raw(case["tag"]), raw(case["root"]), raw(case["proof"]))
    return {"absent": True} if found is None else {"count": found[0], "running": found[1]}


def checkpoint(case: Case) -> Case:
    """Treat verifier keys named like the origin as the log's and all others as witnesses'."""
    found = log.read_checkpoint(case["note"].encode())
    mine = [text for text in case["vkeys"] if text.startswith(found.origin + "+")]
    log.check_log_signature(found, [log.read_vkey(text, 1) for text in mine])
    witnesses = [log.read_vkey(text, 4) for text in case["vkeys"] if text not in mine]
    times = {each.name: log.cosignature_times(found, each) for each in witnesses}
    return {
        "origin": found.origin,
        "size": found.size,
        "root": found.root,
        "times": {name: min(moments) for name, moments in times.items() if moments},
    }


def anchor_record(case: Case) -> Case:
    return {"record": evm.anchor_record(raw(case["root"]), case["number"], case["time"])}


def slots(case: Case) -> Case:
    if "origin_hash" in case:
        return dict(evm.anchor_slots(raw(case["origin_hash"]), case.get("size", 0)))
    role = k(case["role"].encode()) if "role" in case else b""
    return dict(evm.registry_slots(raw(case.get("organisation", "")), role, raw(case.get("thumbprint", ""))))


def state_proof(case: Case) -> Case:
    state = evm.read_state(evm.read_state_proof(cbor(raw(case["proof"]), evm.STATE_PROOF, "state proof")))
    need(state.linked, "state proof: a header does not follow the one before it")
    hashes = [block.hash for block in state.blocks]
    need(raw(case["block_hash"]) in hashes, "state proof: of another block")
    found = [state.slot(raw(each["address"]), raw(each["slot"])) for each in case["slots"]]
    return {"values": [evm.u256(value) for value in found], "number": state.number}


def receipt(case: Case) -> Case:
    key, entry = raw(case["key"]), raw(case["entry"])
    root, size, index = files.check_receipt(raw(case["receipt"]), entry, key, case["origin"], case["sub"])
    return {"root": root, "size": size, "index": index}


def container(case: Case) -> Case:
    return {"manifest": files.read_manifest(files.read_container(raw(case["file"])))}


def genesis(case: Case) -> Case:
    found = log.read_genesis(case["document"].encode())
    return {
        "hash": found.hash,
        "origin_hash": h(found.origin.encode()),
        "audience": formats.audience_of(found.hash),
    }


def evidence(case: Case) -> Case:
    """Name stored bytes, one byte so many times, by their CID; or commit to a plaintext."""
    if "byte" in case:
        cid = files.cid_of(raw(case["byte"]) * case["times"])
        need(case.get("cid", cid) == cid, "evidence: other bytes than the CID names")
        return {"cid": cid}
    salt, commitment = files.commit(case["secret"].encode(), raw(case["plaintext"]))
    need(raw(case.get("commitment", commitment.hex())) == commitment, "evidence: another plaintext")
    return {"salt": salt, "commitment": commitment}


def custody(case: Case) -> Case:
    """Draw a line of custody: reasons are sorted, each once; a beginning that is not known is null."""
    said = []
    for index, text in case["statements"]:
        statement = formats.read_statement(raw(text))
        body = formats.reveal(statement.content["body"], [])
        said.append(told(Registered(index, statement, body, [])))
    found = custody_of(case["subject"], said, read_profile(case["profile"].encode()))
    clean = None if found.clean is None else [number(found.clean[0].time), found.clean[0].id, found.clean[1]]
    return {
        "holders": [[who, None if since is None else number(since)] for who, since in found.line.holders],
        "problems": sorted({each.reason for each in found.found}),
        "warnings": sorted(found.warnings),
        "seals": found.seals,
        "unobserved_minutes": found.unobserved,
        "last_clean": clean,
    }


def passages(case: Case) -> Case:
    """Look at gate passages and clips: reasons are sorted, each once."""
    said = []
    for index, text in case["statements"]:
        statement = formats.read_statement(raw(text))
        said.append(told(Registered(index, statement, formats.reveal(statement.content["body"], []), [])))
    gates = list(passages_of(case["subject"], said, read_profile(case["profile"].encode())))
    return {
        "passages": [
            {
                "statement": gate.id,
                "at": number(gate.time),
                "records": [[rel, each.id, number(each.time)] for rel, each in bound],
                "without": without,
            }
            for each in gates
            for gate, bound, without in each.passages
        ],
        "clips": [
            [*clip.camera, clip.sequence, number(clip.start), number(clip.end)]
            for each in gates
            for clip in each.clips
        ],
        "problems": sorted({one.reason for each in gates for one in each.found}),
        "warnings": sorted({one for each in gates for one in each.warnings}),
    }


def number(time: Fraction) -> int | float:
    return int(time) if time.denominator == 1 else float(time)


def dossier(case: Case, beside: Path) -> Case:
    trust = case["trust"]
    data = (beside / trust).read_bytes() if isinstance(trust, str) else json.dumps(trust).encode()
    verdict = verify((beside / case["file"]).read_bytes(), read_trust(data), case["now"])
    statuses = {check["name"]: check["status"] for check in verdict["checks"]}
    return {"outcome": verdict["outcome"], "shipment": verdict["shipment"]} | statuses


SECTIONS: dict[str, Callable[[Case], Case]] = {
    "cose-key": cose_key,
    "stream": stream,
    "subject": subject,
    "statement": statement,
    "disclosure": disclosure,
    "entry": entry,
    "merkle-inclusion": merkle_inclusion,
    "merkle-consistency": merkle_consistency,
    "map": map_proof,
    "checkpoint": checkpoint,
    "anchor-record": anchor_record,
    "slots": slots,
    "state-proof": state_proof,
    "receipt": receipt,
    "container": container,
    "genesis": genesis,
    "evidence": evidence,
    "custody": custody,
    "passages": passages,
    "login": login,
}


def same(expected: Any, found: Any) -> bool:
    if isinstance(found, bytes):
        return isinstance(expected, str) and raw(expected) == found
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, expected, found))
    return bool(expected == found) and type(expected) is type(found)


def outcome(section: str, case: Case, beside: Path) -> Case:
    """Return what comes out of a case, `{"error": true}` for a refusal."""
    try:
        return dossier(case, beside) if section == "dossier" else SECTIONS[section](case)
    except Refused as error:
        return {"error": True, "message": str(error)}


def check_vector(path: Path) -> None:
    """Check every case of a vector file; raises AssertionError naming the first that comes out otherwise."""
    file = json.loads(path.read_text(encoding="utf-8"))
    for case in file["cases"]:
        found = outcome(file["section"], case["input"], path.parent)
        # A refusal that nobody expects, or one that did not come, differs in its members too.
        wrong = {
            name
            for name, value in case["expect"].items()
            if name not in found or not same(value, found[name])
        }
        if wrong or ("error" in found) != ("error" in case["expect"]):
            raise AssertionError(f"{path.name}: {case['name']}: expected {case['expect']}, found {found}")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        check_vector(Path(argument))
        print(f"{argument}: as expected")
