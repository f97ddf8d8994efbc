"""Two cheats of the operator, who holds the log's key, its database and the embedded chain."""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import delete, select

from ledger.data_folder import GENESIS_FILE
from ledger.demo.cheats import Cheat, Refusal, Scene, packed, refusals
from ledger.demo.stage import Stage
from ledger.domain.errors import UnavailableError
from ledger.domain.statement import Statement
from ledger.dossiers import Request, everything
from ledger.log.append import Submission
from ledger.storage.engine import read_transaction, write_transaction
from ledger.storage.tables import anchors
from ledger.verification.trust import Trust
from ledger.verification.verifier import verify_receipt


def copy_log(stage: Stage, folder: Path) -> Path:
    """Copy the log as it is now, to go on from in another way later."""
    folder.mkdir()
    with closing(sqlite3.connect(stage.ledger.settings.data / "ledger.db")) as database:
        database.execute("VACUUM INTO ?", (str(folder / "ledger.db"),))
    (folder / GENESIS_FILE).write_bytes(stage.ledger.genesis.document)
    return folder


def rewrite(copy: Path, instead: Statement, gone: bytes) -> Cheat:
    """Return the cheat of an operator that goes on from a copy, with one statement exchanged for another.

    Args:
        copy: The log as it was before.
        instead: What a party that is in league with the operator has signed anew.
        gone: Id of the statement that it is to replace.
    """

    def play(scene: Scene) -> Sequence[Refusal]:
        stage, honest = scene.stage, scene.honest.dossier
        rpc = stage.ledger.client.rpc.url
        witnesses = stage.ledger.settings.witnesses
        with stage.another(copy, rpc=rpc, witnesses=witnesses, quorum=len(witnesses)) as forked:
            for one in honest.statements:
                if one.index >= forked.store.size():
                    statement = Statement.parse(one.raw)
                    statement = instead if statement.id == gone else statement
                    forked.sequencer.append(
                        Submission(statement, one.disclosures, stage.key_of(statement.kid))
                    )
            try:
                forked.publish()
            except UnavailableError as refusal:
                stage.say(f"the witnesses refuse to cosign it ({refusal.code})")
        with stage.another(copy, rpc=rpc) as forked:
            forked.publish()
            # It shows the anchor of the honest history, for the chain takes no second root of that size.
            with read_transaction(stage.ledger.store.engine) as connection:
                shown = select(anchors).where(anchors.c.size <= honest.header.target)
                rows = [dict(row) for row in connection.execute(shown).mappings()]
            with write_transaction(forked.store.engine) as connection:
                connection.execute(delete(anchors))
                connection.execute(anchors.insert(), rows)
            streams = tuple((one.subject, one.name, one.tag) for one in honest.header.streams)
            lie = forked.builder.dossier(
                Request(honest.header.shipment, streams, stage.reader.uri, everything)
            )
        return scene.verify(lie, scene.honest.evidence)

    return Cheat(
        "log rewritten by the operator",
        "registro reescrito por el operador",
        "check anchor",
        "anchor-mismatch",
        play,
    )


def foreign_receipt(trust: Trust) -> Cheat:
    """Return the cheat of an operator that anchors the log on a chain of its own making.

    Args:
        trust: What destination customs trusts.
    """

    def play(scene: Scene) -> Sequence[Refusal]:
        stage = scene.stage
        folder = stage.ledger.settings.data
        shutil.rmtree(folder / "chain")
        with stage.another(folder) as ledger:
            assert ledger.embedded is not None
            published = ledger.store.checkpoints.published()
            assert published is not None
            ledger.anchors.until_final(published.size, ledger.embedded.mine)
            receipt = ledger.builder.receipt(
                scene.honest.inspection, stage.reader.uri, stage.keys.receipt.signer, everything
            )
        return refusals(verify_receipt(packed(receipt), trust))

    return Cheat("receipt of another chain", "recibo de otra cadena", "check anchor", "other-chain", play)
