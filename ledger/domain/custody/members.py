"""Members of a statement's body that tell of boxes, seals and sightings (formats, section 13)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain import fields
from ledger.domain.custody import conclusion
from ledger.domain.custody.said import Said
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER, Claim
from ledger.domain.moment import clock_offset, occurred_at, put_right

DOORS = "doors"
"""Where a seal is unless something else is said."""
INTACT, BROKEN, MISSING = "intact", "broken", "missing"
OPENED, CLOSED = "opened", "closed"
CLEAR, SUSPECT = "clear", "suspect"
PERSON, ALGORITHM = "person", "algorithm"

_MAX_SEALS = 32


@dataclass(frozen=True, slots=True)
class SealSaid:
    """A seal as a statement names it.

    Args:
        number: The number on it.
        standard: What it conforms to, such as ISO 17712 H.
        kind: `bolt`, `marchamo`, `sticker` and so on.
        on: What it keeps shut: `doors`, `machinery`.
        mark: What cannot be copied: RFID TID, fibre print.
        state: `intact`, `broken` or `missing`, of a seal that was looked for.
    """

    number: str
    standard: str | None = None
    kind: str | None = None
    on: str = DOORS
    mark: str | None = None
    state: str = INTACT


def seals(value: object, where: str) -> tuple[SealSaid, ...]:
    """Read `seals_found`, `seals_applied` or `seals_removed`.

    Raises:
        MalformedError: Not 1 to 32 seals with different numbers, or a member that there is not.
    """
    array = fields.array(value, where)
    found = tuple([_seal(one, f"{where}.{place}") for place, one in enumerate(array)])
    if not 1 <= len(found) <= _MAX_SEALS or len({one.number for one in found}) != len(found):
        message = f"{where} must be 1 to {_MAX_SEALS} seals with different numbers"
        raise MalformedError("malformed-field", message, field=where)
    return found


def _seal(value: object, where: str) -> SealSaid:
    optional = ("standard", "kind", "on", "mark", "state")
    read = fields.exactly_at(value, ("number",), where, optional=optional)
    fields.text(read["number"], f"{where}.number", longest=64)
    for name in ("standard", "kind", "on", "mark"):
        if name in read:
            fields.text(read[name], f"{where}.{name}", longest=200)
    one_of(read.get("state", INTACT), (INTACT, BROKEN, MISSING), f"{where}.state")
    return SealSaid(**read)


def one_of(value: object, words: tuple[str, ...], where: str) -> str:
    """Return one of a few words.

    Raises:
        MalformedError: Anything else.
    """
    if not isinstance(value, str) or value not in words:
        raise MalformedError("malformed-field", f"{where} must be {' or '.join(words)}", field=where)
    return value


def interval(value: object, where: str) -> tuple[float, float]:
    """Read `observed`: two times, POSIX seconds, the second not before the first.

    Raises:
        MalformedError: Anything else.
    """
    read = fields.exactly_at(value, ("from", "to"), where)
    start, end = (fields.timestamp(read[name], f"{where}.{name}").timestamp() for name in ("from", "to"))
    if end < start:
        raise MalformedError("malformed-field", f"{where} must not end before it begins", field=where)
    return start, end


READERS: Mapping[str, Callable[[object, str], Any]] = {
    "occurred_at": occurred_at,
    "clock_offset_s": clock_offset,
    "container": lambda value, where: fields.text(value, where, longest=64),
    "seals_found": seals,
    "seals_applied": seals,
    "seals_removed": seals,
    "doors": lambda value, where: one_of(value, (OPENED, CLOSED), where),
    "observed": interval,
}
"""Reads one member of any body: its value and its field path go in; raises MalformedError."""

_CONCLUSION: Mapping[str, Callable[[object, str], Any]] = {
    "conclusion": lambda value, where: one_of(value, (CLEAR, SUSPECT), where),
    "concluded_by": lambda value, where: one_of(value, (PERSON, ALGORITHM), where),
}
READERS_OF: Mapping[str, Mapping[str, Callable[[object, str], Any]]] = {
    "analysis": {
        **_CONCLUSION,
        "algorithm": conclusion.algorithm,
        "region": conclusion.region,
        "confirmed_by": conclusion.confirmed_by,
    },
    "inspection": {
        **_CONCLUSION,
        "reason": lambda value, where: fields.text(value, where, longest=2000),
    },
}
"""Reads one member more of the bodies of a kind, in the same way."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one statement tells of a box.

    Args:
        said: The statement.
        time: When it happened, POSIX seconds, put right by what the signer's clock was off.
        order: Sorts facts: `time`, the time of signing, the place in the log.
        values: The members that are there and well-formed, as their readers return them.
        malformed: Why members that are there count for nothing.
    """

    said: Said
    time: float
    order: tuple[float, int, int]
    values: Mapping[str, Any]
    malformed: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Kind of the statement."""
        return self.said.statement.kind

    @property
    def by(self) -> str:
        """URI of the organisation that says it."""
        return self.said.statement.iss

    def seals(self, member: str) -> tuple[SealSaid, ...]:
        """Return the seals under `seals_found`, `seals_applied` or `seals_removed`."""
        named: tuple[SealSaid, ...] = self.values.get(member, ())
        return named


def fact_of(said: Said) -> Fact:
    """Read what a statement tells; a malformed member counts as if it were not there."""
    body, kind = said.body, said.statement.kind
    values: dict[str, Any] = {}
    malformed: list[str] = []
    readers = {**READERS, **READERS_OF[kind]} if kind in READERS_OF else READERS
    for name, read in readers.items():
        if name in body:
            try:
                values[name] = read(body[name], f"body.{name}")
            except MalformedError as error:
                malformed.append(error.message)
    time = _time(said, values)
    return Fact(said, time, (time, said.statement.iat, said.index), values, tuple(malformed))


def time_of(said: Said) -> float:
    """Return when what a statement tells of happened, POSIX seconds.

    That is `occurred_at` less `clock_offset_s`; of a hand-over without it the time that its terms agree on;
    of anything else, and where it is malformed, the time of signing.
    """
    return fact_of(said).time


def _time(said: Said, values: Mapping[str, Any]) -> float:
    if "occurred_at" in values:
        return put_right(values["occurred_at"], values.get("clock_offset_s", 0.0))
    if said.statement.kind == HAND_OVER and "agreed" in said.body:
        try:
            terms = Claim.parse(said.body).terms
        except MalformedError:
            terms = None
        if terms is not None:
            return terms.at.timestamp()
    return float(said.statement.iat)
