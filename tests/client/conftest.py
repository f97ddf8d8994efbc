"""A pretended ledger, and its door."""

import pytest

from tests.client.door import Door
from tests.client.pretend import Pretend


@pytest.fixture
def ledger() -> Pretend:
    return Pretend()


@pytest.fixture
def door(ledger: Pretend) -> Door:
    return Door(ledger)
