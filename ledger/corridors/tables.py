"""The tables that a profile may have beside roles and kinds: custody, identifiers, corrections, devices."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ledger.domain import fields
from ledger.domain.custody import Level
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER
from ledger.domain.subject import STREAM_OPENED, SUBJECT_OPENED

_LEVELS = (Level.BOTH, Level.ONE_AND_MACHINE, Level.ONE)
_UNKNOWN = {"[roles]": "unknown-role", "[kinds]": "unknown-kind", "[categories]": "unknown-category"}
_CHECK_DIGIT = ("warning", "error")
# Each of these stands by a rule of its own (formats, sections 4 and 13).
_NEVER_BY_OTHERS = frozenset((HAND_OVER, SUBJECT_OPENED, STREAM_OPENED))


@dataclass(frozen=True, slots=True)
class CustodyTable:
    """What `[custody]` says.

    Args:
        least: The weakest level of a hand-over that is taken without complaint.
        places: The same for single places, by UN/LOCODE or the name that terms give them.
        unobserved_minutes: From how many unobserved minutes before lading on there is a warning; None for
            no limit.
    """

    least: Level = Level.BOTH
    places: Mapping[str, Level] = field(default_factory=lambda: MappingProxyType({}))
    unobserved_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class IdentifierTable:
    """What `[identifiers]` says.

    Args:
        check_digit: `warning` or `error`: what a wrong check digit is.
    """

    check_digit: str = "warning"


def read_custody(table: object) -> CustodyTable:
    """Read `[custody]`.

    Raises:
        MalformedError: A member that is not known, or a level that there is not.
    """
    members = fields.exactly(table, (), "[custody]", optional=("least", "places", "unobserved_minutes"))
    places = members.get("places", {})
    if not isinstance(places, dict):
        raise MalformedError("malformed-field", "[custody.places] must be a table", field="custody.places")
    limit = members.get("unobserved_minutes")
    return CustodyTable(
        least=_level(members.get("least", Level.BOTH), "custody.least"),
        places=MappingProxyType(
            {
                fields.text(place, "a place in [custody.places]", longest=200): _level(
                    level, f"custody.places.{place[:80]}"
                )
                for place, level in places.items()
            }
        ),
        unobserved_minutes=None if limit is None else fields.natural(limit, "custody.unobserved_minutes"),
    )


def read_identifiers(table: object) -> IdentifierTable:
    """Read `[identifiers]`.

    Raises:
        MalformedError: A member that is not known, or another word than `warning` or `error`.
    """
    members = fields.exactly(table, (), "[identifiers]", optional=("check_digit",))
    word = members.get("check_digit", "warning")
    if word not in _CHECK_DIGIT:
        message = "identifiers.check_digit must be warning or error"
        raise MalformedError("malformed-field", message, field="identifiers.check_digit")
    return IdentifierTable(word)


def read_corrections(
    table: object, kinds: Collection[str], roles: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """Read `[corrections]`: for a kind, the roles that may correct what another organisation said.

    Raises:
        MalformedError: Something else, or a kind that nobody but its signer may correct.
    """
    read = {}
    for kind, named in members_of(table, "[corrections]").items():
        where = f"corrections.{kind[:80]}"
        _known([kind], kinds, "[kinds]", "[corrections]")
        if kind in _NEVER_BY_OTHERS:
            message = f"{where}: only its own signer corrects a statement of this kind"
            raise MalformedError("malformed-field", message, field=where)
        read[kind] = names(named, roles, "[roles]", where)
    return MappingProxyType(read)


def read_devices(table: object, kinds: Collection[str]) -> frozenset[str]:
    """Read `[devices]`: the kinds that a key of a device may say.

    Raises:
        MalformedError: A member that is not known, or a kind that is not.
    """
    members = fields.exactly(table, ("kinds",), "[devices]")
    return names(members["kinds"], kinds, "[kinds]", "devices.kinds")


def names(value: object, known: Collection[str], table: str, where: str) -> frozenset[str]:
    """Return an array of names, at least one, none twice, each of which a table has.

    Args:
        value: What was read.
        known: The names of the table.
        table: What to call the table in a complaint.
        where: What to call the array in a complaint.

    Raises:
        MalformedError: Anything else; `unknown-role`, `unknown-kind` or `unknown-category` for a name that
            is not there.
    """
    listed = fields.array(value, where)
    _known(listed, known, table, where)
    if not listed or len(set(listed)) != len(listed):
        raise MalformedError("malformed-field", f"{where} must be at least one, none twice", field=where)
    return frozenset(listed)


def _known(listed: list[Any], known: Collection[str], table: str, where: str) -> None:
    for name in listed:
        if not isinstance(name, str) or name not in known:
            message = f"{where} names {str(name)[:80]!r}, which {table} does not have"
            raise MalformedError(_UNKNOWN[table], message, field=where)


def _level(value: object, where: str) -> Level:
    if value not in _LEVELS:
        message = f"{where} must be {', '.join(_LEVELS[:-1])} or {_LEVELS[-1]}"
        raise MalformedError("malformed-field", message, field=where)
    return Level(str(value))


def members_of(table: object, where: str) -> dict[str, Any]:
    """Return the members of a table; raises MalformedError when it is none."""
    if not isinstance(table, dict):
        raise MalformedError("malformed-field", f"{where} must be a table", field=where)
    return table
