import pytest

from ledger.demo.facts import Facts


@pytest.fixture(scope="session")
def facts() -> Facts:
    return Facts.default()
