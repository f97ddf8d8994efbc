"""Which events somebody wants to be told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from ledger.domain import fields
from ledger.domain.errors import MalformedError
from ledger.domain.identifiers import is_unlocode
from ledger.prearrival.asking import Filter

KINDS: Final = ("dossier.ready", "dossier.changed", "evidence.missing", "decision.made")
"""Kinds of events: ready, changed after it was ready, a deadline is near or over, customs decided."""
MAX_TERMINAL: Final = 64
FILTER: Final = ("organisation", "country", "port", "terminal")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are wanted: of some kinds, about shipments to which all that is named applies.

    Args:
        kinds: Of `KINDS`.
        organisation: URI of one that said something of the shipment.
        country: Of the port, ISO 3166-1, two letters.
        port: Where it is discharged, UN/LOCODE.
        terminal: There.
    """

    kinds: frozenset[str] = frozenset(KINDS)
    organisation: str | None = None
    country: str | None = None
    port: str | None = None
    terminal: str | None = None

    @classmethod
    def of(cls, kinds: object, said: object) -> Self:
        """Return what JSON says is wanted.

        Args:
            kinds: Array of kinds; None for all of them.
            said: Object with any of `FILTER`; None or null members leave it open.

        Raises:
            MalformedError: It is something else, of another kind, or no port, country or organisation.
        """
        chosen = KINDS if kinds is None else _kinds(fields.array(kinds, "events"))
        given = fields.exactly({} if said is None else said, (), "filter", optional=FILTER)
        where = {name: value for name, value in given.items() if value is not None}
        if "organisation" in where:
            fields.organisation(where["organisation"], "organisation")
        if "terminal" in where:
            fields.text(where["terminal"], "terminal", longest=MAX_TERMINAL)
        if "country" in where and not _is_country(where["country"]):
            raise _malformed("country", "the code of a country (ISO 3166-1), two capital letters")
        if "port" in where and not (isinstance(where["port"], str) and is_unlocode(where["port"])):
            raise _malformed("port", "a UN/LOCODE, such as USILG")
        return cls(frozenset(chosen), **where)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON that `of` takes: `events` and `filter`."""
        filtered = {name: getattr(self, name) for name in FILTER}
        return {"events": [one for one in KINDS if one in self.kinds], "filter": filtered}

    @property
    def terms(self) -> tuple[str, ...]:
        """Under which terms the shipments are found, as a list of arrivals finds them; none for all."""
        if all(getattr(self, name) is None for name in FILTER):
            return ()
        wanted = Filter(party=self.organisation, country=self.country, port=self.port, terminal=self.terminal)
        return tuple(wanted.terms)


def _kinds(given: Sequence[object]) -> list[str]:
    known = [one for one in given if isinstance(one, str) and one in KINDS]
    if not given or len(set(known)) != len(given):
        raise _malformed("events", f"one or several of {', '.join(KINDS)}, each once")
    return known


def _is_country(value: object) -> bool:
    return (
        isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()
    )


def _malformed(name: str, form: str) -> MalformedError:
    return MalformedError("malformed-field", f"{name} must be {form}", field=name)
