"""Fixtures that several packages of tests use."""

from tests.chain.fixtures import anvil, deployed, world

__all__ = ["anvil", "deployed", "world"]
