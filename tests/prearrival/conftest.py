"""One quay for the tests of arrivals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.prearrival.quay import Quay, a_quay


@pytest.fixture
def quay(tmp_path: Path) -> Iterator[Quay]:
    """A quay with nothing on its way."""
    with a_quay(tmp_path) as quay:
        yield quay
