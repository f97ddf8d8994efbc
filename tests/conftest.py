"""Fixtures that several packages of tests use, and how Hypothesis runs here."""

import os
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings

from tests import databases
from tests.chain.fixtures import anvil, deployed, world

__all__ = ["anvil", "deployed", "world"]

# How long an example takes tells of the machine, not of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Start the database server for all processes that run tests, where one is wanted."""
    if databases.WANTED in os.environ and not databases.is_postgresql():
        running = ExitStack()
        running.enter_context(databases.server())
        config.add_cleanup(running.close)
