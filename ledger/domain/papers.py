"""What a paper says, whatever it is written in: one shape, to hold papers against each other (formats, 22).

Weights are in kilograms; everything but amounts is text as it stands in the paper.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Final

MAX_ROWS: Final = 100
MAX_TEXT: Final = 200


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

    def to_json(self) -> dict[str, Any]:
        """Return the paper as JSON, without what it does not say; lists are cut to 100 rows, texts to 200."""
        members = {"document": self.document}
        return members | {name: _json(getattr(self, name)) for name in MEMBERS if _says(getattr(self, name))}

    def of_kind(self, member: str, *kinds: str) -> tuple[str, ...]:
        """Return the values among `numbers`, `dates` or `places` that are of some kinds."""
        return tuple([one.value for one in getattr(self, member) if one.kind in kinds])


MEMBERS: Final = tuple([each.name for each in fields(Paper) if each.name != "document"])
"""Names of the members of a paper besides `document`."""


def _says(value: object) -> bool:
    return value not in (None, (), Amounts())


def _json(value: Any) -> Any:
    """Return a value as JSON; amounts stand among the members of what they belong to."""
    if isinstance(value, tuple):
        return [_json(one) for one in value[:MAX_ROWS]]
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, int | float):
        return value
    members: dict[str, Any] = {}
    for each in fields(value):
        part = getattr(value, each.name)
        if each.name == "amounts":
            members |= _json(part)
        elif _says(part):
            members[each.name] = _json(part)
    return members
