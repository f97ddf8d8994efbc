"""What is read of a paper, whatever it is written in: one shape, to hold papers against each other.

The shape as JSON is in docs/papers.md. Numbers of goods and weights are JSON numbers, weights in kilograms;
everything else is text as it stands in the paper, cut to 200 characters.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ledger.domain.errors import MalformedError
from ledger.domain.identifiers import check_container
from ledger.readers import claims
from ledger.readers.reading import Complaint
from ledger.readers.registry import Context

MAX_TEXT = 200
MAX_ROWS = 100
"""Rows of a list that are kept; a reading has room for 64 KiB."""

# UN/ECE recommendation 20 codes and what people write instead.
_KILOGRAMS = {
    "KGM": 1.0,
    "KG": 1.0,
    "KGS": 1.0,
    "GRM": 0.001,
    "TNE": 1000.0,
    "LBR": 0.45359237,
    "LB": 0.45359237,
    "LBS": 0.45359237,
}
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_HS = re.compile(r"[0-9]{4,12}")


@dataclass(frozen=True, slots=True)
class Named:
    """A number, date, place or fact with what it is.

    Args:
        kind: What it is, such as `bill-of-lading`, `issued`, `loading`.
        value: As it stands there.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody named in a paper.

    Args:
        role: `exporter`, `consignee`, `carrier`, `issuer` and so on.
        name: As it stands there; None where only a number does.
        id: Tax, register or code number.
    """

    role: str
    name: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much of something: of a line, of a box, of the whole paper.

    Args:
        packages: How many.
        net_kg: Of the goods alone.
        gross_kg: With their packages.
        tare_kg: Of the empty container.
        vgm_kg: Verified gross mass: container and all in it (SOLAS VI/2).
        value: Money, as a decimal number.
        currency: ISO 4217.
    """

    packages: float | None = None
    net_kg: float | None = None
    gross_kg: float | None = None
    tare_kg: float | None = None
    vgm_kg: float | None = None
    value: float | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of goods.

    Args:
        description: In the first language given.
        hs: Tariff number, digits only, 4 to 12.
        origin: Country, as it stands there.
        package_kind: Code or word.
        amounts: How much.
    """

    description: str | None = None
    hs: str | None = None
    origin: str | None = None
    package_kind: str | None = None
    amounts: Amounts = field(default_factory=Amounts)


@dataclass(frozen=True, slots=True)
class Container:
    """A box named in a paper.

    Args:
        number: ISO 6346, without blanks.
        type: ISO 6346 size and type code.
        seals: Numbers.
        amounts: What is in it.
    """

    number: str
    type: str | None = None
    seals: tuple[str, ...] = ()
    amounts: Amounts = field(default_factory=Amounts)


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says.

    Args:
        document: What it is: `export-declaration`, `phytosanitary-certificate`, `manifest` and so on.
        numbers: Of papers, ships, voyages.
        dates: Of what happened or will.
        places: UN/LOCODE, country or free text.
        parties: Who.
        containers: Boxes.
        seals: Of the whole, where the paper does not say on which box.
        goods: Lines.
        totals: As the paper states them; never summed up here.
        complaints: What in it cannot be right or cannot be read.
    """

    document: str
    numbers: tuple[Named, ...] = ()
    dates: tuple[Named, ...] = ()
    places: tuple[Named, ...] = ()
    parties: tuple[Party, ...] = ()
    containers: tuple[Container, ...] = ()
    seals: tuple[str, ...] = ()
    goods: tuple[Goods, ...] = ()
    totals: Amounts = field(default_factory=Amounts)
    complaints: tuple[Complaint, ...] = ()

    def found(self) -> dict[str, Any]:
        """Return the paper as JSON, without what it does not say; lists are cut to 100 rows."""
        return {"document": self.document, **_members(self, skip=("document", "complaints"))}

    def complained(self, context: Context) -> tuple[Complaint, ...]:
        """Return what is wrong with it: its complaints, wrong check digits, lists too long to be kept.

        Args:
            context: The container that it should be about, if one is known.
        """
        more = [*self.complaints, *claims.container(context, [box.number for box in self.containers])]
        if any(_wrong_check_digit(box.number) for box in self.containers):
            message = "a container number in the paper has a wrong check digit (ISO 6346)"
            more.append(Complaint("container-check-digit", message))
        if any(isinstance(value, tuple) and len(value) > MAX_ROWS for value in _values(self)):
            message = f"the paper has more rows than the {MAX_ROWS} of a list that are kept"
            more.append(Complaint("rows-left-out", message))
        return tuple(dict.fromkeys(more))


