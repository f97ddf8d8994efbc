"""The tables of a profile that say what is shared by agreement: categories, sharing, passages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from ledger.corridors.tables import members_of, names
from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.passage_record import RECORDS
from ledger.domain.statement_payload import name_of_kind

EVERYTHING: Final = "*"
"""In `[sharing]`: every category, those too that the profile does not name."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of content that is shared, kept and erased by one rule.

    Args:
        title: For people.
        members: Names of concealed members of a body that belong to it.
        retention_days: How long its evidence is kept at most; None for no limit.
    """

    title: str
    members: frozenset[str] = frozenset()
    retention_days: int | None = None


@dataclass(frozen=True, slots=True)
class PassageTable:
    """What `[passages]` says.

    Args:
        within_seconds: How far apart the records of one gate passage may lie.
        jump_seconds: From how many seconds on a difference between two consecutive clips is a jump.
        needs: The records that a gate passage has to bind.
        places: The same for single places, by UN/LOCODE or the name that passages give them.
    """

    within_seconds: int = 900
    jump_seconds: int = 2
    needs: frozenset[str] = frozenset(RECORDS)
    places: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))


def read_categories(table: object) -> Mapping[str, Category]:
    """Read `[categories.<name>]`.

    Raises:
        MalformedError: A member that is not known, or a name of a member in two categories.
    """
    read: dict[str, Category] = {}
    taken: set[str] = set()
    for name, value in members_of(table, "[categories]").items():
        where = f"categories.{name_of_kind(name, f'the category {name[:80]!r}')}"
        members = fields.exactly(value, ("title",), where, optional=("members", "retention_days"))
        named = _member_names(members.get("members", []), f"{where}.members")
        if named & taken:
            message = f"{where}.members names {min(named & taken)!r}, which another category has"
            raise MalformedError("malformed-field", message, field=f"{where}.members")
        taken |= named
        days = members.get("retention_days")
        read[name] = Category(
            fields.text(members["title"], f"{where}.title", longest=200),
            named,
            None if days is None else fields.natural(days, f"{where}.retention_days"),
        )
    return MappingProxyType(read)


def read_sharing(
    table: object, roles: Collection[str], categories: Collection[str]
) -> Mapping[str, frozenset[str]]:
    """Read `[sharing]`: for a role, the categories that it is shown by agreement, or `*` for everything.

    Raises:
        MalformedError: A role or a category that is not there.
    """
    read = {}
    for role, named in members_of(table, "[sharing]").items():
        where = f"sharing.{role[:80]}"
        if role not in roles:
            raise MalformedError("unknown-role", f"{where}: [roles] does not have it", field=where)
        read[role] = names(named, {*categories, EVERYTHING}, "[categories]", where)
    return MappingProxyType(read)


def read_passages(table: object) -> PassageTable:
    """Read `[passages]`.

    Raises:
        MalformedError: A member that is not known, no natural number, or a record that there is not.
    """
    known = ("within_seconds", "jump_seconds", "needs", "places")
    members = fields.exactly(table, (), "[passages]", optional=known)
    read: dict[str, Any] = {
        name: fields.natural(members[name], f"passages.{name}") for name in known[:2] if name in members
    }
    if "needs" in members:
        read["needs"] = _records(members["needs"], "passages.needs")
    places = members_of(members.get("places", {}), "[passages.places]")
    return PassageTable(
        **read,
        places=MappingProxyType(
            {
                fields.text(place, "a place in [passages.places]", longest=200): _records(
                    needed, f"passages.places.{place[:80]}"
                )
                for place, needed in places.items()
            }
        ),
    )


def _records(value: object, where: str) -> frozenset[str]:
    """Return some of the records that gate passages bind; none is some, for a gate that has no machines."""
    listed = fields.array(value, where)
    if not all(one in RECORDS for one in listed) or len(set(listed)) != len(listed):
        message = f"{where} must name some of {', '.join(RECORDS)}, none twice"
        raise MalformedError("malformed-field", message, field=where)
    return frozenset(listed)


def _member_names(value: Any, where: str) -> frozenset[str]:
    listed = [fields.text(name, where, longest=64) for name in fields.array(value, where)]
    if len(set(listed)) != len(listed):
        raise MalformedError("malformed-field", f"{where} must name none twice", field=where)
    return frozenset(listed)
