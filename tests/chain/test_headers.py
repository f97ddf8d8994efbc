"""A header rebuilt from JSON hashes to the block's hash, or no proof is taken of it."""

import pytest
import rlp

from ledger.chain.headers import encode_header, header_of
from ledger.domain.errors import VerificationError
from ledger.domain.evm_layout import keccak
from ledger.verification.state_proof import BlockHeader
from tests.builders import seeded
from tests.chain.chains import World

EMPTY_TRIE = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"

MAINNET_GENESIS = {
    "number": "0x0",
    "hash": "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3",
    "parentHash": "0x" + 64 * "0",
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x" + 40 * "0",
    "stateRoot": "0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544",
    "transactionsRoot": EMPTY_TRIE,
    "receiptsRoot": EMPTY_TRIE,
    "logsBloom": "0x" + 512 * "0",
    "difficulty": "0x400000000",
    "gasLimit": "0x1388",
    "gasUsed": "0x0",
    "timestamp": "0x0",
    "extraData": "0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa",
    "mixHash": "0x" + 64 * "0",
    "nonce": "0x0000000000000042",
}
"""Block 0 of Ethereum's main chain, before any of the later fields."""


def test_ethereums_own_first_block_hashes_as_everybody_knows() -> None:
    header = header_of(MAINNET_GENESIS)
    assert keccak(header).hex() == MAINNET_GENESIS["hash"][2:]


def test_a_block_of_the_embedded_chain_hashes_to_its_hash(world: World) -> None:
    for number in (0, world.client.head().number):
        raw = world.client.raw_block(number)
        assert raw is not None
        header = BlockHeader.parse(header_of(raw))
        block = world.client.block(number)
        assert block is not None
        assert (header.number, header.hash, header.parent) == (block.number, block.hash, block.parent)
        assert header.time == block.time


@pytest.mark.parametrize("field", sorted(set(MAINNET_GENESIS) - {"hash"}))
def test_any_other_field_is_another_header(field: str) -> None:
    value = MAINNET_GENESIS[field]
    changed = value[:-1] + ("1" if value[-1] != "1" else "2")
    with pytest.raises(VerificationError, match="does not hash"):
        header_of(MAINNET_GENESIS | {field: changed})


@pytest.mark.parametrize("field", sorted(set(MAINNET_GENESIS) - {"hash"}))
@pytest.mark.parametrize("value", [None, 7, "", "0xzz", "no hex", []])
def test_a_field_of_another_form_is_named(field: str, value: object) -> None:
    with pytest.raises(VerificationError) as caught:
        encode_header(MAINNET_GENESIS | {field: value})
    assert caught.value.field == field


FIXED_SIZE = ("parentHash", "miner", "stateRoot", "logsBloom", "mixHash", "nonce")


@pytest.mark.parametrize("field", FIXED_SIZE)
def test_a_field_of_another_size_is_named(field: str) -> None:
    for value in ("0x", MAINNET_GENESIS[field] + "00", MAINNET_GENESIS[field][:-2]):
        with pytest.raises(VerificationError) as caught:
            encode_header(MAINNET_GENESIS | {field: value})
        assert caught.value.field == field


def sealed(extra: list[object], hashed: list[object]) -> dict[str, str]:
    """Return a block whose hash is over other extra data than it shows."""
    block = MAINNET_GENESIS | {"extraData": "0x" + rlp.encode(hashed).hex()}
    block["hash"] = "0x" + keccak(encode_header(block)).hex()
    return block | {"extraData": "0x" + rlp.encode(extra).hex()}


VANITY, VALIDATORS = bytes(32), [seeded(("validator", number), 20) for number in range(4)]
SEALS = [seeded(("seal", number), 65) for number in range(3)]


@pytest.mark.parametrize("vote", [[], [[seeded("candidate", 20), b"\xff"]]], ids=["no vote", "a vote"])
@pytest.mark.parametrize("rest", [[b"", []], []], ids=["QBFT", "IBFT 2.0"])
def test_consortium_chains_hash_their_headers_without_the_seals(vote: object, rest: list[object]) -> None:
    block = sealed([VANITY, VALIDATORS, vote, b"\x02", SEALS], [VANITY, VALIDATORS, vote, *rest])
    header = header_of(block)
    assert "0x" + keccak(header).hex() == block["hash"]
    assert BlockHeader.parse(header).state_root.hex() == MAINNET_GENESIS["stateRoot"][2:]


@pytest.mark.parametrize("extra", [[], [VANITY, VALIDATORS], [VANITY, VALIDATORS, b"", b"", [], b"more"]])
def test_other_extra_data_is_hashed_as_it_is(extra: list[object]) -> None:
    assert header_of(sealed(extra, extra)) == encode_header(sealed(extra, extra))
    with pytest.raises(VerificationError):
        header_of(sealed(extra, [VANITY]))


def test_fields_that_this_version_does_not_know_are_found_by_the_hash(world: World) -> None:
    raw = world.client.raw_block("latest")
    assert raw is not None
    del raw["requestsHash"]
    with pytest.raises(VerificationError, match="a newer version may know"):
        header_of(raw)
