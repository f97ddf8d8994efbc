"""The table of a profile that says what evidence is required: `[required]` (formats, section 2)."""

from typing import Final

from ledger.corridors.due import read_due
from ledger.corridors.rules import Need, When
from ledger.corridors.rules_fields import CODE, NAME, REGION, TARIFF, choice, number, one, some, words
from ledger.domain import fields
from ledger.domain.errors import MalformedError

PER: Final = ("shipment", "trip")

_OPTIONAL = ("documents", "leg", "per", "due", "until", "when", "origin")
_WHEN = ("destinations", "origins", "hs", "said", "voyage_over_hours")


def read_required(table: object, where: str) -> Need:
    """Read `[required.<name>]`.

    Raises:
        MalformedError: A member that is missing, unknown or of another type.
    """
    members = fields.exactly_at(table, ("title", "kind", "owed_by"), where, optional=_OPTIONAL)
    return Need(
        title=words(members["title"], f"{where}.title"),
        kind=one(members["kind"], NAME, f"{where}.kind"),
        documents=frozenset(some(members["documents"], CODE, f"{where}.documents"))
        if "documents" in members
        else frozenset(),
        owed_by=some(members["owed_by"], NAME, f"{where}.owed_by"),
        leg=one(members["leg"], NAME, f"{where}.leg") if "leg" in members else None,
        due=read_due(members["due"], f"{where}.due") if "due" in members else None,
        until=read_due(members["until"], f"{where}.until") if "until" in members else None,
        when=_when(members["when"], f"{where}.when") if "when" in members else None,
        per=choice(members.get("per", "shipment"), PER, f"{where}.per"),
        origin=fields.boolean(members.get("origin", True), f"{where}.origin"),
    )


def _when(table: object, where: str) -> When:
    members = fields.exactly_at(table, (), where, optional=_WHEN)
    if not members:
        message = f"{where} must name a condition; leave it out where the evidence is always required"
        raise MalformedError("malformed-field", message, field=where)
    return When(
        destinations=_regions(members, "destinations", where),
        origins=_regions(members, "origins", where),
        hs=some(members["hs"], TARIFF, f"{where}.hs") if "hs" in members else (),
        said=one(members["said"], NAME, f"{where}.said") if "said" in members else None,
        voyage_over_hours=number(members["voyage_over_hours"], f"{where}.voyage_over_hours", most=8784)
        if "voyage_over_hours" in members
        else None,
    )


def _regions(members: dict[str, object], name: str, where: str) -> frozenset[str]:
    return frozenset(some(members[name], REGION, f"{where}.{name}")) if name in members else frozenset()
