"""The members of a body that have a fixed meaning: whether what is revealed of them is well-formed.

A member that its author concealed and did not disclose cannot be judged, and is not.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.catalogue.facts import stream_name
from ledger.domain import (
    clips,
    decision,
    evidence,
    fields,
    identifiers,
    links,
    machines,
    participant,
    sharing,
)
from ledger.domain.custody import members
from ledger.domain.disclosure_record import DISCLOSURE_RECORD, Disclosed
from ledger.domain.documents import DOCUMENTS, read_documents
from ledger.domain.encryption_key import ENCRYPTION_KEY, EncryptionKey
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER, Claim
from ledger.domain.paper_shape import PAPERS, read_papers
from ledger.domain.schedule import SCHEDULE, read_schedule
from ledger.domain.statement import Statement
from ledger.domain.subject import STREAM_OPENED

MAX_WEIGHT: Final = 10**9

_CLAIM = ("terms", "role", "result", "agreed")
_IN_THE_CLEAR: Final = frozenset({DOCUMENTS, SCHEDULE})
"""What decides what is still missing, and when it is due: nobody is told otherwise than others are."""
Reader = Callable[[Any, str], object]


def check_shape(statement: Statement, body: Mapping[str, Any]) -> None:
    """Accept a body whose revealed members of fixed meaning are well-formed.

    Args:
        statement: As signed.
        body: As revealed.

    Raises:
        MalformedError: With the path of the member at fault as `field`, such as `body.seals_found.0.number`.
            Code `concealed-member`: one that has to be in the clear is concealed, as a whole or in part.
    """
    more = members.READERS_OF.get(statement.kind, {})
    for name, value in body.items():
        if name in _IN_THE_CLEAR and statement.body.get(name) != value:
            message = f"body.{name} has to be in the clear, all of it: sign it again without concealing it"
            raise MalformedError("concealed-member", message, field=f"body.{name}")
        read = _READERS.get(name) or more.get(name)
        if read is not None:
            _judge(statement, read, value, f"body.{name}")
    if "evidence" in body:
        _judge(statement, _evidence, body, "body")
    if statement.kind in _OF_KIND:
        _judge(statement, _OF_KIND[statement.kind], body, "body")
    _judge(statement, lambda value, _where: sharing.check_body(statement, value), body, "body")
    _judge(statement, lambda value, _where: decision.check_body(statement, value), body, "body")
    links.links_of(statement, body)
    if statement.kind == STREAM_OPENED:
        stream_name(body)
    participant.check_body(statement.kind, body, at=statement.iat)


def _judge(statement: Statement, read: Reader, value: object, where: str) -> None:
    try:
        read(value, where)
    except MalformedError as error:
        # What is missing may be among what was concealed.
        if error.code != "missing-field" or not _conceals(statement.body):
            raise


def _conceals(value: object) -> bool:
    if isinstance(value, dict):
        return "_sd" in value or "..." in value or any(map(_conceals, value.values()))
    return isinstance(value, list) and any(map(_conceals, value))


def _text(longest: int) -> Reader:
    return lambda value, where: fields.text(value, where, longest=longest)


def _vessel(value: object, where: str) -> object:
    for name, member in _object(value, where).items():
        if name in _OF_VESSEL:
            _OF_VESSEL[name](member, f"{where}.{name}")
    return value


def _weights(value: object, where: str) -> object:
    for name, weight in _object(value, where).items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= MAX_WEIGHT:
            field = f"{where}.{name[:80]}"
            raise MalformedError(
                "malformed-field", f"{field} must be a number from 0 to {MAX_WEIGHT}", field=field
            )
    return value


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError("malformed-field", f"{where} must be an object", field=where)
    return value


def _evidence(body: Any, where: str) -> object:
    try:
        return evidence.items(body)
    except MalformedError as error:
        raise _at(error, where if error.field == "evidence" else f"{where}.evidence") from None


def _claim(body: Any, where: str) -> object:
    try:
        return Claim.parse(body)
    except MalformedError as error:
        raise _at(error, where if error.field in _CLAIM else f"{where}.agreed") from None


def _disclosed(body: Any, where: str) -> object:
    # Without `to` it tells of what its author looked at itself.
    return Disclosed.parse(body, where) if "to" in body else None


def _clip(body: Any, where: str) -> object:
    return clips.read_clip(body[clips.CLIP], f"{where}.{clips.CLIP}") if clips.CLIP in body else None


def _at(error: MalformedError, where: str) -> MalformedError:
    """Return what a reader complained of from its own point of view, with the path from the top."""
    field = where if error.field is None else f"{where}.{error.field}"
    return MalformedError(error.code, error.message, field=field)


_READERS: Final[Mapping[str, Reader]] = {
    **members.READERS,
    **machines.READERS,
    "container": identifiers.check_container,
    DOCUMENTS: read_documents,
    PAPERS: read_papers,
    "place": _text(200),
    SCHEDULE: read_schedule,
    "vessel": _vessel,
    "voyage_number": _text(64),
    "weights": _weights,
}
_OF_VESSEL: Final[Mapping[str, Reader]] = {"name": _text(200), "imo": identifiers.check_imo}
_OF_KIND: Final[Mapping[str, Reader]] = {
    HAND_OVER: _claim,
    clips.VIDEO: _clip,
    machines.RADIATION: machines.check_radiation,
    ENCRYPTION_KEY: EncryptionKey.parse,
    DISCLOSURE_RECORD: _disclosed,
}
