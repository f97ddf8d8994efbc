"""Which processes are below another one, as Linux tells it."""

import os
import signal
from pathlib import Path


def children(process: int) -> set[int]:
    """Return the process ids of the children of a process, empty when it has ended."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return {int(pid) for task in tasks for pid in (task / "children").read_text().split()}
    except (FileNotFoundError, ProcessLookupError):
        return set()


def running(process: int) -> bool:
    """Return whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(process: int) -> None:
    """End a process at once."""
    os.kill(process, signal.SIGKILL)
