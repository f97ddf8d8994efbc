"""What a corridor asks of a line of custody (formats, section 13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Level(StrEnum):
    """How well a hand-over is shown, the strongest first."""

    BOTH = "both"
    ONE_AND_MACHINE = "one-and-machine"
    ONE = "one"
    REFUSED = "refused"

    def reaches(self, least: "Level") -> bool:
        """Return whether this is at least as strong as another level."""
        return _STRENGTH[self] >= _STRENGTH[least]


_STRENGTH = {level: -place for place, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a corridor for its lines of custody.

    Whoever may inspect is no part of them: the corridor says which roles may say `inspection`, and the
    registry which organisation has them. So with corrections: they are named by kinds.

    Args:
        least: The weakest level of a hand-over that is taken without complaint.
        least_at: The same for single places, by the place that the terms name.
        correctors: For a kind, the kinds of statements by which another organisation may correct it.
        unobserved_minutes: From how many unobserved minutes before lading on there is a warning; None for
            no limit.
    """

    least: Level = Level.BOTH
    least_at: Mapping[str, Level] = field(default_factory=lambda: MappingProxyType({}))
    correctors: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    unobserved_minutes: int | None = None

    def least_of(self, place: str | None) -> Level:
        """Return the weakest level that is taken at a place, None where the place is withheld."""
        return self.least if place is None else self.least_at.get(place, self.least)
