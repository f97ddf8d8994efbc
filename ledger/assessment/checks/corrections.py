"""The check `corrections`: what was put right, when, by whom, and after which decision."""

from collections.abc import Iterator
from typing import Final

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result
from ledger.assessment.checks import corrections_reasons as why
from ledger.assessment.checks.corrections_taken_back import taken_back
from ledger.assessment.clock import Schedule
from ledger.assessment.finding import Finding, at, found
from ledger.assessment.needs import needs_of
from ledger.assessment.papers import KINDS, body_papers
from ledger.assessment.route import DEPARTURE, LADING
from ledger.corridors.profile import Profile
from ledger.domain.custody import Said
from ledger.domain.custody.corrections import standing
from ledger.domain.custody.problem import Problem
from ledger.domain.decision import BLOCKED, DECISION, DELIVERY, FREE, RELEASE
from ledger.domain.words import Words

_RESTS_ON: Final = KINDS | {
    *("analysis", "gate-passage", "inspection", "radiation", "scan", "seal-applied", "seal-check"),
    *("temperature-log", "hand-over"),
}
"""Kinds of statements that an authority's decision rests on."""
_AMOUNTS: Final = ("packages", "net_kg", "gross_kg", "tare_kg", "vgm_kg")


def run(case: Case) -> Result:
    """Look at each correction on record, and at what it is worth."""
    corrections = [one for one in case.said if one.statement.corrects is not None]
    findings = [finding for one in corrections for finding in _of(one, case)]
    if corrections:
        findings += _disputed(case)
    return Result(
        tuple(findings), None, f"{len(corrections)} corrections are on record, in time and in order."
    )


def _of(one: Said, case: Case) -> Iterator[Finding]:
    earlier = case.by_id.get(one.statement.corrects or b"")
    if earlier is None:
        yield found(why.UNKNOWN, one, kind=one.statement.kind, who=one.statement.iss)
        return
    if earlier.statement.id not in case.instead:
        # It puts nothing right: `correction-not-entitled` says so.
        return
    if earlier.statement.kind in KINDS:
        yield from _late(one, earlier, case)
    yield from taken_back(earlier, one)
    yield from _after_decision(one, earlier, case)


def _late(one: Said, earlier: Said, case: Case) -> Iterator[Finding]:
    """Yield a correction that its own signer dates after what it came too late for."""
    change = _change(earlier, one)
    event, reason = (LADING, why.WEIGHT_LATE) if change else (DEPARTURE, why.LATE)
    if not change and _may_be_amended(one, case):
        return
    times = Schedule.of(case).milestones.get(event)
    if times is None or times.actual is None or one.statement.iat <= times.actual.at:
        return
    values = {"who": one.statement.iss, "kind": earlier.statement.kind, "time": at(one.statement.iat)}
    more = {"when": at(times.actual.at)} | ({"change": change} if change else {})
    yield found(reason, earlier, one, times.actual.said, **values, **more)


def _may_be_amended(one: Said, case: Case) -> bool:
    """Return whether the corridor says until when it may be put right: then `timeliness` watches that."""
    return any(
        state.need.until is not None and one in (state.satisfied_by, state.brought)
        for state in needs_of(case)
    )


def _change(earlier: Said, later: Said) -> str:
    """Return which amounts a correction changed, as far as both tell of them; empty for none."""
    before, after = _amounts(earlier), _amounts(later)
    changed = [
        f"{name} {_shown(before[name])} → {_shown(after[name])}"
        for name in _AMOUNTS
        if before[name] and after[name] and before[name] != after[name]
    ]
    return ", ".join(changed)


def _amounts(one: Said) -> dict[str, frozenset[float]]:
    papers = body_papers(one)
    rows = [paper.totals for paper in papers]
    rows += [box.amounts for paper in papers for box in paper.containers]
    rows += [line.amounts for paper in papers for line in paper.goods]
    return {
        name: frozenset(value for row in rows if (value := getattr(row, name)) is not None)
        for name in _AMOUNTS
    }


def _shown(values: frozenset[float]) -> str:
    return "/".join(f"{value:.10g}" for value in sorted(values)[:4])


def _after_decision(one: Said, earlier: Said, case: Case) -> Iterator[Finding]:
    """Yield a correction of what an authority had let go on, and has not decided on again."""
    if earlier.statement.kind not in _RESTS_ON:
        return
    decisions = sorted(case.of_kind(DECISION), key=lambda each: each.index)
    before = [each for each in decisions if each.index < one.index]
    if not before or before[-1] is not decisions[-1] or not _lets_go(before[-1]):
        return
    decision = before[-1]
    if earlier.index < decision.index and one.statement.iss != decision.statement.iss:
        values = {"who": one.statement.iss, "kind": earlier.statement.kind, "whose": earlier.statement.iss}
        yield found(why.AFTER_DECISION, earlier, decision, one, **values, authority=decision.statement.iss)


def _lets_go(decision: Said) -> bool:
    """Return whether a decision is known to let goods go on."""
    delivery = decision.body.get(DELIVERY)
    return delivery == FREE or (delivery != BLOCKED and decision.body.get("decision") == RELEASE)


def _disputed(case: Case) -> Iterator[Finding]:
    """Yield corrections that count for nothing, or beside others: the line of custody passes over them."""
    problems: list[Problem] = []
    standing(case.said, case.profile.custody_rules(), problems)
    for each in problems:
        said = [case.by_id[ident] for ident in each.statements]
        if each.code == "correction-not-entitled":
            earlier, one = said
            names = {"who": one.statement.iss, "kind": earlier.statement.kind, "whose": earlier.statement.iss}
            yield found(why.NOT_ENTITLED, earlier, one, **names)
        else:
            signers = ", ".join(dict.fromkeys(one.statement.iss for one in said))
            last = at(said[-1].statement.iat)
            kind = said[-1].statement.kind
            yield found(why.COMPETING, *said, count=len(said), kind=kind, who=signers, time=last)


def _applies(profile: Profile) -> bool:
    return profile.rules is not None


CORRECTIONS: Final = CorridorCheck(
    name="corrections",
    title=Words("Corrections", "Correcciones", "Corrections"),
    # What a correction names may come later, and be of any kind.
    reads=None,
    reasons=why.REASONS,
    skips=(),
    applies=_applies,
    run=run,
)
