"""Readers that stand ready for all tests of a process: imports are paid once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.readers.run import Readers

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    with Readers() as ready:
        yield ready


@pytest.fixture(scope="session")
def foreign() -> Path:
    """The folder of files that others made."""
    if not FIXTURES.is_dir():
        pytest.skip("the folder of foreign files is not here")
    return FIXTURES
