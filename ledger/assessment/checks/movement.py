"""Check `movement`: how long legs took, where the container was, what its seal complained of."""

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.checks import movement_alerts, movement_speed, movement_way
from ledger.assessment.finding import Finding
from ledger.assessment.sightings import sightings
from ledger.corridors.profile import Profile
from ledger.domain.words import Words

NOT_SEEN = Skipped(
    "not-seen",
    Words(
        "Nothing tells where the container was.",
        "Nada dice dónde estuvo el contenedor.",
        "Rien ne dit où était le conteneur.",
    ),
)


def _run(case: Case) -> Result:
    findings: list[Finding] = []
    anywhere = False
    for trip in case.trips:
        seen = sightings(case, trip)
        anywhere = anywhere or bool(seen)
        findings += movement_speed.findings(case, trip, seen)
        findings += movement_way.leg_findings(case, trip)
        findings += movement_way.detour_findings(case, trip, seen)
        findings += movement_way.place_findings(case, trip, seen)
        findings += movement_alerts.findings(case, trip)
    good = "The container was where it should be, in times that are possible."
    return Result(tuple(findings), None if anywhere else NOT_SEEN, good)


def _applies(profile: Profile) -> bool:
    rules = profile.rules
    return rules is not None and bool(rules.legs or rules.places or rules.most_speed_kmh)


CHECK = CorridorCheck(
    name="movement",
    title=Words(
        "Dwell, detours, speed and alerts on the way",
        "Demoras, desvíos, velocidad y alertas en ruta",
        "Attentes, détours, vitesse et alertes en route",
    ),
    # Milestones may be told by any kind, and positions and alerts by any as well.
    reads=None,
    reasons=(*movement_speed.REASONS, *movement_way.REASONS, *movement_alerts.REASONS),
    skips=(NOT_SEEN,),
    applies=_applies,
    run=_run,
)
