"""How what a corridor's rules find is shown: findings, times, margin and what is still to bring."""

from typing import TYPE_CHECKING, Final

from ledger.assessment.assess import Assessment
from ledger.assessment.case import Case
from ledger.assessment.clock import Schedule
from ledger.assessment.finding import Severity, at
from ledger.assessment.margin import Margin, margin_of
from ledger.assessment.needs import NeedState, needs_of
from ledger.assessment.told import Told
from ledger.assessment.wording import in_hours, role_title
from ledger.cli.arrival_words import SEVERITIES
from ledger.cli.output import plain
from ledger.corridors.profile import Profile
from ledger.domain.subject import Subject
from ledger.domain.words import Words
from ledger.verification.verifier import Examination

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

_STYLES: Final = {
    Severity.PROBLEM: "bold red",
    Severity.MISSING: "yellow",
    Severity.WARNING: "cyan",
}
_NOTHING: Final = Words(
    "The rules of the corridor ask nothing of this dossier, or nothing can be said of it: see the verdict.",
    "Las reglas del corredor no piden nada de este expediente, o nada puede decirse: véase el dictamen.",
    "Les règles du corridor ne demandent rien de ce dossier, ou rien ne peut en être dit : voir le verdict.",
)
_NO_FINDING: Final = Words("Nothing was found.", "No se halló nada.", "Rien n'a été trouvé.")
_FINDINGS: Final = (
    Words("check", "control", "contrôle"),
    Words("weight", "peso", "poids"),
    Words("what was found", "qué se halló", "ce qui a été trouvé"),
    Words("statements", "declaraciones", "déclarations"),
)
_CLOCK: Final = (
    Words("milestone", "hito", "étape"),
    Words("planned", "previsto", "prévu"),
    Words("expected", "esperado", "attendu"),
    Words("actual", "real", "réel"),
    Words("who says so", "quién lo dice", "qui le dit"),
)
_TO_DO: Final = (
    Words("still to bring", "por entregar", "à apporter"),
    Words("who", "quién", "qui"),
    Words("by", "antes del", "avant le"),
)
_COMPLETE: Final = Words(
    "All evidence of the origin was registered by {time}.",
    "Todas las pruebas de origen se registraron a más tardar el {time}.",
    "Toutes les preuves d'origine ont été enregistrées au plus tard le {time}.",
)
_TO_ETA: Final = Words(
    "Before the arrival expected then: {margin}.",
    "Antes de la llegada esperada entonces: {margin}.",
    "Avant l'arrivée attendue alors : {margin}.",
)
_TO_ARRIVAL: Final = Words(
    "Before the actual arrival: {margin}.",
    "Antes de la llegada real: {margin}.",
    "Avant l'arrivée réelle : {margin}.",
)
_SHOWN_ID: Final = 16


def drawn_findings(found: Examination, language: str) -> "list[RenderableType]":
    """Return what was found as tables, in a language.

    Args:
        found: The examined dossier.
        language: One of `words.LANGUAGES`.
    """
    if found.case is None or found.assessment is None:
        return [_NOTHING.in_(language)]
    return [
        _findings(found.assessment, language),
        _clock(found.case, language),
        *_margin(margin_of(found.case), language),
        *_to_do(found.case, language),
    ]


def _findings(assessment: Assessment, language: str) -> "RenderableType":
    from rich.text import Text

    table = _table(_FINDINGS, language, folded=2)
    for name, result in assessment.results.items():
        for one in result.findings:
            severity = one.reason.severity
            table.add_row(
                f"{name}\n{one.reason.code}",
                Text(SEVERITIES[severity.value].in_(language), style=_STYLES[severity]),
                plain(one.sentence(language)),
                "\n".join(ident.hex()[:_SHOWN_ID] for ident in one.statements),
            )
    return table if table.row_count else _NO_FINDING.in_(language)


def _clock(case: Case, language: str) -> "RenderableType":
    table = _table(_CLOCK, language, folded=4)
    titles = case.profile.rules.milestones if case.profile.rules is not None else {}
    for name, times in Schedule.of(case).milestones.items():
        told = [one for one in (times.actual, times.estimate, times.planned) if one is not None]
        who = (
            " ".join(part for part in (told[0].source, told[0].place, told[0].terminal) if part)
            if told
            else ""
        )
        estimate = times.estimate if times.estimate is not times.planned else None
        cells = (_time(one) for one in (times.planned, estimate, times.actual))
        table.add_row(titles[name].title.in_(language), *cells, plain(who))
    return table


def _time(told: Told | None) -> str:
    return "" if told is None else at(told.at).removesuffix(" UTC").replace(" ", "\n")


def _margin(margin: Margin, language: str) -> "list[RenderableType]":
    if margin.at is None:
        return []
    lines = [_COMPLETE.in_(language).format(time=at(margin.at))]
    for words, seconds in ((_TO_ETA, margin.to_eta), (_TO_ARRIVAL, margin.to_arrival)):
        if seconds is not None:
            shown = ("" if seconds >= 0 else "− ") + in_hours(seconds)
            lines.append(words.in_(language).format(margin=shown))
    return [*lines]


def _to_do(case: Case, language: str) -> "list[RenderableType]":
    table = _table(_TO_DO, language, folded=0)
    for one in needs_of(case):
        if one.is_missing:
            title = one.need.title.in_(language)
            box = "" if one.trip is None else f" ({Subject.parse(one.trip).key})"
            table.add_row(
                plain(title + box),
                _owed_by(one, case.profile, language),
                "" if one.due is None else at(one.due),
            )
    return [table] if table.row_count else []


def _owed_by(one: NeedState, profile: Profile, language: str) -> str:
    return "\n".join(plain(role_title(profile, role).in_(language)) for role in one.need.owed_by)


def _table(titles: tuple[Words, ...], language: str, *, folded: int) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, title in enumerate(titles):
        table.add_column(title.in_(language), no_wrap=place != folded, overflow="fold")
    return table
