"""The seals that were heard of, kept so that asking for one costs the same however many there are."""

from bisect import bisect_left, insort
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from ledger.domain.custody.members import Fact, SealSaid

ON, OFF, FREED = "on", "off", "freed"
"""States beside `broken` and `missing`. A seal that was taken off to empty the box is `freed`: the next one
in its place is a first one."""

_Item = TypeVar("_Item", int, str)
Place = tuple[str, str | None]
"""What a seal keeps shut, and its kind."""


@dataclass(slots=True)
class KnownSeal:
    """A seal that was heard of.

    Args:
        said: As it was named last.
        state: `ON`, `OFF`, `FREED`, `broken` or `missing`; `KnownSeals.turn` changes it.
        mark: What cannot be copied, None when nobody said.
        fact: What last put it there.
        applied: Whether somebody says to have put it on; else it was only found there.
        rank: Of all seals, as how many-th it was first heard of.
    """

    said: SealSaid
    state: str
    mark: str | None
    fact: Fact
    applied: bool
    rank: int

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.said.on, self.said.kind


class KnownSeals:
    """All seals of one container.

    Whoever is let into a stream can name thousands, so that nothing here goes through all of them.
    """

    def __init__(self) -> None:
        self._seals: dict[str, KnownSeal] = {}
        self._order: list[KnownSeal] = []
        # Numbers that are on, in their order: by place, and by what they keep shut alone.
        self._on: dict[Place, list[str]] = {}
        self._on_at: dict[str, list[str]] = {}
        # Ranks by place, in the order of hearing: of those that are on, and of those that are not freed.
        self._ranks_on: dict[Place, list[int]] = {}
        self._ranks: dict[Place, list[int]] = {}

    def get(self, number: str) -> KnownSeal | None:
        """Return a seal by its number, None when nobody named it."""
        return self._seals.get(number)

    def on(self) -> list[KnownSeal]:
        """Return those that are on, by their numbers."""
        return [self._seals[number] for number in sorted(chain.from_iterable(self._on_at.values()))]

    def put_on(self, said: SealSaid, fact: Fact, *, applied: bool) -> KnownSeal:
        """Take note that a seal is on, whatever was known of its number, and return it."""
        before = self._seals.get(said.number)
        if before is not None:
            self._forget(before)
        rank = len(self._order) if before is None else before.rank
        known = KnownSeal(said, ON, said.mark, fact, applied, rank)
        if before is None:
            self._order.append(known)
        else:
            self._order[rank] = known
        self._seals[said.number] = known
        self._remember(known)
        return known

    def turn(self, known: KnownSeal, state: str) -> None:
        """Let a seal be in another state."""
        self._forget(known)
        known.state = state
        self._remember(known)

    def instead_of(self, seal: SealSaid, named: set[str]) -> KnownSeal | None:
        """Return the seal, first by number, that is on and where another one may sit instead.

        A kind that is left out may be any.

        Args:
            seal: The other one.
            named: Numbers that do not count.
        """
        if seal.kind is None:
            lists = [self._on_at.get(seal.on, [])]
        else:
            lists = [self._on.get((seal.on, kind), []) for kind in (seal.kind, None)]
        first = [next((number for number in numbers if number not in named), None) for numbers in lists]
        found = [number for number in first if number is not None]
        return self._seals[min(found)] if found else None

    def first_on(self, seal: SealSaid, but: Fact) -> KnownSeal | None:
        """Return the seal heard of first that is on in the place of another one, and not by a fact."""
        ranks = self._ranks_on.get((seal.on, seal.kind), [])
        return next((self._order[rank] for rank in ranks if self._order[rank].fact is not but), None)

    def last_in(self, seal: SealSaid, but: Fact) -> KnownSeal | None:
        """Return the seal heard of last that is or was in the place of another one, and not by a fact.

        Freed ones do not count.
        """
        ranks = reversed(self._ranks.get((seal.on, seal.kind), []))
        return next((self._order[rank] for rank in ranks if self._order[rank].fact is not but), None)

    def keeps_shut(self, on: str) -> bool:
        """Return whether any seal is on there."""
        return bool(self._on_at.get(on))

    def _remember(self, known: KnownSeal) -> None:
        if known.state == ON:
            insort(self._on.setdefault(known.place, []), known.said.number)
            insort(self._on_at.setdefault(known.said.on, []), known.said.number)
            insort(self._ranks_on.setdefault(known.place, []), known.rank)
        if known.state != FREED:
            insort(self._ranks.setdefault(known.place, []), known.rank)

    def _forget(self, known: KnownSeal) -> None:
        if known.state == ON:
            _remove(self._on[known.place], known.said.number)
            _remove(self._on_at[known.said.on], known.said.number)
            _remove(self._ranks_on[known.place], known.rank)
        if known.state != FREED:
            _remove(self._ranks[known.place], known.rank)


def _remove(sorted_list: list[_Item], value: _Item) -> None:
    del sorted_list[bisect_left(sorted_list, value)]
