"""A real chain with the real contracts, and what the tests of the chain need beside it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account
from sqlalchemy import Engine

from ledger.chain.accounts import LocalSigner
from ledger.chain.anchor_store import AnchorStore
from ledger.chain.client import ChainClient
from ledger.chain.embedded import EmbeddedChain
from ledger.chain.governance import Call, Contracts, Founder, Governor, agree, deploy, open_log, origin_hash
from ledger.chain.published import PublishedCheckpoint
from ledger.domain.clock import Clock
from ledger.storage.engine import open_database
from ledger.storage.migrate import migrate
from tests.builders import CUSTOMS, NOON, ORIGIN, ORIGIN_PORT, seeded
from tests.databases import database_url

LOG = origin_hash(ORIGIN)


class Hands:
    """A clock that is set by hand."""

    def __init__(self, now: int = NOON) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def a_database(folder: Path) -> Engine:
    """Return the ledger database in a folder, made when it is not there."""
    engine = open_database(database_url(folder), create=True)
    migrate(engine)
    return engine


def an_account(name: str) -> LocalSigner:
    """Return an account of its own for a name, always the same."""
    return LocalSigner(Account.from_key(seeded(("account", name), 32)))


PORT_ADMIN, CUSTOMS_ADMIN, OPERATOR = (an_account(name) for name in ("port", "customs", "operator"))


@contextmanager
def a_chain(folder: Path, clock: Clock, **settings: object) -> Iterator[EmbeddedChain]:
    """Run an embedded chain that mines when it is told to."""
    chain = EmbeddedChain(folder, clock=clock, block_seconds=None, **settings)  # type: ignore[arg-type]
    with chain:
        yield chain


@dataclass
class World:
    """A chain with the contracts, two governors, and a log that is open for an operator.

    Args:
        chain: The chain; it mines when it is told to, or when a client waits.
        clock: Its clock.
        client: Waits for nothing: a block is mined when one is needed.
        contracts: Where they are.
        port: Governs for the port of origin.
        customs: Governs for customs.
    """

    chain: EmbeddedChain
    clock: Hands
    client: ChainClient
    contracts: Contracts
    port: Governor
    customs: Governor

    def govern(self, call: Call) -> None:
        """Let the port propose a call and customs approve it."""
        agree(self.port, self.customs, call)

    def rpc(self, method: str, *params: object) -> object:
        """Ask anvil for something that only a test asks for."""
        return self.client.rpc.call(method, *params)

    def store(self, engine: Engine) -> AnchorStore:
        """Return the anchors on this chain in a database."""
        return AnchorStore(engine, self.chain.identity.genesis)


def settle_world(chain: EmbeddedChain, clock: Hands) -> World:
    """Deploy the contracts on a chain and open the log of the tests."""
    for account in (PORT_ADMIN, CUSTOMS_ADMIN, OPERATOR):
        chain.fund(account.address)
    client = chain.client()
    founders = [Founder(ORIGIN_PORT, PORT_ADMIN.address), Founder(CUSTOMS, CUSTOMS_ADMIN.address)]
    contracts = deploy(client, PORT_ADMIN, founders)
    port, customs = (Governor(client, contracts, admin) for admin in (PORT_ADMIN, CUSTOMS_ADMIN))
    world = World(chain, clock, client, contracts, port, customs)
    world.govern(open_log(ORIGIN, OPERATOR.address))
    return world


class ListedCheckpoints:
    """Published checkpoints in memory.

    Args:
        roots: Root by size.
    """

    def __init__(self, roots: Mapping[int, bytes]) -> None:
        self.roots = dict(roots)

    def latest(self) -> PublishedCheckpoint | None:
        """Return the largest one, None when there is none."""
        return self.at(max(self.roots, default=0))

    def after(self, size: int, limit: int) -> list[PublishedCheckpoint]:
        """Return those above a size, ascending, at most `limit` of them."""
        return [PublishedCheckpoint(one, self.roots[one]) for one in sorted(self.roots) if one > size][:limit]

    def at(self, size: int) -> PublishedCheckpoint | None:
        """Return that of a size, None when there is none."""
        root = self.roots.get(size)
        return None if root is None else PublishedCheckpoint(size, root)


def checkpoints_of(*sizes: int) -> ListedCheckpoints:
    """Return published checkpoints of some sizes, each with a root of its own."""
    return ListedCheckpoints({size: seeded(("root", size), 32) for size in sizes})
