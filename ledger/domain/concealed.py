"""Where in a body each disclosure stands, and to which categories of content it belongs (formats, 18)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.domain import disclosure
from ledger.domain.errors import MalformedError
from ledger.domain.statement import Statement

EVERYTHING: Final = "*"
"""Stands for every category, those too that no profile names."""
OTHER: Final = "other"
"""The category of what is in none of a profile's."""
READING: Final = "reading"

_RENDITION: Final = "rendition-"
_EVIDENCE: Final = "evidence"
_SD: Final = "_sd"
_ELEMENT: Final = "..."


@dataclass(frozen=True, slots=True)
class Concealed:
    """A concealed value of a body.

    Args:
        disclosure: The text that opens it.
        path: The way to it from the body down: names, and places in arrays as they are signed.
        parent: The disclosure in whose value it stands; None where it stands in what was signed.
        categories: What a reader must be shown to be shown this; empty where it holds nothing but other
            concealed values.
    """

    disclosure: str
    path: tuple[str | int, ...]
    parent: str | None
    categories: frozenset[str]


def base_category(category: str) -> str:
    """Return the category by whose rule a category goes: that of the original, for a rendition."""
    return category.removeprefix(_RENDITION)


def concealed_in(
    statement: Statement, disclosures: Sequence[str], members: Mapping[str, str]
) -> tuple[Concealed, ...]:
    """Return what disclosures open, parents before their children.

    A value belongs to the categories of all names on the way to it and in it. An evidence item and what is in
    it belong to the category that the item names, what a reading found to that of what was read.

    Args:
        statement: As signed.
        disclosures: Texts that match digests of its body.
        members: For names of members of a body, the category that a profile gives them.

    Raises:
        MalformedError: A disclosure is malformed.
    """
    return tuple(_Walk(statement, disclosures, members).found())


def visible(
    concealed: Sequence[Concealed], allowed: Collection[str], names: Collection[str] = ()
) -> frozenset[str]:
    """Return the disclosures that a reader may see.

    A value is shown when all of its categories are, and never without what it stands in. What holds nothing
    but other concealed values is shown with the first of them.

    Args:
        concealed: Of one statement, parents before their children.
        allowed: The categories that the reader is shown.
        names: Members of the body of which the reader is shown everything.
    """
    may = {
        one.disclosure: one.path[0] in names or EVERYTHING in allowed or one.categories <= set(allowed)
        for one in concealed
    }
    holds = {one.disclosure: bool(one.categories) for one in concealed}
    shown: set[str] = set()
    for one in concealed:
        if may[one.disclosure] and (one.parent is None or one.parent in shown):
            shown.add(one.disclosure)
    for one in reversed(concealed):
        if one.disclosure in shown and one.parent is not None:
            holds[one.parent] = holds[one.parent] or holds[one.disclosure]
    return frozenset(one for one in shown if holds[one])


def without(statement: Statement, disclosures: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return the disclosures that are left when what has one of these names, or is in such, is withheld.

    Args:
        statement: As signed.
        disclosures: Texts that match digests of its body.
        names: Of members, at any depth.

    Raises:
        MalformedError: A disclosure is malformed.
    """
    found = concealed_in(statement, disclosures, {})
    gone = {one.disclosure for one in found if not set(names).isdisjoint(map(str, one.path))}
    return tuple(text for text in disclosures if text not in gone)


class _Walk:
    """One pass over a body and over what its disclosures open."""

    def __init__(self, statement: Statement, disclosures: Sequence[str], members: Mapping[str, str]) -> None:
        self._texts = {disclosure.digest(text): text for text in disclosures}
        self._members = members
        self._body = statement.body
        self._read = None
        if statement.kind == READING:
            read = statement.body.get("category")
            self._read = base_category(read) if isinstance(read, str) else OTHER

    def found(self) -> Iterator[Concealed]:
        yield from self._below(self._body, (), None, None)

    def _below(
        self, value: Any, path: tuple[str | int, ...], parent: str | None, item: str | None
    ) -> Iterator[Concealed]:
        """Yield what is concealed in a value; `item` is the category of the evidence item around it."""
        if len(path) == 2 and path[0] == _EVIDENCE:
            item = self._category_of_item(value)
        if isinstance(value, dict):
            for name, member in value.items():
                if name == _SD:
                    for digest in member if isinstance(member, list) else ():
                        yield from self._open(digest, path, parent, item)
                else:
                    yield from self._below(member, (*path, name), parent, item)
        elif isinstance(value, list):
            for place, element in enumerate(value):
                if _is_concealed_element(element):
                    yield from self._open(element[_ELEMENT], path, parent, item, place)
                else:
                    yield from self._below(element, (*path, place), parent, item)

    def _open(
        self,
        digest: object,
        path: tuple[str | int, ...],
        parent: str | None,
        item: str | None,
        place: int | None = None,
    ) -> Iterator[Concealed]:
        text = self._texts.get(digest) if isinstance(digest, str) else None
        if text is None:
            return
        name, value = disclosure.opened(text)
        step = name if place is None else place
        if step is None:
            raise MalformedError("malformed-disclosure", "a disclosure of an element stands in an object")
        here = (*path, step)
        yield Concealed(text, here, parent, self._categories(here, value, item))
        yield from self._below(value, here, text, item)

    def _categories(self, path: tuple[str | int, ...], value: Any, item: str | None) -> frozenset[str]:
        if path[0] == _EVIDENCE:
            return self._of_evidence(path, value, item)
        if _is_empty(value):
            return frozenset()
        if self._read is not None and path[0] == "found":
            return frozenset((self._read,))
        on_the_way = {self._members[step] for step in path if isinstance(step, str) and step in self._members}
        inside = {self._members[name] for name in _names(value) if name in self._members}
        return frozenset((on_the_way or {OTHER}) | inside)

    def _of_evidence(self, path: tuple[str | int, ...], value: Any, item: str | None) -> frozenset[str]:
        if len(path) > 2:
            return frozenset((item or OTHER,))
        if len(path) == 2:
            return frozenset((self._category_of_item(value),))
        if not isinstance(value, list):
            return frozenset((OTHER,))
        inside = [one for one in value if not _is_concealed_element(one)]
        return frozenset(self._category_of_item(one) for one in inside)

    def _category_of_item(self, item: Any) -> str:
        if not isinstance(item, dict):
            return OTHER
        category = item.get("category")
        digests = item.get(_SD)
        for digest in digests if category is None and isinstance(digests, list) else ():
            text = self._texts.get(digest) if isinstance(digest, str) else None
            if text is not None and disclosure.opened(text)[0] == "category":
                category = disclosure.opened(text)[1]
        return base_category(category) if isinstance(category, str) else OTHER


def _is_concealed_element(element: Any) -> bool:
    return isinstance(element, dict) and len(element) == 1 and _ELEMENT in element


def _is_empty(value: Any) -> bool:
    """Return whether a value holds nothing but digests of other concealed values."""
    if isinstance(value, dict):
        return bool(value) and all(name == _SD or _is_empty(member) for name, member in value.items())
    if isinstance(value, list):
        return bool(value) and all(_is_concealed_element(one) or _is_empty(one) for one in value)
    return False


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _names(member)
    elif isinstance(value, list):
        for element in value:
            yield from _names(element)
