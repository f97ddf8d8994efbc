"""What several checks of the verdict stand on: sections 8, 11 and 15 of `docs/formats.md`.

Part of the second verifier (see `second_verifier.py`), written from that page alone: the statements
that can be read, the checkpoints that hold, the chain states believed, the anchors that they prove, times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import second_evm as evm
import second_formats as formats
import second_log as log
from second_dossier import Dossier
from second_encoding import Refused, h, need
from second_formats import Statement
from second_log import Checkpoint, Vkey
from second_trust import Contract, Trust


@dataclass(frozen=True)
class Finding:
    """What a check came upon: a status of section 15, a reason, and words for people."""

    status: str
    reason: str
    message: str


def failed(reason: str, message: str) -> Finding:
    return Finding("failed", reason, message)


def missing(reason: str, message: str) -> Finding:
    return Finding("missing", reason, message)


def not_checked(reason: str, message: str) -> Finding:
    return Finding("not-checked", reason, message)


T = TypeVar("T")
Findings = Iterator[Finding]
Slots = Callable[[bytes], int]


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

    @property
    def kind(self) -> str:
        return str(self.statement.content["kind"])

    def __str__(self) -> str:
        return f"statement {self.statement.id.hex()[:16]} at {self.index}"


def value_at(slot: bytes) -> Callable[[Slots], int]:
    """Read a record of one slot."""
    return lambda state: state(slot)


class Case:
    """A dossier beside a trust file: what of it holds, and what was found wrong on the way, by check."""

    def __init__(
        self, dossier: Dossier, trust: Trust, now: int, shipment: str | None, map_root: bytes | None
    ) -> None:
        self.dossier, self.trust, self.now = dossier, trust, now
        self.shipment, self.map_root = shipment, map_root
        self.found: dict[str, list[Finding]] = {"signature": [], "inclusion": [], "anchor": []}
        self.statements = list(self._statements())
        self.checkpoints = {each.size: each for each in self._checkpoints()}
        self.witnessed = {size: self.witness_times(each) for size, each in self.checkpoints.items()}
        self.passed: set[str] = set()
        self.states = self._states()
        self.anchors = dict(self._anchors())

    # What is signed and logged.

    def _statements(self) -> Iterator[Registered]:
        """Read the statements. One that is not well-formed counts for no other check either."""
        for index, data, disclosures, path in self.dossier.statements:
            try:
                statement = formats.read_statement(data)
                body = formats.reveal(statement.content["body"], disclosures)
                yield Registered(index, statement, body, path)
            except Refused as error:
                self.found["signature"].append(failed(error.code, f"statement at {index}: {error}"))

    def _checkpoints(self) -> Iterator[Checkpoint]:
        """Return the target and the earlier checkpoints that are signed and that it goes on from."""
        target, newest = self.dossier.target, 0
        for each, path in [(target, []), *self.dossier.checkpoints]:
            try:
                need(each is not log.NO_CHECKPOINT, "checkpoint: not a signed note of three lines")
                need(each.origin == self.trust.origin, "checkpoint: of another log", "note-unsigned")
                log.check_log_signature(each, [key for key, _, _ in self.trust.log_keys])
                keys = [key for key, first, last in self.trust.log_keys if first <= each.size <= last]
                log.check_log_signature(each, keys)
                self.witness_times(each)
                for key in self.trust.index_cosigners:
                    log.cosignature_times(each, key)
                if each is target:
                    of_manifest = self.dossier.manifest["target"]
                    need(each.size == of_manifest, "not of the size in the manifest", "other-target")
                else:
                    between = newest < each.size < target.size
                    need(between, "its size is not between those beside it", "checkpoint-order")
                    newest = each.size
                log.check_consistency(each.size, target.size, path, each.root, target.root)
                yield each
            except Refused as error:
                self.found["inclusion"].append(failed(error.code, f"size {each.size}: {error}"))

    def witness_times(self, checkpoint: Checkpoint) -> list[tuple[int, int]]:
        """Return the first and the last time of each pinned witness that signed: keys of a name are one."""
        names: dict[str, list[int]] = {}
        for key in self.trust.witnesses:
            names.setdefault(key.name, []).extend(log.cosignature_times(checkpoint, key))
        return [(min(times), max(times)) for times in names.values() if times]

    def cosigned(self, key: Vkey) -> bool:
        return bool(log.cosignature_times(self.dossier.target, key))

    # What is on the chain.

    def _states(self) -> list[evm.State]:
        """Return the believed states, the newest first; none when they contradict the trust file."""
        trust, wrong, believed = self.trust, self.found["anchor"], list[evm.State]()
        ours = [each for each in self.dossier.states if (each.chain_id, each.chain_genesis) == trust.chain]
        for proof in ours:
            try:
                state = evm.read_state(proof)
            except Refused as error:
                wrong.append(failed(error.code, str(error)))
                continue
            pins = [trust.pinned.get(block.number, block.hash) == block.hash for block in state.blocks]
            if not all(pins):
                wrong.append(failed("chain-rewritten", "a block of a state proof is pinned as another one"))
            elif not state.linked:
                wrong.append(failed("chain-broken", "a header does not follow the one before it"))
            elif any(trust.pinned.get(block.number) == block.hash for block in state.blocks):
                believed.append(state)
        if all(each.chain_id != trust.chain[0] for each in self.dossier.states):
            wrong.append(not_checked("no-state-proof", "the file has no state proof of the trusted chain"))
        elif not ours:
            wrong.append(failed("other-chain", "the state proofs are of another chain of that number"))
        elif not wrong and not believed:
            wrong.append(not_checked("no-pinned-block", "the trust file pins no block of the state proofs"))
        believed.sort(key=lambda state: -state.number)
        for contract in (trust.registry, trust.anchor):
            wrong += self._code(contract, believed)
        return [] if wrong else believed

    def _code(self, contract: Contract, states: list[evm.State]) -> list[Finding]:
        codes = []
        for state in states:
            try:
                codes.append(state.account(contract.address)[1])
            except evm.Unproven:
                continue
            except Refused as error:
                return [failed(error.code, str(error))]
        if states and not codes:
            return [not_checked("not-proven", "no believed state shows the account of a contract")]
        other = [code for code in codes if code != contract.code_hash]
        return [failed("other-code", "a contract has other code than the trust file names")] if other else []

    def read(self, contract: Contract, since: int, record: Callable[[Slots], T]) -> T:
        """Read a record from the newest believed state, of block `since` or later, that shows all of it."""
        for state in self.states:
            if state.number >= since:
                try:
                    return record(partial(state.slot, contract.address))
                except evm.Unproven:
                    continue
        raise evm.Unproven("no believed state shows a record that is needed")

    def _anchors(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """Return size and (block number, block time) of the anchors that hold."""
        if not self.states:
            return
        contract, origin_hash = self.trust.anchor, h(self.trust.origin.encode())
        for size, number, moment in self.dossier.anchors:
            slots = evm.anchor_slots(origin_hash, size)
            try:
                closing = self.read(contract, 0, value_at(slots["last_good"]))
                record = self.read(contract, 0, value_at(slots["record"]))
            except evm.Unproven as error:
                self.found["anchor"].append(not_checked(error.code, f"anchor of size {size}: {error}"))
                continue
            except Refused as error:
                self.found["anchor"].append(failed(error.code, f"anchor of size {size}: {error}"))
                continue
            if size not in self.checkpoints:
                wrong = "anchor-without-checkpoint", "no checkpoint of this size holds"
            elif closing >> 64 and size > closing % 2**64:
                wrong = "log-closed", f"the log was closed and is believed up to {closing % 2**64} only"
            elif not record:
                wrong = "not-anchored", "the chain holds no record"
            elif evm.u256(record) != evm.anchor_record(self.checkpoints[size].root, number, moment):
                wrong = "anchor-mismatch", "the chain holds another record"
            else:
                yield size, (number, moment)
                continue
            self.found["anchor"].append(failed(wrong[0], f"anchor of size {size}: {wrong[1]}"))

    def block_of(self, index: int) -> int | None:
        """Return the block of A(index), section 11."""
        covering = [size for size in self.anchors if size > index]
        return self.anchors[min(covering)][0] if covering else None

    # Clocks.

    def earliest(self, size: int) -> int | None:
        """Return T of a checkpoint without its time-stamps, which this verifier does not read."""
        found = []
        if "chain" in self.trust.times and self.trust.independent and size in self.anchors:
            found.append(self.anchors[size][1])
        firsts = sorted(first for first, _ in self.witnessed[size])
        if "witnesses" in self.trust.times and 0 < self.trust.quorum <= len(firsts):
            found.append(firsts[self.trust.quorum - 1])
        return min(found, default=None)

    def published(self, size: int) -> int | None:
        """Return T' of a checkpoint: before it nobody can have held it. Only accepted clocks are gone by."""
        firsts = [first for first, _ in self.witnessed.get(size, []) if "witnesses" in self.trust.times]
        return min(firsts) if 0 < self.trust.quorum <= len(firsts) else None

    def latest(self) -> int | None:
        """Return the time from which the age of the target is counted."""
        found, size = [], self.dossier.target.size
        if "chain" in self.trust.times and self.trust.independent and size in self.anchors:
            found.append(self.anchors[size][1])
        lasts = sorted((last for _, last in self.witnessed.get(size, [])), reverse=True)
        if "witnesses" in self.trust.times and 0 < self.trust.quorum <= len(lasts):
            found.append(lasts[self.trust.quorum - 1])
        return max(found, default=None)
