"""Running the command line as a user does: in this process, or in one of its own where it must be."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.cli import run

EXECUTABLE = Path(sys.executable).with_name("corridor")


@dataclass(frozen=True)
class Ran:
    """What a command did.

    Args:
        code: Its exit code.
        out: Bytes of standard output.
        err: Text of standard error.
    """

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output."""
        return self.out.decode()

    @property
    def json(self) -> Any:
        """The JSON on standard output."""
        return json.loads(self.out)

    @property
    def reason(self) -> str:
        """The stable code at the end of the one line on standard error."""
        (line,) = self.err.splitlines()
        assert line.startswith("corridor: "), line
        assert line.endswith("]"), line
        return line[line.rindex("[") + 1 : -1]


class _Stdin(io.TextIOWrapper):
    def isatty(self) -> bool:
        return False


def corridor(*arguments: object, stdin: bytes = b"") -> Ran:
    """Run a command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before = sys.stdin
    sys.stdin = _Stdin(io.BytesIO(stdin))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
    finally:
        sys.stdin = before
    written = []
    for stream in (out, err):
        stream.flush()
        assert isinstance(stream.buffer, io.BytesIO)
        written.append(stream.buffer.getvalue())
    return Ran(code, written[0], written[1].decode())


def corridor_process(
    *arguments: object,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
    cwd: Path | None = None,
) -> Ran:
    """Run a command in a process of its own.

    Args:
        arguments: What follows the command's name.
        stdin: What it can read.
        environment: Variables beside those of this process.
        prefix: What to put before the command.
        cwd: Where it runs.
    """
    done = subprocess.run(
        [*prefix, str(EXECUTABLE), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        env={**os.environ, **(environment or {})},
        cwd=cwd,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


_LAUNCH = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"web3", "sqlalchemy", "alembic", "fastapi", "uvicorn", "starlette"}:
            raise SystemExit(f"{name} was imported")
sys.meta_path.insert(0, Refuse())
from ledger.cli import main
main()
"""


def corridor_alone(*arguments: object) -> Ran:
    """Run a command in a process in which there is no server, no database and no chain library."""
    command = [sys.executable, "-c", _LAUNCH, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def refused(ran: Ran, code: int, reason: str) -> None:
    """Check that a command ended with a code, one line on standard error and nothing on standard output."""
    assert (ran.code, ran.reason, ran.out) == (code, reason, b""), ran
