"""Looking a value up in a Merkle Patricia trie of which only some nodes are there (Yellow Paper, appendix D).

PyPI `trie` does the same, and the tests hold this against it; it takes several times as long, for it turns
keys into tuples of nibbles and back, and a dossier asks for a hundred values.
"""

from collections.abc import Mapping
from typing import Any

import rlp
from eth_hash.auto import keccak
from rlp.exceptions import RLPException

from ledger.domain.errors import VerificationError

EMPTY_ROOT = keccak(b"\x80")
_BRANCH = 17
_PAIR = 2
_LEAF = "23"
_ODD = "13"


class ProvenTrie:
    """Nodes of one or several tries.

    Args:
        nodes: RLP of nodes under their Keccak-256 hashes, which the caller has computed.
    """

    def __init__(self, nodes: Mapping[bytes, bytes]) -> None:
        self._encoded = nodes
        # The upper nodes are asked for again and again.
        self._decoded: dict[bytes, Any] = {}

    def get(self, root: bytes, key: bytes) -> bytes:
        """Return the value at a key, empty when the trie is proven to hold none.

        Args:
            root: Hash of the trie's root node, 32 bytes.
            key: The whole key, 32 bytes in the tries of Ethereum.

        Raises:
            KeyError: A node on the way is not there.
            VerificationError: A node on the way is none.
        """
        if root == EMPTY_ROOT:
            return b""
        way = key.hex()
        node = self._node(root)
        while way:
            if len(node) == _BRANCH:
                child, way = node[int(way[0], 16)], way[1:]
            else:
                part, is_leaf = _part(node[0])
                if is_leaf:
                    return _value(node[1]) if part == way else b""
                if not way.startswith(part):
                    return b""
                child, way = node[1], way[len(part) :]
            if child == b"":
                return b""
            # A node shorter than a hash stands in its parent itself.
            node = _checked(child) if isinstance(child, list) else self._node(child)
        return self._at_end(node)

    def _at_end(self, node: list[Any]) -> bytes:
        if len(node) == _BRANCH:
            return _value(node[_BRANCH - 1])
        part, is_leaf = _part(node[0])
        return _value(node[1]) if is_leaf and not part else b""

    def _node(self, reference: bytes) -> list[Any]:
        if reference not in self._decoded:
            self._decoded[reference] = _checked(decode_rlp(self._encoded[reference]))
        return self._decoded[reference]  # type: ignore[no-any-return]


def decode_rlp(encoded: bytes) -> object:
    """Return what RLP says: bytes, or lists of them.

    Raises:
        VerificationError: It is not RLP.
    """
    try:
        return rlp.decode(encoded)
    except (RLPException, RecursionError) as error:
        raise VerificationError(
            "state-trie", f"a state proof holds bytes that are not RLP: {error}"
        ) from None


def _checked(node: object) -> list[Any]:
    if not isinstance(node, list) or len(node) not in (_BRANCH, _PAIR):
        raise _broken("is neither a branch nor a leaf or extension")
    return node


def _part(encoded: object) -> tuple[str, bool]:
    """Return the nibbles of a hex-prefix encoded path (appendix C), and whether it ends in a leaf."""
    text = encoded.hex() if isinstance(encoded, bytes) else ""
    if text[:1] not in ("0", "1", "2", "3") or (text[0] not in _ODD and text[1] != "0"):
        raise _broken("has a path that is none")
    return text[1 if text[0] in _ODD else 2 :], text[0] in _LEAF


def _value(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise _broken("has a value that is none")
    return value


def _broken(why: str) -> VerificationError:
    return VerificationError("state-trie", f"a trie node of the state proof {why}")
