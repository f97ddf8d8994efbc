"""Check `box`: seals and machinery looked at before milestones, a container proven clean and watched."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks import box_clean
from ledger.assessment.clock import Schedule
from ledger.assessment.finding import Finding, Reason, Severity, at, found
from ledger.assessment.recorded import box_of, is_timed, tells_of
from ledger.assessment.told import Told
from ledger.corridors.profile import Profile
from ledger.corridors.rules import CorridorRules
from ledger.domain.custody.members import DOORS, Fact
from ledger.domain.words import Words

SEALS_UNCHECKED = Reason(
    "seal-check-missing",
    Severity.MISSING,
    Words(
        "Nobody looked at the door seals of {box} before {milestone} on {time}: since {since} no statement "
        "names seals found on the doors.",
        "Nadie revisó los precintos de las puertas de {box} antes de {milestone} el {time}: desde {since} "
        "ninguna declaración nombra precintos hallados en las puertas.",
        "Personne n'a regardé les scellés des portes de {box} avant {milestone} le {time} : depuis {since}, "
        "aucune déclaration ne nomme de scellés trouvés sur les portes.",
    ),
    "The corridor asks for a seal check in the leg before the milestone: a `seal-check`, `gate-passage`, "
    "`inspection` or `loading` with `seals_found` on the doors.",
)
MACHINERY_UNCHECKED = Reason(
    "machinery-check-missing",
    Severity.MISSING,
    Words(
        "Nobody looked at the machinery compartment of {box} before {milestone} on {time}: since {since} no "
        "statement names a seal of it.",
        "Nadie revisó el compartimiento de maquinaria de {box} antes de {milestone} el {time}: desde {since} "
        "ninguna declaración nombra un precinto suyo.",
        "Personne n'a regardé le compartiment machinerie de {box} avant {milestone} le {time} : depuis "
        "{since}, aucune déclaration ne nomme un de ses scellés.",
    ),
    "Drugs are hidden in refrigeration units after a clean scan. The corridor asks for a look in the leg "
    "before the milestone: a statement with a seal whose `on` is `machinery` in `seals_found`, or an "
    "inspection that removed or applied one.",
)
NOT_SHOWN = Skipped(
    "box-not-shown",
    Words(
        "What was found on the container is not shown to this reader.",
        "Lo hallado en el contenedor no se muestra a este lector.",
        "Ce qui a été trouvé sur le conteneur n'est pas montré à ce lecteur.",
    ),
)

_MACHINERY = "machinery"
_SEALING = frozenset({"seal-check", "gate-passage", "inspection", "loading"})
_BEGINNING = Words("the beginning", "el comienzo", "le début")


def _run(case: Case) -> Result:
    rules = case.profile.rules or CorridorRules()
    findings: list[Finding] = []
    shown = True
    for reason, milestones, looks in (
        (SEALS_UNCHECKED, rules.seal_check_at, _looks_at_doors),
        (MACHINERY_UNCHECKED, rules.machinery_check_at, _looks_at_machinery),
    ):
        for trip in case.trips:
            for milestone in sorted(milestones):
                for one in _unchecked(case, trip, milestone, reason, looks):
                    findings += [] if one is None else [one]
                    shown = shown and one is not None
    clean = [box_clean.findings(case, trip) for trip in case.trips]
    findings += [one for each in clean for one in each.findings]
    shown = shown and not any(each.hidden for each in clean)
    good = "No look at seals or machinery that is due by now is missing, and no proof that the box was clean."
    return Result(tuple(findings), None if shown else NOT_SHOWN, good)


def _unchecked(
    case: Case, trip: str, milestone: str, reason: Reason, looks: Callable[[Fact], bool]
) -> Iterator[Finding | None]:
    """Yield what is missing before a milestone that was passed, None where that is not shown."""
    rules = case.profile.rules or CorridorRules()
    schedule = Schedule.of(case, trip)
    passed = schedule.actual(milestone)
    if passed is None:
        return
    before = _leg_before(rules, schedule, milestone, passed.at)
    since = float("-inf") if before is None else before.at
    about = [fact for fact in case.facts if tells_of(fact, trip)]
    if any(since <= fact.time <= passed.at and looks(fact) for fact in about):
        return
    # What is withheld may be seals that were found, or that they were found in time.
    may_look = [fact for fact in about if fact.kind in _SEALING and fact.said.withholds]
    for fact in may_look:
        in_time = since <= fact.time <= passed.at or not is_timed(fact)
        if in_time and (looks(fact) or "seals_found" not in fact.values):
            yield None
            return
    title = rules.milestones[milestone].title
    said = (passed.said,) if before is None or before.said == passed.said else (before.said, passed.said)
    shown = {"milestone": title, "since": _BEGINNING if before is None else at(before.at)}
    one = found(reason, *said, box=box_of(trip), time=at(passed.at), **shown)
    sources = rules.milestones[milestone].sources
    yield replace(one, owed_by=sources[0] if sources else None)


def _leg_before(rules: CorridorRules, schedule: Schedule, milestone: str, until: float) -> Told | None:
    """Return when the leg before a milestone began: of several the last; else the milestone before it."""
    begins = [leg.from_ for leg in rules.legs.values() if leg.to == milestone]
    if not begins:
        names = list(rules.milestones)
        begins = names[: names.index(milestone)] if milestone in names else []
    happened = [one for name in begins if (one := schedule.actual(name)) is not None and one.at <= until]
    return max(happened, key=lambda one: one.at, default=None)


def _looks_at_doors(fact: Fact) -> bool:
    return any(seal.on == DOORS for seal in fact.seals("seals_found"))


def _looks_at_machinery(fact: Fact) -> bool:
    members = (
        ("seals_found", "seals_removed", "seals_applied") if fact.kind == "inspection" else ("seals_found",)
    )
    return any(seal.on == _MACHINERY for name in members for seal in fact.seals(name))


def _applies(profile: Profile) -> bool:
    rules = profile.rules
    if rules is None:
        return False
    asked = rules.seal_check_at or rules.machinery_check_at
    return bool(asked) or profile.custody.unobserved_minutes is not None


CHECK = CorridorCheck(
    name="box",
    title=Words(
        "Seals, machinery and a clean container",
        "Precintos, maquinaria y contenedor limpio",
        "Scellés, machinerie et conteneur sans anomalie",
    ),
    # Milestones may be told by any kind, and seals and sightings by any as well.
    reads=None,
    reasons=(SEALS_UNCHECKED, MACHINERY_UNCHECKED, *box_clean.REASONS),
    skips=(NOT_SHOWN,),
    applies=_applies,
    run=_run,
)
