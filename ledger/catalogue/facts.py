"""What one logged statement tells the catalogue, read from its bytes and the disclosures that came along."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ledger.domain import evidence
from ledger.domain.erasure import ERASURE, Erasure
from ledger.domain.errors import MalformedError
from ledger.domain.evidence import EvidenceItem
from ledger.domain.hand_over import HAND_OVER, Claim, Result, Role
from ledger.domain.legal_hold import LEGAL_HOLD, LEGAL_HOLD_ENDED, Hold, Lift, lifted
from ledger.domain.moment import happened_at
from ledger.domain.sharing import (
    ACCESS_ANSWER,
    ACCESS_REQUEST,
    ANSWERS,
    ENDS,
    GRANT,
    GRANT_ENDED,
    AccessAnswer,
    AccessRequest,
    Grant,
    the_one,
)
from ledger.domain.statement import Statement
from ledger.domain.subject import STREAM_OPENED, SUBJECT_OPENED, Subject

CUSTODY = "custody"
"""Name of the stream that a subject begins with."""

_STREAM_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class Facts:
    """A logged statement, taken apart.

    Args:
        index: Its place in the log.
        statement: The statement.
        received_at: When the log took it, POSIX seconds.
        opens: Name of the stream that it opens, None when it opens none.
        admits: What it grants to those whom it lets into its streams, if its signer is a member.
        admits_to: The only subjects whose custody streams `admits` is about; None for every stream that it
            names.
        ends: Id of the statement whose grant it ends.
        asks: What it asks to be shown.
        answers: Id of the request that it answers; `admits` counts only if the answer does.
        asked_by: URI of the organisation that it answers.
        claim: What it says of a hand-over, None when it says nothing that counts.
        evidence: The items of evidence that it claims.
        keeping: What it says of the keeping of evidence, None when it says nothing that counts.
        at: When that happened, POSIX seconds.
    """

    index: int
    statement: Statement
    received_at: int = 0
    opens: str | None = None
    admits: Grant | None = None
    admits_to: frozenset[str] | None = None
    ends: bytes | None = None
    asks: AccessRequest | None = None
    answers: bytes | None = None
    asked_by: str | None = None
    claim: Claim | None = None
    evidence: tuple[EvidenceItem, ...] = ()
    keeping: Erasure | Hold | Lift | None = None
    at: int = 0


def facts_of(index: int, raw: bytes, disclosures: Sequence[str], received_at: int = 0) -> Facts:
    """Return what a statement of the log tells; what is malformed in its body tells nothing.

    Args:
        index: Its place in the log.
        raw: The statement's bytes.
        disclosures: The texts that came with it.
        received_at: When the log took it, POSIX seconds.
    """
    statement = Statement.parse(raw)
    facts = replace(_by_kind(index, statement, disclosures), received_at=received_at)
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
    return Facts(index, statement, admits=Grant.parse(body))


def _grant_ended(index: int, statement: Statement, _body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, ends=the_one(statement, ENDS))


def _access_request(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, asks=AccessRequest.parse(body))


def _access_answer(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    answer = AccessAnswer.parse(body)
    request = the_one(statement, ANSWERS)
    return Facts(index, statement, admits=answer.grant, answers=request, asked_by=answer.to)


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
        admits=Grant((terms.taker,)) if offers else None,
        admits_to=frozenset(terms.subjects).intersection(statement.subjects),
        claim=claim,
    )


def _erasure(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, keeping=Erasure.parse(body), at=int(happened_at(statement, body)))


def _hold(index: int, statement: Statement, body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, keeping=Hold.parse(body))


def _lift(index: int, statement: Statement, _body: Mapping[str, Any]) -> Facts:
    return Facts(index, statement, keeping=lifted(statement))


_READERS = {
    STREAM_OPENED: _stream_opened,
    GRANT: _grant,
    GRANT_ENDED: _grant_ended,
    ACCESS_REQUEST: _access_request,
    ACCESS_ANSWER: _access_answer,
    HAND_OVER: _hand_over,
    ERASURE: _erasure,
    LEGAL_HOLD: _hold,
    LEGAL_HOLD_ENDED: _lift,
}
