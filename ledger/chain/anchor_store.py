"""The anchors of one chain in the database: every step is one transaction that says where it starts from.

Two processes may take the same step: the second one finds it taken and changes nothing. No row's root ever
changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_, delete, func, select, update

from ledger.chain.anchor_machine import Anchor, AnchorBlock, State
from ledger.chain.reader import ChainIdentity
from ledger.domain.errors import ConflictError
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.faults import Fault, no_fault, within
from ledger.storage.rows import insert_or_ignore
from ledger.storage.tables import anchors, chains, state_proofs, transactions


@dataclass(frozen=True, slots=True)
class StoredTransaction:
    """A signed transaction, stored before it was sent.

    Args:
        hash: Its name, 32 bytes.
        nonce: Its number.
        raw: As it goes to the node.
        max_fee: Wei for a unit of gas that it pays at most.
        signed_at: POSIX seconds.
    """

    hash: bytes
    nonce: int
    raw: bytes
    max_fee: int
    signed_at: int


@dataclass(frozen=True, slots=True)
class StoredProof:
    """A state proof: of which block, taken for which size, and its bytes (formats, section 8)."""

    block_number: int
    size: int
    proof: bytes


class AnchorStore:
    """The anchors of a log on one chain.

    Args:
        engine: The database.
        chain: Hash of the chain's block 0, 32 bytes.
        fault: Lets a test fail a step.
    """

    def __init__(self, engine: Engine, chain: bytes, *, fault: Fault = no_fault) -> None:
        self._engine = engine
        self._chain = chain
        self._fault = fault

    # --- the chain ---

    def register(
        self, identity: ChainIdentity, *, registry: bytes, anchor: bytes, nonce: int, now: int
    ) -> None:
        """Enter the chain, or make sure that it was entered with the same contracts.

        Args:
            identity: The chain.
            registry: Address of its ParticipantRegistry, 20 bytes.
            anchor: Address of its CheckpointAnchor, 20 bytes.
            nonce: Number of the operator's next transaction there.
            now: POSIX seconds.

        Raises:
            ConflictError: It was entered with other contracts.
        """
        row = {
            "genesis": identity.genesis,
            "chain_id": identity.chain_id,
            "registry": registry,
            "anchor": anchor,
            "next_nonce": nonce,
            "first_seen": now,
        }
        known = self.contracts()
        if known is None:
            with self._step("register") as connection:
                insert_or_ignore(connection, chains, [row])
            known = self.contracts()
        if known != (registry, anchor):
            raise ConflictError(
                "chain-contracts",
                f"the chain with genesis 0x{identity.genesis.hex()} was used with other contracts before; "
                "set the old addresses, or begin a new log",
            )

    def next_nonce(self) -> int:
        """Return the number that the next transaction was thought to have."""
        with read_transaction(self._engine) as connection:
            query = select(chains.c.next_nonce).where(chains.c.genesis == self._chain)
            return int(connection.execute(query).scalar_one())

    # --- reading ---

    def largest(self) -> int:
        """Return the largest size that there is an anchor for, zero for none."""
        with read_transaction(self._engine) as connection:
            query = select(func.max(anchors.c.size)).where(anchors.c.chain == self._chain)
            return int(connection.execute(query).scalar() or 0)

    def at(self, size: int) -> Anchor | None:
        """Return the anchor of a size, None when there is none."""
        with read_transaction(self._engine) as connection:
            row = connection.execute(select(anchors).where(self._is(size))).one_or_none()
        return None if row is None else _anchor(row)

    def unfinished(self) -> list[Anchor]:
        """Return the anchors that are not final, ascending by size."""
        return self._list(anchors.c.state != State.FINAL)

    def final(self) -> list[Anchor]:
        """Return the anchors that are final, ascending by size."""
        return self._list(anchors.c.state == State.FINAL)

    def newest_final(self) -> Anchor | None:
        """Return the largest final anchor, None when there is none."""
        sizes = self.final_sizes()
        return self.at(sizes[0]) if sizes else None

    def final_sizes(self, below: int | None = None, limit: int = 1) -> list[int]:
        """Return the largest final sizes, or the largest below a size; at most `limit` of them, ascending."""
        query = select(anchors.c.size).where(anchors.c.chain == self._chain, anchors.c.state == State.FINAL)
        if below is not None:
            query = query.where(anchors.c.size < below)
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query.order_by(anchors.c.size.desc()).limit(limit))
            return sorted(row.size for row in rows)

    def covering(self, index: int) -> Anchor | None:
        """Return the first final anchor that covers an entry, else the first one in a block, else None."""
        covers = (anchors.c.chain == self._chain, anchors.c.size > index)
        with read_transaction(self._engine) as connection:
            for state in (State.FINAL, State.MINED):
                query = select(anchors).where(*covers, anchors.c.state == state)
                row = connection.execute(query.order_by(anchors.c.size).limit(1)).first()
                if row is not None:
                    return _anchor(row)
        return None

    def transactions(self, size: int) -> list[StoredTransaction]:
        """Return the transactions signed for a size, the ones that pay most last."""
        query = select(transactions).where(transactions.c.chain == self._chain, transactions.c.size == size)
        with read_transaction(self._engine) as connection:
            rows = connection.execute(query).all()
        found = [
            StoredTransaction(one.hash, one.nonce, one.raw, int(one.max_fee), one.signed_at) for one in rows
        ]
        return sorted(found, key=lambda one: (one.nonce, one.max_fee))

    def proofs(self, sizes: list[int] | None = None) -> list[StoredProof]:
        """Return the stored state proofs, those taken for some sizes or all; ascending by block."""
        query = select(state_proofs).where(state_proofs.c.chain == self._chain)
        if sizes is not None:
            query = query.where(state_proofs.c.size.in_(sizes))
        query = query.order_by(state_proofs.c.block_number, state_proofs.c.size)
        with read_transaction(self._engine) as connection:
            return [StoredProof(one.block_number, one.size, one.proof) for one in connection.execute(query)]

    # --- the steps ---

    def stage(self, size: int, root: bytes) -> None:
        """Decide that a checkpoint is to be anchored; nothing when that was decided before."""
        row = {"chain": self._chain, "size": size, "root": root, "state": State.STAGED.value}
        with self._step("stage") as connection:
            insert_or_ignore(connection, anchors, [row])

    def sign(self, anchor: Anchor, transaction: StoredTransaction, expected_nonce: int) -> Anchor | None:
        """Store the transaction of an anchor, which has not been sent; None when another process was faster.

        Args:
            anchor: As it was read.
            transaction: Just signed.
            expected_nonce: What `next_nonce` was when the transaction was made.
        """
        nonce = transaction.nonce
        with self._step("sign") as connection:
            if not self._is_still(connection, anchor):
                return None
            moved = connection.execute(
                update(chains)
                .where(chains.c.genesis == self._chain, chains.c.next_nonce == expected_nonce)
                .values(next_nonce=nonce + 1)
            )
            if not moved.rowcount:
                return None
            # An anchor that came into the chain in another way may have had the number before.
            others = and_(
                anchors.c.chain == self._chain, anchors.c.nonce == nonce, anchors.c.size != anchor.size
            )
            connection.execute(update(anchors).where(others).values(nonce=None))
            self._insert(connection, anchor.size, transaction)
            values = {"state": State.SIGNED.value, "nonce": nonce}
            connection.execute(update(anchors).where(self._is(anchor.size)).values(values))
        return Anchor(anchor.size, anchor.root, State.SIGNED, nonce)

    def bump(self, anchor: Anchor, transaction: StoredTransaction) -> bool:
        """Store another transaction with the same nonce, which pays more; False when it is not needed now."""
        with self._step("bump") as connection:
            if not self._is_still(connection, anchor):
                return False
            self._insert(connection, anchor.size, transaction)
        return True

    def submitted(self, anchor: Anchor) -> Anchor | None:
        """Note that the node was given the transaction."""
        return self._move(anchor, Anchor(anchor.size, anchor.root, State.SUBMITTED, anchor.nonce), "submit")

    def mined(self, anchor: Anchor, block: AnchorBlock) -> Anchor | None:
        """Note the block that an anchor is in."""
        return self._move(anchor, Anchor(anchor.size, anchor.root, State.MINED, anchor.nonce, block), "mine")

    def lost(self, anchor: Anchor) -> Anchor | None:
        """Note that the chain does not have an anchor any more: its transaction is sent again."""
        state = State.STAGED if anchor.nonce is None else State.SUBMITTED
        return self._move(anchor, Anchor(anchor.size, anchor.root, state, anchor.nonce), "lose")

    def finalise(self, anchor: Anchor, block_number: int, proof: bytes) -> Anchor | None:
        """Note that an anchor is final, together with its state proof.

        Args:
            anchor: As it was read.
            block_number: The block whose state the proof shows.
            proof: Its bytes.
        """
        final = Anchor(anchor.size, anchor.root, State.FINAL, anchor.nonce, anchor.block)
        row = {"chain": self._chain, "block_number": block_number, "size": anchor.size, "proof": proof}
        with self._step("finalise") as connection:
            if not self._is_still(connection, anchor):
                return None
            insert_or_ignore(connection, state_proofs, [row])
            connection.execute(update(anchors).where(self._is(anchor.size)).values(_values(final)))
        return final

    def drop(self, anchor: Anchor) -> None:
        """Forget an anchor that was never made and cannot be any more: a larger size is in the chain."""
        with self._step("drop") as connection:
            connection.execute(delete(anchors).where(self._is(anchor.size), anchors.c.state == anchor.state))

    # --- inside ---

    def _move(self, anchor: Anchor, after: Anchor, name: str) -> Anchor | None:
        with self._step(name) as connection:
            if not self._is_still(connection, anchor):
                return None
            connection.execute(update(anchors).where(self._is(anchor.size)).values(_values(after)))
        return after

    @contextmanager
    def _step(self, name: str) -> Iterator[Connection]:
        fault = within(name, self._fault)
        fault("begin")
        with write_transaction(self._engine) as connection:
            yield connection
            fault("commit")
        fault("committed")

    def _is(self, size: int) -> Any:
        return and_(anchors.c.chain == self._chain, anchors.c.size == size)

    def _is_still(self, connection: Connection, anchor: Anchor) -> bool:
        """Lock the row of an anchor and return whether it is as it was read."""
        row = connection.execute(select(anchors).where(self._is(anchor.size)).with_for_update()).one_or_none()
        return row is not None and _anchor(row) == anchor

    def _insert(self, connection: Connection, size: int, transaction: StoredTransaction) -> None:
        row = {
            "hash": transaction.hash,
            "chain": self._chain,
            "size": size,
            "nonce": transaction.nonce,
            "raw": transaction.raw,
            "max_fee": str(transaction.max_fee),
            "signed_at": transaction.signed_at,
        }
        insert_or_ignore(connection, transactions, [row])

    def contracts(self) -> tuple[bytes, bytes] | None:
        """Return the addresses of registry and anchor contract, None when the chain was not entered."""
        query = select(chains.c.registry, chains.c.anchor).where(chains.c.genesis == self._chain)
        with read_transaction(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else (row.registry, row.anchor)

    def _list(self, condition: Any) -> list[Anchor]:
        query = select(anchors).where(anchors.c.chain == self._chain, condition).order_by(anchors.c.size)
        with read_transaction(self._engine) as connection:
            return [_anchor(row) for row in connection.execute(query)]


def _anchor(row: Row[Any]) -> Anchor:
    block = None
    if row.block_hash is not None:
        block = AnchorBlock(row.block_number, row.block_hash, row.block_time)
    return Anchor(row.size, row.root, State(row.state), row.nonce, block)


def _values(anchor: Anchor) -> dict[str, object]:
    block = anchor.block
    return {
        "state": anchor.state.value,
        "nonce": anchor.nonce,
        "block_number": None if block is None else block.number,
        "block_hash": None if block is None else block.hash,
        "block_time": None if block is None else block.time,
    }
