"""What an operator who holds all of its own keys can try with a real log and chain, and what stops it."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, select

from ledger.chain.errors import AnchorConflictError
from ledger.domain.errors import UnavailableError
from ledger.domain.verdict import Outcome
from ledger.dossiers import everything
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.tables import anchors, chains, state_proofs, transactions
from ledger.verification.dossier import AnchorOpening
from ledger.verification.verifier import verify, verify_receipt
from tests.builders import EXPORTER
from tests.chain.chains import Hands
from tests.integration.stage import (
    WITNESSES,
    Stage,
    a_ledger,
    a_stage,
    another_trip,
    enrol,
    operator_keys,
    packed,
)
from tests.verification.verdicts import said

OF_THE_CHAIN = (anchors, transactions, state_proofs, chains)


def forget_the_chain(connection: Connection) -> None:
    """Let a database forget that its log was ever anchored."""
    for table in OF_THE_CHAIN:
        connection.execute(delete(table))


def test_a_rewritten_embedded_chain_does_not_hold_the_pinned_block(tmp_path: Path) -> None:
    """It goes back to before the anchor, and anchors the same checkpoint again, at another time."""
    trip = another_trip("rewritten")
    with a_stage(tmp_path, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        size = stage.publish()
        rpc = stage.ledger.client.rpc
        before = rpc.call("evm_snapshot")
        stage.anchor()
        trust = stage.trust()
        honest = stage.dossier(trip)
        assert rpc.call("evm_revert", before) is True
        with write_transaction(stage.ledger.store.engine) as connection:
            forget_the_chain(connection)
        stage.clock.now += 86_400
        assert stage.ledger.embedded is not None
        stage.ledger.anchors.until_final(size, stage.ledger.embedded.mine)
        forged = stage.dossier(trip)
        assert forged.anchors != honest.anchors
        for view in (None, stage.view()):
            verdict = verify(packed(forged), trust, clock=stage.clock, chain_view=view)
            assert verdict.outcome is Outcome.REJECTED
            assert said(verdict, "anchor") == ("failed", "chain-rewritten")
        assert verify(packed(honest), trust, clock=stage.clock).outcome is Outcome.ACCEPTED


def test_another_chain_under_the_same_number_is_not_the_trusted_one(tmp_path: Path) -> None:
    """The same accounts make the same contracts at the same addresses: only block 0 tells them apart."""
    clock, trip = Hands(), another_trip("other genesis")
    with a_stage(tmp_path / "one", clock=clock, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        (identifier, *_) = stage.tell(trip)
        stage.anchor()
        trust = stage.trust()
        honest = stage.view()
        contracts = stage.ledger.contracts
    shutil.rmtree(tmp_path / "one" / "ledger" / "chain")
    with a_stage(tmp_path / "one", clock=clock, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        stage.post(stage.says(EXPORTER, "seal-check", trip))
        stage.anchor()
        assert stage.ledger.client.identity().chain_id == trust.chain.id
        assert stage.ledger.contracts.registry == contracts.registry
        assert stage.ledger.contracts.anchor == contracts.anchor
        dossier = packed(stage.dossier(trip))
        receipt = packed(
            stage.ledger.builder.receipt(identifier, EXPORTER, operator_keys().receipt.signer, everything)
        )
        for view in (None, stage.view()):
            verdict = verify(dossier, trust, clock=clock, chain_view=view)
            assert said(verdict, "anchor") == ("failed", "other-chain")
            assert verdict.outcome is Outcome.REJECTED
            of_receipt = verify_receipt(receipt, trust, chain_view=view)
            assert said(of_receipt, "anchor") == ("failed", "other-chain")
            assert of_receipt.outcome is Outcome.REJECTED
    assert honest.genesis == trust.chain.genesis


def test_a_stale_dossier_is_found_by_the_verifiers_own_node(tmp_path: Path) -> None:
    trip = another_trip("stale")
    with a_stage(tmp_path, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        stage.anchor()
        stale = packed(stage.dossier(trip))
        assert stage.post(stage.says(EXPORTER, "seal-check", trip, {"broken": True})).status_code == 201
        stage.anchor()
        required = (*stage.trust().required, "freshness")
        online = verify(stale, stage.trust(), clock=stage.clock, chain_view=stage.view())
        assert said(online, "freshness") == ("failed", "stale")
        assert online.outcome is Outcome.REJECTED
        # Without a node it is no failure, but nothing that passed either.
        offline = verify(stale, stage.trust(required=required), clock=stage.clock)
        assert offline.outcome is Outcome.INCOMPLETE
        # With a maximum age the clocks of witnesses do without a node.
        stage.clock.now += 7200
        aged = verify(stale, stage.trust(max_age=3600), clock=stage.clock)
        assert said(aged, "freshness") == ("failed", "stale")


def a_second_history(stage: Stage, folder: Path) -> Path:
    """Copy the database of a running ledger as it is now, for a log that goes on in another way."""
    folder.mkdir()
    with closing(sqlite3.connect(stage.ledger.settings.data / "ledger.db")) as database:
        database.execute("VACUUM INTO ?", (str(folder / "ledger.db"),))
    (folder / "genesis.json").write_bytes(stage.ledger.genesis.document)
    return folder


def test_a_second_history_is_neither_cosigned_nor_anchored(tmp_path: Path) -> None:
    clock, trip = Hands(), another_trip("two histories")
    with a_stage(tmp_path, clock=clock, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        fork = a_second_history(stage, tmp_path / "fork")
        assert stage.post(stage.says(EXPORTER, "seal-check", trip, {"broken": True})).status_code == 201
        size = stage.anchor()
        genuine = stage.dossier(trip)
        trust, rpc = stage.trust(), stage.ledger.client.rpc.url
        settings = stage.ledger.settings
        asked = {"witnesses": settings.witnesses, "quorum": settings.quorum, "rpc": rpc}

        # (1) The witnesses have another root of that size.
        with a_ledger(fork, clock, **asked) as forked:
            told = replace(stage, ledger=forked).says(EXPORTER, "seal-check", trip, {"broken": False})
            forked.sequencer.append(forked.policy.check(told.raw, told.disclosures))
            with pytest.raises(UnavailableError, match="the log has two histories") as caught:
                forked.publish()
            assert caught.value.code == "not-published"
        # (2) Without witnesses the chain has it.
        with a_ledger(fork, clock, rpc=rpc) as forked:
            forked.publish()
            published = forked.store.checkpoints.published()
            assert published is not None
            assert published.size == size
            with pytest.raises(AnchorConflictError):
                forked.anchor()
            # (3) And the anchor of the one history does not open for the other.
            with read_transaction(stage.ledger.store.engine) as connection:
                stolen = connection.execute(select(anchors)).mappings().all()
            with write_transaction(forked.store.engine) as connection:
                connection.execute(delete(anchors))
                connection.execute(anchors.insert(), [dict(row) for row in stolen])
            lie = replace(stage, ledger=forked).dossier(trip)
            assert lie.anchors == genuine.anchors
            for view in (None, stage.view()):
                verdict = verify(packed(lie), trust, clock=clock, chain_view=view)
                assert said(verdict, "anchor")[0] == "failed"
                assert verdict.outcome is Outcome.REJECTED


def test_a_statement_left_out_of_a_real_dossier_is_missed(tmp_path: Path) -> None:
    trip = another_trip("left out")
    with a_stage(tmp_path, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        stage.anchor()
        honest = stage.dossier(trip)
        (stream,) = honest.header.streams
        streams = (replace(stream, count=stream.count - 1),)
        header = replace(honest.header, streams=streams)
        (without, *_) = [one for one in honest.statements if one.index == 2]
        kept = tuple(one for one in honest.statements if one is not without)
        forged = replace(honest, header=header, statements=kept)
        verdict = verify(packed(forged), stage.trust(), clock=stage.clock, chain_view=stage.view())
        assert said(verdict, "completeness")[0] == "failed"
        assert verdict.outcome is Outcome.REJECTED


def test_an_anchor_dated_back_in_the_dossier_does_not_open(tmp_path: Path) -> None:
    trip = another_trip("dated back")
    with a_stage(tmp_path, witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        stage.tell(trip)
        stage.anchor()
        honest = stage.dossier(trip)
        (anchor,) = honest.anchors
        earlier = AnchorOpening(anchor.size, anchor.block_number, anchor.block_time - 3600)
        forged = replace(honest, anchors=(earlier,))
        for view in (None, stage.view()):
            verdict = verify(packed(forged), stage.trust(), clock=stage.clock, chain_view=view)
            assert said(verdict, "anchor")[0] == "failed"
            assert verdict.outcome is Outcome.REJECTED
