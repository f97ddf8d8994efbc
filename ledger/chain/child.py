"""Becomes the program that it is given, and sees to it that this ends with its parent.

Run as a file, by `anvil_process`: `python child.py PARENT_PID PROGRAM ARGUMENT...`. On Linux the kernel kills
the program when the thread that started it ends, whatever ended that.
"""

import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, then turn into the program."""
    parent, program, *arguments = sys.argv[1:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # It may have ended before the signal was asked for.
        if os.getppid() != int(parent):
            sys.exit(1)
    os.execv(program, [program, *arguments])  # noqa: S606 - the arguments are ours, and no shell sees them


if __name__ == "__main__":
    main()
