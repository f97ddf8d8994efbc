"""The one injected clock: signers, witnesses, the log and the embedded chain all read the same one."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Returns the time in POSIX seconds."""


def system_clock() -> int:
    """Return the machine's time in POSIX seconds."""
    return int(time.time())
