"""Lookups in partial state tries, held against PyPI `trie`."""

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from ledger.domain.errors import VerificationError
from ledger.domain.evm_layout import keccak
from ledger.verification.state_trie import EMPTY_ROOT, ProvenTrie

# Keys of two bytes from few nibbles, so that branches, extensions and short nodes within others all occur.
KEYS = st.lists(st.sampled_from([0x00, 0x01, 0x10, 0x11, 0xF0]), min_size=2, max_size=2).map(bytes)
VALUES = st.one_of(st.binary(min_size=1, max_size=3), st.binary(min_size=33, max_size=40))


def grown(content: dict[bytes, bytes]) -> HexaryTrie:
    trie = HexaryTrie({})
    for key, value in content.items():
        trie.set(key, value)  # type: ignore[no-untyped-call]
    return trie


@given(st.dictionaries(KEYS, VALUES, max_size=12), st.lists(KEYS, max_size=6))
def test_any_trie_says_of_any_key_what_the_reference_says(
    content: dict[bytes, bytes], others: list[bytes]
) -> None:
    reference = grown(content)
    ours = ProvenTrie(dict(reference.db))
    for key in [*content, *others]:
        assert ours.get(reference.root_hash, key) == reference.get(key)


@given(st.dictionaries(st.binary(min_size=32, max_size=32), VALUES, min_size=1, max_size=30), st.data())
def test_the_nodes_of_one_path_are_enough_and_none_of_them_can_be_missed(
    content: dict[bytes, bytes], data: st.DataObject
) -> None:
    reference = grown(content)
    key = data.draw(st.sampled_from(sorted(content)))
    encoded = [rlp.encode(node) for node in reference.get_proof(key)]  # type: ignore[no-untyped-call]
    nodes = {keccak(node): node for node in encoded if len(node) >= 32 or node == encoded[0]}
    assert ProvenTrie(nodes).get(reference.root_hash, key) == content[key]
    for left_out in nodes:
        less = {name: node for name, node in nodes.items() if name != left_out}
        with pytest.raises(KeyError):
            ProvenTrie(less).get(reference.root_hash, key)


def test_the_empty_trie_holds_nothing_and_needs_no_nodes() -> None:
    assert ProvenTrie({}).get(EMPTY_ROOT, b"key") == b""


BROKEN = {
    "not RLP": b"\xff\x00",
    "a string": rlp.encode(b"text"),
    "three items": rlp.encode([b"", b"", b""]),
    "a path that is a list": rlp.encode([[b""], b"v"]),
    "a path with a wrong flag": rlp.encode([b"\x40", b"v"]),
    "an even path with a nibble too many": rlp.encode([b"\x21", b"v"]),
    "an empty path": rlp.encode([b"", b"v"]),
    "a leaf whose value is a list": rlp.encode([b"\x20" + b"k", [b"v"]]),
    "nested too deep": b"\xc1" * 60 + b"\xc0",
}


@pytest.mark.parametrize("node", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_node_is_refused(node: bytes) -> None:
    with pytest.raises(VerificationError):
        ProvenTrie({b"root": node}).get(b"root", b"k")


def test_deep_nesting_is_refused() -> None:
    data = b"\xc0"
    for _ in range(5000):
        data = rlp.codec.length_prefix(len(data), 0xC0) + data
    with pytest.raises(VerificationError):
        ProvenTrie({b"root": data}).get(b"root", b"k")
