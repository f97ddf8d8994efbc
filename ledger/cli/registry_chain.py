"""The registry for a command: of a ledger that runs on this machine, or behind a node of one's own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ledger.cli.options import option
from ledger.cli.profiles import profile_in
from ledger.cli.services import genesis_in
from ledger.domain.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from ledger.chain.client import ChainClient
    from ledger.chain.directory import RegistryMirror
    from ledger.chain.governance import Contracts
    from ledger.chain.registry_events import RegistryState
    from ledger.corridors.profile import Profile
    from ledger.domain.genesis import Genesis

DataIfAny = Annotated[
    Path | None, option("DIR", "Data folder of the ledger, when it runs on this machine.", "--data")
]
RpcIfAny = Annotated[
    str | None,
    option("URL", "JSON-RPC URL of a node of the chain, when you have no data folder.", "--rpc"),
]
GenesisOfRpc = Annotated[Path | None, option("FILE", "With --rpc: genesis document of the log.", "--genesis")]
ProfileOfRpc = Annotated[
    Path | None,
    option(
        "FILE",
        "With --rpc: the corridor's profile, where it is none that comes with the ledger.",
        "--profile",
    ),
]


@dataclass(frozen=True, slots=True)
class Where:
    """What the command line says of where the registry is.

    Args:
        data: Data folder of a ledger.
        rpc: URL of a node.
        genesis: Genesis document of the log, beside `rpc`.
        profile: Profile of the corridor, beside `rpc`.
    """

    data: Path | None
    rpc: str | None
    genesis: Path | None
    profile: Path | None = None


@dataclass(frozen=True, slots=True)
class OpenRegistry:
    """A registry that can be read and written.

    Args:
        client: The chain.
        contracts: Where the contracts are.
        genesis: The log's genesis document.
        profile: The corridor's rules; None when they are not at hand.
        is_embedded: Whether the chain is one that a ledger on this machine runs.
    """

    client: "ChainClient"
    contracts: "Contracts"
    genesis: "Genesis"
    profile: "Profile | None"
    is_embedded: bool

    @property
    def roles(self) -> tuple[str, ...]:
        """Names of the corridor's roles, as far as they are known."""
        return () if self.profile is None else tuple(self.profile.roles)

    def mirror(self) -> "RegistryMirror":
        """Return what answers from the registry."""
        from ledger.chain.directory import RegistryMirror

        contracts = self.contracts
        return RegistryMirror(self.client, contracts.registry, self.roles, from_block=contracts.from_block)

    def names(self, state: "RegistryState") -> Mapping[bytes, str]:
        """Return texts for the hashes that stand in proposals."""
        from ledger.domain.evm_layout import organisation_id, role_id

        known = {role_id(name): name for name in self.roles}
        known |= {organisation_id(uri): uri for uri, _, _ in state.enrolments()}
        known |= {identifier: one.uri for identifier, one in state.organisations.items()}
        return known | {self.genesis.origin_hash: self.genesis.origin}

    def check_role(self, role: str) -> None:
        """Return when the corridor has a role.

        Raises:
            UsageError: It does not, or its profile is not at hand.
        """
        if self.profile is None:
            raise UsageError(
                "no-profile", "this corridor has a profile of its own: give --profile FILE to name its roles"
            )
        if role not in self.profile.roles:
            known = ", ".join(sorted(self.profile.roles))
            raise UsageError("unknown-role", f"the corridor has no role {role[:80]}; it has {known}")


@contextmanager
def open_registry(where: Where) -> Iterator[OpenRegistry]:
    """Give the registry while a block runs.

    Raises:
        UsageError: Neither a data folder nor a node with a genesis document is named, or both.
        NotFoundError: There is no log in the folder, or no such file.
        VerificationError: The node serves another chain, or the profile is another corridor's.
        UnavailableError: The ledger does not run, or the node cannot be reached.
    """
    if (where.data is None) == (where.rpc is None):
        raise UsageError("where", "say where the registry is: --data DIR, or --rpc URL with --genesis FILE")
    with ExitStack() as stack:
        yield _of_folder(where.data, stack) if where.data is not None else _of_node(where, stack)


def _of_folder(data: Path, stack: ExitStack) -> OpenRegistry:
    from ledger.chain.anchor_store import AnchorStore
    from ledger.chain.client import ChainClient
    from ledger.chain.governance import Contracts
    from ledger.cli.data import open_log, settings_of
    from ledger.corridors.profile import Profile
    from ledger.data_folder import DataFolder

    settings = settings_of(data)
    store = stack.enter_context(open_log(data))
    genesis = store.genesis
    url = DataFolder(data).rpc or settings.rpc
    if url is None:
        raise UnavailableError("no-chain", f"no ledger runs in {data}: start it with corridor up")
    client = ChainClient(url)
    stack.callback(client.close)
    chain = client.identity()
    known = AnchorStore(store.engine, chain.genesis).contracts()
    if chain.genesis == genesis.chain_genesis:
        contracts = Contracts(genesis.registry, genesis.anchor, genesis.inclusion, settings.from_block)
    elif known is not None:
        contracts = Contracts(*known, inclusion=bytes(20))
    else:
        # A ledger that was killed leaves its URL behind: something else may answer there by now.
        raise UnavailableError("no-chain", f"what answers at {client.rpc.name} is no chain of this log")
    return OpenRegistry(client, contracts, genesis, Profile.parse(store.profile), settings.rpc is None)


def _of_node(where: Where, stack: ExitStack) -> OpenRegistry:
    from ledger.chain.client import ChainClient
    from ledger.chain.governance import Contracts
    from ledger.chain.reader import ChainIdentity

    if where.genesis is None or where.rpc is None:
        raise UsageError("where", "with --rpc the log's genesis document is needed: --genesis FILE")
    genesis = genesis_in(where.genesis)
    client = ChainClient(where.rpc, expected=ChainIdentity(genesis.chain_id, genesis.chain_genesis))
    stack.callback(client.close)
    client.identity()
    contracts = Contracts(genesis.registry, genesis.anchor, genesis.inclusion)
    return OpenRegistry(client, contracts, genesis, profile_in(where.profile, genesis), is_embedded=False)
