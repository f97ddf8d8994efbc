"""Check `radiation`: whether the alarms of radiation portals were answered, and records are of this box."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.recorded import (
    CONCLUDING,
    READING,
    Record,
    answers_itself,
    at_place,
    authority_at,
    boxes_in,
    concluded,
    is_timed,
    read_from,
    records,
    settled,
)
from ledger.corridors.profile import Profile
from ledger.domain.custody.members import Fact
from ledger.domain.machines import RADIATION, alarm, said_of
from ledger.domain.moment import in_words
from ledger.domain.words import Words

UNANSWERED = Reason(
    "radiation-alarm-unanswered",
    Severity.MISSING,
    Words(
        "The radiation portal{place} raised an alarm for {box} on {time} ({who}), and nobody says what it "
        "was.",
        "El pórtico de radiación{place} dio una alarma por {box} el {time} ({who}), y nadie dice qué era.",
        "Le portique de détection{place} a donné une alarme pour {box} le {time} ({who}), et personne ne dit "
        "ce que c'était.",
    ),
    "It is settled by an `analysis` or `inspection` that refers to the record (`of` or `answers`) and says "
    "`conclusion`.",
)
SUSPECT = Reason(
    "radiation-alarm-suspect",
    Severity.PROBLEM,
    Words(
        "The radiation alarm for {box}{place} of {time} is suspect, says {who} on {said}, and no inspection "
        "found the container clear since.",
        "La alarma de radiación por {box}{place} del {time} es sospechosa, dice {who} el {said}, y ninguna "
        "inspección halló limpio el contenedor desde entonces.",
        "L'alarme de radiation pour {box}{place} du {time} est suspecte, dit {who} le {said}, et aucune "
        "inspection n'a trouvé le conteneur sans anomalie depuis.",
    ),
    "Whoever looked at the alarm does not call it harmless. It is settled by a later `inspection` with the "
    "conclusion `clear`.",
)
BY_ITSELF = Reason(
    "radiation-alarm-self-answered",
    Severity.MISSING,
    Words(
        "Only {who}, whose portal raised the radiation alarm for {box}{place} on {time}, says that it was "
        "nothing.",
        "Solo {who}, cuyo pórtico dio la alarma de radiación por {box}{place} el {time}, dice que no era "
        "nada.",
        "Seul {who}, dont le portique a donné l'alarme de radiation pour {box}{place} le {time}, dit que ce "
        "n'était rien.",
    ),
    "Who runs a portal for an authority does not judge alone what it raised. It is settled by an `analysis` "
    "or `inspection` by anybody else who may, such as customs or a laboratory.",
)
LATE = Reason(
    "radiation-alarm-answered-late",
    Severity.WARNING,
    Words(
        "The radiation alarm for {box}{place} of {time} was answered by {who} after {took}; the corridor "
        "allows {allowed}.",
        "La alarma de radiación por {box}{place} del {time} fue respondida por {who} a las {took}; el "
        "corredor permite {allowed}.",
        "L'alarme de radiation pour {box}{place} du {time} a eu une réponse de {who} après {took} ; le "
        "corridor permet {allowed}.",
    ),
    "An alarm should be looked at while box and driver are still there.",
)
NOT_TOLD = Reason(
    "radiation-alarm-not-told",
    Severity.PROBLEM,
    Words(
        "{who} says that the radiation portal{place} raised no alarm for {box} on {time}; its own record, as "
        "read by {reader}, has one.",
        "{who} dice que el pórtico de radiación{place} no dio alarma por {box} el {time}; su propio "
        "registro, leído por {reader}, tiene una.",
        "{who} dit que le portique de détection{place} n'a pas donné d'alarme pour {box} le {time} ; son "
        "propre enregistrement, lu par {reader}, en contient une.",
    ),
    "What the statement says and what is in the portal's file (N42.42) contradict each other.",
)
OTHER_CONTAINER = Reason(
    "radiation-other-container",
    Severity.PROBLEM,
    Words(
        "The radiation record of {box}{place} of {time}, by {who}, is of container {seen}.",
        "El registro de radiación de {box}{place} del {time}, de {who}, es del contenedor {seen}.",
        "L'enregistrement de radiation de {box}{place} du {time}, par {who}, est du conteneur {seen}.",
    ),
    "The number seen at the portal, or in its file, is another one: the record says nothing of this "
    "shipment.",
)
NO_RECORD = Skipped(
    "no-radiation",
    Words(
        "No radiation record is on record.",
        "No consta ningún registro de radiación.",
        "Aucun enregistrement de radiation n'est au dossier.",
    ),
)
NOT_SAID = Skipped(
    "alarm-not-shown",
    Words(
        "Whether a radiation portal raised an alarm, or what became of it, is not said or not shown to this "
        "reader.",
        "Si un pórtico de radiación dio alarma, o en qué quedó, no se dice o no se muestra a este lector.",
        "Si un portique de détection a donné une alarme, ou ce qu'elle est devenue, n'est pas dit ou pas "
        "montré à ce lecteur.",
    ),
)

_Read = Sequence[tuple[Fact, Mapping[str, Any]]]


def _run(case: Case) -> Result:
    findings: list[Finding] = []
    known = True
    passed = records(case, RADIATION)
    for one in passed:
        read = list(read_from(case, one))
        findings += _containers(one, read)
        told = said_of(alarm, one.fact.said.body, "alarm")
        raised = [fact for fact, what in read if _raised(what)]
        if told is False and raised:
            place = at_place(one.place)
            said = (one.fact.said, *(fact.said for fact in raised))
            findings.append(found(NOT_TOLD, *said, **_shown(one), place=place, reader=raised[0].by))
        if told or raised:
            findings += _answers(case, one)
            known = known and not _is_hidden(case, one)
        elif told is None and all(_raised(what) is None for _, what in read):
            known = False
    skipped = NO_RECORD if not passed else None if known else NOT_SAID
    return Result(tuple(findings), skipped, "No radiation alarm is open, and the records are of this box.")


def _shown(one: Record) -> dict[str, Value]:
    return {"box": one.box, "time": at(one.fact.time), "who": one.fact.by}


def _raised(what: Mapping[str, Any]) -> bool | None:
    """Return whether a portal's file has an alarm, None where it does not say."""
    said = what.get("alarm")
    raised = said.get("raised") if isinstance(said, Mapping) else None
    return raised if isinstance(raised, bool) else None


