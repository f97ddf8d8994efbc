"""Takes everything from a process that a reader does not need, before it touches an item (ADR 0016).

What is left: memory up to a limit, processor time up to a limit, threads, and the descriptors that are open.
It cannot open, name or look up a file, make a socket or a process, signal anybody, or change what it is.
"""

import ctypes
import errno
import os
import resource
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.domain.errors import UnavailableError

if TYPE_CHECKING:
    import pyseccomp

NOT_ISOLATED = 10
"""The exit code of a child from which not everything could be taken; it has read nothing."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_THREAD = 0x10000
_AT_EMPTY_PATH = 0x1000
_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC, _F_GET_SEALS = 0, 1, 2, 3, 1030, 1034

_ALLOWED = (
    # Memory.
    *("brk", "madvise", "mmap", "mprotect", "mremap", "munmap"),
    # What is open already.
    *("close", "dup", "dup2", "dup3", "fadvise64", "fstat", "lseek", "read", "readv", "pread64", "preadv"),
    *("write", "writev", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "pipe2"),
    *("poll", "ppoll", "pselect6", "select"),
    # Threads and their signals to themselves.
    *("futex", "futex_waitv", "get_robust_list", "gettid", "getpid", "membarrier", "rseq"),
    *(
        "sched_getaffinity",
        "sched_yield",
        "set_robust_list",
        "set_tid_address",
        "exit",
        "exit_group",
        "getcpu",
    ),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "sigaltstack", "restart_syscall"),
    # Time, chance, and what the machine is.
    *("clock_getres", "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "times", "getrusage"),
    *("getrandom", "getrlimit", "sysinfo", "uname", "getuid", "geteuid", "getgid", "getegid", "getppid"),
)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a reading may use at most.

    Args:
        wall_seconds: Time by the clock on the wall.
        cpu_seconds: Time of the processor.
        memory_bytes: Address space beyond what the reader's own code takes.
    """

    wall_seconds: float = 60.0
    cpu_seconds: int = 30
    memory_bytes: int = 1 << 30


class Isolation:
    """The filter of system calls, made ready before a process is forked that will load it.

    Raises:
        UnavailableError: This machine has no seccomp, or the extra `readers` is not installed.
    """

    def __init__(self) -> None:
        try:
            import pyseccomp
        except (ImportError, RuntimeError, OSError, TypeError) as error:
            raise UnavailableError(
                "isolation-unavailable",
                "evidence is only read in isolation, and it cannot be had here: it needs Linux, libseccomp "
                f"(package libseccomp2) and the extra `readers` ({type(error).__name__})",
            ) from None
        self._seccomp = pyseccomp
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._filter = _filter(pyseccomp)

    def follow_parent(self, parent: int) -> None:
        """Let this process die with its parent.

        Args:
            parent: Process id of it, by which one that is already dead is noticed.

        Raises:
            OSError: The parent is dead, or this is not Linux.
        """
        self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            raise ProcessLookupError(errno.ESRCH, "the parent has ended")

    def enter(self, budget: Budget) -> None:
        """Take everything away from this process, for good.

        Args:
            budget: What it may use from now on.

        Raises:
            OSError: Something could not be taken away: nothing may be read then.
        """
        own = self._seccomp.Arg(0, self._seccomp.EQ, os.getpid())
        self._filter.add_rule(self._seccomp.ALLOW, "tgkill", own)
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + budget.memory_bytes)
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + budget.cpu_seconds
        # The first limit says why, the second cannot be ignored.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        _limit(resource.RLIMIT_FSIZE, 0)
        # Neither a core file nor another process of the same user gets to see the plaintext.
        _limit(resource.RLIMIT_CORE, 0)
        self._prctl(_PR_SET_DUMPABLE, 0)
        self._prctl(_PR_SET_NO_NEW_PRIVS, 1)
        self._filter.load()
        _prove()

    def _prctl(self, option: int, value: int) -> None:
        if self._libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl refused")


def _limit(which: int, value: int) -> None:
    resource.setrlimit(which, (value, value))


def _filter(seccomp: "pyseccomp") -> "pyseccomp.SyscallFilter":
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.EACCES))
    # Threads that a library started while it was prepared are bound as well.
    rules.set_attr(seccomp.Attr.CTL_TSYNC, 1)
    for name in _ALLOWED:
        rules.add_rule(seccomp.ALLOW, name)
    rules.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    # Its flags are in memory, where no filter can look; without it, libc falls back to clone.
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.add_rule(
        seccomp.ALLOW, "newfstatat", seccomp.Arg(3, seccomp.MASKED_EQ, _AT_EMPTY_PATH, _AT_EMPTY_PATH)
    )
    # Only to look: root could raise its limits again.
    rules.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0), seccomp.Arg(2, seccomp.EQ, 0))
    # Not F_SETOWN and F_SETSIG: with these a pipe sends any signal to any process.
    for command in (_F_DUPFD, _F_GETFD, _F_SETFD, _F_GETFL, _F_DUPFD_CLOEXEC, _F_GET_SEALS):
        rules.add_rule(seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    return rules


def _prove() -> None:
    """Try what must not work any more; a filter that let it pass is none."""
    for attempt in (lambda: os.open("/", os.O_RDONLY), socket.socket, lambda: os.kill(os.getppid(), 0)):
        try:
            attempt()
        except PermissionError:
            continue
        raise OSError(errno.EPERM, "the filter of system calls does not hold")
