"""Named points in a write at which tests let it fail; outside tests nothing happens there."""

from collections.abc import Callable

Fault = Callable[[str], None]
"""Called with the name of the step that comes next, or was just done; whatever it raises ends the write."""


def no_fault(_step: str) -> None:
    """Do nothing: what every write outside a test gets."""


def within(operation: str, fault: Fault) -> Fault:
    """Return a fault whose steps are named `operation.step`."""
    if fault is no_fault:
        return fault
    return lambda step: fault(f"{operation}.{step}")
