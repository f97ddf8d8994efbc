"""The served ledger of the interface's tests, for everything that is thrown at it."""

from tests.api.conftest import errors, stage

__all__ = ["errors", "stage"]
