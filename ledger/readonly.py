"""A data folder opened for reading, beside the process that runs its ledger or without one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import inspect, select

from ledger import operator_keys
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.proofs import StateProver
from ledger.chain.reader import ChainReader
from ledger.config import Settings
from ledger.corridors.profile import Profile
from ledger.data_folder import DataFolder
from ledger.domain.clock import Clock, system_clock
from ledger.domain.cose import Signer
from ledger.domain.errors import CorridorError, NotFoundError, UnavailableError
from ledger.dossiers import AnchoredChain, DossierBuilder
from ledger.log.store import LogStore
from ledger.storage.engine import open_database, read_transaction
from ledger.storage.tables import chains, log

_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class OpenLedger:
    """A data folder opened for reading.

    Args:
        store: The log.
        builder: Makes dossiers and receipt files.
        receipt_signer: The receipt key.
    """

    store: LogStore
    builder: DossierBuilder
    receipt_signer: Signer


@contextmanager
def open_log(settings: Settings, clock: Clock = system_clock) -> Iterator[LogStore]:
    """Open nothing but the log of a data folder while a block runs: no chain and no key is needed.

    Args:
        settings: Of the ledger.
        clock: Is asked for nothing while only reading.

    Raises:
        NotFoundError: There is no log.
        UnavailableError: The database cannot be read now.
    """
    missing = NotFoundError("log-missing", f"there is no log in {settings.data}; `corridor up` begins one")
    try:
        engine = open_database(settings.database_url)
    except NotFoundError:
        raise missing from None
    try:
        with read_transaction(engine) as connection:
            if not inspect(connection).has_table(log.name):
                raise missing
        yield LogStore(engine, clock)
    finally:
        engine.dispose()


@contextmanager
def open_readonly(
    settings: Settings, clock: Clock = system_clock, *, chain: bytes | None = None
) -> Iterator[OpenLedger]:
    """Open a data folder while a block runs; nothing in it is changed.

    Args:
        settings: Of the ledger.
        clock: Is asked for nothing while only reading.
        chain: Genesis hash (32 bytes) of the chain whose anchors are shown; the one that the running ledger
            uses, or that was used last, if None. A log whose embedded chain was lost has several.

    Raises:
        NotFoundError: There is no log in the folder, a key is missing, or the log was never on that chain.
        UsageError: The passphrase is wrong, none is given, or the keys are another log's.
        UnavailableError: The database cannot be read now.
    """
    with ExitStack() as stack:
        store = stack.enter_context(open_log(settings, clock))
        genesis = store.genesis
        keys = operator_keys.open_existing(settings)
        keys.check_they_are_of(genesis)
        # A log that was not anchored yet has entered no chain.
        known = known_chains(store) or [genesis.chain_genesis]
        if chain not in (None, *known):
            raise NotFoundError(
                "chain-unknown", f"this log was never on the chain with genesis {chain and chain.hex()}"
            )
        running = _running_chain(settings, stack, known if chain is None else [chain])
        reader, shown = (None, chain or known[-1]) if running is None else running
        anchors = AnchorStore(store.engine, shown)
        contracts = anchors.contracts()
        prover = None
        if reader is not None and contracts is not None:
            prover = StateProver(reader, *contracts, genesis.origin_hash)
        evidence = AnchoredChain(anchors, prover, lambda: final_block(reader, settings.finality_depth))
        builder = DossierBuilder(store, Profile.parse(store.profile), evidence)
        yield OpenLedger(store, builder, keys.receipt.signer)


def known_chains(store: LogStore) -> list[bytes]:
    """Return the genesis hashes of the chains that a log was on, the one that came last at the end."""
    with read_transaction(store.engine) as connection:
        return list(connection.execute(select(chains.c.genesis).order_by(chains.c.first_seen)).scalars())


def final_block(reader: ChainReader | None, depth: int) -> int:
    """Return the number of the newest block that is deep enough to be final.

    Args:
        reader: The chain; None when none is running.
        depth: How many blocks must lie on top.

    Raises:
        UnavailableError: No chain is running, or the node cannot say.
    """
    if reader is None:
        raise UnavailableError("no-chain", "no chain is running")
    return max(0, reader.head().number - depth)


def _running_chain(
    settings: Settings, stack: ExitStack, wanted: Sequence[bytes]
) -> tuple[ChainReader, bytes] | None:
    """Return a reader of the chain of a ledger that runs in this folder, and which of the wanted it is."""
    url = DataFolder(settings.data).rpc or settings.rpc
    if url is None:
        return None
    try:
        reader = ChainReader(url, timeout=_TIMEOUT)
        stack.callback(reader.close)
        found = reader.identity().genesis
    except CorridorError:
        return None
    # A ledger that was killed leaves its URL behind: something else may answer there by now.
    return (reader, found) if found in wanted else None
