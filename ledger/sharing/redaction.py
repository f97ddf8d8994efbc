"""Which disclosures an organisation may see: the one gate through which they leave the service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from sqlalchemy import Engine, or_, select

from ledger.corridors.profile import Profile
from ledger.domain import concealed as concealing
from ledger.domain.clock import Clock
from ledger.domain.concealed import EVERYTHING, base_category
from ledger.domain.errors import MalformedError
from ledger.domain.sharing import members_for
from ledger.domain.statement import Statement
from ledger.log.store import StoredStatement
from ledger.storage.catalogue_tables import catalogue_members
from ledger.storage.engine import read_transaction

RolesOf = Callable[[str], frozenset[str]]
"""Returns the names of the roles that an organisation has now; of one that takes no part, none."""
_ALL: Final = frozenset((EVERYTHING,))


@dataclass(frozen=True, slots=True)
class View:
    """What one organisation is shown, as of one moment: make one for each question.

    Args:
        organisation: URI of the reader.
        agreed: Categories that its roles are shown by the corridor's agreement.
    """

    organisation: str
    agreed: frozenset[str]
    _members: Mapping[str, str] = field(repr=False)
    _granted: "_Grants" = field(repr=False)

    def visible(self, statement: Statement, disclosures: Sequence[str]) -> tuple[str, ...]:
        """Return the disclosures of a statement that the reader may see, in the order in which they came.

        Whether it may read the statement at all is for the membership of streams to say.

        Args:
            statement: As signed.
            disclosures: All that the ledger has of it.
        """
        if not disclosures or statement.iss == self.organisation:
            return tuple(disclosures)
        allowed = self._allowed(statement.iss, statement.streams)
        if EVERYTHING in allowed:
            return tuple(disclosures)
        try:
            found = concealing.concealed_in(statement, disclosures, self._members)
            own = members_for(statement, statement.reveal(disclosures), self.organisation)
        except MalformedError:
            # What cannot be read is not handed out.
            return ()
        shown = concealing.visible(found, allowed, own)
        return tuple(text for text in disclosures if text in shown)

    def redacted(self, stored: StoredStatement) -> StoredStatement:
        """Return a stored statement with the disclosures that the reader may see."""
        if not stored.disclosures:
            return stored
        shown = self.visible(Statement.parse(stored.statement), stored.disclosures)
        return stored if shown == stored.disclosures else replace(stored, disclosures=shown)

    def may_open(self, category: str, author: str, tags: Sequence[bytes]) -> bool:
        """Return whether the reader is shown a category of what an author said in streams.

        Args:
            category: Of an evidence item; a rendition's counts as its original's.
            author: URI of the organisation that claims the item.
            tags: Of the streams that the claim is filed in.
        """
        if author == self.organisation:
            return True
        allowed = self._allowed(author, tags)
        return EVERYTHING in allowed or base_category(category) in allowed

    def fingerprint(self, tags: Sequence[bytes]) -> str:
        """Return a hash of all that decides what the reader sees in some streams: for entity tags.

        Args:
            tags: Of the streams.
        """
        said = [self.organisation, *sorted(self.agreed)]
        for tag in sorted(tags):
            for author, categories in sorted(self._granted.of(tag).items()):
                said += [tag.hex(), author, *sorted(categories)]
        return sha256("\n".join(said).encode()).hexdigest()

    def _allowed(self, author: str, tags: Sequence[bytes]) -> frozenset[str]:
        if EVERYTHING in self.agreed:
            return _ALL
        granted = (self._granted.of(tag).get(author, frozenset()) for tag in tags)
        return self.agreed.union(*granted)


class Redaction:
    """Decides what an organisation sees of what others concealed and sealed; safe between threads.

    To the author's organisation everything is shown; to others what the profile's `[sharing]` gives to their
    roles, and what the author granted them and has not ended. Without `[sharing]` everything is shown to
    whoever may read the statement.

    Args:
        engine: The database, with a catalogue that is kept up with the log.
        profile: The corridor's rules.
        roles_of: Asks the registry.
        clock: Tells which grants are good.
    """

    def __init__(self, engine: Engine, profile: Profile, roles_of: RolesOf, clock: Clock) -> None:
        self._engine = engine
        self._sharing = profile.sharing
        self._members = MappingProxyType(
            {name: category for category, one in profile.categories.items() for name in one.members}
        )
        self._roles_of = roles_of
        self._clock = clock

    def view(self, organisation: str) -> View:
        """Return what an organisation is shown now.

        Args:
            organisation: Its URI.

        Raises:
            UnavailableError: The registry cannot be read now.
        """
        agreed = _ALL
        if self._sharing:
            roles = self._roles_of(organisation)
            agreed = frozenset().union(*(self._sharing.get(role, frozenset()) for role in roles))
        return View(organisation, agreed, self._members, _Grants(self._engine, organisation, self._clock()))

    def visible(self, stored: StoredStatement, organisation: str) -> tuple[str, ...]:
        """Return the disclosures of a stored statement that an organisation may see; see `View.visible`."""
        return self.view(organisation).redacted(stored).disclosures

    def may_open(self, category: str, author: str, organisation: str, tags: Sequence[bytes]) -> bool:
        """Return whether an organisation is shown a category of what an author said; see `View.may_open`."""
        return self.view(organisation).may_open(category, author, tags)


class _Grants:
    """The grants to one organisation that are good at one moment, read stream by stream."""

    def __init__(self, engine: Engine, organisation: str, now: int) -> None:
        self._engine = engine
        self._organisation = organisation
        self._now = now
        self._known: dict[bytes, Mapping[str, frozenset[str]]] = {}

    def of(self, tag: bytes) -> Mapping[str, frozenset[str]]:
        """Return by author the categories that were granted in a stream."""
        if tag not in self._known:
            self._known[tag] = self._read(tag)
        return self._known[tag]

    def _read(self, tag: bytes) -> Mapping[str, frozenset[str]]:
        member = catalogue_members.c
        query = select(member.by, member.categories).where(
            member.tag == tag,
            member.organisation == self._organisation,
            member.categories != "",
            member.since <= self._now,
            or_(member.until.is_(None), member.until > self._now),
            member.ended.is_(None),
        )
        granted: dict[str, frozenset[str]] = {}
        with read_transaction(self._engine) as connection:
            for author, categories in connection.execute(query):
                granted[author] = granted.get(author, frozenset()) | frozenset(categories.split())
        return granted
