"""One office for the tests of the catalogue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue.office import Office, an_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with an empty log."""
    with an_office(tmp_path) as office:
        yield office
