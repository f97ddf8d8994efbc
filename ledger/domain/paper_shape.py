"""Reads papers as bodies of statements and readings have them (formats, section 22)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ledger.domain import fields as read
from ledger.domain.errors import MalformedError
from ledger.domain.papers import MAX_ROWS, MAX_TEXT, Amounts, Container, Goods, Named, Paper, Party
from ledger.domain.statement_payload import name_of_kind

PAPERS: Final = "papers"
MAX_PAPERS: Final = 16
MAX_AMOUNT: Final = 10**12

Reader = Callable[[Any, str], Any]


def read_papers(value: object, where: str) -> tuple[Paper, ...]:
    """Read the member `papers` of a body.

    Raises:
        MalformedError: More than 16 papers, or one that is not in its shape.
    """
    rows = read.array(value, where)
    # None is what is left where each of them is concealed.
    if len(rows) > MAX_PAPERS:
        raise MalformedError("malformed-field", f"{where} must be at most {MAX_PAPERS} papers", field=where)
    return tuple([read_paper(one, f"{where}.{place}") for place, one in enumerate(rows)])


def read_paper(value: object, where: str) -> Paper:
    """Read one paper.

    Raises:
        MalformedError: It is not in its shape; the field is the path of the member at fault.
    """
    said = read.exactly_at(value, ("document",), where, optional=_MEMBERS)
    document = name_of_kind(said["document"], f"{where}.document")
    members = {name: take(said[name], f"{where}.{name}") for name, take in _MEMBERS.items() if name in said}
    return Paper(document, **members)


def papers_as_far_as_said(value: object) -> tuple[Paper, ...]:
    """Return the papers in a member `papers`; what is malformed in it counts as not said."""
    return tuple([paper for one in _rows(value)[:MAX_PAPERS] if (paper := paper_as_far_as_said(one))])


def paper_as_far_as_said(value: object) -> Paper | None:
    """Return a paper, None without a kind; what is malformed in it counts as not said, row by row."""
    if not isinstance(value, Mapping):
        return None
    try:
        document = name_of_kind(value.get("document"), "document")
    except MalformedError:
        return None
    said: dict[str, Any] = {}
    for name, take in _MEMBERS.items():
        if name not in value:
            continue
        given = value[name]
        if name in _LISTS:
            rows = [_well_formed(_LISTS[name], row) for row in _rows(given)[:MAX_ROWS]]
            said[name] = tuple([row for row in rows if row is not None])
        elif isinstance(given, Mapping):
            kept = {key: one for key, one in given.items() if _well_formed(take, {key: one}) is not None}
            said[name] = take(kept, name)
    return Paper(document, **said)


def _rows(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _well_formed(take: Reader, value: object) -> Any:
    try:
        return take(value, "")
    except MalformedError:
        return None


def _text(value: object, where: str) -> str:
    return read.text(value, where, longest=MAX_TEXT)


def _amount(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_AMOUNT:
        message = f"{where} must be a number from 0 to {MAX_AMOUNT}"
        raise MalformedError("malformed-field", message, field=where)
    return value


def _hs(value: object, where: str) -> str:
    if not isinstance(value, str) or not (value.isascii() and value.isdigit() and 4 <= len(value) <= 12):
        message = f"{where} must be a tariff number of 4 to 12 digits"
        raise MalformedError("malformed-field", message, field=where)
    return value


def _list_of(take: Reader) -> Reader:
    def several(value: object, where: str) -> tuple[Any, ...]:
        rows = read.array(value, where)
        if len(rows) > MAX_ROWS:
            raise MalformedError("malformed-field", f"{where} must be at most {MAX_ROWS} rows", field=where)
        return tuple([take(row, f"{where}.{place}") for place, row in enumerate(rows)])

    return several


_AMOUNTS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("packages", "net_kg", "gross_kg", "tare_kg", "vgm_kg", "value"), _amount),
    "currency": _text,
}


def _members_of(
    value: object, where: str, needed: Mapping[str, Reader], optional: Mapping[str, Reader]
) -> dict[str, Any]:
    said = read.exactly_at(value, needed, where, optional=optional)
    readers = {**needed, **optional}
    return {name: readers[name](one, f"{where}.{name}") for name, one in said.items()}


def _amounts(value: object, where: str) -> Amounts:
    return Amounts(**_members_of(value, where, {}, _AMOUNTS))


def _named(value: object, where: str) -> Named:
    return Named(**_members_of(value, where, {"kind": _text, "value": _text}, {}))


def _party(value: object, where: str) -> Party:
    return Party(**_members_of(value, where, {"role": _text}, {"name": _text, "id": _text}))


def _container(value: object, where: str) -> Container:
    optional = {"type": _text, "seals": _list_of(_text), **_AMOUNTS}
    return Container(**_with_amounts(_members_of(value, where, {"number": _text}, optional)))


def _goods(value: object, where: str) -> Goods:
    optional = {"description": _text, "hs": _hs, "origin": _text, "package_kind": _text, **_AMOUNTS}
    return Goods(**_with_amounts(_members_of(value, where, {}, optional)))


def _with_amounts(said: Mapping[str, Any]) -> dict[str, Any]:
    amounts = Amounts(**{name: one for name, one in said.items() if name in _AMOUNTS})
    return {name: one for name, one in said.items() if name not in _AMOUNTS} | {"amounts": amounts}


_LISTS: Final[Mapping[str, Reader]] = {
    "numbers": _named,
    "dates": _named,
    "places": _named,
    "parties": _party,
    "containers": _container,
    "seals": _text,
    "goods": _goods,
}
_MEMBERS: Final[Mapping[str, Reader]] = {
    **{name: _list_of(take) for name, take in _LISTS.items()},
    "totals": _amounts,
}
