"""How what a corridor's rules find is shown: findings, times, margin and what is still to bring."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ledger.assessment.wording import in_hours
from ledger.cli.arrival_words import SEVERITIES
from ledger.cli.grid import Grid
from ledger.cli.output import moment, plain
from ledger.cli.problems import listed
from ledger.domain.subject import Subject, is_subject_uri
from ledger.domain.words import Words

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLES: Final = {
    "problem": "bold red",
    "missing": "yellow",
    "warning": "cyan",
}
_NO_FINDING: Final = Words("Nothing was found.", "No se halló nada.", "Rien n'a été trouvé.")
_FINDINGS: Final = (
    Words("check", "control", "contrôle"),
    Words("weight", "peso", "poids"),
    Words("statements", "declaraciones", "déclarations"),
    Words("what was found", "qué se halló", "ce qui a été trouvé"),
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
Record = Mapping[str, Any]


def drawn_record(record: Record, language: str) -> "list[RenderableType]":
    """Return what was found as tables.

    Args:
        record: An assessment as JSON (formats, section 21), made here or answered by a ledger.
        language: In which its sentences are, one of `words.LANGUAGES`.

    Raises:
        VerificationError: It is none.
    """
    margin = record.get("margin")
    return [
        _findings(record, language),
        _clock(record, language),
        *_margin(margin if isinstance(margin, Mapping) else {}, language),
        *_to_do(record, language),
    ]


def _findings(record: Record, language: str) -> "RenderableType":
    from rich.text import Text

    rows = []
    for check, one in _found(record):
        severity = str(one.get("severity"))
        words = SEVERITIES.get(severity)
        weight = plain(severity) if words is None else words.in_(language)
        statements = " ".join(plain(f"{ident}")[:_SHOWN_ID] for ident in one.get("statements") or ())
        found = plain(f"{one.get('message')}")
        rows.append(
            (
                f"{plain(check)} {plain(str(one.get('code')))}",
                Text(weight, style=_STYLES.get(severity, "")),
                statements,
                found,
            )
        )
    return Grid(_in(_FINDINGS, language), rows) if rows else _NO_FINDING.in_(language)


def _found(record: Record) -> Iterator[tuple[str, Record]]:
    for check in listed(record, "checks"):
        yield from ((str(check.get("name")), one) for one in listed(check, "findings"))
    # Of a ledger's answer: problems of the line of custody, which a verdict has as a check of its own.
    yield from (("custody", one) for one in listed(record, "custody"))


def _clock(record: Record, language: str) -> "RenderableType":
    rows = []
    for one in listed(record, "clock"):
        planned, estimated, actual = (
            told if isinstance(told := one.get(name), Mapping) else {}
            for name in ("planned", "estimated", "actual")
        )
        newest = actual or estimated or planned
        who = " ".join(str(part) for name in ("source", "place", "terminal") if (part := newest.get(name)))
        shown = [planned, estimated if estimated != planned else {}, actual]
        # Day and time are two words: three times stand beside each other on few screens.
        times = [(moment(told.get("at")) or "").replace("T", " ") for told in shown]
        rows.append((plain(str(one.get("title"))), *times, plain(who)))
    return Grid(_in(_CLOCK, language), rows)


def _margin(margin: Record, language: str) -> "Iterator[RenderableType]":
    if (at := moment(margin.get("at"))) is None:
        return
    yield _COMPLETE.in_(language).format(time=at)
    for words, name in ((_TO_ETA, "to_eta"), (_TO_ARRIVAL, "to_arrival")):
        seconds = margin.get(name)
        if isinstance(seconds, int | float):
            shown = ("" if seconds >= 0 else "− ") + in_hours(seconds)
            yield words.in_(language).format(margin=shown)


def _to_do(record: Record, language: str) -> "list[RenderableType]":
    rows = []
    for one in listed(record, "needs"):
        if one.get("statement") is None:
            trip, roles = one.get("trip"), one.get("who")
            box = f" ({Subject.parse(trip).key})" if is_subject_uri(trip) else ""
            who = "; ".join(plain(str(role)) for role in (roles if isinstance(roles, list) else []))
            rows.append((plain(f"{one.get('title')}{box}"), who, moment(one.get("due")) or ""))
    return [Grid(_in(_TO_DO, language), rows)] if rows else []


def _in(titles: tuple[Words, ...], language: str) -> list[str]:
    return [title.in_(language) for title in titles]
