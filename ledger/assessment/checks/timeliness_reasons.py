"""What the check `timeliness` may find, and what may keep it from being made."""

from typing import Final

from ledger.assessment.check import Skipped
from ledger.assessment.finding import Reason, Severity
from ledger.domain.words import Words

ORDER: Final = {severity: place for place, severity in enumerate(Severity)}
"""The worst first."""

LATE: Final = Reason(
    "evidence-late",
    Severity.PROBLEM,
    Words(
        "Too late: {what}{box} was registered by {time}, {late} after it was due ({due}).",
        "Demasiado tarde: {what}{box}, con registro del {time}, {late} después del plazo ({due}).",
        "Trop tard : {what}{box}, avec enregistrement du {time}, {late} après l'échéance ({due}).",
    ),
    "It is a filing with an authority, no evidence of the origin, and was registered after its deadline, "
    "such as an importer security filing less than 24 hours before lading: a violation that no later "
    "statement undoes. Deadlines hang on the times of milestones as their sources say them, and move with a "
    "revised estimate; what was put right later counts from when it first came.",
)
ORIGIN_LATE: Final = Reason(
    "origin-evidence-late",
    Severity.WARNING,
    Words(
        "Late by the corridor's own rules: {what}{box} was registered by {time}, {late} after it was due "
        "({due}).",
        "Tarde según las reglas del corredor: {what}{box}, con registro del {time}, {late} después del "
        "plazo ({due}).",
        "En retard selon les règles du corridor : {what}{box}, avec enregistrement du {time}, {late} après "
        "l'échéance ({due}).",
    ),
    "Evidence of the origin, which is part of the corridor's promise, was registered after the corridor had "
    "agreed to have it. What the paper is may have been made in time: a gate without a network registers "
    "late. So it is worth a look and rejects nothing.",
)
AMENDED: Final = Reason(
    "amended-too-late",
    Severity.PROBLEM,
    Words(
        "Changed too late: {what}{box} was put right by {time}, {late} after that was allowed ({due}).",
        "Cambiado demasiado tarde: {what}{box}, con rectificación del {time}, {late} después del plazo "
        "({due}).",
        "Modifié trop tard : {what}{box}, avec rectification du {time}, {late} après l'échéance ({due}).",
    ),
    "Some filings may be put right for a time only, such as an importer security filing until 24 hours "
    "before arrival in the first port of the country. This one was corrected afterwards: compare what "
    "both say.",
)
PROMISE: Final = Reason(
    "promise-missed",
    Severity.WARNING,
    Words(
        "All evidence of the origin was there by {time}, {late} after the corridor's promise ({due}); the "
        "last was: {what}{box}.",
        "Todas las pruebas de origen estaban el {time}, {late} después de lo prometido por el corredor "
        "({due}); la última fue: {what}{box}.",
        "Toutes les preuves d'origine étaient là le {time}, {late} après la promesse du corridor ({due}) ; "
        "la dernière fut : {what}{box}.",
    ),
    "The corridor promises all evidence of the origin so long before arrival, or at lading where the voyage "
    "is shorter. It came later. No law was broken, but customs had less time than was agreed.",
)
LATE_BY_OPERATOR: Final = Reason(
    "late-by-operator-clock",
    Severity.WARNING,
    Words(
        "Even by the operator's own clock, {what}{box} came by {time}, {late} too late ({due}).",
        "Incluso según el reloj del propio operador, {what}{box} llegó el {time}, {late} tarde ({due}).",
        "Même selon l'horloge de l'opérateur, {what}{box} est arrivé le {time}, {late} trop tard ({due}).",
    ),
    "No clock that the reader accepts says when it was registered. The operator's own does, and an operator "
    "that wanted to please would have said an earlier time.",
)
COMPETING: Final = Reason(
    "eta-competing",
    Severity.WARNING,
    Words(
        "Two arrivals are expected: {time} says {who}, {when} says {other}; the former counts.",
        "Se esperan dos llegadas: {time} según {who}, {when} según {other}; cuenta la primera.",
        "Deux arrivées sont attendues : {time} selon {who}, {when} selon {other} ; la première compte.",
    ),
    "Two sources expect the arrival at times more than an hour apart. The one counts whose role the "
    "corridor trusts more; of equally trusted ones the earlier, so that nobody is late by surprise; where "
    "the roles are not known, the one signed last.",
)
PAST: Final = Reason(
    "eta-past",
    Severity.WARNING,
    Words(
        "{who} expected {what} for {time}, which was over when that was registered ({when}).",
        "{who} esperaba {what} para el {time}, que ya había pasado al registrarse ({when}).",
        "{who} attendait {what} pour le {time}, déjà passé à l'enregistrement ({when}).",
    ),
    "An estimate that lay in the past when it was registered or signed says nothing: a mistake, a clock in "
    "the wrong zone, or a statement that waited long for a network.",
)
ORDER_WRONG: Final = Reason(
    "milestones-contradict",
    Severity.PROBLEM,
    Words(
        "{what}{box} is said to have been at {time} ({who}), before {other} at {when} ({whom}).",
        "{what}{box}: se dice que fue el {time} ({who}), antes de {other}, el {when} ({whom}).",
        "{what}{box} : aurait eu lieu le {time} ({who}), avant {other}, le {when} ({whom}).",
    ),
    "Milestones follow each other: nothing arrives before it departs, or is laden before it passes the "
    "gate. Two times that are said to be actual have them the other way round, by more than a quarter of an "
    "hour. One of the two corrects.",
)
APART: Final = Reason(
    "milestone-told-apart",
    Severity.PROBLEM,
    Words(
        "{what}{box} was at {time}, says {who}, and at {when}, says {whom}: {apart} apart.",
        "{what}{box} fue el {time}, según {who}, y el {when}, según {whom}: con {apart} de diferencia.",
        "{what}{box} a eu lieu le {time}, selon {who}, et le {when}, selon {whom} : {apart} d'écart.",
    ),
    "Two sources say of the same milestone that it happened, at times more than a day apart: more than lies "
    "between anchorage and berth on most days. One of the two corrects, or explains.",
)
REASONS: Final = (LATE, AMENDED, ORDER_WRONG, APART, ORIGIN_LATE, PROMISE, LATE_BY_OPERATOR, COMPETING, PAST)

OPERATOR_CLOCK: Final = Skipped(
    "operator-clock",
    Words(
        "Only the operator's own clock says when statements were registered.",
        "Solo el reloj del propio operador dice cuándo se registraron las declaraciones.",
        "Seule l'horloge de l'opérateur dit quand les déclarations ont été enregistrées.",
    ),
)
NO_TIME: Final = Skipped(
    "no-accepted-time",
    Words(
        "No accepted clock says when all of the statements were registered.",
        "Ningún reloj aceptado dice cuándo se registraron todas las declaraciones.",
        "Aucune horloge acceptée ne dit quand toutes les déclarations ont été enregistrées.",
    ),
)
