"""Assessing shipments again and again: of one that was looked at lately, only what something new touches."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ledger.assessment.assess import Assessment, assess, reassess
from ledger.assessment.case import Case, Registered, roles_to_say
from ledger.assessment.checks.re_use import RE_USE
from ledger.corridors.profile import Profile
from ledger.domain.custody import Said
from ledger.domain.decisions import Binds
from ledger.log.lru import Lru
from ledger.prearrival.standing import Standing, standing_of

RolesOf = Callable[[str], Collection[str]]
"""Returns the names of roles of an organisation; of one that takes no part, none."""
Used = Callable[[str, str], Collection[str]]
"""Returns URIs of shipments in which a number of a kind is used."""
_KEPT = 1024
_OF_OTHERS = frozenset({RE_USE.name})
"""Checks that look at other shipments, too."""


@dataclass(frozen=True, slots=True)
class _Before:
    """An assessment that was made before, and of what."""

    said: Sequence[Said]
    roles: Mapping[str, Collection[str]]
    assessment: Assessment


class Assessor:
    """Assesses shipments by the rules of one corridor; safe between threads.

    Args:
        profile: The rules.
        roles_ever: Asks the registry for the roles that an organisation has or had.
        binds: Whose decisions bind who delivers.
    """

    def __init__(self, profile: Profile, roles_ever: RolesOf, binds: Binds) -> None:
        self._profile = profile
        self._roles_ever = roles_ever
        self._binds = binds
        self._before: Lru[tuple[str, bytes], _Before] = Lru(_KEPT)

    def standing(
        self,
        uri: str,
        said: Sequence[Said],
        received_at: Mapping[int, int],
        reader: bytes,
        used: Used | None = None,
    ) -> Standing:
        """Return how a shipment stands.

        Args:
            uri: The shipment.
            said: What was said of it and of its parts, as revealed to a reader, in the order of the log.
            received_at: When the log took each, by its index: the operator's clock, which no verdict rests
                on.
            reader: Tells readers apart to whom the same statements may be revealed in other ways.
            used: Returns the other shipments that the reader may see in which a number of a kind is used;
                None: not looked for.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        roles = {
            iss: asked & frozenset(self._roles_ever(iss))
            for iss, asked in roles_to_say(said, self._profile).items()
        }
        registered = Registered(received_at.get, accepted=False)
        case = Case(
            uri,
            tuple(said),
            self._profile,
            registered,
            used=used,
            roles_of=lambda iss: roles.get(iss, frozenset()),
        )
        assessment = self._assess(case, roles, (uri, reader))
        return standing_of(case, assessment, self._binds)

    def _assess(self, case: Case, roles: Mapping[str, Collection[str]], key: tuple[str, bytes]) -> Assessment:
        before = self._before.get([key]).get(key)
        made = None
        if before is not None and all(roles.get(iss) == known for iss, known in before.roles.items()):
            new = _new(before.said, case.said)
            if new is not None:
                made = reassess(case, before.assessment, new, always=_OF_OTHERS)
        if made is None:
            made = assess(case)
        self._before.keep({key: _Before(case.said, roles, made)})
        return made


def _new(before: Sequence[Said], now: Sequence[Said]) -> list[Said] | None:
    """Return what is new, None when something else changed as well."""
    known = {one.index: one for one in before}
    new = [one for one in now if one.index not in known]
    kept = [one for one in now if one.index in known]
    if len(kept) != len(before) or any(one.body != known[one.index].body for one in kept):
        return None
    return new
