"""The members of a body that have a fixed meaning: whether what is revealed of them is well-formed.

A member that its author concealed and did not disclose cannot be judged, and is not.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.catalogue.facts import GRANT, granted, stream_name
from ledger.domain import evidence, fields, identifiers, links, participant
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER, Claim
from ledger.domain.statement import Statement
from ledger.domain.subject import STREAM_OPENED

MAX_ITEMS: Final = 64

_CLAIM = ("terms", "role", "result", "agreed")
_FOUND = ("intact", "broken", "missing")
Reader = Callable[[object, str], object]


def check_shape(statement: Statement, body: Mapping[str, Any]) -> None:
    """Accept a body whose revealed members of fixed meaning are well-formed.

    Args:
        statement: As signed.
        body: As revealed.

    Raises:
        MalformedError: With the path of the member at fault as `field`, such as `body.seals_found.0.number`.
    """
    for name, value in body.items():
        if name in _READERS:
            _judge(statement, _READERS[name], value, f"body.{name}")
    if "evidence" in body:
        _judge(statement, _evidence, body, "body")
    if statement.kind in _OF_KIND:
        _judge(statement, _OF_KIND[statement.kind], body, "body")
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


def _choice(*words: str) -> Reader:
    def read(value: object, where: str) -> object:
        if value not in words:
            message = f"{where} must be {', '.join(words[:-1])} or {words[-1]}"
            raise MalformedError("malformed-field", message, field=where)
        return value

    return read


def _text(longest: int) -> Reader:
    return lambda value, where: fields.text(value, where, longest=longest)


def _number(smallest: float, largest: float) -> Reader:
    def read(value: object, where: str) -> object:
        if isinstance(value, bool) or not isinstance(value, int | float) or not smallest <= value <= largest:
            message = f"{where} must be a number from {smallest:g} to {largest:g}"
            raise MalformedError("malformed-field", message, field=where)
        return value

    return read


def _object(required: Mapping[str, Reader], optional: Mapping[str, Reader]) -> Reader:
    """Return a reader of objects; members that it does not know may be there."""

    def read(value: object, where: str) -> object:
        if not isinstance(value, dict):
            raise MalformedError("malformed-field", f"{where} must be an object", field=where)
        for name in required:
            if name not in value:
                message = f'{where} has no member "{name}"'
                raise MalformedError("missing-field", message, field=f"{where}.{name}")
        for name, member in {**required, **optional}.items():
            if name in value:
                member(value[name], f"{where}.{name}")
        return value

    return read


def _array(element: Reader) -> Reader:
    def read(value: object, where: str) -> object:
        elements = fields.array(value, where)
        if len(elements) > MAX_ITEMS:
            raise MalformedError("malformed-field", f"{where} may have {MAX_ITEMS} elements", field=where)
        for place, one in enumerate(elements):
            element(one, f"{where}.{place}")
        return elements

    return read


def _interval(value: object, where: str) -> object:
    _object({"from": fields.timestamp, "to": fields.timestamp}, {})(value, where)
    assert isinstance(value, dict)
    if fields.timestamp(value["to"], "to") < fields.timestamp(value["from"], "from"):
        message = f"{where} ends before it starts"
        raise MalformedError("ends-before-start", message, field=f"{where}.to")
    return value


def _weights(value: object, where: str) -> object:
    if not isinstance(value, dict):
        raise MalformedError("malformed-field", f"{where} must be an object", field=where)
    for name, weight in value.items():
        _number(0, 10**9)(weight, f"{where}.{name[:80]}")
    return value


def _seal(more: Mapping[str, Reader]) -> Reader:
    optional = {name: _text(64) for name in ("standard", "kind", "on")} | {"mark": _text(256)}
    # A concealed element of an array is left out; a concealed number leaves an object without one.
    return _object({"number": _text(64)}, {**optional, **more})


def _grant(body: Any, _where: str) -> object:
    return granted(body)


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


def _at(error: MalformedError, where: str) -> MalformedError:
    """Return what a reader complained of from its own point of view, with the path from the top."""
    field = where if error.field is None else f"{where}.{error.field}"
    return MalformedError(error.code, error.message, field=field)


_READERS: Final[Mapping[str, Reader]] = {
    "occurred_at": fields.timestamp,
    "clock_offset_s": _number(-participant.MAX_OFFSET_SECONDS, participant.MAX_OFFSET_SECONDS),
    "place": _text(200),
    "container": identifiers.check_container,
    "seals_found": _array(_seal({"state": _choice(*_FOUND)})),
    "seals_applied": _array(_seal({})),
    "seals_removed": _array(_seal({})),
    "doors": _choice("opened", "closed"),
    "observed": _interval,
    "conclusion": _choice("clear", "suspect"),
    "concluded_by": _choice("person", "algorithm"),
    "reason": _text(2000),
    "vessel": _object({}, {"name": _text(200), "imo": identifiers.check_imo}),
    "voyage_number": _text(64),
    "weights": _weights,
}
_OF_KIND: Final[Mapping[str, Reader]] = {HAND_OVER: _claim, GRANT: _grant}
