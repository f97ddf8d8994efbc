"""Anchor runners for the tests, and one deep look at everything that anchoring promises."""

from typing import Any

from sqlalchemy import Engine, select

from ledger.chain.anchor_machine import IN_A_BLOCK, State
from ledger.chain.anchoring import AnchorRunner, AnchorSettings
from ledger.chain.contracts import ANCHOR, Interface
from ledger.chain.published import PublishedCheckpoints
from ledger.domain.evm_layout import anchor_record
from ledger.storage.tables import anchors, transactions
from tests.builders import ORIGIN
from tests.chain.chains import LOG, OPERATOR, ListedCheckpoints, World

DEPTH = 1


def a_runner(world: World, engine: Engine, published: PublishedCheckpoints, **changes: Any) -> AnchorRunner:
    """Return a runner for the operator of the tests' log; an anchor is final with one block on top."""
    settings: dict[str, Any] = {"depth": DEPTH} | changes.pop("settings", {})
    arguments: dict[str, Any] = {
        "origin": ORIGIN,
        "signer": OPERATOR,
        "clock": world.clock,
        "settings": AnchorSettings(**settings),
    }
    arguments |= {"client": world.client, "contracts": world.contracts, "published": published}
    return AnchorRunner(engine, **arguments | changes)


def check_anchors(world: World, engine: Engine, published: ListedCheckpoints) -> None:
    """Check what must hold after every step: one root a size, in the database and on the chain.

    Raises:
        AssertionError: Something does not hold.
    """
    contract, interface = world.contracts.anchor, Interface.load(ANCHOR)
    events = [
        interface.event(log)
        for log in world.client.logs(
            contract, [interface.topic("Anchored"), LOG], 0, world.client.head().number
        )
    ]
    on_chain = {event.args["size"]: event.args["logRoot"] for event in events if event is not None}
    assert len(on_chain) == len(events), "a size was anchored twice"
    assert on_chain == {size: published.roots[size] for size in on_chain}, "a size has another root"
    chain = world.chain.identity.genesis
    with engine.connect() as connection:
        rows = connection.execute(select(anchors).where(anchors.c.chain == chain)).all()
        signed = connection.execute(select(transactions).where(transactions.c.chain == chain)).all()
    assert {row.size: row.root for row in rows} == {row.size: published.roots[row.size] for row in rows}
    for row in rows:
        is_in_a_block = row.state in IN_A_BLOCK
        assert is_in_a_block == (row.block_hash is not None)
        if row.state in (State.SIGNED, State.SUBMITTED):
            assert any((one.size, one.nonce) == (row.size, row.nonce) for one in signed), (
                "not stored before sent"
            )
    for one in signed:
        called = interface.read_call(_call_data(one.raw))
        assert called is not None
        assert called[1]["logRoot"] == published.roots[one.size], "a transaction for another root was signed"


def check_final(world: World, engine: Engine, published: ListedCheckpoints, *sizes: int) -> None:
    """Check that some sizes, and no others, are anchored for good, in the database as on the chain."""
    check_anchors(world, engine, published)
    found = world.store(engine).final()
    assert [one.size for one in found] == list(sizes)
    interface, number = Interface.load(ANCHOR), world.client.head().number
    for one in found:
        assert one.block is not None
        block = world.client.block(one.block.number)
        assert block is not None
        assert (block.hash, block.time) == (one.block.hash, one.block.time)
        call = interface.call("anchorOf", LOG, one.size)
        record = interface.result("anchorOf", world.client.call(world.contracts.anchor, call, number))
        assert record == anchor_record(one.root, one.block.number, one.block.time)


def _call_data(raw: bytes) -> bytes:
    from eth_account.typed_transactions.typed_transaction import TypedTransaction
    from hexbytes import HexBytes

    return bytes(TypedTransaction.from_bytes(HexBytes(raw)).as_dict()["data"])
