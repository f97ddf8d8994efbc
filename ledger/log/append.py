"""Appending statements: the known stay as they are, those that contradict the log are refused."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, select

from ledger.domain import strict_json
from ledger.domain.cose import CoseKey
from ledger.domain.entry import statement_entry
from ledger.domain.errors import PolicyError
from ledger.domain.map import NOTHING_YET, MapValue, running_next
from ledger.domain.statement import Statement
from ledger.domain.subject import STREAM_OPENED, SUBJECT_OPENED
from ledger.log.writer import extend, read_head
from ledger.storage.faults import Fault
from ledger.storage.rows import chunks, insert_or_ignore, insert_rows
from ledger.storage.tables import checkpoints, cose_keys, statements, stream_entries, streams

_NO_DISCLOSURES = b"[]"
_ANY: BindParameter[Any] = bindparam("values", expanding=True)
_KNOWN = select(statements.c.id, statements.c.idx).where(statements.c.id.in_(_ANY))
_HEADS = select(streams).where(streams.c.tag.in_(_ANY))
_ROOTS = select(checkpoints.c.size, checkpoints.c.root).where(checkpoints.c.size.in_(_ANY))
_MAX_REMEMBERED = 4096
OPENINGS = frozenset({SUBJECT_OPENED, STREAM_OPENED})


@dataclass(frozen=True, slots=True)
class Submission:
    """A statement that the registration policy let through.

    Args:
        statement: The statement.
        disclosures: Texts that came with it, as received.
        key: The signer's key, kept so that the log can always show it; None when it is not to be kept.
    """

    statement: Statement
    disclosures: tuple[str, ...] = ()
    key: CoseKey | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a statement stands in the log.

    Args:
        index: Index of its entry.
        id: Statement id, 32 bytes.
        duplicate: Whether it was there before; then the first envelope and its disclosures are the ones kept.
    """

    index: int
    id: bytes
    duplicate: bool


Outcome = Appended | PolicyError


@dataclass(frozen=True, slots=True)
class StreamHeads:
    """The newest values of the streams used last in a log of a size; of no use at another size."""

    size: int = 0
    values: dict[bytes, MapValue] = field(default_factory=dict)


def append_statements(
    connection: Connection,
    batch: Sequence[Submission],
    *,
    genesis_hash: bytes,
    now: int,
    fault: Fault,
    remembered: StreamHeads,
) -> tuple[list[Outcome], StreamHeads]:
    """Append a batch within a transaction that writes.

    Args:
        connection: A transaction that writes.
        batch: In the order in which they are to stand in the log.
        genesis_hash: 32 bytes; a statement may have seen it instead of a checkpoint.
        now: Time of receipt, POSIX seconds.
        fault: Reaches `checked`, the steps of `extend`, then `statements`, `streams`, `keys` and `commit`.
        remembered: What the append before left; saves questions when nobody else has appended since.

    Returns:
        What became of each submission, in order, and what to remember once the transaction is through.

    Raises:
        HeadMovedError: Somebody else appended meanwhile.
    """
    said = [submission.statement for submission in batch]
    size = read_head(connection)
    heads = dict(remembered.values) if remembered.size == size else {}
    asked = {tag for one in said for tag in one.streams} - heads.keys()
    heads |= {tag: MapValue(count, running) for tag, count, running in _rows(connection, _HEADS, asked)}
    plan = _Plan(
        size=size,
        genesis_hash=genesis_hash,
        known=dict(_rows(connection, _KNOWN, {one.id for one in said})),
        heads=heads,
        roots=dict(_rows(connection, _ROOTS, {one.seen.size for one in said})),
        now=now,
    )
    outcomes = [plan.place(submission) for submission in batch]
    fault("checked")
    if plan.entries:
        extend(connection, size, plan.entries, fault)
        fault("statements")
        insert_rows(connection, statements, plan.rows)
        fault("streams")
        insert_rows(connection, stream_entries, plan.stream_rows)
        moved = [(tag, value.count, value.running) for tag, value in sorted(plan.moved.items())]
        insert_rows(connection, streams, moved, replace=True)
        fault("keys")
        insert_or_ignore(
            connection, cose_keys, [{"thumbprint": name, "cose_key": key} for name, key in plan.keys.items()]
        )
    fault("commit")
    # When there are too many, only those of this batch are remembered.
    left = heads if len(heads) <= _MAX_REMEMBERED else plan.moved
    return outcomes, StreamHeads(size + len(plan.entries), left)


def _rows(connection: Connection, query: Select[Any], values: Collection[Any]) -> list[Any]:
    """Return what a query finds for any of the values."""
    return [row for part in chunks(values) for row in connection.execute(query, {"values": part}).all()]


@dataclass
class _Plan:
    """What a batch will write, worked out in order against what the log holds at its size."""

    size: int
    genesis_hash: bytes
    known: dict[bytes, int]
    heads: dict[bytes, MapValue]
    roots: dict[int, bytes]
    now: int
    entries: list[bytes] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    stream_rows: list[tuple[Any, ...]] = field(default_factory=list)
    moved: dict[bytes, MapValue] = field(default_factory=dict)
    keys: dict[bytes, bytes] = field(default_factory=dict)

    def place(self, submission: Submission) -> Outcome:
        """Give a statement its index, unless it has one or contradicts the log."""
        statement = submission.statement
        index = self.known.get(statement.id)
        if index is not None:
            return Appended(index, statement.id, duplicate=True)
        refusal = self._refusal(statement)
        if refusal is not None:
            return refusal
        index = self.size + len(self.entries)
        entry = statement_entry(statement.envelope, statement.streams)
        self.entries.append(entry)
        self.known[statement.id] = index
        self.rows.append(
            (
                index,
                statement.id,
                statement.raw,
                strict_json.dumps(submission.disclosures) if submission.disclosures else _NO_DISCLOSURES,
                statement.kid,
                statement.kind,
                statement.sub,
                self.now,
            )
        )
        for tag in statement.streams:
            before = self.heads.get(tag) or NOTHING_YET
            value = MapValue(before.count + 1, running_next(before.running, index, entry))
            self.heads[tag] = self.moved[tag] = value
            self.stream_rows.append((tag, value.count, index, value.running))
        if submission.key is not None:
            self.keys[submission.key.thumbprint] = submission.key.encoded
        return Appended(index, statement.id, duplicate=False)

    def _refusal(self, statement: Statement) -> PolicyError | None:
        seen = statement.seen
        held = self.genesis_hash if seen.size == 0 else self.roots.get(seen.size)
        if held != seen.root:
            return PolicyError(
                "seen-unknown",
                f"this log never had a checkpoint of size {seen.size} with that root; fetch its newest one "
                "and sign again",
                field="seen",
            )
        opens = statement.kind in OPENINGS
        for tag in statement.streams:
            if opens and tag in self.heads:
                return PolicyError(
                    "stream-already-opened",
                    f"stream {tag.hex()} is open already; a new one needs a new secret",
                    field="streams",
                )
            if not opens and tag not in self.heads:
                return PolicyError(
                    "stream-unknown",
                    f"stream {tag.hex()} was not opened in this log; submit its opening statement first",
                    field="streams",
                )
        return None