def _containers(one: Record, read: _Read) -> Iterator[Finding]:
    place = at_place(one.place)
    seen = one.fact.values.get("container", one.box)
    if seen != one.box:
        yield found(OTHER_CONTAINER, one.fact.said, **_shown(one), place=place, seen=seen)
    for reading, what in read:
        boxes = boxes_in(what)
        if boxes and one.box not in boxes:
            said, named = (one.fact.said, reading.said), ", ".join(sorted(boxes)[:5])
            yield found(OTHER_CONTAINER, *said, **_shown(one), place=place, seen=named)


def _answers(case: Case, one: Record) -> Iterator[Finding]:
    rules = case.profile.rules
    hours = 0.0 if rules is None else rules.answer_alarm_hours
    word, place = concluded(case, one), at_place(one.place)
    if not word.words:
        if not word.withheld:
            unanswered = found(UNANSWERED, one.fact.said, **_shown(one), place=place)
            due = one.fact.time + hours * 3600
            yield replace(unanswered, owed_by=authority_at(case, one.place), due=due)
        return
    said = (one.fact.said, *(each.said for each in word.words))
    last, first = word.words[-1], min(word.words, key=lambda each: each.order)
    if not word.clear and settled(case, one) is False:
        yield found(SUSPECT, *said, **_shown(one) | {"who": last.by}, place=place, said=at(last.time))
    elif word.clear and answers_itself(case, one, word):
        alone = found(BY_ITSELF, *said, **_shown(one), place=place)
        yield replace(alone, owed_by=authority_at(case, one.place))
    took = first.time - one.fact.time
    if took > hours * 3600 and is_timed(first) and is_timed(one.fact):
        times = {"took": in_words(took), "allowed": in_words(hours * 3600)}
        yield found(LATE, one.fact.said, first.said, **_shown(one) | {"who": first.by}, place=place, **times)


def _is_hidden(case: Case, one: Record) -> bool:
    word = concluded(case, one)
    return word.withheld if not word.words else not word.clear and settled(case, one) is None


def _applies(profile: Profile) -> bool:
    return profile.rules is not None and RADIATION in profile.kinds


CHECK = CorridorCheck(
    name="radiation",
    title=Words(
        "Radiation alarms and what became of them",
        "Alarmas de radiación y en qué quedaron",
        "Alarmes de radiation et leur suite",
    ),
    reads=frozenset({RADIATION, READING}) | CONCLUDING,
    reasons=(OTHER_CONTAINER, NOT_TOLD, SUSPECT, UNANSWERED, BY_ITSELF, LATE),
    skips=(NO_RECORD, NOT_SAID),
    applies=_applies,
    run=_run,
)
