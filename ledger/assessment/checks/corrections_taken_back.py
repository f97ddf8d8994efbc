"""Which corrections no longer say what spoke against a shipment: a part of the check `corrections`."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ledger.assessment.checks.corrections_reasons import TAKEN_BACK
from ledger.assessment.finding import Finding, at, found
from ledger.domain import machines
from ledger.domain.custody import Said
from ledger.domain.custody.members import BROKEN, MISSING, OPENED, SUSPECT, fact_of
from ledger.domain.words import Words


def _is_broken(one: Said) -> bool:
    return any(seal.state in (BROKEN, MISSING) for seal in fact_of(one).seals("seals_found"))


_AGAINST: Final[tuple[tuple[str, Words, Callable[[Said], Any]], ...]] = (
    (
        "alarm",
        Words("a radiation alarm", "una alarma de radiación", "une alarme de radiation"),
        lambda one: machines.said_of(machines.alarm, one.body, "alarm"),
    ),
    (
        "alert",
        Words(
            "an alert of an electronic seal",
            "una alerta de un precinto electrónico",
            "une alerte d'un scellé électronique",
        ),
        lambda one: machines.said_of(machines.alert, one.body, "alert"),
    ),
    (
        "conclusion",
        Words("a suspicion", "una sospecha", "un soupçon"),
        lambda one: fact_of(one).values.get("conclusion") == SUSPECT,
    ),
    (
        "doors",
        Words("opened doors", "puertas abiertas", "des portes ouvertes"),
        lambda one: fact_of(one).values.get("doors") == OPENED,
    ),
    (
        "seals_found",
        Words(
            "a broken or missing seal",
            "un precinto roto o ausente",
            "un scellé brisé ou absent",
        ),
        _is_broken,
    ),
)
"""What speaks against a shipment: the member that says it, what to call it, whether a statement says it."""


def taken_back(earlier: Said, one: Said) -> Iterator[Finding]:
    """Yield what a statement said against the shipment and its correction does not say any more.

    Args:
        earlier: The statement.
        one: Its correction. What may be among what it withholds counts as said still.
    """
    for member, what, says in _AGAINST:
        if says(earlier) and not says(one) and (member in one.body or not one.withholds):
            who = {"who": one.statement.iss, "whose": earlier.statement.iss}
            yield found(TAKEN_BACK, earlier, one, **who, what=what, time=at(one.statement.iat))
