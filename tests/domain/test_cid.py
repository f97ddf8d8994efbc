"""CIDs of evidence: the vectors are those of PyPI `aleph-cid`, which gives what an IPFS node gives."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cid import CHUNK, LINKS, CidBuilder, cid_of, cid_of_leaves, leaf_count

# Content: so many bytes of the repeated sequence 00, 01 … ff.
VECTORS = {
    0: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    1: "bafkreidogqfzz75tpkmjzjke425xqcrmpcib2p5tg44hnbirumdbpl5adu",
    CHUNK - 1: "bafkreibc7q5r37m3unuq5urr2wrquow77mloszqwjclfgqax5f3indtzai",
    CHUNK: "bafkreibdci4uxwmvixm54ey4etx3paphmwwbv3beh4xnsndvs6tzhjav5e",
    CHUNK + 1: "bafybeibp4affrl5svfd2wwp3l2srpu76awzmvyc37zmrtap5iqydfxffuy",
    2 * CHUNK: "bafybeidskqir6ikiqxozidrejcofr3zho3eenlrvzlx56zysq2nqepsqhe",
    LINKS * CHUNK: "bafybeic6aphmw3ff6rusfv3xkhvt5hr5qukkef4uybaq2kr4gfurjdadwi",
    LINKS * CHUNK + 1: "bafybeifesat4tfkoyjquv3u4ptxx43lfa3xewmq4wlbn6gmosvp7ov6nfy",
    175 * CHUNK + 5: "bafybeiggezvfcrxyfum2r5mtg4hfiurawanqy2vz3q5yjlvpewdnncnjda",
}
BLOCK = bytes(range(256)) * 4096


def content(size: int, piece: int) -> Iterator[bytes]:
    for start in range(0, size, piece):
        yield BLOCK[: min(piece, size - start)]


@pytest.mark.parametrize(("size", "cid"), VECTORS.items())
def test_a_cid_is_the_one_that_ipfs_gives(size: int, cid: str) -> None:
    assert cid_of(content(size, len(BLOCK))) == cid


@pytest.mark.parametrize("piece", [256, 1024, 65_536, 262_144])
def test_a_cid_does_not_depend_on_the_pieces(piece: int) -> None:
    assert cid_of(content(2 * CHUNK, piece)) == VECTORS[2 * CHUNK]


@given(st.lists(st.integers(0, 3 * CHUNK // 2), max_size=5))
def test_a_cid_does_not_depend_on_ragged_pieces(sizes: list[int]) -> None:
    data = (bytes(range(251)) * 8000)[: sum(sizes) % 2_000_000]
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    assert cid_of([*pieces, data[at:]]) == cid_of([data])


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 175 * CHUNK + 5])
def test_the_leaves_give_the_same_cid(size: int) -> None:
    leaves: list[bytes] = []
    builder = CidBuilder(leaves.append)
    for piece in content(size, 1 << 20):
        builder.update(piece)
    assert (builder.cid(), builder.size, len(leaves)) == (VECTORS[size], size, leaf_count(size))
    assert leaves[-1] == sha256(b"".join(content(size, CHUNK))[(len(leaves) - 1) * CHUNK :]).digest()
    assert cid_of_leaves(leaves, size) == VECTORS[size]
