"""Selective disclosure within the body of a statement (formats, section 5; RFC 9901)."""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ledger.domain import fields, strict_json
from ledger.domain.errors import MalformedError, UsageError

MAX_DISCLOSURES = 256
MAX_TEXT = 65_536
MAX_TOTAL = 1_048_576
SALT_SIZE = 16

SaltSource = Callable[[int], bytes]
"""Returns so many random bytes."""
Path = Sequence[str | int]
"""The way to a value: member names and zero-based places in arrays, from the body down."""

_SD = "_sd"
_ELEMENT = "..."
# 32 bytes in base64url, in the one form whose last bits are zero.
_DIGEST = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")


def digest(disclosure: str) -> str:
    """Return the digest of a disclosure as it stands in a body: base64url SHA-256 of the text as received."""
    return fields.b64url(sha256(disclosure.encode("ascii")).digest())


def opened(disclosure: str) -> tuple[str | None, Any]:
    """Return what a disclosure opens: the name of a member, None for an element of an array, and the value.

    Raises:
        MalformedError: It is malformed.
    """
    read = _decode(disclosure)
    return read.name, read.value


def reveal(body: Mapping[str, Any], disclosures: Sequence[str]) -> dict[str, Any]:
    """Return the body with what the disclosures say in its place; what is withheld is left out.

    Without disclosures this is the check that the digests of a body are well-formed.

    Args:
        body: As signed.
        disclosures: Disclosure texts, in any order; each must match exactly one digest.

    Raises:
        MalformedError: A disclosure that is malformed or matches nothing, a digest that occurs twice, a name
            that is reserved or there already, too many or too long disclosures, or nesting over 32.
    """
    opening = _Opening(_index(disclosures) if disclosures else {})
    revealed = opening.members(body, 1)
    if opening.closed:
        one = next(iter(opening.closed.values()))
        message = f"{len(opening.closed)} disclosures match no digest, {one.shown} among them"
        raise MalformedError("disclosure-unmatched", message)
    return revealed


def conceal(
    body: Mapping[str, Any], paths: Sequence[Path], salts: SaltSource = secrets.token_bytes
) -> tuple[dict[str, Any], list[str]]:
    """Replace values by digests of their disclosures.

    A path below another is concealed first, so that its disclosure opens what the upper one's holds.

    Args:
        body: In the clear.
        paths: The values to conceal, members of objects or elements of arrays.
        salts: Where salts come from; called once for each path, deeper paths first.

    Returns:
        The body to be signed, and the disclosures in the order of the paths.

    Raises:
        UsageError: A path that leads nowhere or is named twice, or a body with a reserved name.
    """
    _refuse_reserved(body)
    if len({tuple(path) for path in paths}) != len(paths):
        raise UsageError("bad-path", "a path is to be concealed twice")
    concealed: dict[str, Any] = deepcopy(dict(body))
    disclosures = [""] * len(paths)
    for position, path in sorted(enumerate(paths), key=lambda numbered: -len(numbered[1])):
        parent = _parent(concealed, path)
        salt = fields.b64url(salts(SALT_SIZE))
        if isinstance(parent, list):
            place = int(path[-1])
            disclosure = _encode([salt, parent[place]])
            parent[place] = {_ELEMENT: digest(disclosure)}
        else:
            name = str(path[-1])
            disclosure = _encode([salt, name, parent.pop(name)])
            # Sorted, so that the order of the digests tells nothing of the members' names.
            parent[_SD] = sorted([*parent.get(_SD, ()), digest(disclosure)])
        disclosures[position] = disclosure
    return concealed, disclosures


@dataclass(frozen=True, slots=True)
class _Disclosure:
    name: str | None
    value: Any

    @property
    def shown(self) -> str:
        return "one of an array element" if self.name is None else f"one of a member {self.name[:80]!r}"


