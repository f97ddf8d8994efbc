"""A case: all that is known of one shipment when it is assessed."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from ledger.corridors.profile import Profile
from ledger.domain import custody
from ledger.domain.custody import Correction, Custody, Said
from ledger.domain.custody.corrections import standing
from ledger.domain.custody.members import Fact, fact_of
from ledger.domain.custody.problem import Problem
from ledger.domain.links import STUFFED_IN, LinkSet
from ledger.domain.moment import happened_at
from ledger.domain.subject import Subject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Registered:
    """By when statements were registered, by which clocks.

    Args:
        by: Returns POSIX seconds for a log index; None where no clock tells.
        accepted: Whether these clocks are accepted by whoever reads the verdict; the operator's own is not.
    """

    by: Callable[[int], float | None]
    accepted: bool


def _unknown(_index: int) -> float | None:
    return None


NOT_KNOWN = Registered(_unknown, accepted=False)


def roles_to_say(said: Iterable[Said], profile: Profile) -> Mapping[str, frozenset[str]]:
    """Return, for each organisation that says something, the roles that let anybody say that.

    A dossier proves these of it and no others. Whoever assesses goes by them, so that all find the same.

    Args:
        said: All that was said of a shipment.
        profile: The corridor's rules.
    """
    found: dict[str, frozenset[str]] = {}
    for one in said:
        iss = one.statement.iss
        found[iss] = found.get(iss, frozenset()) | profile.roles_for(one.statement.kind)
    return found


@dataclass(frozen=True)
class Case:
    """One shipment when it is assessed.

    Args:
        subject: URI of the shipment: a consignment or a trip.
        said: All that was said of it and of its trips, as revealed to whoever assesses, each once, in the
            order of the log.
        profile: The corridor's rules.
        registered: By when each was registered.
        opened: What is in sealed readings (`found`) that whoever assesses could open, by the id of the
            `reading` statement.
        screened: Names that a screening list has, as its owner supplied them; None: no list was supplied.
        used: Returns URIs of other shipments in which a number of a kind (`bill-of-lading`,
            `certificate`, ...) was used; None: nobody can tell.
        roles_of: Roles of an organisation, by its URI, of those in `roles_to_say`; None: nobody can tell.
    """

    subject: str
    said: Sequence[Said]
    profile: Profile
    registered: Registered = NOT_KNOWN
    opened: Mapping[bytes, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    screened: Collection[str] | None = None
    used: Callable[[str, str], Collection[str]] | None = None
    roles_of: Callable[[str], Collection[str]] | None = None
    _known: dict[object, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, work_out: "Callable[[Case], T]") -> T:
        """Return what a function works out of the case; it is worked out once, whoever asks for it.

        Args:
            work_out: A function of the case alone.
        """
        if work_out not in self._known:
            self._known[work_out] = work_out(self)
        # No mapping can say that what lies under a function is what that function returns.
        return self._known[work_out]  # type: ignore[no-any-return]

    @cached_property
    def by_id(self) -> Mapping[bytes, Said]:
        """All that was said, by the ids of the statements."""
        return {one.statement.id: one for one in self.said}

    @cached_property
    def counting(self) -> Sequence[Said]:
        """What counts after corrections, in the order in which it happened."""
        kept, _ = self._standing
        return sorted(kept, key=lambda one: (happened_at(one.statement, one.body), one.index))

    @cached_property
    def facts(self) -> Sequence[Fact]:
        """What each statement that counts tells of boxes, in the order in which it happened."""
        return sorted([fact_of(one) for one in self.counting], key=lambda fact: fact.order)

    @cached_property
    def instead(self) -> Mapping[bytes, bytes]:
        """For each statement that no longer counts, by its id, the one of its family that does."""
        _, corrected = self._standing
        return {one.statement: one.by for one in corrected}

    def of_kind(self, *kinds: str) -> Sequence[Said]:
        """Return what counts of some kinds, in the order in which it happened."""
        return [one for one in self.counting if one.statement.kind in kinds]

    @cached_property
    def trips(self) -> Sequence[str]:
        """URIs of the container trips of the shipment."""
        if Subject.parse(self.subject).type == "trip":
            return [self.subject]
        spans = LinkSet.of(self.said).spans
        found = [
            one.link.to for one in spans if one.link.rel == STUFFED_IN and one.link.from_ == self.subject
        ]
        return list(dict.fromkeys(found))

    @cached_property
    def custody(self) -> Mapping[str, Custody]:
        """The line of custody of each trip, by its URI."""
        rules = self.profile.custody_rules()
        return {trip: custody.custody_of(trip, self.said, rules) for trip in self.trips}

    @cached_property
    def _standing(self) -> tuple[Sequence[Said], Sequence[Correction]]:
        problems: list[Problem] = []
        return standing(self.said, self.profile.custody_rules(), problems)

    def time_of(self, one: Said) -> float:
        """Return when something happened, as claimed, POSIX seconds."""
        return happened_at(one.statement, one.body)

    def registered_by(self, one: Said) -> float | None:
        """Return by when something was registered, POSIX seconds, None where no clock tells."""
        return self.registered.by(one.index)
