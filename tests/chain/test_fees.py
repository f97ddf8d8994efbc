"""What a transaction pays can be read back from it, on chains with a base fee and without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chain.accounts import transaction_hash, unsigned
from ledger.chain.client import Sent
from ledger.chain.fees import GWEI, Fees
from tests.builders import seeded
from tests.chain.chains import OPERATOR, World

ADDRESS = seeded("address", 20)
amounts = st.integers(0, 10**15)


def signed(fees: Fees, nonce: int = 0) -> bytes:
    return OPERATOR.sign(
        unsigned(chain_id=31337, nonce=nonce, to=ADDRESS, data=b"\x01", gas=30_000, fees=fees)
    )


@given(max_fee=st.integers(1, 10**15), tip=st.none() | amounts)
def test_a_signed_transaction_says_what_it_pays(max_fee: int, tip: int | None) -> None:
    fees = Fees(max_fee, None if tip is None else min(tip, max_fee))
    assert Fees.of_transaction(signed(fees)) == fees


@given(old=amounts, tip=amounts, now=amounts, tip_now=amounts)
def test_a_replacement_pays_more_than_a_tenth_more_of_everything(
    old: int, tip: int, now: int, tip_now: int
) -> None:
    fees = Fees(now, tip_now).replacing(Fees(old, tip))
    assert fees.max_fee * 10 > old * 11
    assert fees.tip is not None
    assert fees.tip * 10 > tip * 11
    assert fees.max_fee >= max(now, fees.tip)


@pytest.mark.parametrize("fees", [Fees(5 * GWEI, None), Fees(5 * GWEI, GWEI)], ids=["legacy", "EIP-1559"])
def test_a_node_takes_transactions_of_both_kinds(world: World, fees: Fees) -> None:
    raw = signed(fees, world.client.nonce(OPERATOR.address))
    assert world.client.send(raw) is Sent.ACCEPTED
    world.chain.mine()
    receipt = world.client.receipt(transaction_hash(raw))
    assert receipt is not None
    assert receipt.succeeded
