"""The tables of a profile that say what a corridor asks of its shipments (formats, section 2).

What is read here is well-formed; whether it makes sense is for `ledger.corridors.checking` to say.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields as members_of
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ledger.corridors.due import read_due
from ledger.corridors.needs_table import read_required
from ledger.corridors.rules import CLOCKS, CorridorRules, Leg, Milestone, Place, Reefer, Tolerances
from ledger.corridors.rules_fields import (
    COUNTRY,
    NAME,
    REGION,
    UN_LOCODE,
    choice,
    named,
    number,
    one,
    some,
    words,
)
from ledger.domain import fields
from ledger.domain.errors import MalformedError

MODES: Final = ("road", "sea", "rail", "yard")
ROUTE: Final = "route"
TABLES: Final = (
    ROUTE,
    "places",
    "milestones",
    "legs",
    "required",
    "tolerances",
    "reefer",
    "speeds",
    "alarms",
    "before",
)

_MOST: Final = {"packages": 1e6, "days": 366.0, "hs_digits": 10.0}
_PERCENT: Final = 100.0
_Read = TypeVar("_Read")


def read_rules(tables: Mapping[str, Any]) -> CorridorRules | None:
    """Read what a corridor asks of its shipments.

    Args:
        tables: The tables of the profile, by name.

    Returns:
        None where there is no `[route]`: nothing is asked beyond the foundation.

    Raises:
        MalformedError: A member that is missing, unknown or of another type, or one of these tables without
            `[route]`.
    """
    if ROUTE not in tables:
        for name in TABLES:
            if name in tables:
                message = f"[{name}] counts only beside [{ROUTE}]: write that table, or leave this one out"
                raise MalformedError("missing-field", message, field=ROUTE)
        return None
    before = fields.exactly_at(
        tables.get("before", {}), (), "before", optional=("seal_check", "machinery_check")
    )
    alarms = fields.exactly_at(tables.get("alarms", {}), (), "alarms", optional=("answer_hours",))
    return CorridorRules(
        **_route(tables[ROUTE]),
        places=_each(tables, "places", UN_LOCODE, _place),
        milestones=_each(tables, "milestones", NAME, _milestone),
        legs=_each(tables, "legs", NAME, _leg),
        required=_each(tables, "required", NAME, read_required),
        tolerances=_tolerances(tables.get("tolerances", {})),
        reefer=_reefer(tables["reefer"]) if "reefer" in tables else None,
        most_speed_kmh=_speeds(tables.get("speeds", {})),
        answer_alarm_hours=number(alarms.get("answer_hours", 24), "alarms.answer_hours", most=8784),
        seal_check_at=frozenset(some(before.get("seal_check", []), NAME, "before.seal_check", least=0)),
        machinery_check_at=frozenset(
            some(before.get("machinery_check", []), NAME, "before.machinery_check", least=0)
        ),
    )


def _each(
    tables: Mapping[str, Any], table: str, form: re.Pattern[str], read: Callable[[object, str], _Read]
) -> Mapping[str, _Read]:
    return MappingProxyType(
        {
            name: read(value, f"{table}.{name}")
            for name, value in named(tables.get(table, {}), form, table).items()
        }
    )


def _route(table: object) -> dict[str, Any]:
    members = fields.exactly_at(
        table,
        ("origins", "destinations", "parties"),
        ROUTE,
        optional=("promise_hours", "promise", "arrival", "times"),
    )
    read: dict[str, Any] = {
        "origins": frozenset(some(members["origins"], UN_LOCODE, "route.origins")),
        "destinations": frozenset(some(members["destinations"], UN_LOCODE, "route.destinations")),
        "parties": frozenset(some(members["parties"], NAME, "route.parties")),
        "arrival": one(members.get("arrival", "arrival"), NAME, "route.arrival"),
    }
    if "times" in members:
        listed = some(members["times"], NAME, "route.times")
        read["times"] = frozenset([choice(clock, CLOCKS, "route.times") for clock in listed])
    if "promise_hours" in members:
        read["promise_hours"] = number(members["promise_hours"], "route.promise_hours", most=8784)
    if "promise" in members:
        read["promise"] = read_due(members["promise"], "route.promise")
    return read


def _place(table: object, where: str) -> Place:
    members = fields.exactly_at(table, ("title", "country"), where, optional=("latitude", "longitude"))
    if ("latitude" in members) != ("longitude" in members):
        message = f"{where} must have latitude and longitude, or neither"
        raise MalformedError("missing-field", message, field=where)
    return Place(
        title=fields.text(members["title"], f"{where}.title", longest=200),
        country=one(members["country"], COUNTRY, f"{where}.country"),
        latitude=_number(members, "latitude", where, least=-90, most=90),
        longitude=_number(members, "longitude", where, least=-180, most=180),
    )


def _milestone(table: object, where: str) -> Milestone:
    members = fields.exactly_at(table, ("title", "kinds"), where, optional=("places", "sources"))
    return Milestone(
        title=words(members["title"], f"{where}.title"),
        kinds=frozenset(some(members["kinds"], NAME, f"{where}.kinds")),
        places=frozenset(some(members.get("places", []), REGION, f"{where}.places", least=0)),
        sources=some(members.get("sources", []), NAME, f"{where}.sources", least=0),
    )


def _leg(table: object, where: str) -> Leg:
    amounts = ("km", "least_hours", "most_hours", "most_km_off")
    members = fields.exactly_at(table, ("title", "from", "to", "mode"), where, optional=amounts)
    return Leg(
        title=words(members["title"], f"{where}.title"),
        from_=one(members["from"], NAME, f"{where}.from"),
        to=one(members["to"], NAME, f"{where}.to"),
        mode=choice(members["mode"], MODES, f"{where}.mode"),
        **{name: _number(members, name, where) for name in amounts},
    )


def _tolerances(table: object) -> Tolerances:
    known = tuple([member.name for member in members_of(Tolerances)])
    members = fields.exactly_at(table, (), "tolerances", optional=known)
    read: dict[str, Any] = {
        name: number(value, f"tolerances.{name}", most=_MOST.get(name, _PERCENT))
        for name, value in members.items()
    }
    if "hs_digits" in members:
        read["hs_digits"] = fields.natural(members["hs_digits"], "tolerances.hs_digits", largest=10)
    return Tolerances(**read)


def _reefer(table: object) -> Reefer:
    members = fields.exactly_at(table, ("low_c", "high_c", "most_minutes"), "reefer")
    return Reefer(
        low_c=number(members["low_c"], "reefer.low_c", least=-100, most=100),
        high_c=number(members["high_c"], "reefer.high_c", least=-100, most=100),
        most_minutes=number(members["most_minutes"], "reefer.most_minutes"),
    )


def _speeds(table: object) -> Mapping[str, float]:
    members = fields.exactly_at(table, (), "speeds", optional=MODES)
    return MappingProxyType(
        {mode: number(value, f"speeds.{mode}", least=1, most=2000) for mode, value in members.items()}
    )


def _number(
    members: Mapping[str, Any], name: str, where: str, *, least: float = 0.0, most: float = 1e6
) -> float | None:
    return number(members[name], f"{where}.{name}", least=least, most=most) if name in members else None