class _Opening:
    """One pass over a body and over what its disclosures add to it."""

    def __init__(self, closed: dict[str, _Disclosure]) -> None:
        self.closed = closed
        self._met: set[str] = set()

    def members(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        self._enter(depth)
        if _ELEMENT in value:
            raise MalformedError(
                "malformed-disclosure", 'the name "..." stands elsewhere than alone in an array'
            )
        revealed = {name: self._value(member, depth) for name, member in value.items() if name != _SD}
        if _SD in value:
            for text in fields.array(value[_SD], _SD):
                disclosure = self._take(text)
                if disclosure is not None:
                    name = self._new_name(disclosure, revealed)
                    revealed[name] = self._value(disclosure.value, depth)
        return revealed

    def _elements(self, value: list[Any], depth: int) -> list[Any]:
        self._enter(depth)
        revealed = []
        for element in value:
            if isinstance(element, dict) and len(element) == 1 and _ELEMENT in element:
                disclosure = self._take(element[_ELEMENT])
                if disclosure is None:
                    continue
                if disclosure.name is not None:
                    raise MalformedError("malformed-disclosure", f"{disclosure.shown} stands in an array")
                revealed.append(self._value(disclosure.value, depth))
            else:
                revealed.append(self._value(element, depth))
        return revealed

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self.members(value, depth + 1)
        if isinstance(value, list):
            return self._elements(value, depth + 1)
        return value

    def _take(self, text: object) -> _Disclosure | None:
        if not isinstance(text, str) or not _DIGEST.fullmatch(text):
            raise MalformedError("malformed-digest", "a digest of a disclosure must be 32 bytes in base64url")
        if text in self._met:
            raise MalformedError("digest-repeated", f"the digest {text} occurs twice")
        self._met.add(text)
        return self.closed.pop(text, None)

    def _new_name(self, disclosure: _Disclosure, revealed: Mapping[str, Any]) -> str:
        name = disclosure.name
        if name is None or name in (_SD, _ELEMENT) or name in revealed:
            message = f"{disclosure.shown} stands in an object, where its name is missing, reserved or taken"
            raise MalformedError("malformed-disclosure", message)
        return name

    def _enter(self, depth: int) -> None:
        if depth > strict_json.MAX_DEPTH:
            raise MalformedError("json-depth", f"the body nests deeper than {strict_json.MAX_DEPTH} levels")


def _index(disclosures: Sequence[str]) -> dict[str, _Disclosure]:
    if len(disclosures) > MAX_DISCLOSURES:
        message = f"{len(disclosures)} disclosures; at most {MAX_DISCLOSURES} are taken"
        raise MalformedError("too-large", message, field="disclosures")
    if sum(map(len, disclosures)) > MAX_TOTAL or any(len(text) > MAX_TEXT for text in disclosures):
        message = f"a disclosure has over {MAX_TEXT} characters, or all together over {MAX_TOTAL}"
        raise MalformedError("too-large", message, field="disclosures")
    index = {}
    for text in disclosures:
        disclosure = _decode(text)
        index[digest(text)] = disclosure
    if len(index) != len(disclosures):
        raise MalformedError("disclosure-repeated", "the same disclosure is given twice", field="disclosures")
    return index


def _decode(text: str) -> _Disclosure:
    parts = strict_json.loads(fields.from_b64url(text, "disclosure"), max_bytes=MAX_TEXT)
    if not isinstance(parts, list) or len(parts) not in (2, 3):
        raise MalformedError("malformed-disclosure", "a disclosure must be an array of two or three elements")
    fields.from_b64url(parts[0], "salt of a disclosure", length=SALT_SIZE)
    name = parts[1] if len(parts) == 3 else None
    if (name is not None and not isinstance(name, str)) or (len(parts) == 3 and name is None):
        raise MalformedError("malformed-disclosure", "the name in a disclosure must be text")
    return _Disclosure(name, parts[-1])


def _encode(parts: list[Any]) -> str:
    text = fields.b64url(strict_json.dumps(parts))
    if len(text) > MAX_TEXT:
        raise UsageError("too-large", f"a value to conceal has over {MAX_TEXT} characters as disclosure")
    return text


def _parent(body: dict[str, Any], path: Path) -> dict[str, Any] | list[Any]:
    shown = "/".join(map(str, path))
    here: Any = body
    if not path or any(isinstance(step, int) and step < 0 for step in path):
        raise UsageError("bad-path", f'"{shown}" is no way to a value of the body', field=shown)
    try:
        for step in path[:-1]:
            here = here[step]
        here[path[-1]]
    except (KeyError, IndexError, TypeError):
        raise UsageError("bad-path", f'the body has nothing at "{shown}" to conceal', field=shown) from None
    if not isinstance(here, dict | list):
        raise UsageError("bad-path", f'"{shown}" is no member and no element', field=shown)
    return here


def _refuse_reserved(value: object) -> None:
    if isinstance(value, Mapping):
        for name in (_SD, _ELEMENT):
            if name in value:
                raise UsageError("reserved-name", f'the body may not have a member "{name}"', field=name)
        for member in value.values():
            _refuse_reserved(member)
    elif isinstance(value, list | tuple):
        for element in value:
            _refuse_reserved(element)
