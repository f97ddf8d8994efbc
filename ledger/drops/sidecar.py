"""A sidecar: what a terminal system says of a file beside it; and the trips that containers are on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from ledger.domain import fields, strict_json
from ledger.domain.errors import MalformedError, UnavailableError
from ledger.domain.identifiers import check_container
from ledger.domain.subject import TAG_SIZE, Subject

MAX_SIDECAR: Final = 16_384
MAX_TRIPS: Final = 4 * 1_048_576
_MEMBERS = ("container", "subject", "stream", "occurred_at", "place")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a statement is filed.

    Args:
        subject: URI of the subject.
        stream: Tag of its custody stream, 32 bytes.
    """

    subject: str
    stream: bytes

    @classmethod
    def parse(cls, value: object, where: str) -> Self:
        """Read an object of exactly `subject` and `stream`; MalformedError when it is none."""
        members = fields.exactly(value, ("subject", "stream"), where)
        return cls(
            Subject.parse(members["subject"], "subject").uri,
            fields.from_hex(members["stream"], TAG_SIZE, "stream"),
        )


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is said of a file beside it.

    Args:
        container: The container that it is of.
        target: The subject and its stream, if it names them.
        occurred_at: When it happened, RFC 3339.
        place: Where.
    """

    container: str | None = None
    target: Target | None = None
    occurred_at: str | None = None
    place: str | None = None

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a sidecar: strict JSON of at most 16,384 bytes.

        Raises:
            MalformedError: It is none.
        """
        members = fields.exactly(
            strict_json.loads(data, max_bytes=MAX_SIDECAR), (), "the sidecar", optional=_MEMBERS
        )
        named = {name: members[name] for name in ("subject", "stream") if name in members}
        occurred_at = members.get("occurred_at")
        if occurred_at is not None:
            fields.timestamp(occurred_at, "occurred_at")
        place = members.get("place")
        return cls(
            container=_container(members["container"]) if "container" in members else None,
            target=Target.parse(named, "the sidecar") if named else None,
            occurred_at=occurred_at,
            place=None if place is None else fields.text(place, "place", longest=200),
        )


def read_trips(path: Path) -> dict[str, Target]:
    """Return the trips that containers are on.

    Args:
        path: Strict JSON, an object from container number to `{"subject", "stream"}`.

    Raises:
        UnavailableError: It cannot be read now.
        MalformedError: It is none.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TRIPS + 1)
    except OSError as error:
        raise UnavailableError("cannot-read", f"the trips {path} cannot be read: {error.strerror}") from None
    trips: Any = strict_json.loads(data, max_bytes=MAX_TRIPS)
    if not isinstance(trips, Mapping):
        raise MalformedError("malformed-field", f"{path} must hold an object from container to trip")
    return {_container(number): Target.parse(value, number) for number, value in trips.items()}


def _container(value: object) -> str:
    check_container(value)
    return str(value)
