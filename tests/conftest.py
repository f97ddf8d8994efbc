"""Fixtures that several packages of tests use, and how Hypothesis runs here."""

from hypothesis import HealthCheck, settings

from tests.chain.fixtures import anvil, deployed, world

__all__ = ["anvil", "deployed", "world"]

# How long an example takes tells of the machine, not of the code.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
