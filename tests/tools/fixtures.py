"""Fixtures of programs of others."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.build import program
from tests.tools.kubo import kubo


@pytest.fixture(scope="session")
def ipfs_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The multiaddr of an IPFS node, one for each process that runs tests."""
    with kubo(tmp_path_factory.mktemp("ipfs")) as api:
        yield api


@pytest.fixture(scope="session")
def age() -> Path:
    """The stock `age` program."""
    return program("age")


@pytest.fixture(scope="session")
def age_keygen() -> Path:
    """The stock `age-keygen` program."""
    return program("age-keygen")
