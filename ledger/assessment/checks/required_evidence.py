"""Check `required-evidence`: what the corridor requires is there, and its parties take part."""

from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result
from ledger.assessment.finding import Finding, Reason, Severity, Value, at
from ledger.assessment.needs import NeedState, needs_of
from ledger.assessment.wording import of_box, role_title
from ledger.corridors.rules import CorridorRules
from ledger.domain.words import Words

MISSING: Final = Reason(
    "evidence-missing",
    Severity.MISSING,
    Words(
        "Missing: {what}{box}; owed by: {who}{due}.",
        "Falta: {what}{box}; lo debe: {who}{due}.",
        "Il manque : {what}{box} ; dû par : {who}{due}.",
    ),
    "The corridor requires it and no statement brings it: it is evidence of the origin, which is part of "
    "the corridor's promise, or the time by which it was due is over, as the statements themselves show. "
    "Who owes it brings it; late is late, and not forged.",
)
TO_COME: Final = Reason(
    "evidence-to-come",
    Severity.WARNING,
    Words(
        "Still to come: {what}{box}; owed by: {who}{due}.",
        "Aún por llegar: {what}{box}; lo debe: {who}{due}.",
        "Encore à venir : {what}{box} ; dû par : {who}{due}.",
    ),
    "The corridor requires it later on the way, such as a stow plan on a short voyage or the temperature "
    "log of the voyage. It is no part of the promise, and when it was last told of the shipment it was not "
    "due yet. Compare the time with your own clock.",
)
ABSENT: Final = Reason(
    "party-absent",
    Severity.MISSING,
    Words(
        "No {who} has said anything of this shipment.",
        "Ningún participante con el papel «{who}» ha declarado nada sobre este envío.",
        "Aucun participant ayant le rôle « {who} » n'a rien déclaré sur cet envoi.",
    ),
    "The corridor names roles that take part in every shipment. One of them has signed nothing that the "
    "reader can see: perhaps it never joined, and perhaps it does not know of the shipment.",
)


def _run(case: Case) -> Result:
    told_until = max((_known(case, one.index, one.statement.iat) for one in case.said), default=0.0)
    required = [one for one in needs_of(case) if one.applies]
    found = [_finding(one, case, told_until) for one in required if one.satisfied_by is None]
    found.sort(key=lambda one: one.reason is TO_COME)
    there = sum(one.satisfied_by is not None for one in required)
    good = f"{there} of {len(required)} required items are there."
    return Result((*found, *_absent(case)), good=good)


def _known(case: Case, index: int, signed: float) -> float:
    registered = case.registered.by(index)
    return signed if registered is None else registered


def _finding(one: NeedState, case: Case, told_until: float) -> Finding:
    to_come = not one.need.origin and (one.due is None or told_until <= one.due)
    owed_by = one.need.owed_by[0] if one.need.owed_by else None
    values: dict[str, Value] = {
        "what": one.need.title,
        "box": of_box(one.trip),
        "who": "—" if owed_by is None else role_title(case.profile, owed_by),
        "due": _until(one),
    }
    return Finding(TO_COME if to_come else MISSING, values, (), owed_by, one.due, one.name)


def _until(one: NeedState) -> Words:
    if one.due is not None:
        time = at(one.due)
        return Words(f", by {time}", f", a más tardar el {time}", f", au plus tard le {time}")
    if one.need.due is not None:
        return Words(
            ", by a time that is not known yet",
            ", en un plazo que aún no se conoce",
            ", dans un délai encore inconnu",
        )
    return Words("", "", "")


def _absent(case: Case) -> list[Finding]:
    """Return the parties that never took part, as far as the roles of organisations are known."""
    rules, roles_of = case.profile.rules or CorridorRules(), case.roles_of
    if roles_of is None:
        return []
    seen = {role for iss in {one.statement.iss for one in case.said} for role in roles_of(iss)}
    return [
        Finding(ABSENT, {"who": role_title(case.profile, role)}, owed_by=role)
        for role in sorted(rules.parties - seen)
    ]


REQUIRED_EVIDENCE: Final = CorridorCheck(
    "required-evidence",
    Words("required evidence", "pruebas exigidas", "preuves exigées"),
    None,
    (MISSING, TO_COME, ABSENT),
    (),
    lambda profile: profile.rules is not None,
    _run,
)
