"""What an analyst's conclusion says beyond clear or suspect: who or what drew it, where, and who agrees."""

from dataclasses import dataclass

from ledger.domain import fields
from ledger.domain.errors import MalformedError

_MAX_PIXEL = 1_000_000
_MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What looked at a scan.

    Args:
        name: Of the program or model.
        version: Of it, exact enough to run the same one again.
    """

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in an image, pixels from its upper left corner.

    Args:
        x: Left edge.
        y: Upper edge.
        width: At least 1.
        height: At least 1.
    """

    x: int
    y: int
    width: int
    height: int


def algorithm(value: object, where: str) -> Algorithm:
    """Read `algorithm`: exactly name and version.

    Raises:
        MalformedError: Anything else.
    """
    read = fields.exactly_at(value, ("name", "version"), where)
    name, version = (
        fields.text(read[each], f"{where}.{each}", longest=_MAX_TEXT) for each in ("name", "version")
    )
    return Algorithm(name, version)


def region(value: object, where: str) -> Region:
    """Read `region`: `[x, y, width, height]`, whole pixels.

    Raises:
        MalformedError: Anything else.
    """
    edges = fields.array(value, where)
    if len(edges) != 4:
        message = f"{where} must be [x, y, width, height] in whole pixels"
        raise MalformedError("malformed-field", message, field=where)
    read = [fields.natural(each, f"{where}.{at}", largest=_MAX_PIXEL) for at, each in enumerate(edges)]
    found = Region(*read)
    if not found.width or not found.height:
        raise MalformedError("malformed-field", f"{where} must be at least one pixel large", field=where)
    return found


def confirmed_by(value: object, where: str) -> str:
    """Read `confirmed_by`: the pseudonym of a person who looked too and agrees.

    Raises:
        MalformedError: Anything else.
    """
    return fields.text(value, where, longest=_MAX_TEXT)
