"""What authorities decided on a subject, as one organisation may see it."""

from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Final

from ledger.catalogue.catalogue import Catalogue
from ledger.domain.decision import FREE
from ledger.domain.decisions import Decisions, decisions_of
from ledger.domain.errors import NotFoundError
from ledger.domain.links import STUFFED_IN, LinkSet

_ELSEWHERE: Final = frozenset({"origin-customs"})
"""Roles whose decisions are about leaving a country, and hold up nobody who delivers in another one."""
_SETS_FREE: Final = "destination-customs"

RolesOf = Callable[[str], Collection[str]]
"""Returns the names of the roles that an organisation has now; of one that takes no part, none."""


class Decided:
    """Tells what was decided; safe between threads.

    Args:
        catalogue: What the log says, and who may see it.
        roles_of: Asks the registry.
    """

    def __init__(self, catalogue: Catalogue, roles_of: RolesOf) -> None:
        self._catalogue = catalogue
        self._roles_of = roles_of

    def of(self, uri: str, organisation: str) -> Decisions:
        """Return what was decided on a subject, and on what is in it or what it is in.

        For a consignment that is the trips that its goods ever were in, for a trip the consignments that are
        in it now: a container is not delivered while one of them is held.

        Args:
            uri: The subject.
            organisation: URI of the reader: only what it may see is gone by.

        Raises:
            NotFoundError: There is no such subject, or it is not for this organisation to see.
            UnavailableError: The registry cannot be read now.
        """
        said = {one.index: one for one in self._catalogue.said(uri, organisation)}
        for span in LinkSet.of(list(said.values())).spans:
            if span.link.rel == STUFFED_IN and span.link.to == uri and span.until is None:
                with suppress(NotFoundError):
                    found = self._catalogue.said(span.link.from_, organisation)
                    said |= {one.index: one for one in found if span.link.from_ in one.statement.subjects}
        return decisions_of(said.values(), self.binds)

    def binds(self, organisation: str, delivery: str) -> bool:
        """Return whether decisions of an organisation bind who delivers.

        The customs of the destination alone set goods free there. All others can but hold them up, save the
        customs of the origin, whose word is about leaving its country.

        Args:
            organisation: Its URI.
            delivery: What it decided, `blocked` or `free`.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        roles = set(self._roles_of(organisation))
        if delivery == FREE:
            return _SETS_FREE in roles
        return not roles or not roles <= _ELSEWHERE
