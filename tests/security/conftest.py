"""A served ledger for the tests of what somebody could gain, with everything real behind it."""

from collections.abc import Iterator

import pytest

from tests.api.conftest import errors
from tests.integration.stage import Stage, a_stage, enrol

__all__ = ["errors", "stage"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger in which the organisations of the tests take part."""
    with a_stage(tmp_path_factory.mktemp("security")) as stage:
        enrol(stage.ledger)
        yield stage
