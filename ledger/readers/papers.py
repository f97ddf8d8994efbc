"""What is read of a paper, whatever it is written in: one shape, to hold papers against each other.

The shape as JSON is in docs/papers.md. Numbers of goods and weights are JSON numbers, weights in kilograms;
everything else is text as it stands in the paper, cut to 200 characters.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ledger.domain import papers
from ledger.domain.errors import MalformedError
from ledger.domain.identifiers import check_container
from ledger.domain.papers import MAX_ROWS, Amounts, Container, Goods, Named, Party
from ledger.readers import claims
from ledger.readers.reading import Complaint
from ledger.readers.registry import Context

__all__ = [
    "Amounts",
    "Container",
    "Figures",
    "Goods",
    "Named",
    "Paper",
    "Party",
    "container",
    "hs_code",
    "named",
    "part",
    "parties",
    "rows_of",
    "text_of",
]

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
class Paper(papers.Paper):
    """What a paper says, and what is wrong with it.

    Args:
        complaints: What in it cannot be right or cannot be read.
    """

    complaints: tuple[Complaint, ...] = ()

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
