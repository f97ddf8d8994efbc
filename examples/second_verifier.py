"""A second verifier of dossiers, written from `docs/formats.md` alone.

It shares no code with the `ledger` package, so that an error there is not an error here as well. Read the
parts in this order, each step under the number of its section of the formats page: `second_encoding.py` (how
anything is written), `second_formats.py` (what is signed), `second_profile.py` (who may say it),
`second_log.py` (what is logged), `second_evm.py` (what the chain keeps), `second_dossier.py` (the files),
`second_trust.py` (what is trusted), `second_case.py` (what the checks share), `second_authority.py` (whose
word counts), `second_told.py`, `second_line.py`, `second_box.py`, `second_erasure.py`,
`second_custody.py` and `second_passages.py` (custody, evidence and gates), then the other checks and the
verdict below. It works offline only. What it does not look at (it opens no age file and reads no RFC 3161
token) it reports as `not-checked`, never as passed.

    python examples/second_verifier.py DOSSIER TRUST [--shipment URI] [--map-root HEX] [--now POSIX] [--json]

It reads receipt files too. Exit code 0 accepted, 1 rejected, 2 incomplete, 3 not readable (section 15).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import second_formats as formats
import second_log as log
from second_authority import check_authority
from second_case import Case, Finding, Findings, Registered, failed, missing, not_checked
from second_custody import check_custody, check_evidence, opens_subject
from second_dossier import check_receipt, read_dossier, tlog_proof
from second_encoding import Refused, h, need
from second_passages import check_passages
from second_profile import read_profile
from second_trust import CHECK_NAMES, CORRIDOR_NAMES, Trust, read_trust

SKEW = 300


def check_readable(case: Case) -> Findings:
    if h(case.dossier.genesis) != case.trust.genesis:
        yield failed("other-log", "the genesis document is not the one that the trust file names")
    elif h(case.dossier.profile) != case.trust.profile:
        yield failed("other-profile", "the corridor profile is not the one that the trust file names")
    else:
        genesis = log.read_genesis(case.dossier.genesis)
        need(genesis.origin == case.trust.origin, "the log calls itself by another origin", "other-log")
        read_profile(case.dossier.profile)
    if case.shipment not in (None, case.dossier.manifest["shipment"]):
        yield failed("other-shipment", "it is about another shipment than the one asked for")


def check_signature(case: Case) -> Findings:
    yield from case.found["signature"]
    for cose in case.dossier.keys.values():
        formats.public_key(cose)
    audience = formats.audience_of(case.trust.genesis)
    for each in case.statements:
        said, key = each.statement, case.dossier.keys.get(each.statement.kid)
        if said.aud != audience:
            yield failed("other-log", f"{each} was made for another log")
        if key is None:
            yield failed("key-missing", f"{each}: its key is not there")
            continue
        try:
            formats.check_cose_signature(key, said.alg, said.signature, said.protected, said.payload)
        except Refused as error:
            yield failed(error.code, f"{each}: {error}")
    surplus = case.dossier.keys.keys() - {each.statement.kid for each in case.statements}
    if surplus and not case.found["signature"]:
        yield failed("surplus-key", "keys.cbor has a key that no statement names")


def check_inclusion(case: Case) -> Findings:
    yield from case.found["inclusion"]
    target = case.dossier.target
    for each in case.statements:
        if not log.is_included(each.entry, each.index, target.size, each.path, target.root):
            yield failed("not-included", f"{each} is not in the target")
    if case.dossier.manifest["kind"] == "receipt":
        for each in case.statements:
            yield from check_receipt_members(case, each)


def check_receipt_members(case: Case, each: Registered) -> Findings:
    target, keys = case.dossier.target, case.trust.receipt_keys
    good = [cose for cose, first, last in keys if first <= target.size <= last]
    signer = next((cose for cose in good if h(cose) in case.dossier.receipt), None)
    if signer is None:
        yield failed("receipt-key", "receipt.cose: not by a receipt key good for this size")
    else:
        try:
            read = check_receipt(
                case.dossier.receipt, each.entry, signer, case.trust.origin, each.statement.sub
            )
            need(read == (target.root, target.size, each.index), "receipt.cose: of another place or size")
        except Refused as error:
            yield failed("receipt-invalid", str(error))
    if case.dossier.proof != tlog_proof(each.entry, each.index, each.path, case.dossier.note):
        yield failed("tlog-proof", "statement.tlog-proof: of another entry, place or checkpoint")


def check_completeness(case: Case) -> Findings:
    target, (map_root, path, proofs) = case.dossier.target, case.dossier.map
    if not log.is_included(log.map_entry(map_root), target.size - 1, target.size, path, target.root):
        yield failed("map-not-included", "the map root is not the target's last leaf")
    streams = case.dossier.manifest["streams"]
    if [tag.hex() for tag, _ in proofs] != [stream["tag"] for stream in streams]:
        yield failed("map-proofs", "map.cbor proves other streams than the manifest covers")
        return
    for stream, (tag, proof) in zip(streams, proofs, strict=True):
        yield from check_stream(case, stream, tag, proof)
    shipment = case.dossier.manifest["shipment"]
    if not any((each["subject"], each["name"]) == (shipment, "custody") for each in streams):
        yield failed("no-custody-stream", "the custody stream of the shipment is not covered")
    for each in case.statements:
        if not {tag.hex() for tag in each.statement.tags} & {stream["tag"] for stream in streams}:
            yield failed("stray-statement", f"{each} is in none of the streams covered")
    if case.map_root is not None:
        if case.map_root != map_root:
            yield failed("map-mismatch", "the verifier's own replay gives another map root")
    elif not any(case.cosigned(key) for key in case.trust.index_cosigners):
        yield not_checked("no-index-cosigner", "no index cosigner of the trust file signed the target")


def check_stream(case: Case, stream: dict[str, Any], tag: bytes, proof: bytes) -> Findings:
    name, there = stream["name"], [each for each in case.statements if tag in each.statement.tags]
    running = log.running_hash((each.index, each.entry) for each in there)
    if len(there) != stream["count"]:
        yield failed("count-mismatch", f"stream {name}: not as many statements as the manifest says")
    try:
        found = log.check_map_proof(tag, case.dossier.map[0], proof)
        if found is None:
            yield failed("stream-unknown", f"stream {name}: the map does not know it")
        elif found != (len(there), running):
            yield failed("stream-mismatch", f"stream {name}: the map knows other statements")
    except Refused as error:
        yield failed("map-proof", f"stream {name}: {error}")
    if not any(opens_stream(stream, each) for each in there):
        yield failed("wrong-stream", f"stream {name}: no statement opens it for its subject")


def opens_stream(stream: dict[str, Any], each: Registered) -> bool:
    if each.statement.content["streams"] != [stream["tag"]] or each.statement.sub != stream["subject"]:
        return False
    if stream["name"] == "custody":
        return opens_subject(each)
    return each.kind == "stream-opened" and each.body.get("stream") == stream["name"]


def check_no_split_view(case: Case) -> Findings:
    target, last_seen = case.dossier.target, case.trust.last_seen
    proven = {0: case.trust.genesis} | {size: each.root for size, each in case.checkpoints.items()}
    for each in case.statements:
        size, root = each.statement.content["seen"]["size"], each.statement.content["seen"]["root"]
        if size > each.index or (size in proven and proven[size].hex() != root):
            yield failed("history-contradicted", f"{each}: its signer saw another history, of size {size}")
        elif size not in proven:
            yield failed("seen-unproven", f"{each}: the checkpoint that its signer saw is not proven")
    goes_on = False
    if last_seen is not None and last_seen[0] in case.checkpoints:
        goes_on = proven[last_seen[0]] == last_seen[1]
        if not goes_on:
            yield failed("history-contradicted", f"the verifier saw another root at size {last_seen[0]}")
    on_chain = case.trust.independent and target.size in case.anchors
    if not (goes_on or on_chain or 0 < case.trust.quorum <= len(case.witnessed[target.size])):
        yield not_checked("no-independent-view", "no independent chain, quorum or earlier view shows it")


def check_anchor(case: Case) -> Findings:
    yield from case.found["anchor"]
    if case.states and case.dossier.target.size not in [size for size, _, _ in case.dossier.anchors]:
        yield missing("target-not-anchored", "no anchor of the target is given")


def check_time(case: Case) -> Findings:
    stamped = "tsa" in case.trust.times and case.dossier.timestamps
    for each in case.statements:
        times = [case.earliest(size) for size in case.checkpoints if size > each.index]
        earliest = min((moment for moment in times if moment is not None), default=None)
        published = case.published(each.statement.content["seen"]["size"])
        if published is not None and each.statement.iat < published - SKEW:
            yield failed("signed-before-seen", f"{each} says it is older than what its signer had seen")
        if earliest is not None and each.statement.iat > earliest + SKEW:
            yield failed("signed-after-registered", f"{each} says it was signed after it was registered")
        elif stamped:
            yield not_checked("tsa-not-read", "this verifier reads no RFC 3161 tokens")
        elif earliest is None and not case.trust.independent:
            yield not_checked("operator-clock", f"{each}: only the operator's clock says when it was logged")
        elif earliest is None:
            yield not_checked("no-accepted-time", f"{each}: no accepted clock says when it was logged")


def check_freshness(case: Case) -> Findings:
    latest = case.latest()
    if case.trust.max_age is None:
        yield not_checked("offline", "there is no node to ask, and the trust file sets no maximum age")
    elif latest is None:
        yield not_checked("operator-clock", "no accepted clock says how old the target is")
    elif latest > case.now + SKEW:
        yield failed("clock", "the target is from the future: one of the clocks is wrong")
    elif case.now - latest > case.trust.max_age:
        yield failed("stale", f"the target is {case.now - latest} seconds old")
    else:
        yield Finding("passed", "young", f"the target is {case.now - latest} seconds old")


FUNCTIONS: tuple[Callable[[Case], Findings], ...] = (
    check_readable,
    check_signature,
    check_authority,
    check_inclusion,
    check_completeness,
    check_no_split_view,
    check_anchor,
    check_time,
    check_freshness,
    check_evidence,
    check_custody,
    check_passages,
)
CHECKS = dict(zip(CHECK_NAMES, FUNCTIONS, strict=True))
NOT_OF_RECEIPTS = ("completeness", "freshness", "evidence", "custody", "passages")
ON_THE_TARGET = ("authority", "completeness", "no-split-view", "anchor", "time", "freshness")
RANKS = ("failed", "missing", "not-checked", "passed")


def run(name: str, case: Case) -> Finding:
    """Return the worst finding of a check, the first of several; it passes when there is none."""
    found: list[Finding] = []
    if name in ON_THE_TARGET and case.dossier.target.size not in case.checkpoints:
        return not_checked("needs-inclusion", "the target checkpoint does not hold")
    try:
        found.extend(CHECKS[name](case))
    except Refused as error:
        found.append(failed(error.code, str(error)))
    worst = min(found, key=lambda each: RANKS.index(each.status), default=Finding("passed", "ok", "holds"))
    case.passed |= {name} if worst.status == "passed" else set()
    return worst


def verify(
    data: bytes, trust: Trust, now: int, shipment: str | None = None, map_root: bytes | None = None
) -> dict[str, Any]:
    """Verify the bytes of a dossier or receipt file offline and return the verdict; refuse other files."""
    case = Case(read_dossier(data), trust, now, shipment, map_root)
    receipt = case.dossier.manifest["kind"] == "receipt"
    asked = [name for name in CHECK_NAMES if not (receipt and name in NOT_OF_RECEIPTS)]
    found = {name: run(name, case) for name in asked}
    asked += [name for name in trust.required if name in CORRIDOR_NAMES and not receipt]
    other = not_checked("not-made-here", "this verifier does not hold a corridor's rules against shipments")
    found |= {name: other for name in asked if name not in found}
    if found["readable"].status != "passed":
        needs = not_checked("needs-readable", "it is not of the log and shipment asked for")
        found = {name: found[name] if name == "readable" else needs for name in asked}
    return {
        "outcome": outcome_of(found, trust.required),
        "shipment": case.dossier.manifest["shipment"],
        "checks": [{"name": name} | vars(finding) for name, finding in found.items()],
    }


def outcome_of(found: dict[str, Finding], required: list[str]) -> str:
    if any(finding.status == "failed" for finding in found.values()):
        return "rejected"
    accepted = all(found[name].status == "passed" for name in required if name in found)
    return "accepted" if accepted else "incomplete"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a dossier offline, from its formats page alone.")
    parser.add_argument("dossier", type=Path)
    parser.add_argument("trust", type=Path)
    parser.add_argument("--shipment", help="the subject that the dossier has to be about")
    parser.add_argument("--map-root", type=bytes.fromhex, help="the map root of your own replay, in hex")
    parser.add_argument("--now", type=int, help="your clock in POSIX seconds; default: this machine's")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    options = parser.parse_args(arguments)
    now = int(time.time()) if options.now is None else options.now
    try:
        trust = read_trust(options.trust.read_bytes())
        verdict = verify(options.dossier.read_bytes(), trust, now, options.shipment, options.map_root)
    except (Refused, OSError) as error:
        print(f"not readable: {error}", file=sys.stderr)
        return 3
    if options.json:
        print(json.dumps(verdict))
    else:
        for check in verdict["checks"]:
            print(f"{check['name']:14} {check['status']:12} {check['reason']}: {check['message']}")
        print(f"{verdict['shipment']}: {verdict['outcome']}")
    return ["accepted", "rejected", "incomplete"].index(verdict["outcome"])


if __name__ == "__main__":
    sys.exit(main())
