"""What a service answers about a statement, read strictly where it counts and passed on elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from ledger.client.http import wrong_answer
from ledger.domain.errors import CorridorError
from ledger.domain.fields import natural

_MAX_WARNINGS = 100


class State(StrEnum):
    """How far a statement has come."""

    LOGGED = "logged"
    PUBLISHED = "published"
    ANCHORED = "anchored"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Warned:
    """What a service found strange about a statement that it put on record nonetheless.

    Args:
        code: For programs.
        message: For people.
        field: The field at fault, if it is one.
    """

    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """The acknowledgement of a statement: it is durable in the log.

    Args:
        id: Of the statement, 32 bytes.
        index: Its place in the log.
        duplicate: Whether it was there before.
        warnings: What is strange about it.
    """

    id: bytes
    index: int
    duplicate: bool
    warnings: tuple[Warned, ...] = ()

    @classmethod
    def parse(cls, answer: Mapping[str, Any], identifier: bytes) -> Self:
        """Read an acknowledgement of the statement that was sent.

        Args:
            answer: As the service gave it.
            identifier: Of the statement, 32 bytes.

        Raises:
            VerificationError: It is about another statement, or none.
        """
        if answer.get("id") != identifier.hex():
            raise wrong_answer("it does not name the statement that was sent")
        warnings = answer.get("warnings", [])
        if not isinstance(answer.get("duplicate"), bool) or not isinstance(warnings, list):
            raise wrong_answer("an acknowledgement of another form")
        try:
            index = natural(answer.get("index"), "index")
        except CorridorError as error:
            raise wrong_answer(error.message) from None
        return cls(
            identifier, index, answer["duplicate"], tuple(_warned(one) for one in warnings[:_MAX_WARNINGS])
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as it came."""
        warnings = [{"code": one.code, "message": one.message, "field": one.field} for one in self.warnings]
        return {"id": self.id.hex(), "index": self.index, "duplicate": self.duplicate, "warnings": warnings}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a statement stands.

    Args:
        id: Of the statement, 32 bytes.
        state: How far it has come.
        document: All that the service says, as it is.
        again: Seconds after which it is worth asking again, if the service says so.
    """

    id: bytes
    state: State
    document: Mapping[str, Any] = field(repr=False)
    again: float | None = None

    @classmethod
    def parse(cls, answer: Mapping[str, Any], identifier: bytes, again: float | None = None) -> Self:
        """Read it; raises as `Registered.parse`."""
        if answer.get("id") != identifier.hex():
            raise wrong_answer("it is about another statement than the one asked for")
        state = answer.get("state")
        if state not in list(State):
            raise wrong_answer(f"the state {str(state)[:40]!r}")
        return cls(identifier, State(state), answer, again)


def _warned(value: object) -> Warned:
    if not isinstance(value, dict):
        raise wrong_answer("a warning of another form")
    code, message, name = (value.get(key) for key in ("code", "message", "field"))
    if not isinstance(code, str) or not isinstance(message, str) or not isinstance(name, str | None):
        raise wrong_answer("a warning of another form")
    return Warned(code[:100], message[:2000], None if name is None else name[:200])
