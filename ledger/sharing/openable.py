"""Which wrapped secrets are for whom to open now: of items that a statement shows it, as sharing allows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from ledger.catalogue.visibility import sees_entry
from ledger.storage.evidence_tables import evidence_items
from ledger.storage.rows import chunks
from ledger.storage.secret_tables import evidence_commitments
from ledger.storage.tables import stream_entries


class Opens(Protocol):
    """Tells what one organisation is shown now; `ledger.sharing.redaction.View` is one."""

    def may_open(self, category: str, author: str, tags: Sequence[bytes]) -> bool:
        """Return whether it is shown a category of what an author said in streams with these tags."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement's word that an item is its author's.

    Args:
        index: Of the statement in the log.
        commitment: Of the item, 32 bytes.
        cid: Of its sealed bytes.
        iss: URI of the author.
        category: Of the item.
        tags: Of the streams that the statement is filed in.
    """

    index: int
    commitment: bytes
    cid: str
    iss: str
    category: str
    tags: tuple[bytes, ...]


def openable(
    connection: Connection, rows: Sequence[Any], reader: str, view: Opens, now: int
) -> list[tuple[Any, Claim | None]]:
    """Return the rows of `wrapped_secrets` that are for a reader to open, each with the first claim of it.

    What an organisation wrapped for itself needs no claim when it sent the sealed bytes itself.

    Args:
        connection: A transaction.
        rows: For the reader.
        reader: URI of the organisation.
        view: What it is shown now.
        now: POSIX seconds.
    """
    claims = claims_of(connection, {row.commitment for row in rows}, reader, now)
    stored = _stored(connection, {row.cid for row in rows if row.giver == reader}, reader)

    def is_open(claim: Claim) -> bool:
        return claim.iss == reader or view.may_open(claim.category, claim.iss, claim.tags)

    found: list[tuple[Any, Claim | None]] = []
    for row in rows:
        # What somebody wrapped counts with its own claim: nobody is given a secret by a stranger to the item.
        its = claims.get((row.commitment, row.cid), ())
        first = next((one for one in its if row.giver in (reader, one.iss) and is_open(one)), None)
        if first is not None or row.cid in stored:
            found.append((row, first))
    return found


def claims_of(
    connection: Connection, commitments: Iterable[bytes], reader: str, now: int
) -> dict[tuple[bytes, str], list[Claim]]:
    """Return the claims that an organisation may see, by commitment and CID, in the order of the log.

    Args:
        connection: A transaction.
        commitments: Of the items, 32 bytes each.
        reader: URI of the organisation.
        now: POSIX seconds.
    """
    claims, filed = evidence_commitments.c, stream_entries.c
    found: dict[tuple[bytes, str], list[Claim]] = {}
    for part in chunks(commitments):
        query = (
            select(claims.idx, claims.commitment, claims.cid, claims.iss, claims.category)
            .where(claims.commitment.in_(part), sees_entry(claims.idx, reader, now))
            .order_by(claims.idx)
        )
        seen = connection.execute(query).all()
        tags: dict[int, list[bytes]] = {}
        for indices in chunks({row.idx for row in seen}):
            of = select(filed.idx, filed.tag).where(filed.idx.in_(indices)).order_by(filed.tag)
            for index, tag in connection.execute(of):
                tags.setdefault(index, []).append(tag)
        for row in seen:
            claim = Claim(*row, tags=tuple(tags[row.idx]))
            found.setdefault((row.commitment, row.cid), []).append(claim)
    return found


def first_claims(connection: Connection, commitments: Iterable[bytes]) -> dict[bytes, tuple[str, str]]:
    """Return by commitment who was the first in the log to claim the item, and by which CID.

    Whoever may see it: no later claim takes its place, whatever CID it names beside the commitment.
    """
    claims, first = evidence_commitments.c, dict[bytes, tuple[str, str]]()
    for part in chunks(commitments):
        query = select(claims.commitment, claims.iss, claims.cid).where(claims.commitment.in_(part))
        for commitment, iss, cid in connection.execute(query.order_by(claims.idx)):
            first.setdefault(commitment, (iss, cid))
    return first


def _stored(connection: Connection, cids: Iterable[str], organisation: str) -> set[str]:
    columns, found = evidence_items.c, set[str]()
    for part in chunks(cids):
        query = select(columns.cid).where(columns.cid.in_(part), columns.organisation == organisation)
        found.update(connection.execute(query).scalars())
    return found
