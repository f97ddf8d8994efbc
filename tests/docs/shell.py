"""A shell in which the commands of a page are typed, one after the other."""

import os
import select
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.integration.waiting import wait_until

_LASTING = ("corridor up ", "corridor witness serve ")
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Typed:
    """What became of a command.

    Args:
        code: Its exit code; 0 for one that goes on running.
        lines: What it printed on standard output and standard error.
    """

    code: int
    lines: tuple[str, ...]


class Shell:
    """One bash, in a folder. Use it as a context manager; what was started in it ends with it.

    Args:
        folder: Where it works.
        environment: All variables that it has.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._servers: list[int] = []
        self._typed = 0

    def __enter__(self) -> Self:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        for server in reversed(self._servers):
            with suppress(ProcessLookupError):
                os.kill(server, signal.SIGTERM)
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        with suppress(BrokenPipeError):
            self._bash.stdin.write(b"wait\n")
            self._bash.stdin.close()
        self._bash.wait(_SECONDS)
        self._bash.stdout.close()

    def type(self, command: str, until: str = "") -> Typed:
        """Run a command, and return what it printed.

        Args:
            command: What is typed.
            until: Beginning of the last line that a server prints before it is ready.
        """
        self._typed += 1
        printed = self._folder / f".printed-{self._typed}"
        if command.startswith(_LASTING):
            # What it logs while it runs is not what it says when it begins.
            files = f"> {printed} 2> {printed}.log < /dev/null"
            self._servers.append(self._number(f"( exec {command}\n) {files} & echo $!", command))
            return self._begun(printed, until)
        files = f"> {printed} 2>&1 < /dev/null"
        # The braces keep variables in this shell; the code is kept for a command that asks for it.
        code = self._number(f"{{ {command}\n}} {files}; code=$?; echo $code; (exit $code)", command)
        return Typed(code, _lines(printed))

    def _number(self, script: str, command: str) -> int:
        """Let the shell run a script, and return the number that it says."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{script}\n".encode())
        self._bash.stdin.flush()
        ready, _, _ = select.select([self._bash.stdout], [], [], _SECONDS)
        if not ready:
            self._bash.kill()
            raise AssertionError(f"this does not end: {command}")
        return int(self._bash.stdout.readline())

    def _begun(self, printed: Path, until: str) -> Typed:
        """Return when a server has said that it is ready."""
        said: tuple[str, ...] = ()

        def is_ready() -> bool:
            nonlocal said
            said = _lines(printed) if printed.exists() else ()
            return any(line.startswith(until) for line in said)

        wait_until(is_ready, _SECONDS)
        return Typed(0, said)


def _lines(printed: Path) -> tuple[str, ...]:
    return tuple(printed.read_text(encoding="utf-8").splitlines())
