"""Vectors of proofs of presence and absence in the map."""

from collections.abc import Mapping
from typing import Any

from ledger.domain.entry import statement_entry
from ledger.domain.map import MapValue, running_next, update
from ledger.domain.map_proof import EMPTY, MapProof, prove
from tests.builders import seeded

Case = dict[str, Any]


def _map(size: int) -> tuple[bytes, Mapping[bytes, bytes], Mapping[bytes, MapValue]]:
    """Return root, nodes and values of a map with so many streams."""
    nodes: dict[bytes, bytes] = {}
    values = {
        seeded(("tag", i), 32): MapValue(
            1, running_next(bytes(32), i + 1, statement_entry(bytes(32), [bytes(32)]))
        )
        for i in range(size)
    }
    root, new = update(nodes.__getitem__, EMPTY, values)
    return root, nodes | new, values


def _proven(name: str, size: int, tag: bytes) -> Case:
    root, nodes, values = _map(size)
    proof = prove(nodes.__getitem__, root, tag).encode()
    value = values.get(tag)
    found = {"absent": True} if value is None else {"count": value.count, "running": value.running.hex()}
    return {"name": name, "input": _given(tag, root, proof), "expect": found}


def _given(tag: bytes, root: bytes, proof: bytes) -> Case:
    return {"tag": tag.hex(), "root": root.hex(), "proof": proof.hex()}


def maps() -> list[Case]:
    """Return proofs in small maps, and what no map gives."""
    root, nodes, values = _map(12)
    tags = list(values)
    cases = [_proven(f"present, {i}", 12, tag) for i, tag in enumerate(tags)]
    cases += [_proven(f"absent, {i}", 12, seeded(("absent", i), 32)) for i in range(8)]
    cases += [
        _proven("alone", 1, tags[0]),
        _proven("absent from a map of one", 1, tags[1]),
        _proven("absent from an empty map", 0, tags[0]),
    ]
    good = prove(nodes.__getitem__, root, tags[0])
    other = prove(nodes.__getitem__, root, tags[1])
    return cases + [
        {"name": name, "input": given, "expect": {"error": True}}
        for name, given in {
            "proof of another tag": _given(tags[0], root, other.encode()),
            "another root": _given(tags[0], seeded("root", 32), good.encode()),
            **{name: _given(tags[0], root, proof) for name, proof in _malformed(good).items()},
        }.items()
    ]


def _malformed(good: MapProof) -> dict[str, bytes]:
    whole = good.encode()
    depth = len(good.siblings)
    assert 0 < depth < 8
    assert good.leaf is not None
    bitmap, rest = whole[2], whole[3:]
    leaf = good.leaf.preimage()[1:]

    def proof(*parts: bytes) -> bytes:
        return b"".join(parts)

    return {
        "truncated": whole[:-1],
        "something after it": whole + b"\x00",
        "nothing": b"",
        "terminal of another kind": proof(whole[: -1 - len(leaf)], b"\x02", leaf),
        "terminal 1 without a leaf": whole[: -len(leaf)],
        "terminal 0 with a leaf": proof(whole[: -1 - len(leaf)], b"\x00", leaf),
        "leaf that counts nothing": whole.replace(leaf, leaf[:32] + bytes(8) + leaf[40:]),
        "bit of no level": proof(whole[:2], bytes([bitmap | 1]), rest),
        "sibling that is empty": proof(bytes([0, depth + 1, bitmap | 1 << (7 - depth)]), bytes(32), rest),
        "deepest sibling left out": proof(bytes([0, depth + 1, bitmap]), rest),
        "deeper than a tag has bits": proof(b"\x01\x01", b"\xff" * 32 + b"\x80", b"\x11" * 32 * 257, b"\x00"),
    }


SECTIONS = {"map": maps}
