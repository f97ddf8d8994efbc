"""How a drop stands, as whoever may read its folders can tell; the drop itself may be at work meanwhile."""

from dataclasses import dataclass
from typing import Any, Final

from ledger.client import durable
from ledger.domain import strict_json
from ledger.domain.errors import CorridorError, NotFoundError
from ledger.drops.drop import AGAIN, STATUS
from ledger.drops.folder import plain_name
from ledger.drops.journal import Journal, writing
from ledger.drops.quarantine import Aside, Quarantine
from ledger.drops.settings import DropConfig

_MAX_STATUS: Final = 64 * 1_048_576


@dataclass(frozen=True, slots=True)
class Standing:
    """How a drop stands.

    Args:
        on_record: How many contents the ledger has all of.
        to_send: Names of files that wait for the ledger.
        refused: Of those that the ledger does not take, the reason by name.
        aside: What is in quarantine.
        waiting: What waits in the folder, and why, as of the last round.
        skipped: What is never touched, and why, as of the last round.
        stopped: Why nothing could be sent in the last round.
        at: When that was, POSIX seconds; None before the first.
    """

    on_record: int
    to_send: tuple[str, ...]
    refused: dict[str, str]
    aside: tuple[Aside, ...]
    waiting: dict[str, str]
    skipped: dict[str, str]
    stopped: str | None
    at: int | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON says it."""
        shown = {name: getattr(self, name) for name in self.__slots__}
        aside = [{name: getattr(one, name) for name in one.__slots__} for one in self.aside]
        return shown | {"to_send": [*self.to_send], "aside": aside}


def standing(config: DropConfig) -> Standing:
    """Return how a drop stands.

    Args:
        config: Of the drop.

    Raises:
        UnavailableError: Its folders cannot be read.
    """
    journal = Journal(config.state / "journal")
    pending = list(journal.pending())
    last = _last(config)
    stopped = last.get("stopped") or {}
    return Standing(
        on_record=journal.count_done(),
        to_send=tuple(one.name for one in pending if one.refused is None),
        refused={one.name: f"{one.refused.message} [{one.refused.code}]" for one in pending if one.refused},
        aside=tuple(Quarantine(config.quarantine, config.folder).listed()),
        waiting=last.get("waiting", {}),
        skipped=last.get("skipped", {}),
        stopped=stopped.get("message"),
        at=last.get("at"),
    )


def retry(config: DropConfig, name: str) -> str:
    """Have a file taken anew: out of quarantine, or signed and sent again after the ledger refused it.

    Args:
        config: Of the drop.
        name: Of the file, or of its folder in quarantine.

    Returns:
        What is going to happen, for people.

    Raises:
        NotFoundError: There is none.
        ConflictError: There are several of this name, or a new file has it.
        UnavailableError: A folder cannot be written.
    """
    for taken in Journal(config.state / "journal").pending():
        if taken.name == name and taken.refused is not None:
            with writing(config.state):
                durable.put(config.state / AGAIN / taken.digest, b"")
            return f"{plain_name(name)} is signed and sent anew in the next round"
    try:
        aside = Quarantine(config.quarantine, config.folder).retry(name)
    except NotFoundError as error:
        message = f"{error.message}, and the ledger refused none of this name"
        raise NotFoundError(error.code, message) from None
    return f"{aside.name} is back in {config.folder}, and looked at in the next round"


def _last(config: DropConfig) -> dict[str, Any]:
    """Return what the last round said; nothing where there was none."""
    try:
        value = strict_json.loads((config.state / STATUS).read_bytes(), max_bytes=_MAX_STATUS)
    except (OSError, CorridorError):
        return {}
    return value if isinstance(value, dict) else {}
