"""Vectors of selective disclosure."""

import json
from collections.abc import Sequence
from typing import Any

from ledger.domain.disclosure import conceal, digest, reveal
from ledger.domain.fields import b64url
from tests.builders import Salts, seeded

Case = dict[str, Any]
SALT = b64url(seeded("salt", 16))


def _disclosed(*parts: Any) -> str:
    return b64url(json.dumps(parts).encode())


def _bad(name: str, body: Any, *texts: str) -> Case:
    given = {"body": json.dumps(body), "disclosures": list(texts)}
    return {"name": name, "input": given, "expect": {"error": True}}


def _good(name: str, body: Any, texts: Sequence[str]) -> Case:
    given = {"body": json.dumps(body), "disclosures": list(texts)}
    return {"name": name, "input": given, "expect": {"body": reveal(body, texts)}}


def _in(text: str) -> Any:
    return {"_sd": [digest(text)]}


def _nested(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


def disclosures() -> list[Case]:
    """Return bodies with disclosures, seen with all, some and none of them, and what must be refused."""
    body = {"a": {"b": [1, 2, {"c": "x"}]}, "d": "é"}
    signed, texts = conceal(body, [("a",), ("a", "b", 1), ("d",)], Salts("vectors"))
    outer, inner, last = texts
    seal, box = _disclosed(SALT, "seal", "H1"), _disclosed(SALT, "box")
    spaced = b64url(f'\n["{SALT}" , "seal",\t"H1"] '.encode())
    deep, deeper = (_disclosed(SALT, "deep", _nested(levels)) for levels in (31, 32))
    return [
        _good("all", signed, texts),
        _good("none", signed, []),
        _good("outer only", signed, [outer, last]),
        _good("one", signed, [last]),
        _good("in another order", signed, texts[::-1]),
        _good("with white space, hashed as it is", _in(spaced), [spaced]),
        _good("revealed 32 deep", _in(deep), [deep]),
        _good("no digest", {"_sd": [], "e": 1}, []),
        _bad("matches nothing", signed, seal),
        _bad("given twice", signed, last, last),
        _bad("inner without its outer", signed, inner),
        _bad("digest twice", {"_sd": [digest(seal)] * 2}),
        _bad("digest twice in different places", {"_sd": [digest(seal)], "e": _in(seal)}, seal),
        _bad("name that is there", _in(seal) | {"seal": 1}, seal),
        _bad("name twice", {"_sd": [digest(seal), digest(spaced)]}, seal, spaced),
        *(_bad(f"name {name}", *_with(_disclosed(SALT, name, 1))) for name in ("_sd", "...")),
        _bad("name that is no text", *_with(_disclosed(SALT, 1, 1))),
        _bad("element where a member belongs", *_with(box)),
        _bad("member where an element belongs", {"e": [{"...": digest(seal)}]}, seal),
        _bad("placeholder with a second member", {"e": [{"...": digest(box), "f": 1}]}, box),
        _bad("placeholder outside an array", {"e": {"...": digest(box)}}, box),
        _bad("digests in no array", {"_sd": digest(seal)}, seal),
        _bad("digest of 31 bytes", {"_sd": ["A" * 42]}),
        _bad("digest with stray bits", {"_sd": ["A" * 42 + "B"]}),
        _bad("salt of 15 bytes", *_with(_disclosed(SALT[:20], "seal", 1))),
        _bad("salt with stray bits", *_with(_disclosed(SALT[:-1] + "B", "seal", 1))),
        _bad("one element", *_with(_disclosed(SALT))),
        _bad("four elements", *_with(_disclosed(SALT, "seal", 1, 2))),
        _bad("no array", *_with(b64url(b'{"seal":1}'))),
        _bad("duplicate member in its value", *_with(b64url(f'["{SALT}","e",{{"f":1,"f":2}}]'.encode()))),
        _bad("padded", *_with(_disclosed(SALT, "seals", 1) + "=")),
        _bad("nested too deep in itself", *_with(deeper)),
        _bad("nested too deep where it stands", {"e": _in(deep)}, deep),
        _bad("257 disclosures", {}, *(_disclosed(SALT, i) for i in range(257))),
    ]


def _with(text: str) -> tuple[Any, str]:
    return _in(text), text


SECTIONS = {"disclosure": disclosures}
