"""What a ledger stands on: its folder, database, keys, chain and contracts; a log begins here."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from ledger import operator_keys
from ledger.chain.accounts import LocalSigner
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.client import ChainClient
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.governance import Contracts
from ledger.chain.reader import ChainIdentity, ChainReader
from ledger.chosen_profile import chosen_profile
from ledger.config import Settings
from ledger.corridors.profile import Profile, foundation_profile
from ledger.corridors.shipped import FOUNDATION
from ledger.data_folder import GENESIS_FILE, DataFolder
from ledger.domain.clock import Clock
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError, UsageError
from ledger.domain.genesis import Genesis
from ledger.founding import Organisation, begin_log, check_deployed, open_on
from ledger.log.store import LogStore
from ledger.operator_keys import OperatorKeys
from ledger.storage.engine import open_database
from ledger.storage.faults import Fault, no_fault
from ledger.storage.migrate import migrate

_logger = logging.getLogger(__name__)
_SAVE_SECONDS = 5.0
"""What governance did on an embedded chain so shortly before a crash is lost; a dump takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a ledger stands on.

    Args:
        store: The log.
        genesis: Its genesis document.
        keys: The operator's.
        client: The chain; it takes no other than the one that was there at the start.
        chain: Which one that is.
        embedded: The chain, when it runs in this process.
        contracts: Where the contracts are on it.
    """

    store: LogStore
    genesis: Genesis
    keys: OperatorKeys
    client: ChainClient
    chain: ChainIdentity
    embedded: EmbeddedChain | None
    contracts: Contracts

    def make_durable(self) -> None:
        """Bring an embedded chain to the disk."""
        if self.embedded is not None:
            self.embedded.save()


@dataclass(frozen=True, slots=True)
class Given:
    """What may be given in place of what the data folder holds; see `ledger.wiring.Ledger`."""

    keys: OperatorKeys | None = None
    founders: Sequence[Organisation] | None = None
    profile: Profile | None = None
    block_seconds: float | None = 1.0
    fault: Fault = no_fault


def open_ground(settings: Settings, clock: Clock, given: Given, stack: ExitStack) -> Ground:
    """Open folder, database, keys and chain; on an empty folder and database, begin a log.

    Nothing is ever half there: a start that was cut off anywhere is done again, and goes on.

    Args:
        settings: Of the ledger.
        clock: Of everything in it.
        given: What to use in place of what the folder holds.
        stack: Closes what is opened.

    Raises:
        ConflictError: Another process holds the folder, or the database is not the one of this folder.
        UsageError: Keys, origin or chain are another log's, the passphrase is wrong, or an account that pays
            has no money.
        UnavailableError: Database, chain or folder cannot be used now.
        NotFoundError: A key, a founder's account or a profile that is needed is not there.
    """
    folder = DataFolder(settings.data)
    stack.enter_context(folder.held())
    engine = open_database(settings.database_url, create=True)
    stack.callback(engine.dispose)
    migrate(engine)
    store = LogStore(engine, clock)
    known = _known_log(settings, folder, store)
    if known is not None:
        _say_which_profile_it_keeps(settings, store)
    elif given.profile is None:
        # Before keys and contracts are made for a log with rules that there are not.
        given = replace(given, profile=chosen_profile(settings.profile or FOUNDATION))
    keys = _keys(settings, given, known)
    client, chain, embedded = _connect(settings, clock, given, folder, stack)
    opening = _Opening(settings, clock, given, store, keys, client, embedded)
    genesis = known or opening.begin()
    folder.keep_genesis(genesis.document)
    contracts = opening.contracts(genesis, chain, is_new=known is None)
    return Ground(store, genesis, keys, client, chain, embedded, contracts)


def _known_log(settings: Settings, folder: DataFolder, store: LogStore) -> Genesis | None:
    """Return the genesis document of the log in the database, None when one is to begin."""
    try:
        genesis = store.genesis
    except NotFoundError:
        if folder.genesis is None:
            return None
        raise ConflictError(
            "database-lost",
            f"there is no log in the database, and {folder.path / GENESIS_FILE} says that one began here: "
            "restore the database from a copy, or check the setting `database`. Another log needs another "
            "folder",
        ) from None
    folder.keep_genesis(genesis.document)
    if settings.is_set("origin") and settings.origin != genesis.origin:
        raise UsageError(
            "other-origin",
            f"the log in this database is {genesis.origin}, not {settings.origin}; its name cannot be "
            "changed. Leave the setting out, or choose another folder and database",
            field="origin",
        )
    return genesis


def _say_which_profile_it_keeps(settings: Settings, store: LogStore) -> None:
    """Warn where the settings ask for other rules than those that the log began with: these stay."""
    if settings.profile is None:
        return
    try:
        if chosen_profile(settings.profile).document == store.profile:
            return
    except CorridorError:
        # What is not needed any more need not be there.
        pass
    kept = Profile.parse(store.profile)
    _logger.warning(
        "this log keeps the profile that it began with, %s version %d (%s); the setting `profile` (%s) is "
        "for a new log only",
        kept.id,
        kept.version,
        kept.hash.hex(),
        settings.profile,
    )


def _keys(settings: Settings, given: Given, known: Genesis | None) -> OperatorKeys:
    if given.keys is not None:
        keys = given.keys
    else:
        keys = operator_keys.create(settings) if known is None else operator_keys.open_existing(settings)
    if known is not None:
        keys.check_they_are_of(known)
    return keys


def _connect(
    settings: Settings, clock: Clock, given: Given, folder: DataFolder, stack: ExitStack
) -> tuple[ChainClient, ChainIdentity, EmbeddedChain | None]:
    if settings.rpc is None:
        embedded = EmbeddedChain(
            settings.data / "chain",
            anvil=settings.anvil,
            clock=clock,
            block_seconds=given.block_seconds,
            settle_blocks=settings.finality_depth,
            save_seconds=_SAVE_SECONDS,
        )
        stack.enter_context(embedded)
        url, chain = embedded.url, embedded.identity
        client = embedded.client(expected=chain)
    else:
        embedded, url, chain = None, settings.rpc, _identity(settings.rpc)
        client = ChainClient(url, expected=chain)
    stack.callback(client.close)
    stack.enter_context(folder.announced(url))
    return client, chain, embedded


@dataclass(frozen=True, slots=True)
class _Opening:
    settings: Settings
    clock: Clock
    given: Given
    store: LogStore
    keys: OperatorKeys
    client: ChainClient
    embedded: EmbeddedChain | None

    def begin(self) -> Genesis:
        """Begin the log: contracts on the chain, the chain on the disk, and only then the log itself."""
        profile = self.given.profile or foundation_profile()
        document = begin_log(
            self.client,
            self._founders(is_new=True),
            self.keys,
            origin=self.settings.origin,
            profile=profile,
            clock=self.clock,
            fault=self.given.fault,
        )
        self._save()
        genesis = self.store.create(document, profile.document)
        self.given.fault("created")
        return genesis

    def contracts(self, genesis: Genesis, chain: ChainIdentity, *, is_new: bool) -> Contracts:
        """Return where the contracts are on the chain that is there: the first one, or a later one."""
        anchors = AnchorStore(self.store.engine, chain.genesis)
        known = anchors.contracts()
        if chain.genesis == genesis.chain_genesis:
            contracts = Contracts(
                genesis.registry, genesis.anchor, genesis.inclusion, self.settings.from_block
            )
        elif known is not None:
            # What is there for other contracts only is not kept; nothing here calls it.
            contracts = Contracts(*known, inclusion=bytes(20))
        elif self.embedded is not None:
            return self._go_on_elsewhere(genesis, chain, anchors)
        else:
            raise UsageError(
                "other-chain",
                f"the node serves the chain with genesis 0x{chain.genesis.hex()}; this log was founded on "
                f"0x{genesis.chain_genesis.hex()}: set `rpc` to a node of that chain",
                field="rpc",
            )
        if not is_new:
            check_deployed(self.client, contracts)
        return contracts

    def _go_on_elsewhere(self, genesis: Genesis, chain: ChainIdentity, anchors: AnchorStore) -> Contracts:
        """Found a registry on a chain that took the place of a lost one; log and old anchors stay."""
        _logger.warning(
            "the embedded chain was lost and began anew: this log goes on on another chain, where every "
            "participant has to be enrolled again; earlier receipts keep their anchors on the lost one"
        )
        contracts = open_on(
            self.client,
            self._founders(is_new=False),
            self.keys,
            origin=genesis.origin,
            fault=self.given.fault,
        )
        self._save()
        anchors.register(
            chain,
            registry=contracts.registry,
            anchor=contracts.anchor,
            nonce=self.client.nonce(LocalSigner(self.keys.account).address),
            now=self.clock(),
        )
        return contracts

    def _founders(self, *, is_new: bool) -> Sequence[Organisation]:
        founders = self.given.founders or [
            Organisation(uri, operator_keys.founder_account(self.settings, name, create=is_new))
            for uri, name in zip(self.settings.founders, operator_keys.FOUNDERS, strict=True)
        ]
        if self.embedded is not None:
            operator = LocalSigner(self.keys.account).address
            for address in (operator, *(one.signer.address for one in founders)):
                self.embedded.fund(address)
        return founders

    def _save(self) -> None:
        if self.embedded is not None:
            self.embedded.save()
        self.given.fault("saved")


def _identity(url: str) -> ChainIdentity:
    reader = ChainReader(url)
    try:
        return reader.identity()
    finally:
        reader.close()