def named(pairs: Iterable[tuple[str, str | None]]) -> tuple[Named, ...]:
    """Return those that are there, each once."""
    return tuple(dict.fromkeys([Named(kind, value) for kind, value in pairs if value]))


def parties(rows: Iterable[tuple[str, str | None, str | None]]) -> tuple[Party, ...]:
    """Return the parties, given as role, name and number, that have a name or a number."""
    return tuple([Party(role, name or None, number or None) for role, name, number in rows if name or number])


def container(number: str | None, **more: Any) -> tuple[Container, ...]:
    """Return one box, or none where there is no number."""
    text = re.sub(r"[\s-]+", "", number or "").upper()
    return (Container(text, **more),) if text else ()


def hs_code(text: str | None) -> str | None:
    """Return a tariff number as digits only, None where it is none."""
    digits = re.sub(r"[\s.]+", "", text or "")
    return digits if _HS.fullmatch(digits) else None


class Figures:
    """Reads numbers, and remembers that one could not be read."""

    def __init__(self) -> None:
        self._unread = False

    def number(self, value: object) -> float | None:
        """Return a number that is not negative, None where nothing stands there or something else."""
        if value is None or value == "":
            return None
        text = str(value).strip().replace(",", "") if not isinstance(value, bool) else ""
        if not _NUMBER.fullmatch(text):
            self._unread = True
            return None
        read = float(text)
        return int(read) if read == int(read) else read

    def kilograms(self, value: object, unit: str | None = "KGM") -> float | None:
        """Return a weight in kilograms; a unit that is none of weight counts as not readable.

        Args:
            value: The number.
            unit: UN/ECE recommendation 20 code, or `kg`, `lbs`.
        """
        read, factor = self.number(value), _KILOGRAMS.get((unit or "KGM").upper())
        if read is None:
            return None
        if factor is None:
            self._unread = True
            return None
        kilograms = round(read * factor, 6)
        return int(kilograms) if kilograms == int(kilograms) else kilograms

    def complaints(self) -> tuple[Complaint, ...]:
        """Return the complaint about what could not be read, if there was any."""
        if not self._unread:
            return ()
        return (Complaint("number-not-read", "a number or weight in the paper could not be read"),)


def _wrong_check_digit(number: str) -> bool:
    try:
        return check_container(number) is not None
    except MalformedError:
        return True


def _values(part: Any) -> list[Any]:
    return [getattr(part, each.name) for each in fields(part)]


def _members(part: Any, *, skip: Sequence[str] = ()) -> dict[str, Any]:
    """Return what a part says; amounts stand among the members of what they belong to."""
    members: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if each.name in skip or value is None or value == ():
            continue
        if each.name == "amounts":
            members |= _members(value)
        elif value != Amounts():
            members[each.name] = _json(value)
    return members


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json(one) for one in value[:MAX_ROWS]]
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, int | float):
        return value
    return _members(value)


def rows_of(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the objects in a JSON array, or the one object that stands there instead of one."""
    if isinstance(value, Mapping):
        return (value,)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else ()


def part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object in a JSON object, an empty one where something else stands."""
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def text_of(value: object) -> str | None:
    """Return a JSON text that is not empty, None for anything else."""
    return value or None if isinstance(value, str) else None
