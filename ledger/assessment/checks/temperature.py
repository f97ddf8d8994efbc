"""Check `temperature`: how long the load was outside its limits, and where nobody measured."""

from collections.abc import Iterator, Mapping, Sequence

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks import temperature_gaps
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.recorded import READING, Record, records
from ledger.assessment.temperature_logs import SET_POINT, Log, log_records, logs_of
from ledger.corridors.profile import Profile
from ledger.corridors.rules import Reefer
from ledger.domain import machines
from ledger.domain.machines import TEMPERATURE_LOG
from ledger.domain.words import Words

OUTSIDE = Reason(
    "temperature-outside",
    Severity.PROBLEM,
    Words(
        "The load of {box} was outside {low} to {high} °C for {minutes} minutes between {since} and {until} "
        "({least} to {greatest} °C, log of {who}); {taken} minutes are taken.",
        "La carga de {box} estuvo fuera de {low} a {high} °C durante {minutes} minutos entre el {since} y el "
        "{until} ({least} a {greatest} °C, registro de {who}); se admiten {taken} minutos.",
        "Le chargement de {box} était hors de {low} à {high} °C pendant {minutes} minutes entre le {since} "
        "et le {until} ({least} à {greatest} °C, relevé de {who}) ; {taken} minutes sont admises.",
    ),
    "The refrigeration unit failed or stood without power. The load may be spoiled, or somebody had the "
    "doors open.",
)
UNCLEAR = Reason(
    "temperature-outside-unclear",
    Severity.WARNING,
    Words(
        "The load of {box} was outside {low} to {high} °C between {since} and {until} ({least} to {greatest} "
        "°C, log of {who}); for how long is not told.",
        "La carga de {box} estuvo fuera de {low} a {high} °C entre el {since} y el {until} ({least} a "
        "{greatest} °C, registro de {who}); no se dice cuánto tiempo.",
        "Le chargement de {box} était hors de {low} à {high} °C entre le {since} et le {until} ({least} à "
        "{greatest} °C, relevé de {who}) ; on ne dit pas combien de temps.",
    ),
    "The minutes were counted against other limits than the corridor's, or only the least and greatest "
    "reading are known. Ask for the log itself.",
)
SUMMARY_DIFFERS = Reason(
    "temperature-summary-differs",
    Severity.PROBLEM,
    Words(
        "{who} sums up the log of {box} as {least} to {greatest} °C; in the log itself {reader} reads {low} "
        "to {high} °C.",
        "{who} resume el registro de {box} como {least} a {greatest} °C; en el registro mismo {reader} lee "
        "{low} a {high} °C.",
        "{who} résume le relevé de {box} par {least} à {greatest} °C ; dans le relevé même, {reader} lit "
        "{low} à {high} °C.",
    ),
    "What the signer says of its log is not what is in it.",
)
SET_POINT_DIFFERS = Reason(
    "set-point-differs",
    Severity.PROBLEM,
    Words(
        "The unit of {box} was set to {found} °C by the log of {who} ({until}); {other} asked for {wanted} "
        "°C on {time}.",
        "La unidad de {box} estaba a {found} °C según el registro de {who} ({until}); {other} pidió {wanted} "
        "°C el {time}.",
        "Le groupe de {box} était réglé à {found} °C selon le relevé de {who} ({until}) ; {other} demandait "
        "{wanted} °C le {time}.",
    ),
    "The unit was not set to what the load needs, by the stuffing or a paper.",
)
OTHER_CONTAINER = Reason(
    "temperature-other-container",
    Severity.PROBLEM,
    Words(
        "The temperature log that {who} brings for {box} ({since} to {until}) is of container {seen}.",
        "El registro de temperatura que {who} aporta para {box} ({since} a {until}) es del contenedor "
        "{seen}.",
        "Le relevé de température que {who} apporte pour {box} ({since} à {until}) est du conteneur {seen}.",
    ),
    "The number in the log is another one: it says nothing of this load.",
)
NO_LOG = Skipped(
    "no-log",
    Words(
        "No temperature log is on record.",
        "No consta ningún registro de temperatura.",
        "Aucun relevé de température n'est au dossier.",
    ),
)
NOT_OPENED = Skipped(
    "log-not-opened",
    Words(
        "A temperature log is on record, and neither a summary nor what is in it is shown to this reader.",
        "Consta un registro de temperatura, y ni un resumen ni su contenido se muestran a este lector.",
        "Un relevé de température est au dossier, et ni un résumé ni son contenu ne sont montrés à ce "
        "lecteur.",
    ),
)

_SETTING = ("stuffing", "manifest", "document")
"""Kinds of statements that say what a unit is to be set to."""
_SAME_C = 0.15
"""Readings differ by so much when they are written down in tenths, degrees Celsius."""


