"""What a corridor asks of its shipments: places, milestones, required evidence, deadlines, tolerances."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ledger.domain.words import Words

EARLIEST = "earliest"
LATEST = "latest"
CLOCKS = ("chain", "witnesses", "tsa")


def _none() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the corridor.

    Args:
        title: Its name, for people.
        country: ISO 3166-1, two letters.
        latitude: Degrees north, WGS 84; None where no distance is asked for.
        longitude: Degrees east.
    """

    title: str
    country: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that happens to every shipment once.

    Args:
        title: For people.
        kinds: Kinds of statements that say that it happened.
        places: UN/LOCODE of the places where it counts; empty: anywhere.
        sources: Roles whose word on its time counts, the most trusted first.
    """

    title: Words
    kinds: frozenset[str]
    places: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A moment relative to a milestone.

    Args:
        milestone: Its name.
        hours: Added to it; negative is before it.
    """

    milestone: str
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline.

    Args:
        terms: At least one.
        pick: Which of several counts: `earliest` or `latest`.
    """

    terms: tuple[Term, ...]
    pick: str = EARLIEST


@dataclass(frozen=True, slots=True)
class When:
    """A condition under which evidence is required: all that is given must hold.

    Args:
        destinations: UN/LOCODE or ISO 3166-1 country: the shipment goes there.
        origins: It comes from there.
        hs: Beginnings of tariff numbers: goods with one of them.
        said: A kind of statement that is on record.
        voyage_over_hours: The time from departure to arrival is longer.
    """

    destinations: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    hs: tuple[str, ...] = ()
    said: str | None = None
    voyage_over_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """Evidence that is required of a shipment.

    Args:
        title: For people.
        kind: Kind of the statement that brings it.
        documents: Values of the body's `documents` that satisfy it, any one of them; empty: any statement of
            the kind.
        owed_by: Roles that may bring it, the one that owes it first.
        leg: Name of the leg that it belongs to.
        due: By when it has to be registered; None: at any time before the verdict.
        until: Until when it may be put right; None: no limit.
        when: Under which condition; None: always.
        per: `shipment` or `trip`: once, or for each container.
        origin: Whether it counts for the promise of evidence before arrival.
    """

    title: Words
    kind: str
    documents: frozenset[str] = frozenset()
    owed_by: tuple[str, ...] = ()
    leg: str | None = None
    due: Due | None = None
    until: Due | None = None
    when: When | None = None
    per: str = "shipment"
    origin: bool = True


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of the way between two milestones.

    Args:
        title: For people.
        from_: Milestone at its beginning.
        to: Milestone at its end.
        mode: `road`, `sea`, `rail` or `yard`.
        km: Length of the way.
        least_hours: A shorter time is not possible.
        most_hours: A longer time is worth a look: dwell or detour.
        most_km_off: How far off the straight way positions may lie; None: not asked.
    """

    title: Words
    from_: str
    to: str
    mode: str
    km: float | None = None
    least_hours: float | None = None
    most_hours: float | None = None
    most_km_off: float | None = None


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far apart two papers, or paper and machine, may be.

    Args:
        packages: Pieces.
        net_percent: Of the larger net weight.
        gross_percent: Of the larger gross weight.
        vgm_percent: Of the larger verified gross mass, and of weights summed up to it.
        scan_percent: Between what a scanner or scale weighed and what papers declare.
        value_percent: Of the larger value.
        days: Between dates that should be the same.
        hs_digits: How many digits of tariff numbers must agree.
    """

    packages: float = 0.0
    net_percent: float = 0.5
    gross_percent: float = 0.5
    vgm_percent: float = 2.0
    scan_percent: float = 5.0
    value_percent: float = 0.0
    days: float = 0.0
    hs_digits: int = 6


@dataclass(frozen=True, slots=True)
class Reefer:
    """Limits of temperature.

    Args:
        low_c: Below is outside.
        high_c: Above is outside.
        most_minutes: How long a log may be outside in all.
    """

    low_c: float
    high_c: float
    most_minutes: float


@dataclass(frozen=True, slots=True)
class CorridorRules:
    """What a corridor asks of its shipments.

    Args:
        origins: UN/LOCODE of the places where its shipments begin.
        destinations: Where they end.
        places: By UN/LOCODE.
        milestones: By name, in their order in time.
        legs: By name, in their order.
        parties: Roles that take part in every shipment.
        required: Needs by name.
        promise_hours: How long before arrival all evidence of the origin is promised; None: no promise.
        promise: The deadline of that promise.
        arrival: Name of the milestone that margins are told against.
        times: Clocks by which deadlines may be judged, of `chain`, `witnesses` and `tsa`; a verifier's trust
            file accepts some of them.
        tolerances: How far apart papers may be.
        reefer: Limits of temperature; None: not asked.
        most_speed_kmh: Faster between two places is impossible, by mode.
        answer_alarm_hours: How long a radiation alarm may stay unanswered.
        seal_check_at: Milestones before which a seal check must be on record.
        machinery_check_at: Milestones before which the machinery compartment must have been looked at.
    """

    origins: frozenset[str] = frozenset()
    destinations: frozenset[str] = frozenset()
    places: Mapping[str, Place] = field(default_factory=_none)
    milestones: Mapping[str, Milestone] = field(default_factory=_none)
    legs: Mapping[str, Leg] = field(default_factory=_none)
    parties: frozenset[str] = frozenset()
    required: Mapping[str, Need] = field(default_factory=_none)
    promise_hours: float | None = None
    promise: Due | None = None
    arrival: str = "arrival"
    times: frozenset[str] = frozenset(CLOCKS)
    tolerances: Tolerances = field(default_factory=Tolerances)
    reefer: Reefer | None = None
    most_speed_kmh: Mapping[str, float] = field(default_factory=_none)
    answer_alarm_hours: float = 24.0
    seal_check_at: frozenset[str] = frozenset()
    machinery_check_at: frozenset[str] = frozenset()
