"""One served ledger for the tests of the interface, with everything real behind it."""

import logging
from collections.abc import Iterator

import pytest

from tests.api.errors_seen import Errors
from tests.integration.stage import Stage, a_stage, another_trip, enrol


@pytest.fixture(scope="module")
def errors() -> Iterator[Errors]:
    """What was logged as an error since the module's first test."""
    seen = Errors()
    logging.getLogger().addHandler(seen)
    yield seen
    logging.getLogger().removeHandler(seen)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, errors: Errors) -> Iterator[Stage]:
    """A ledger with a trip on record."""
    with a_stage(tmp_path_factory.mktemp("api")) as stage:
        enrol(stage.ledger)
        stage.tell(another_trip("api"))
        yield stage
