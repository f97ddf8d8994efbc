"""One anvil with the contracts for all tests of a worker; each test finds it as it was first."""

from collections.abc import Iterator

import pytest

from ledger.chain.embedded import EmbeddedChain
from tests.builders import NOON
from tests.chain.chains import Hands, World, a_chain, settle_world


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedChain, Hands]]:
    """An embedded chain that mines when it is told to, and the clock that its blocks follow."""
    clock = Hands(NOON)
    with a_chain(tmp_path_factory.mktemp("chain"), clock) as chain:
        yield chain, clock


@pytest.fixture(scope="session")
def deployed(anvil: tuple[EmbeddedChain, Hands]) -> World:
    """The contracts on that chain, and the log of the tests open for its operator."""
    return settle_world(*anvil)


@pytest.fixture
def world(deployed: World) -> Iterator[World]:
    """The same, with everything that the test does undone afterwards."""
    snapshot = deployed.rpc("evm_snapshot")
    yield deployed
    deployed.rpc("anvil_dropAllTransactions")
    assert deployed.rpc("evm_revert", snapshot) is True
    deployed.clock.now = NOON