def _run(case: Case) -> Result:
    rules = case.profile.rules
    if rules is None or rules.reefer is None:
        return Result(skipped=NO_LOG)
    limits = rules.reefer
    known = [(one, logs_of(case, one, limits)) for one in log_records(case)]
    findings = [one for record, logs in known for one in _of_record(case, record, logs, limits)]
    findings += temperature_gaps.findings(case, [log for _, logs in known for log in logs])
    skipped = NO_LOG if not known else None if all(logs for _, logs in known) else NOT_OPENED
    return Result(tuple(findings), skipped, "The load stayed within its limits of temperature.")


def _of_record(case: Case, record: Record, logs: Sequence[Log], limits: Reefer) -> Iterator[Finding]:
    # What was read of the log itself is surer than its summary.
    read = [log for log in logs if log.is_read] or logs
    for log in read:
        shown = _shown(log) | {"low": limits.low_c, "high": limits.high_c}
        shown |= {"least": log.least_c, "greatest": log.greatest_c}
        if log.outside.least > limits.most_minutes:
            minutes = {"minutes": round(log.outside.least), "taken": round(limits.most_minutes)}
            yield found(OUTSIDE, *log.said, **shown, **minutes)
        elif log.outside.most > limits.most_minutes:
            yield found(UNCLEAR, *log.said, **shown)
        if log.boxes and record.box not in log.boxes:
            yield found(OTHER_CONTAINER, *log.said, **_shown(log), seen=", ".join(sorted(log.boxes)[:5]))
    yield from _summaries(logs)
    yield from _set_points(case, record, logs)


def _shown(log: Log) -> dict[str, Value]:
    times: dict[str, Value] = {"since": at(log.since), "until": at(log.until)}
    return times | {"box": log.record.box, "who": log.record.fact.by}


def _summaries(logs: Sequence[Log]) -> Iterator[Finding]:
    """Yield where a log itself has readings outside what its signer says of it."""
    for summary in (log for log in logs if not log.is_read):
        for log in (log for log in logs if log.is_read):
            if log.least_c < summary.least_c - _SAME_C or log.greatest_c > summary.greatest_c + _SAME_C:
                shown = {"least": summary.least_c, "greatest": summary.greatest_c}
                shown |= {"low": log.least_c, "high": log.greatest_c}
                box, reader = log.record.box, log.said[-1].statement.iss
                yield found(
                    SUMMARY_DIFFERS, *log.said, **shown, box=box, who=log.record.fact.by, reader=reader
                )


def _set_points(case: Case, record: Record, logs: Sequence[Log]) -> Iterator[Finding]:
    wanted = case.once(_wanted).get(record.trip, ())
    own = _set_point(record)
    points = {point for log in logs for point in log.set_points} | (set() if own is None else {own})
    for one, asked in wanted:
        wrong = sorted(point for point in points if abs(point - asked) > _SAME_C)
        if wrong:
            shown = {"found": wrong[0], "wanted": asked}
            who = {"who": record.fact.by, "other": one.fact.by, "time": at(one.fact.time)}
            said = {each.statement.id: each for log in logs for each in log.said} or {b"": record.fact.said}
            until = at(max([log.until for log in logs], default=record.fact.time))
            yield found(
                SET_POINT_DIFFERS, *said.values(), one.fact.said, **shown, **who, box=one.box, until=until
            )


def _wanted(case: Case) -> Mapping[str, Sequence[tuple[Record, float]]]:
    """Return what units are to be set to, by trip: the lowest and the highest of what is asked for.

    What is far from anything that is asked for is far from one of them.
    """
    asked: dict[str, list[tuple[Record, float]]] = {}
    for one in records(case, *_SETTING):
        degrees = _set_point(one)
        if degrees is not None:
            asked.setdefault(one.trip, []).append((one, degrees))
    return {trip: _ends(each) for trip, each in asked.items()}


def _ends(asked: Sequence[tuple[Record, float]]) -> Sequence[tuple[Record, float]]:
    low = min(asked, key=lambda pair: pair[1])
    high = max(asked, key=lambda pair: pair[1])
    return [low] if low[1] == high[1] else [low, high]


def _set_point(one: Record) -> float | None:
    return machines.said_of(machines.READERS[SET_POINT], one.fact.said.body, SET_POINT)


def _applies(profile: Profile) -> bool:
    return profile.rules is not None and profile.rules.reefer is not None


CHECK = CorridorCheck(
    name="temperature",
    title=Words(
        "Temperatures of refrigerated containers",
        "Temperaturas de contenedores refrigerados",
        "Températures des conteneurs frigorifiques",
    ),
    reads=frozenset({TEMPERATURE_LOG, READING, *_SETTING}) | temperature_gaps.READS,
    reasons=(
        OUTSIDE,
        SET_POINT_DIFFERS,
        SUMMARY_DIFFERS,
        OTHER_CONTAINER,
        UNCLEAR,
        *temperature_gaps.REASONS,
    ),
    skips=(NO_LOG, NOT_OPENED),
    applies=_applies,
    run=_run,
)
