"""The figures of the demo's story, read from `facts.toml`: typed, frozen, changeable by whoever runs it."""

import tomllib
from importlib.resources import files
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from ledger.demo.facts_tables import (
    Exceptions,
    Gate,
    Identifiers,
    Load,
    Parties,
    People,
    Portal,
    Potassium,
    Reefer,
    Route,
    Seals,
    Tariff,
    Times,
    XRay,
)
from ledger.domain.errors import MalformedError

FILE = "facts.toml"


class Facts(BaseModel):
    """Every figure of the story; one table of the file each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: Route
    times: Times
    load: Load
    reefer: Reefer
    tariff: Tariff
    parties: Parties
    identifiers: Identifiers
    seals: Seals
    xray: XRay
    gate: Gate
    portal: Portal
    potassium: Potassium
    people: People
    exceptions: Exceptions

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Read the figures.

        Args:
            document: TOML 1.0 in UTF-8, laid out as `facts.toml`; every value must be there.

        Raises:
            MalformedError: Not TOML, or a value that is missing, unknown or of the wrong type; the field is
                its dotted name.
        """
        try:
            return cls._checked(tomllib.loads(document.decode()))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MalformedError("malformed-facts", f"{FILE} is not TOML 1.0 in UTF-8: {error}") from None

    @classmethod
    def default(cls) -> Self:
        """Read the figures that come with the package."""
        return cls.parse(files(__package__).joinpath(FILE).read_bytes())

    def changed(self, table: str, **values: object) -> Self:
        """Return the same figures but some of one table: a corrected weight, other seals, the next vessel.

        Raises:
            MalformedError: There is no such value, or it may not be that.
        """
        tables = self.model_dump()
        return self._checked({**tables, table: {**tables.get(table, {}), **values}})

    @classmethod
    def _checked(cls, tables: dict[str, Any]) -> Self:
        try:
            return cls.model_validate(tables)
        except ValidationError as error:
            first = error.errors()[0]
            at = ".".join(str(part) for part in first["loc"])
            raise MalformedError("malformed-facts", f"{FILE}: {at}: {first['msg']}", field=at) from None

    @property
    def trade_practice(self) -> frozenset[str]:
        """Dotted names of the values that have no published source."""
        return frozenset(
            f"{table}.{name}" for table in type(self).model_fields for name in getattr(self, table).practice
        )
