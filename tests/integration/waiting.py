"""Waiting for what another process or thread does, with an end."""

import time
from collections.abc import Callable


def wait_until(true: Callable[[], object], seconds: float = 30.0) -> None:
    """Return as soon as something holds; fail when it does not within some time."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.02)
