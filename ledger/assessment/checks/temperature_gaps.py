"""Times over the voyage of which no temperature is told: a part of the check `temperature`."""

from collections.abc import Iterator, Sequence

from ledger.assessment.case import Case
from ledger.assessment.finding import Finding, Reason, Severity, at, found
from ledger.assessment.recorded import records
from ledger.assessment.temperature_logs import Log
from ledger.domain.custody import Said
from ledger.domain.custody.watch import LOADING
from ledger.domain.words import Words

BETWEEN = Reason(
    "temperature-gap",
    Severity.WARNING,
    Words(
        "No log tells the temperature of {box} from {since} to {until}, {minutes} minutes of its voyage.",
        "Ningún registro dice la temperatura de {box} del {since} al {until}, {minutes} minutos de su "
        "travesía.",
        "Aucun relevé ne dit la température de {box} du {since} au {until}, soit {minutes} minutes de sa "
        "traversée.",
    ),
    "From lading to discharge logs should follow each other. Ask the carrier for the log in between.",
)
WITHIN = Reason(
    "temperature-log-gap",
    Severity.WARNING,
    Words(
        "Readings are missing in the temperature log of {box} from {since} to {until} ({who}).",
        "Faltan lecturas en el registro de temperatura de {box} del {since} al {until} ({who}).",
        "Des mesures manquent dans le relevé de température de {box} du {since} au {until} ({who}).",
    ),
    "The unit was without power, or lines were taken out of the log.",
)
REASONS = (BETWEEN, WITHIN)

DISCHARGE = "discharge"
READS = frozenset({LOADING, DISCHARGE})

_STEPS = 2.5
_LEAST_S = 3600.0
"""Logs that follow each other within an hour leave no gap."""


def findings(case: Case, logs: Sequence[Log]) -> Iterator[Finding]:
    """Yield where readings are missing within logs, and between them from lading to discharge."""
    for log in logs:
        if log.gap_minutes is None or log.gap_minutes * 60 > _give(log):
            times = {"since": at(log.since), "until": at(log.until)}
            yield found(WITHIN, *log.said, **times, box=log.record.box, who=log.record.fact.by)
    for trip in case.trips:
        yield from _between(case, trip, [log for log in logs if log.record.trip == trip])


def _between(case: Case, trip: str, logs: Sequence[Log]) -> Iterator[Finding]:
    laden = [one for one in records(case, LOADING) if one.trip == trip]
    if not laden or not logs:
        return
    begin = laden[-1]
    landed = [
        one
        for one in records(case, DISCHARGE)
        if one.trip == trip
        and one.fact.time >= begin.fact.time
        and one.fact.time <= one.fact.said.statement.iat
    ]
    reached, told = begin.fact.time, begin.fact.said
    for log in sorted(logs, key=lambda one: (one.since, one.until)):
        # What a container was before and after its voyage is not asked.
        until = log.since if not landed else min(log.since, landed[0].fact.time)
        if until - reached > _give(log):
            yield _gap(begin.box, reached, until, told, log.record.fact.said)
        if log.until > reached:
            reached, told = log.until, log.record.fact.said
    if landed and landed[0].fact.time - reached > max(map(_give, logs)):
        yield _gap(begin.box, reached, landed[0].fact.time, told, landed[0].fact.said)


def _gap(box: str, since: float, until: float, *said: Said) -> Finding:
    different = {one.statement.id: one for one in said}.values()
    minutes = round((until - since) / 60)
    return found(BETWEEN, *different, box=box, since=at(since), until=at(until), minutes=minutes)


def _give(log: Log) -> float:
    """Return how many seconds may lie between two logs, or be missing in one."""
    return max(_STEPS * log.step_s, _LEAST_S)
