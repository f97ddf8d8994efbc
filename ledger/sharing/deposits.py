"""What has to hold before wrapped secrets are taken: it is on record, and the items are their giver's."""

from sqlalchemy import Connection, or_, select

from ledger.catalogue.visibility import sees_entry
from ledger.domain.disclosure_record import DISCLOSURE_RECORD, Disclosed
from ledger.domain.errors import MalformedError, PolicyError, UsageError
from ledger.domain.statement import Statement
from ledger.domain.wrapped import Batch
from ledger.log.store import StoredStatement
from ledger.storage.evidence_tables import evidence_items
from ledger.storage.rows import chunks
from ledger.storage.secret_tables import evidence_commitments


def check_for_oneself(batch: Batch) -> None:
    """Accept what an organisation keeps for itself.

    Raises:
        UsageError: It names a record, and none is needed.
    """
    if batch.record is not None:
        message = "no record is needed of what an organisation keeps for itself: send null"
        raise UsageError("record-for-oneself", message, field="record")


def check_record(giver: str, batch: Batch, stored: StoredStatement) -> None:
    """Accept a batch for another organisation, of which a statement of the giver tells.

    Args:
        giver: URI of the organisation that wrapped them.
        batch: What it brings.
        stored: The statement.

    Raises:
        PolicyError: It is somebody else's, or tells of something else.
    """
    statement = Statement.parse(stored.statement)
    if statement.iss != giver or statement.kind != DISCLOSURE_RECORD:
        message = f"the record must be a statement {DISCLOSURE_RECORD} of your own"
        raise PolicyError("record-of-another", message, field="record")
    try:
        said = Disclosed.parse(statement.reveal(stored.disclosures))
    except MalformedError as error:
        message = f"the record does not say to whom which items are given: {error.message}"
        raise PolicyError("record-other", message, field="record") from None
    if said.to != batch.for_:
        message = f"the record says that {said.to} is given something, not {batch.for_}"
        raise PolicyError("record-other", message, field="record")
    for place, one in enumerate(batch.secrets):
        if one.commitment not in said.items:
            message = f"the record does not name the item {one.commitment.hex()}"
            raise PolicyError("record-other", message, field=f"secrets.{place}.commitment")


def check_items(connection: Connection, giver: str, batch: Batch, now: int, *, of_others: bool) -> None:
    """Accept a batch whose items are all the giver's to give.

    They are when a statement of its own claims them. For itself it may keep also what others show it, and
    what it stored and has not claimed yet.

    Args:
        connection: A transaction; the catalogue has to be up to date.
        giver: URI of the organisation that wrapped them.
        batch: What it brings.
        now: POSIX seconds.
        of_others: Whether it may keep for itself what others show it.

    Raises:
        PolicyError: One is not.
    """
    claims, stored = evidence_commitments.c, evidence_items.c
    is_own = batch.for_ == giver
    its = claims.iss == giver
    if is_own and of_others:
        its = or_(its, sees_entry(claims.idx, giver, now))
    known: set[tuple[bytes, str]] = set()
    sent: set[str] = set()
    for part in chunks(batch.secrets):
        query = select(claims.commitment, claims.cid).where(
            claims.commitment.in_([one.commitment for one in part]), its
        )
        known.update((name, cid) for name, cid in connection.execute(query))
        if is_own:
            cids = [one.cid for one in part]
            mine = select(stored.cid).where(stored.cid.in_(cids), stored.organisation == giver)
            sent.update(connection.execute(mine).scalars())
    for place, one in enumerate(batch.secrets):
        if (one.commitment, one.cid) not in known and one.cid not in sent:
            raise PolicyError(
                "item-of-another",
                f"you claim no item with commitment {one.commitment.hex()} and CID {one.cid} in a statement "
                "that this ledger can read",
                field=f"secrets.{place}.commitment",
            )
