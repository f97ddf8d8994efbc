"""Whether the alerts of electronic seals were answered: a part of the check `movement`."""

from collections.abc import Iterator
from dataclasses import replace

from ledger.assessment.case import Case
from ledger.assessment.finding import Finding, Reason, Severity, Value, at, found
from ledger.assessment.recorded import (
    CONCLUDING,
    Record,
    at_place,
    authority_at,
    box_of,
    concluded_by,
    is_timed,
    settled,
    tells_of,
)
from ledger.corridors.rules import CorridorRules
from ledger.domain import machines
from ledger.domain.moment import in_words
from ledger.domain.words import Words

UNANSWERED = Reason(
    "alert-unanswered",
    Severity.MISSING,
    Words(
        "The electronic seal {seal} of {box} raised the alert \u201c{alert}\u201d{place} on {time} ({who}), "
        "and nobody answered it.",
        "El precinto electrónico {seal} de {box} dio la alerta «{alert}»{place} el {time} ({who}), y nadie "
        "la respondió.",
        "Le scellé électronique {seal} de {box} a donné l'alerte « {alert} »{place} le {time} ({who}), et "
        "personne n'y a répondu.",
    ),
    "It is settled by an `analysis`, `inspection`, `seal-check` or `human-interaction` that refers to it "
    "(`of` or `answers`).",
)
SUSPECT = Reason(
    "alert-suspect",
    Severity.PROBLEM,
    Words(
        "The alert \u201c{alert}\u201d of the electronic seal {seal} of {box}{place} on {time} is suspect, "
        "says {who}, and no inspection found the container clear since.",
        "La alerta «{alert}» del precinto electrónico {seal} de {box}{place} el {time} es sospechosa, dice "
        "{who}, y ninguna inspección halló limpio el contenedor desde entonces.",
        "L'alerte « {alert} » du scellé électronique {seal} de {box}{place} le {time} est suspecte, dit "
        "{who}, et aucune inspection n'a trouvé le conteneur sans anomalie depuis.",
    ),
    "Whoever looked at the alert does not call it harmless. It is settled by a later `inspection` with the "
    "conclusion `clear`.",
)
LATE = Reason(
    "alert-answered-late",
    Severity.WARNING,
    Words(
        "The alert \u201c{alert}\u201d of the electronic seal {seal} of {box}{place} on {time} was answered "
        "by {who} after {took}; the corridor allows {allowed}.",
        "La alerta «{alert}» del precinto electrónico {seal} de {box}{place} el {time} fue respondida por "
        "{who} a las {took}; el corredor permite {allowed}.",
        "L'alerte « {alert} » du scellé électronique {seal} de {box}{place} le {time} a eu une réponse de "
        "{who} après {took} ; le corridor permet {allowed}.",
    ),
    "An alert should be looked at while the lorry is still there.",
)
REASONS = (SUSPECT, UNANSWERED, LATE)

_ANSWERING = CONCLUDING | {"seal-check", "human-interaction"}
_NO_NUMBER = Words("(no number)", "(sin número)", "(sans numéro)")


def findings(case: Case, trip: str) -> Iterator[Finding]:
    """Yield the alerts of a trip that nobody answered, or answered late or with suspicion."""
    hours = (case.profile.rules or CorridorRules()).answer_alarm_hours
    for fact in case.facts:
        alert = machines.said_of(machines.alert, fact.said.body, "alert") if tells_of(fact, trip) else None
        if alert is None:
            continue
        record = Record(fact, trip)
        raised = fact.time
        if alert.time is not None:
            raised = machines.right(alert.time, fact.values.get("clock_offset_s"))
        seal = _NO_NUMBER if alert.seal is None else alert.seal
        shown: dict[str, Value] = {"seal": seal, "box": box_of(trip), "alert": alert.kind, "time": at(raised)}
        place = at_place(record.place)
        word = concluded_by(case, record, _ANSWERING)
        if not word.answers:
            one = found(UNANSWERED, fact.said, **shown, place=place, who=fact.by)
            yield replace(one, owed_by=authority_at(case, record.place), due=raised + hours * 3600)
            continue
        if word.clear is False and settled(case, record) is False:
            last = word.words[-1]
            yield found(SUSPECT, fact.said, last.said, **shown, place=place, who=last.by)
        first = word.answers[0]
        if first.time - raised > hours * 3600 and is_timed(first):
            times = {"took": in_words(first.time - raised), "allowed": in_words(hours * 3600)}
            yield found(LATE, fact.said, first.said, **shown, place=place, who=first.by, **times)
