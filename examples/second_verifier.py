"""A second verifier of dossiers, written from `docs/formats.md` alone.

It shares no code with the `ledger` package, so that an error there is not an error here as well. Read the
parts in this order, each step under the number of its section of the formats page: `second_formats.py`
(what is signed), `second_log.py` (what is logged), `second_evm.py` (what the chain keeps),
`second_dossier.py` (the files), then the verdict below. It works offline only. What it does not look at (it
opens no age file and reads no RFC 3161 token) it reports as `not-checked`, never as passed.

    python examples/second_verifier.py DOSSIER TRUST [--now POSIX] [--json]

Exit code 0 accepted, 1 rejected, 2 incomplete, 3 not readable (section 15).
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import second_evm as evm
import second_formats as formats
import second_log as log
from second_dossier import (
    CHECK_NAMES,
    Contract,
    Dossier,
    Trust,
    check_receipt,
    cid_of,
    read_dossier,
    read_trust,
)
from second_formats import Refused, Statement, array, exactly, h, k, need, text_of, uint, unhex
from second_log import Checkpoint

T = TypeVar("T")
Passed = tuple[str, str]


# (15) Verdict: section 15. First what several checks stand on, then the checks in their order.


class Stop(Exception):  # noqa: N818
    """A check ends without having passed."""

    def __init__(self, status: str, reason: str, message: str) -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


@dataclass(frozen=True)
class Registered:
    """One statement of the dossier, with what it reveals, at its place in the log."""

    index: int
    statement: Statement
    body: dict[str, Any]
    path: list[bytes]

    @property
    def entry(self) -> bytes:
        return log.statement_entry(self.statement.envelope, self.statement.tags)


class Case:
    """A dossier beside a trust file: statements, checkpoints, chain states and anchors that hold.

    When a stage is refused, the check that owns it fails, and those that stand on it are not checked.
    """

    def __init__(self, dossier: Dossier, trust: Trust, now: int) -> None:
        self.dossier, self.trust, self.now = dossier, trust, now
        self.trouble: dict[str, str] = {}
        self.statements: list[Registered] = self._stage("signature", self._statements, [])
        nothing: dict[int, Checkpoint] = {}
        self.checkpoints = self._stage("inclusion", self._target, nothing)
        self.checkpoints = self.checkpoints | self._stage("no-split-view", self._history, nothing)
        self.states: list[evm.State] = self._stage("anchor", self._states, [])
        self.anchors: dict[int, tuple[int, int]] = self._stage("anchor", self._anchors, {})

    def _stage(self, check: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except Refused as error:
            self.trouble.setdefault(check, str(error))
            return otherwise

    def own(self, stage: str) -> None:
        need(stage not in self.trouble, self.trouble.get(stage, ""))

    def lean_on(self, *stages: str) -> None:
        for stage in stages:
            if stage in self.trouble:
                raise Stop("not-checked", f"needs-{stage}", f"cannot be checked, for {stage} failed")

    def _statements(self) -> list[Registered]:
        found = []
        for index, data, disclosures, path in self.dossier.statements:
            statement = formats.read_statement(data)
            found.append(
                Registered(index, statement, formats.reveal(statement.content["body"], disclosures), path)
            )
        return found

    def _signed_by_log(self, checkpoint: Checkpoint) -> None:
        need(checkpoint.origin == self.trust.origin, "checkpoint: of another log")
        good = [vkey for vkey, first, last in self.trust.log_keys if first <= checkpoint.size <= last]
        log.check_log_signature(checkpoint, good)

    def _target(self) -> dict[int, Checkpoint]:
        self._signed_by_log(self.dossier.target)
        need(
            self.dossier.target.size == self.dossier.manifest["target"],
            "target: not the size that the manifest names",
        )
        return {self.dossier.target.size: self.dossier.target}

    def _history(self) -> dict[int, Checkpoint]:
        target = self.dossier.target
        for each, path in self.dossier.checkpoints:
            self._signed_by_log(each)
            log.check_consistency(each.size, target.size, path, each.root, target.root)
        return {each.size: each for each, _ in self.dossier.checkpoints}

    def _states(self) -> list[evm.State]:
        """Return the believed states, the newest first."""
        states = [evm.read_state(proof) for proof in self.dossier.states]
        need(
            not states or any((each.chain_id, each.chain_genesis) == self.trust.chain for each in states),
            "state proof: of another chain than the trust file's",
        )
        ours = [each for each in states if (each.chain_id, each.chain_genesis) == self.trust.chain]
        pinned = dict(self.trust.pinned)
        for number, block in (each for state in ours for each in state.blocks):
            need(pinned.get(number, block) == block, f"state proof: block {number} is pinned as another one")
        believed = [each for each in ours if self.trust.pinned.intersection(each.blocks)]
        return sorted(believed, key=lambda state: -state.number)

    def _anchors(self) -> dict[int, tuple[int, int]]:
        """Return (block number, block time) by size, for the anchors that a believed state holds."""
        contract, origin_hash = self.trust.anchor, h(self.trust.origin.encode())
        proven: dict[int, tuple[int, int]] = {}
        if not self.states:
            return proven
        slots = evm.anchor_slots(origin_hash, 0)
        closing = self.states[0].slot(contract.address, slots["last_good"], contract.code_hash)
        limit = closing % 2**64 if closing >> 64 else 2**64
        for size, number, moment in self.dossier.anchors:
            need(size in self.checkpoints, f"anchor: no checkpoint of size {size} that holds")
            record = int.from_bytes(evm.anchor_record(self.checkpoints[size].root, number, moment), "big")
            slot = evm.anchor_slots(origin_hash, size)["record"]
            need(
                record in self.read_all(contract, slot, number),
                f"anchor: the chain holds no such record for size {size}",
            )
            need(size <= limit, f"anchor: the log was closed and is not believed above size {limit}")
            proven[size] = (number, moment)
        return proven

    def read_all(self, contract: Contract, slot: bytes, since: int) -> list[int]:
        """Return what the believed states of block `since` and later hold in a slot, the newest first."""
        values = []
        for state in self.states:
            if state.number >= since:
                try:
                    values.append(state.slot(contract.address, slot, contract.code_hash))
                except evm.Unproven:
                    continue
        return values

    def registry(self, slot: bytes, since: int) -> int:
        """Read a registry slot from the newest believed state that proves it."""
        values = self.read_all(self.trust.registry, slot, since)
        if not values:
            raise evm.Unproven("registry: no believed state proves the record that is needed")
        return values[0]

    def block_of(self, index: int) -> int:
        """Return the block of A(index), section 11."""
        covering = [size for size in self.anchors if size > index]
        if not covering:
            raise Stop("not-checked", "no-anchor", f"no anchor that holds covers the statement at {index}")
        return self.anchors[min(covering)][0]

    def witnessed(self, checkpoint: Checkpoint) -> list[int]:
        found = [log.cosignature_time(checkpoint, each) for each in self.trust.witnesses]
        return sorted(moment for moment in found if moment is not None)

    def accepted_time(self, size: int) -> int | None:
        """Return the earliest time that the trust file accepts for the checkpoint of a size."""
        found = []
        if "chain" in self.trust.times and self.trust.independent and size in self.anchors:
            found.append(self.anchors[size][1])
        moments = self.witnessed(self.checkpoints[size]) if "witnesses" in self.trust.times else []
        if 0 < self.trust.quorum <= len(moments):
            found.append(moments[self.trust.quorum - 1])
        return min(found, default=None)


def check_readable(case: Case) -> Passed:
    return "ok", f"{len(case.dossier.statements)} statements"


def check_signature(case: Case) -> Passed:
    case.own("signature")
    audience = formats.audience_of(case.trust.genesis)
    for each in case.statements:
        said = each.statement
        need(said.aud == audience, f"statement {said.id.hex()} was made for another log")
        need(said.kid in case.dossier.keys, f"statement {said.id.hex()}: its key is not there")
        key = case.dossier.keys[said.kid]
        formats.check_cose_signature(key, said.alg, said.signature, said.protected, said.payload)
    used = {each.statement.kid for each in case.statements}
    need(used == case.dossier.keys.keys(), "keys.cbor: a key that no statement names")
    return "ok", "every signature fits"


def good_at(packed: int, block: int, width: int = 64) -> bool:
    """Tell whether an interval, packed lowest bits first, holds a block: a tie counts as ended."""
    mask = (1 << width) - 1
    began, ended = packed & mask, packed >> width & mask
    return 0 < began <= block < (ended or 1 << 64)


def has_role(case: Case, organisation: bytes, role: str, block: int) -> bool:
    slots = evm.registry_slots(organisation, k(role.encode()), b"")
    counts = case.read_all(case.trust.registry, slots["role_count"], block)
    places = [evm.following(slots["role_first"], number) for number in range(max(counts, default=0))]
    found = [case.read_all(case.trust.registry, place, block) for place in places]
    return any(good_at(values[0], block) for values in found if values)


def check_authority(case: Case) -> Passed:
    need(
        h(case.dossier.profile) == case.trust.profile,
        "the corridor profile is not the one that the trust file names",
    )
    try:
        kinds = tomllib.loads(case.dossier.profile.decode()).get("kinds", {})
    except ValueError as error:
        raise Refused("the corridor profile is not TOML") from error
    case.lean_on("signature", "anchor")
    if not case.states or not case.dossier.anchors:
        raise Stop(
            "not-checked",
            "no-believed-state",
            "no block of the state proofs is pinned, or nothing is anchored",
        )
    suspect, known = False, {each.statement.id.hex(): each.statement for each in case.statements}
    for each in case.statements:
        said, block = each.statement, case.block_of(each.index)
        organisation = h(said.iss.encode())
        slots = evm.registry_slots(organisation, b"", said.kid)
        need(
            case.registry(slots["key"], block) == int.from_bytes(organisation, "big"),
            f"the key is not one of {said.iss}",
        )
        interval = case.registry(slots["key_interval"], block)
        need(good_at(interval, block), f"key of {said.iss}: not good at block {block}")
        record = case.registry(slots["organisation"], block) >> 160
        need(good_at(record, block, 48), f"{said.iss} was no participant at block {block}")
        roles = kinds.get(said.content["kind"], {}).get("roles", [])
        need(
            any(has_role(case, organisation, role, block) for role in roles),
            f"{said.iss} had no role that may say {said.content['kind']}",
        )
        corrected = known.get(said.content.get("corrects", ""))
        need(
            corrected is None or corrected.iss == said.iss,
            f"{said.iss} corrects another organisation's statement",
        )
        suspect |= 0 < (interval >> 128) % 2**64 <= block
    return (
        ("key-suspect", "good, but a key is suspected") if suspect else ("ok", "every key and role was good")
    )


def check_inclusion(case: Case) -> Passed:
    need(
        case.dossier.genesis.hash == case.trust.genesis,
        "the genesis document is not the one that the trust file names",
    )
    case.own("inclusion")
    case.lean_on("signature")
    target = case.dossier.target
    for each in case.statements:
        log.check_inclusion(each.entry, each.index, target.size, each.path, target.root)
    map_root, path, _ = case.dossier.map
    log.check_inclusion(log.map_entry(map_root), target.size - 1, target.size, path, target.root)
    if case.dossier.manifest["kind"] == "receipt":
        check_receipt_members(case)
    return "ok", f"every entry lies under the root of size {target.size}"


def check_receipt_members(case: Case) -> None:
    target, extra = case.dossier.target, base64.b64encode
    need(len(case.statements) == 1, "receipt: holds not one statement")
    (each,) = case.statements
    good = [cose for cose, first, last in case.trust.receipt_keys if first <= target.size <= last]
    fits = [cose for cose in good if h(cose) in case.dossier.receipt]
    need(fits, "receipt: not by a trusted receipt key")
    claims = {1: "https://" + case.trust.origin, 2: each.statement.sub}
    found = check_receipt(case.dossier.receipt, each.entry, fits[0])
    need(
        found == (target.root, target.size, each.index, claims),
        "receipt: of another root, size, place or statement",
    )
    lines = ["c2sp.org/tlog-proof@v1", "extra " + extra(each.entry).decode(), f"index {each.index}"]
    start = "\n".join([*lines, *(extra(node).decode() for node in each.path), "", ""]).encode()
    need(
        case.dossier.proof.startswith(start + target.text + b"\n"),
        "tlog-proof: of another entry or checkpoint",
    )


def check_completeness(case: Case) -> Passed:
    if case.dossier.manifest["kind"] == "receipt":
        raise Stop("not-checked", "receipt", "a receipt covers no stream")
    case.lean_on("signature", "inclusion")
    map_root, _, proofs = case.dossier.map
    streams, target = case.dossier.manifest["streams"], case.dossier.target
    need(
        [tag.hex() for tag, _ in proofs] == [each["tag"] for each in streams], "map: proofs of other streams"
    )
    tags = {tag for tag, _ in proofs}
    stray = [each.index for each in case.statements if tags.isdisjoint(each.statement.tags)]
    need(not stray, f"the statements {stray} are in none of the streams covered")
    for stream, (tag, proof) in zip(streams, proofs, strict=True):
        there = [each for each in case.statements if tag in each.statement.tags]
        need(
            there and len(there) == stream["count"],
            f"stream {stream['name']}: not as many statements as it says",
        )
        running = log.running_hash((each.index, each.entry) for each in there)
        found = log.check_map_proof(tag, map_root, proof)
        need(found == (len(there), running), f"stream {stream['name']}: the map knows other statements")
        check_opening(stream, there)
    custody = {each["subject"] for each in streams if each["name"] == "custody"}
    if case.dossier.manifest["shipment"] not in custody:
        raise Stop("missing", "no-custody-stream", "the custody stream of the shipment is not covered")
    if not any(log.cosignature_time(target, each) is not None for each in case.trust.index_cosigners):
        raise Stop("not-checked", "no-index-cosigner", "no pinned index cosigner signed the target")
    return "ok", f"{len(streams)} streams are complete as of size {target.size}"


def check_opening(stream: Mapping[str, Any], there: list[Registered]) -> None:
    """Refuse a stream that no statement in it opens: its tag is what the opening statement says."""
    kind = "subject-opened" if stream["name"] == "custody" else "stream-opened"
    for each in there:
        said = each.statement
        if (said.content["kind"], said.sub, said.content["streams"]) != (
            kind,
            stream["subject"],
            [stream["tag"]],
        ):
            continue
        _, _, subject_kind, key, _ = said.sub.split(":")
        uri = formats.subject_uri(subject_kind, key, said.iss, bytes.fromhex(stream["tag"]))
        if (uri == said.sub) if stream["name"] == "custody" else (each.body.get("stream") == stream["name"]):
            return
    raise Refused(f"stream {stream['name']}: no statement opens it for its subject")


def check_no_split_view(case: Case) -> Passed:
    case.lean_on("inclusion")
    case.own("no-split-view")
    target, seen = case.dossier.target, case.trust.last_seen
    needed = {0: case.trust.genesis} | {size: each.root for size, each in case.checkpoints.items()}
    for each in case.statements:
        size, root = each.statement.content["seen"]["size"], each.statement.content["seen"]["root"]
        need(size <= each.index, f"statement {each.statement.id.hex()} saw a checkpoint that covers itself")
        if size not in needed:
            raise Stop(
                "missing", "seen-missing", f"the checkpoint of size {size}, which a signer saw, is not there"
            )
        need(needed[size].hex() == root, f"a signer saw another root at size {size}")
    moments = case.witnessed(target)
    if seen and seen[0] in needed:
        need(needed[seen[0]] == seen[1], f"the verifier saw another root at size {seen[0]}")
        return "last-seen", "grows from the checkpoint seen last"
    if target.size in case.anchors:
        return "chain", "the target is on the chain"
    if 0 < case.trust.quorum <= len(moments):
        return "witnesses", f"{len(moments)} pinned witnesses signed the target"
    raise Stop("not-checked", "no-common-view", "neither chain nor witnesses nor a checkpoint seen before")


def check_anchor(case: Case) -> Passed:
    if not case.dossier.anchors:
        raise Stop("missing", "no-anchor", "the dossier carries no anchor")
    case.lean_on("inclusion", "no-split-view")
    case.own("anchor")
    if not case.states:
        raise Stop("not-checked", "no-pinned-block", "the trust file pins no block of the state proofs")
    if case.dossier.target.size not in case.anchors:
        raise Stop("missing", "target-not-anchored", "the target checkpoint has no anchor that holds")
    return "ok", f"anchored in block {case.anchors[case.dossier.target.size][0]}"


def check_time(case: Case) -> Passed:
    case.lean_on("signature", "inclusion", "no-split-view", "anchor")
    times = [
        case.accepted_time(size) for size in case.checkpoints if size > max(x.index for x in case.statements)
    ]
    proven = [moment for moment in times if moment is not None]
    if proven:
        return "ok", f"everything was registered no later than {min(proven)}"
    if "tsa" in case.trust.times and case.dossier.timestamps:
        raise Stop("not-checked", "tsa-not-read", "this verifier reads no RFC 3161 tokens")
    if case.anchors and not case.trust.independent:
        raise Stop(
            "not-checked", "operator-clock", "the only time is that of a chain that the operator controls"
        )
    raise Stop("not-checked", "no-accepted-time", "there is no time that the trust file accepts")


def check_freshness(case: Case) -> Passed:
    case.lean_on("inclusion", "no-split-view", "anchor")
    if case.trust.max_age is None:
        raise Stop("not-checked", "offline", "offline, and the trust file sets no maximum age")
    moment = case.accepted_time(case.dossier.target.size)
    if moment is None:
        raise Stop("not-checked", "no-accepted-time", "there is no accepted time to reckon an age from")
    need(case.now - moment <= case.trust.max_age, f"the target is {case.now - moment} seconds old")
    return "ok", f"the target is {case.now - moment} seconds old"


def check_evidence(case: Case) -> Passed:
    case.lean_on("signature")
    items = {}
    for each in case.statements:
        for item in array(each.body.get("evidence", []), "evidence"):
            exactly(item, "commitment cid size media_type category name?", "evidence item")
            unhex(item["commitment"], 32, "evidence: commitment")
            uint(item["size"], "evidence: size")
            text_of(item["category"], "[a-z][a-z0-9-]*", "evidence: category")
            items[text_of(item["cid"], "b[a-z2-7]+", "evidence: cid")] = item
    for cid, stored in case.dossier.evidence.items():
        need(cid in items, f"evidence {cid}: no statement speaks of it")
        need(cid_of(stored) == cid, f"evidence {cid}: other bytes than its name says")
    if not items:
        raise Stop("not-checked", "no-evidence", "no evidence is disclosed")
    raise Stop("not-checked", "sealed", "this verifier opens no age files, so the commitments stay unopened")


def check_custody(case: Case) -> Passed:
    case.lean_on("signature")
    known = {each.statement.id.hex() for each in case.statements}
    sides: dict[str, dict[str, str]] = {}
    for each in case.statements:
        if each.statement.content["kind"] == "hand-over":
            terms = unhex(each.body.get("terms"), 32, "hand-over: terms").hex()
            role = text_of(each.body.get("role"), "giver|taker", "hand-over: role")
            result = text_of(
                each.body.get("result"), "accepted|accepted-with-remarks|refused", "hand-over: result"
            )
            if (agreed := each.body.get("agreed")) is not None:
                check_terms(agreed, terms, each.statement.iss, role)
            sides.setdefault(terms, {})[role] = result
    if any(
        one["id"] not in known for each in case.statements for one in each.statement.content["references"]
    ):
        raise Stop("missing", "reference-missing", "a statement refers to one that is not there")
    if not sides:
        raise Stop("not-checked", "no-hand-over", "there is no hand-over")
    if any("refused" in both.values() for both in sides.values()):
        raise Stop("missing", "refused", "a hand-over was refused")
    if any(len(both) < 2 for both in sides.values()):
        raise Stop("missing", "one-sided", "a hand-over was signed by one side only")
    return "ok", f"{len(sides)} hand-overs, each signed by both sides"


def check_terms(agreed: Any, terms: str, iss: str, role: str) -> None:
    """Refuse agreed terms that are not what was signed or not between these two: section 13."""
    need(
        isinstance(agreed, str) and h(agreed.encode()).hex() == terms,
        "hand-over: other terms than those signed",
    )
    value = exactly(
        formats.strict_json(agreed.encode()), "format from to subjects place at remarks nonce", "terms"
    )
    need(value["format"] == "corridor-terms/1", "terms: another format")
    unhex(value["nonce"], 16, "terms: nonce")
    need(
        value["from" if role == "giver" else "to"] == iss, "hand-over: signed by another than the terms name"
    )


FUNCTIONS: tuple[Callable[[Case], Passed], ...] = (
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
)
CHECKS = dict(zip(CHECK_NAMES, FUNCTIONS, strict=True))


def run(name: str, case: Case) -> dict[str, str]:
    try:
        status, (reason, message) = "passed", CHECKS[name](case)
    except Refused as error:
        status, reason, message = "failed", f"{name}-refused", str(error)
    except Stop as stop:
        status, reason, message = stop.status, stop.reason, str(stop)
    return {"name": name, "status": status, "reason": reason, "message": message}


def verify(data: bytes, trust: Trust, now: int) -> dict[str, Any]:
    """Verify the bytes of a dossier offline and return the verdict; refuse what is no dossier."""
    case = Case(read_dossier(data), trust, now)
    checks = [run(name, case) for name in CHECKS]
    passed = {check["name"] for check in checks if check["status"] == "passed"}
    outcome = "accepted" if passed.issuperset(trust.required) else "incomplete"
    if any(check["status"] == "failed" for check in checks):
        outcome = "rejected"
    return {"outcome": outcome, "shipment": case.dossier.manifest["shipment"], "checks": checks}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify a dossier offline, from its formats page alone.")
    parser.add_argument("dossier", type=Path)
    parser.add_argument("trust", type=Path)
    parser.add_argument(
        "--now", type=int, help="the verifier's clock in POSIX seconds; default: this machine's"
    )
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    options = parser.parse_args(arguments)
    now = int(time.time()) if options.now is None else options.now
    try:
        verdict = verify(options.dossier.read_bytes(), read_trust(options.trust.read_bytes()), now)
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
