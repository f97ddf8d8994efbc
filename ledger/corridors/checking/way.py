"""How far apart in time the milestones of a corridor can lie, by its legs and by their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from ledger.corridors.rules import LATEST, CorridorRules, Due, Leg

MAX_MILESTONES = 64
"""Of more nothing is worked out: what happens to every shipment once is a handful."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way from the first milestone to the last.

    Args:
        order: Place of each milestone in time.
        most: For two milestones, the most hours from the one to the other; infinity where nothing limits
            them, negative where the second one comes first for certain.
        legs: Those that go forward between milestones that there are.
    """

    order: Mapping[str, int]
    most: Mapping[str, Mapping[str, float]]
    legs: tuple[Leg, ...]

    @classmethod
    def of(cls, rules: CorridorRules) -> "Way":
        """Return the way of a corridor.

        Each milestone comes no later than the next, a leg lasts at least and at most as long as it says:
        these are difference constraints, and the shortest paths through them the narrowest bounds.
        """
        names = list(rules.milestones)[:MAX_MILESTONES]
        order = {name: place for place, name in enumerate(names)}
        legs = tuple(
            [
                leg
                for leg in rules.legs.values()
                if leg.from_ in order and leg.to in order and order[leg.from_] < order[leg.to]
            ]
        )
        most = {one: {other: 0.0 if one == other else inf for other in names} for one in names}
        for earlier, later in pairwise(names):
            most[later][earlier] = 0.0
        for leg in legs:
            if leg.most_hours is not None:
                most[leg.from_][leg.to] = min(most[leg.from_][leg.to], leg.most_hours)
            if leg.least_hours is not None:
                most[leg.to][leg.from_] = min(most[leg.to][leg.from_], -leg.least_hours)
        for by in names:
            for one in names:
                for other in names:
                    most[one][other] = min(most[one][other], most[one][by] + most[by][other])
        return cls(order, most, legs)

    @property
    def contradicts(self) -> frozenset[str]:
        """Milestones that would have to be before themselves: their legs cannot all last as they say."""
        return frozenset([name for name in self.order if self.most[name][name] < 0])

    def between(self, one: str, other: str) -> tuple[float, float]:
        """Return the least and the most hours from one milestone to another, both of which there are."""
        # Without the addition a zero could be negative, which reads badly.
        return -self.most[other][one] + 0.0, self.most[one][other]

    def due_after(self, base: str, due: Due) -> tuple[float, float]:
        """Return how many hours after a milestone a deadline lies, at least and at most.

        Args:
            base: The milestone.
            due: The deadline; all its milestones are there.
        """
        bounds = [
            (least + term.hours, most + term.hours)
            for term in due.terms
            for least, most in [self.between(base, term.milestone)]
        ]
        pick = max if due.pick == LATEST else min
        return pick(least for least, _ in bounds), pick(most for _, most in bounds)

    def allowed(self, until: str) -> float:
        """Return the hours that the way to a milestone may take, as far as legs say how long they last."""
        reached = dict.fromkeys(self.order, 0.0)
        so_far = 0.0
        for name in self.order:
            ends = [reached[leg.from_] + (leg.most_hours or 0.0) for leg in self.legs if leg.to == name]
            so_far = reached[name] = max([so_far, *ends])
        return reached.get(until, so_far)
