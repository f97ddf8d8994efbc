"""What only the tests of the chain need."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.chain.chains import a_database


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty ledger database."""
    engine = a_database(tmp_path)
    yield engine
    engine.dispose()
