"""Whether the times of milestones fit together: part of the check `timeliness`."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.checks import timeliness_reasons as why
from ledger.assessment.clock import MilestoneTimes, Schedule
from ledger.assessment.finding import Finding, at, found
from ledger.assessment.told import CLOCKS_DIFFER, Told
from ledger.assessment.wording import in_hours, of_box
from ledger.corridors.rules import CorridorRules
from ledger.domain.schedule import ESTIMATED
from ledger.domain.words import Words

_ORDER_DIFFERS: Final = 900
"""Seconds by which milestones may be told in the wrong order: clocks differ, and people round."""
_FAR_APART: Final = 86_400
"""Seconds by which two sources may be apart on when something happened."""
_COMPETING: Final = 3_600
"""Seconds by which two estimates may be apart without a word."""


def check_milestones(case: Case) -> Iterator[Finding]:
    """Yield what is wrong with the times of a case's milestones, container by container."""
    several = len(case.trips) > 1
    seen: set[tuple[str, tuple[bytes, ...]]] = set()
    for trip in case.trips if several else (None,):
        for one in _of_schedule(case, trip):
            # What is wrong with the voyage is told once, and not for each container on it.
            key = (one.reason.code, one.statements)
            if key not in seen:
                seen.add(key)
                yield one


def _of_schedule(case: Case, trip: str | None) -> Iterator[Finding]:
    schedule = Schedule.of(case, trip)
    rules = case.profile.rules or CorridorRules()
    titles = {name: milestone.title for name, milestone in rules.milestones.items()}
    yield from _order(list(schedule.milestones.values()), titles, trip)
    for times in schedule.milestones.values():
        yield from _apart(times, titles[times.name], trip)
        yield from _past(times, titles[times.name])
    arrival = schedule.milestones.get(schedule.arrival)
    if arrival is not None and arrival.actual is None:
        yield from _competing(arrival)


def _order(
    milestones: Sequence[MilestoneTimes], titles: dict[str, Words], trip: str | None
) -> Iterator[Finding]:
    latest: Told | None = None
    for times in milestones:
        actual = times.actual
        if actual is None:
            continue
        if latest is not None and actual.at < latest.at - _ORDER_DIFFERS:
            yield found(
                why.ORDER_WRONG,
                actual.said,
                latest.said,
                what=_begun(titles[actual.milestone]),
                box=of_box(trip),
                time=at(actual.at),
                who=actual.source,
                other=titles[latest.milestone],
                when=at(latest.at),
                whom=latest.source,
            )
        if latest is None or actual.at > latest.at:
            latest = actual


def _apart(times: MilestoneTimes, title: Words, trip: str | None) -> Iterator[Finding]:
    for one, other in combinations(sorted(times.actuals, key=lambda told: told.at), 2):
        same_place = None in (one.place, other.place) or one.place == other.place
        if one.source != other.source and same_place and other.at - one.at > _FAR_APART:
            yield found(
                why.APART,
                one.said,
                other.said,
                what=_begun(title),
                box=of_box(trip),
                time=at(one.at),
                who=one.source,
                when=at(other.at),
                whom=other.source,
                apart=in_hours(other.at - one.at),
            )


def _past(times: MilestoneTimes, title: Words) -> Iterator[Finding]:
    for one in times.history:
        if one.classifier == ESTIMATED and not one.ahead and one.at < one.known - CLOCKS_DIFFER:
            yield found(why.PAST, one.said, who=one.source, what=title, time=at(one.at), when=at(one.known))


def _competing(arrival: MilestoneTimes) -> Iterator[Finding]:
    counts = arrival.estimate
    for other in arrival.current:
        if counts is None or other.source == counts.source or abs(other.at - counts.at) <= _COMPETING:
            continue
        yield found(
            why.COMPETING,
            counts.said,
            other.said,
            time=at(counts.at),
            who=counts.source,
            when=at(other.at),
            other=other.source,
        )


def _begun(title: Words) -> Words:
    """Return a title as it stands at the beginning of a sentence."""
    return Words(*(text[:1].upper() + text[1:] for text in (title.en, title.es, title.fr)))
