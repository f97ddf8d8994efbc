"""Hand-over statements that do not count: what they do to a line depends on whose they are."""

from collections.abc import Collection, Iterable

from ledger.domain.custody.hand_overs import Doubt, HandOver
from ledger.domain.custody.problem import Problem, problem, warning


def judged(
    doubts: Iterable[Doubt], hand_overs: Iterable[HandOver], holders: Collection[str]
) -> list[Problem]:
    """Return what is told of statements that do not count.

    Those of a party are problems, or else whoever is about to be caught would say something malformed. A
    stranger's are worth a look only, or else any member of a stream could stop any trip. Where terms are
    withheld nobody can tell the party from the stranger, so that all of them are problems.

    Args:
        doubts: The statements.
        hand_overs: The hand-overs of the subject that the others make.
        holders: URIs of the organisations that held it at some time.
    """
    parties, withheld = set(holders), set()
    for each in hand_overs:
        parties |= {party for party in (each.giver, each.taker) if party is not None}
        if each.terms is None:
            withheld.add(each.terms_hash)
    return [
        (problem if one.said.statement.iss in parties or one.terms_hash in withheld else warning)(
            one.code, one.message, one.said
        )
        for one in doubts
    ]
