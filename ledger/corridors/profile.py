"""Corridor profiles: which roles there are, and which of them may say what (a TOML file, hashed as it is)."""

import re
import tomllib
from codecs import BOM_UTF8
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self

from ledger.corridors import rules_tables
from ledger.corridors import sharing_tables as sharing
from ledger.corridors import tables as optional
from ledger.corridors.rules import CorridorRules
from ledger.corridors.rules_fields import words_or_text
from ledger.corridors.sharing_tables import Category, PassageTable
from ledger.corridors.tables import CustodyTable, IdentifierTable
from ledger.domain import fields
from ledger.domain.custody import Rules
from ledger.domain.errors import MalformedError
from ledger.domain.passage_record import PassageRules
from ledger.domain.statement_payload import name_of_kind
from ledger.domain.words import Words

MAX_BYTES = 131_072

_TABLES = ("corridor", "roles", "kinds")
_OPTIONAL = (
    *("custody", "identifiers", "corrections", "devices", "categories", "sharing", "passages"),
    *rules_tables.TABLES,
)
_ROLE = re.compile(r"[a-z][a-z0-9-]{1,63}")
_NO_ROLES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of statement in a corridor.

    Args:
        roles: The roles that may say it; any one of them is enough.
        note: What it means, for people.
    """

    roles: frozenset[str]
    note: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one corridor.

    Args:
        document: The bytes as written.
        hash: SHA-256 of the document, 32 bytes: what genesis documents and trust files name.
        id: Name of the corridor, `[a-z][a-z0-9-]{1,63}`.
        version: Counts up with every change.
        title: For people.
        roles: Title of each role, by name.
        kinds: The kinds of statements, by name.
        custody: What it asks of lines of custody.
        identifiers: How strict it is with numbers of containers, ships and places.
        corrections: For a kind, the roles that may correct what another organisation said.
        devices: The kinds that a key of a device may say.
        categories: Kinds of content, by name, that are shared, kept and erased by one rule.
        sharing: For a role, the categories that it is shown by agreement.
        passages: What it asks of gate passages and clips.
        rules: What it asks of shipments; None: nothing beyond the foundation.
    """

    document: bytes
    hash: bytes
    id: str
    version: int
    title: str
    roles: Mapping[str, Words]
    kinds: Mapping[str, Kind]
    custody: CustodyTable = field(default_factory=CustodyTable)
    identifiers: IdentifierTable = field(default_factory=IdentifierTable)
    corrections: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    devices: frozenset[str] = frozenset()
    categories: Mapping[str, Category] = field(default_factory=lambda: MappingProxyType({}))
    sharing: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    passages: PassageTable = field(default_factory=PassageTable)
    rules: CorridorRules | None = None

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Read a profile.

        Args:
            document: TOML 1.0, at most 131,072 bytes: tables `corridor` (`id`, `version`, `title`),
                `roles.<name>` (`title`) and `kinds.<name>` (`roles`, and `note` if there is one); perhaps
                `custody`, `identifiers`, `corrections`, `devices`, `categories`, `sharing`, `passages`, and
                with `route` what it asks of shipments.

        Raises:
            MalformedError: Not TOML, a member that is missing or unknown, or a kind with a role that is not
                there.
        """
        tables = fields.exactly(_toml(document), _TABLES, "the profile", optional=_OPTIONAL)
        corridor = fields.exactly(tables["corridor"], ("id", "version", "title"), "[corridor]")
        roles = {name: _role(name, table) for name, table in _table(tables["roles"], "[roles]").items()}
        kinds = {
            name: _kind(name, table, roles) for name, table in _table(tables["kinds"], "[kinds]").items()
        }
        categories = sharing.read_categories(tables.get("categories", {}))
        return cls(
            document=document,
            hash=sha256(document).digest(),
            id=name_of_kind(corridor["id"], "corridor.id"),
            version=fields.natural(corridor["version"], "corridor.version"),
            title=fields.text(corridor["title"], "corridor.title", longest=200),
            roles=MappingProxyType(roles),
            kinds=MappingProxyType(kinds),
            custody=optional.read_custody(tables.get("custody", {})),
            identifiers=optional.read_identifiers(tables.get("identifiers", {})),
            corrections=optional.read_corrections(tables.get("corrections", {}), kinds, roles),
            devices=optional.read_devices(tables["devices"], kinds) if "devices" in tables else frozenset(),
            categories=categories,
            sharing=sharing.read_sharing(tables.get("sharing", {}), roles, categories),
            passages=sharing.read_passages(tables.get("passages", {})),
            rules=rules_tables.read_rules(tables),
        )

    def custody_rules(self) -> Rules:
        """Return the rules for lines of custody.

        A kind corrects another one when every role that may say it is a role that may correct the other: so
        the kind of a correction alone shows that its signer was entitled.
        """
        correctors = {
            kind: frozenset(name for name, said in self.kinds.items() if said.roles <= roles)
            for kind, roles in self.corrections.items()
        }
        return Rules(
            least=self.custody.least,
            least_at=self.custody.places,
            correctors=MappingProxyType(correctors),
            unobserved_minutes=self.custody.unobserved_minutes,
        )

    def passage_rules(self) -> PassageRules:
        """Return the rules for gate passages and clips."""
        asked = self.passages
        return PassageRules(
            custody=self.custody_rules(),
            within_seconds=asked.within_seconds,
            jump_seconds=asked.jump_seconds,
            needs=asked.needs,
            needs_at=asked.places,
        )

    def roles_for(self, kind: str) -> frozenset[str]:
        """Return the roles that may say a kind; none for a kind that the corridor does not know."""
        known = self.kinds.get(kind)
        return _NO_ROLES if known is None else known.roles

    def may_say(self, kind: str, roles: Collection[str]) -> bool:
        """Return whether an organisation may say a kind of thing.

        Args:
            kind: Kind of the statement.
            roles: The roles that the organisation has.
        """
        return not self.roles_for(kind).isdisjoint(roles)


@cache
def foundation_profile() -> Profile:
    """Return the profile that comes with the package."""
    return Profile.parse(files(__package__).joinpath("foundation.toml").read_bytes())


def _toml(document: bytes) -> dict[str, Any]:
    if len(document) > MAX_BYTES:
        raise MalformedError(
            "too-large", f"the profile has {len(document)} bytes; at most {MAX_BYTES} are taken"
        )
    if document.startswith(BOM_UTF8):
        message = "the profile begins with a byte order mark: save it as UTF-8 without one (without BOM)"
        raise MalformedError("toml-syntax", message)
    try:
        return tomllib.loads(document.decode())
    except UnicodeDecodeError:
        message = "the profile is not UTF-8: save it as UTF-8, not as Latin-1 or ANSI"
        raise MalformedError("toml-syntax", message) from None
    except (ValueError, RecursionError) as error:
        raise MalformedError("toml-syntax", f"the profile is not TOML: {error}") from None


def _table(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise MalformedError(
            "malformed-field", f"{where} must be a table with at least one member", field=where
        )
    return value


def _role(name: str, table: object) -> Words:
    if not _ROLE.fullmatch(name):
        message = f"the role {name[:80]!r} must be 2 to 64 characters a-z 0-9 -, a letter first"
        raise MalformedError("malformed-field", message, field="roles")
    where = f"roles.{name}"
    return words_or_text(fields.exactly(table, ("title",), where)["title"], f"{where}.title")


def _kind(name: str, table: object, known: Collection[str]) -> Kind:
    name_of_kind(name, f"the kind {name[:80]!r}")
    where = f"kinds.{name}"
    members = fields.exactly(table, ("roles",), where, optional=("note",))
    roles = optional.names(members["roles"], known, "[roles]", f"{where}.roles")
    note = fields.text(members["note"], f"{where}.note", longest=500) if "note" in members else None
    return Kind(roles, note)
