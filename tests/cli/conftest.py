"""A place of its own for what commands remember, and a town of organisations around a real ledger."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chain.chains import Hands
from tests.cli.town import Town
from tests.integration.stage import a_stage, enrol

VARIABLES = ("URL", "KEY", "ISS", "OUTBOX", "LANG", "PASSPHRASE", "OIDC_ISSUER", "OIDC_CLIENT")


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what commands remember out of the tester's home, and the tester's settings out of commands."""
    monkeypatch.setenv("CORRIDOR_STATE", str(tmp_path / "state"))
    for name in VARIABLES:
        monkeypatch.delenv(f"CORRIDOR_{name}", raising=False)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A ledger that is served, and organisations with key files."""
    folder = tmp_path_factory.mktemp("town")
    # Commands sign by the machine's clock, so the ledger goes by it, too.
    with a_stage(folder / "ledger", clock=Hands(int(time.time()))) as stage:
        enrol(stage.ledger)
        yield Town.build(folder, stage)
