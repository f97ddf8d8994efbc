"""One statement in an outbox: a folder that holds it, and beside it what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from ledger.client import durable
from ledger.domain import fields, strict_json
from ledger.domain.errors import CorridorError, MalformedError
from ledger.domain.statement import MAX_FILE_BYTES, Statement, StatementFile

STATEMENT: Final = "statement"
ANSWER: Final = "answer.json"
REFUSAL: Final = "refusal.json"
_MAX_NOTE: Final = 65_536

PASSING: Final = frozenset(
    ("issued-in-future", "key-missing", "key-unknown", "not-a-member", "stream-unknown")
)
"""Refusals that may be over the next time: the registry, the membership or the clock catches up."""


class Place(StrEnum):
    """What became of a statement, as far as the outbox knows."""

    WAITING = "waiting"
    REFUSED = "refused"
    SENT = "sent"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a service did not take a statement.

    Args:
        code: For programs.
        message: For people.
        field: The field at fault, if it is one.
        at: When, POSIX seconds on this machine's clock.
        passing: Whether it may be over the next time, so that the statement is sent again by itself.
    """

    code: str
    message: str
    field: str | None
    at: int
    passing: bool

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read it; MalformedError when it is none."""
        members = fields.exactly(
            strict_json.loads(data, max_bytes=_MAX_NOTE), cls.__slots__, "the refusal in the outbox"
        )
        fields.boolean(members["passing"], "passing")
        name = members["field"]
        return cls(
            fields.text(members["code"], "code", longest=200),
            fields.text(members["message"], "message", longest=4000),
            None if name is None else fields.text(name, "field", longest=200),
            fields.natural(members["at"], "at"),
            members["passing"],
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement in an outbox.

    Args:
        path: Its folder.
        place: What became of it.
        file: The statement with its disclosures, as it is sent.
        statement: The statement.
        occurred_at: When it happened, as the body claims it; None when it does not.
        answer: What the service acknowledged, and when, of one that was sent.
        refusal: Why the service did not take it the last time.
    """

    path: Path
    place: Place
    file: StatementFile = field(repr=False)
    statement: Statement
    occurred_at: str | None = None
    answer: Mapping[str, Any] | None = None
    refusal: Refusal | None = None

    @property
    def id(self) -> bytes:
        """Id of the statement, 32 bytes."""
        return self.statement.id

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read an entry.

        Raises:
            MalformedError: It is not one that this program put there whole.
            OSError: It cannot be read now.
        """
        try:
            data = _read(path / STATEMENT, MAX_FILE_BYTES)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise MalformedError("outbox-damaged", f"{path.name} holds no statement") from None
        file = StatementFile.parse(data)
        statement = Statement.parse(file.statement)
        if not path.name.endswith(statement.id.hex()):
            raise MalformedError(
                "outbox-damaged", f"{path.name} holds another statement than it is called by"
            )
        occurred = statement.reveal(file.disclosures).get("occurred_at")
        answer = _answer(path, statement.id)
        refusal = None if answer else _refusal(path)
        place = Place.REFUSED if refusal and not refusal.passing else Place.WAITING
        return cls(
            path=path,
            place=Place.SENT if answer else place,
            file=file,
            statement=statement,
            occurred_at=occurred if isinstance(occurred, str) else None,
            answer=answer,
            refusal=refusal,
        )

    def note(self, name: str, value: Mapping[str, Any]) -> None:
        """Write down what became of it; OSError when that cannot be done."""
        durable.put(self.path / name, strict_json.dumps(value))


def _read(path: Path, max_bytes: int) -> bytes:
    with path.open("rb") as file:
        return file.read(max_bytes + 1)


def _answer(path: Path, identifier: bytes) -> Mapping[str, Any] | None:
    """Return the acknowledgement; one that cannot be read is none: to send once more does no harm."""
    try:
        answer = strict_json.loads(_read(path / ANSWER, _MAX_NOTE), max_bytes=_MAX_NOTE)
        fields.natural(answer["index"], "index")
        fields.natural(answer["acknowledged_at"], "acknowledged_at")
    except (FileNotFoundError, CorridorError, TypeError, KeyError):
        return None
    return answer if answer.get("id") == identifier.hex() else None


def _refusal(path: Path) -> Refusal | None:
    """Return why it was refused; what cannot be read is no reason."""
    try:
        return Refusal.parse(_read(path / REFUSAL, _MAX_NOTE))
    except (FileNotFoundError, CorridorError):
        return None
