"""What one logged statement tells the catalogue, read from its bytes and the disclosures that came along."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.domain import evidence, fields
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.hand_over import HAND_OVER, Claim, Result, Role
from ledger.domain.statement import Statement
from ledger.domain.subject import STREAM_OPENED, SUBJECT_OPENED, Subject

CUSTODY = "custody"
"""Name of the stream that a subject begins with."""
GRANT = "grant"
"""Kind of the statement by which a member lets other organisations into its streams."""

_STREAM_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Facts:
    """A logged statement, taken apart.

    Args:
        index: Its place in the log.
        statement: The statement.
        opens: Name of the stream that it opens, None when it opens none.
        admits: URIs of the organisations that it lets into its streams, if its signer is a member.
        admits_to: The only subjects whose custody streams `admits` is about; None for every stream that it
            names.
        claim: What it says of a hand-over, None when it says nothing that counts.
        evidence: The items of evidence that it claims.
    """

    index: int
    statement: Statement
    opens: str | None = None
    admits: tuple[str, ...] = ()
    admits_to: frozenset[str] | None = None
    claim: Claim | None = None
    evidence: tuple[EvidenceItem, ...] = ()


def facts_of(index: int, raw: bytes, disclosures: Sequence[str]) -> Facts:
    """Return what a statement of the log tells; what is malformed in its body tells nothing.

    Args:
        index: Its place in the log.
        raw: The statement's bytes.
        disclosures: The texts that came with it.
    """
    statement = Statement.parse(raw)
    facts = _by_kind(index, statement, disclosures)
    if "evidence" in statement.body or disclosures:
        return replace(facts, evidence=_claimed(statement, disclosures))
    return facts


def _by_kind(index: int, statement: Statement, disclosures: Sequence[str]) -> Facts:
    if statement.kind == SUBJECT_OPENED:
        return Facts(index, statement, opens=CUSTODY if _opens(statement) else None)
    if statement.kind not in _READERS:
        return Facts(index, statement)
    try:
        return _READERS[statement.kind](index, statement, statement.reveal(disclosures))
    except MalformedError:
        return Facts(index, statement)


def granted(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the organisations that a grant names.

    Raises:
        MalformedError: `to` is no array of 1 to 64 different URIs of organisations.
    """
    if "to" not in body:
        raise MalformedError("missing-field", "a grant must say to whom", field="body.to")
    names = [
        fields.organisation(uri, f"body.to.{place}")
        for place, uri in enumerate(fields.array(body["to"], "body.to"))
    ]
    if not 1 <= len(names) <= 64 or len(set(names)) != len(names):
        raise MalformedError("malformed-field", "body.to must name 1 to 64 organisations", field="body.to")
    return tuple(names)


def stream_name(body: Mapping[str, Any]) -> str:
    """Return the name of the restricted stream that an opening names.

    Raises:
        MalformedError: No name of a stream, or that of the custody stream.
    """
    name = body.get("stream")
    if not isinstance(name, str) or not _STREAM_NAME.fullmatch(name) or name == CUSTODY:
        message = "body.stream must be 1 to 64 characters a-z 0-9 -, a letter first, and not custody"
        raise MalformedError("malformed-field", message, field="body.stream")
    return name


def _claimed(statement: Statement, disclosures: Sequence[str]) -> tuple[EvidenceItem, ...]:
    try:
        return evidence.items(statement.reveal(disclosures))
    except MalformedError:
        return ()


def _opens(statement: Statement) -> bool:
    streams = statement.streams
    return len(streams) == 1 and Subject.parse(statement.sub).opened_by(statement.iss, streams[0])


def _stream_opened(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, opens=stream_name(body) if len(statement.streams) == 1 else None)


def _grant(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, admits=granted(body))


def _hand_over(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    claim = Claim.parse(body)
    terms = claim.terms
    if terms is None:
        return Facts(index, statement, claim=claim)
    if statement.iss != (terms.giver if claim.role is Role.GIVER else terms.taker):
        return Facts(index, statement)
    # Whoever is to take must be able to read and answer; who only claims to take lets nobody in.
    offers = claim.role is Role.GIVER and claim.result is not Result.REFUSED
    return Facts(
        index,
        statement,
        admits=(terms.taker,) if offers else (),
        admits_to=frozenset(terms.subjects).intersection(statement.subjects),
        claim=claim,
    )


_READERS = {STREAM_OPENED: _stream_opened, GRANT: _grant, HAND_OVER: _hand_over}
