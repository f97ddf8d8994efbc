"""What a process does that is going to be killed: it anchors, and lets blocks come while it waits."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.chain.anchoring import AnchorRunner, AnchorSettings
from ledger.chain.client import ChainClient
from ledger.chain.governance import Contracts
from ledger.storage.faults import Fault
from tests.builders import ORIGIN
from tests.chain.chains import OPERATOR, a_database, checkpoints_of

DEPTH = 1
STUCK_SECONDS = 60


def kill_at(step: str, occurrence: int) -> Fault:
    """Return a fault that kills this process when a step is reached for the nth time."""
    seen: Counter[str] = Counter()

    def fault(reached: str) -> None:
        seen[reached] += 1
        if reached == step and seen[reached] == occurrence:
            os.kill(os.getpid(), signal.SIGKILL)

    return fault


@dataclass(frozen=True)
class Life:
    """What a process does and how it ends.

    Args:
        folder: Where the database is.
        url: The chain.
        contracts: Where they are.
        sizes: Of the published checkpoints.
        now: What the clock says.
        step: Where to die.
        occurrence: At which time the step is reached.
    """

    folder: Path
    url: str
    contracts: Contracts
    sizes: tuple[int, ...]
    now: int
    step: str
    occurrence: int = 1


def live(life: Life) -> None:
    """Bring checkpoints to the chain till the last of them is final, or die on the way."""
    with anchoring(life) as (runner, client):
        runner.until_final(life.sizes[-1], lambda: client.rpc.call("evm_mine", client.head().time + 1))


def live_beside_others(life: Life) -> None:
    """Bring one checkpoint after the other to the chain, while others do the same and somebody else mines."""
    with anchoring(life) as (runner, _):
        for size in life.sizes:
            runner.until_final(size, lambda: None, turns=100_000)


@contextmanager
def anchoring(life: Life) -> Iterator[tuple[AnchorRunner, ChainClient]]:
    """Give a runner with connections of its own, and its client."""
    client = ChainClient(life.url)
    engine = a_database(life.folder)
    runner = AnchorRunner(
        engine,
        client,
        life.contracts,
        origin=ORIGIN,
        signer=OPERATOR,
        published=checkpoints_of(*life.sizes),
        clock=lambda: life.now,
        settings=AnchorSettings(depth=DEPTH, stuck_seconds=STUCK_SECONDS),
        fault=kill_at(life.step, life.occurrence),
    )
    yield runner, client
    engine.dispose()
    client.close()
