"""Programs of others that tests run, built once from the versions that a `go.mod` of their own pins.

`make setup` builds them into build/tools; a test that finds one missing builds it then. A program whose
go.sum is still the one that it was built from is not built again.
"""

import fcntl
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build" / "tools"
HERE = Path(__file__).resolve().parent
PROGRAMS = {
    "ipfs": ("kubo", "github.com/ipfs/kubo/cmd/ipfs"),
    "age": ("age", "filippo.io/age/cmd/age"),
    "age-keygen": ("age", "filippo.io/age/cmd/age-keygen"),
}
"""Each program's folder, and the package that it is built from."""
_GO = Path(sys.executable).parent / "go"
_FIXED = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly -buildvcs=false -trimpath", "CGO_ENABLED": "0"}


def program(name: str) -> Path:
    """Return the path of a program, which is built when it is not there.

    Args:
        name: One of `PROGRAMS`.

    Raises:
        subprocess.CalledProcessError: It cannot be built, for want of the Go module proxy for example.
    """
    folder, package = PROGRAMS[name]
    made, note = TOOLS / name, TOOLS / f"{name}.built-from"
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / ".lock").open("w") as lock:
        # One at a time: tests run in several processes.
        fcntl.flock(lock, fcntl.LOCK_EX)
        pinned = sha256((HERE / folder / "go.sum").read_bytes()).hexdigest()
        if not (made.exists() and note.exists() and note.read_text() == pinned):
            command = [str(_GO), "build", "-o", str(made), package]
            subprocess.run(command, cwd=HERE / folder, env=os.environ | _FIXED, check=True)
            note.write_text(pinned)
    return made


def main() -> None:
    """Build all of them."""
    for name in PROGRAMS:
        print(program(name))


if __name__ == "__main__":
    main()
