"""How things look in JSON: one function a thing; `schemas` describes what they return."""

from typing import Any

from ledger.catalogue.records import HandOverRecord, MemberRecord, StreamRecord, SubjectRecord
from ledger.catalogue.registrar import Registered
from ledger.chain.anchor_machine import Anchor
from ledger.domain.statement import Statement
from ledger.log.checkpoints import StoredCheckpoint
from ledger.log.store import StoredStatement
from ledger.progress import Progress


def registered(done: Registered) -> dict[str, Any]:
    """Return where a statement stands as JSON."""
    return {
        "id": done.id.hex(),
        "index": done.index,
        "duplicate": done.duplicate,
        "warnings": [{"code": one.code, "message": one.message, "field": one.field} for one in done.warnings],
    }


def statement(stored: StoredStatement, progress: Progress) -> dict[str, Any]:
    """Return a statement as JSON."""
    said = Statement.parse(stored.statement)
    return {
        "id": said.id.hex(),
        "index": stored.index,
        "kind": said.kind,
        "iss": said.iss,
        "kid": said.kid.hex(),
        "iat": said.iat,
        "received_at": stored.received_at,
        "subjects": list(said.subjects),
        "streams": [tag.hex() for tag in said.streams],
        "references": [{"rel": one.rel, "id": one.id.hex()} for one in said.references],
        "corrects": None if said.corrects is None else said.corrects.hex(),
        "seen": {"size": said.seen.size, "root": said.seen.root.hex()},
        "body": said.reveal(stored.disclosures),
        "state": progress.reached.value,
        "checkpoint": _checkpoint(progress.checkpoint),
        "anchor": _anchor(progress.anchor),
    }


def stream(record: StreamRecord) -> dict[str, Any]:
    """Return a stream as JSON."""
    return {"name": record.name, "tag": record.tag.hex()}


def subject(record: SubjectRecord) -> dict[str, Any]:
    """Return a subject as JSON."""
    return {
        "uri": record.uri,
        "type": record.type,
        "key": record.key,
        "opened_by": record.opened_by,
        "opened_at": record.opened_at,
        "streams": [stream(one) for one in record.streams],
    }


def membership(record: StreamRecord) -> dict[str, Any]:
    """Return a stream of which somebody has become a member as JSON."""
    return {"stream": record.tag.hex(), "subject": record.subject, "name": record.name}


def member(record: MemberRecord) -> dict[str, Any]:
    """Return a member of a stream as JSON."""
    return {"organisation": record.organisation, "reason": record.reason, "index": record.index}


def hand_over(record: HandOverRecord) -> dict[str, Any]:
    """Return a hand-over as JSON."""
    terms = record.terms
    return {
        "terms_hash": record.terms_hash.hex(),
        "terms": None
        if terms is None
        else {
            "document": terms.document.decode(),
            "giver": terms.giver,
            "taker": terms.taker,
            "subjects": list(terms.subjects),
            "place": terms.place,
            "at": terms.at.isoformat(),
            "remarks": list(terms.remarks),
        },
        "giver": record.giver,
        "taker": record.taker,
        "open": record.is_open,
        "said": [
            {
                "id": one.id.hex(),
                "index": one.index,
                "organisation": one.organisation,
                "role": one.role,
                "result": one.result,
            }
            for one in record.said
        ],
    }


def _checkpoint(checkpoint: StoredCheckpoint | None) -> dict[str, Any] | None:
    if checkpoint is None:
        return None
    return {"size": checkpoint.size, "published_at": checkpoint.published_at}


def _anchor(anchor: Anchor | None) -> dict[str, Any] | None:
    if anchor is None or anchor.block is None:
        return None
    block = anchor.block
    return {"size": anchor.size, "block": block.number, "time": block.time, "state": anchor.state.value}
