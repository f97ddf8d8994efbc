"""Somebody with the second client, Python and two libraries, and nothing of the ledger."""

import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders import EXPORTER
from tests.integration.stage import Stage

EXAMPLES = Path(__file__).parents[2] / "examples"
CLIENT = sorted(
    EXAMPLES / f"second_{name}.py" for name in ("client", "proof", "service", "signing", "statement")
)
LIBRARIES = {"cryptography", "cbor2", "_cffi_backend"}
"""What it may import besides the standard library; the last is what `cryptography` is bound by."""

ALONE = f"""
import runpy, sys
sys.path.insert(0, {str(EXAMPLES)!r})
class Nothing:
    allowed = {LIBRARIES | {path.stem for path in CLIENT}!r} | set(sys.stdlib_module_names)
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] not in self.allowed:
            raise ModuleNotFoundError("only the standard library is here, not " + name, name=name)
sys.meta_path.insert(0, Nothing())
sys.argv[0] = "second_client.py"
runpy.run_path({str(EXAMPLES / "second_client.py")!r}, run_name="__main__")
"""
"""Runs the client where nothing else can be imported, as if nothing else were installed."""


@dataclass(frozen=True)
class Ran:
    """What a run of the client came to."""

    code: int
    out: str
    err: str

    def value(self, name: str) -> str:
        """Return what was printed behind a name."""
        return next(line.split(maxsplit=1)[1] for line in self.out.splitlines() if line.startswith(name))


def process(*arguments: object) -> list[str]:
    """Return the command that runs the client alone."""
    return [sys.executable, "-I", "-c", ALONE, *map(str, arguments)]


def client(*arguments: object) -> Ran:
    """Run the client, which never ends with a traceback."""
    done = subprocess.run(process(*arguments), capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass
class Outsider:
    """An exporter's own program at a log.

    Args:
        folder: Where its files are.
        stage: The log.
    """

    folder: Path
    stage: Stage
    made: int = field(default=0)

    def path(self, name: str) -> Path:
        """Return the path of a file of its own."""
        return self.folder / name

    def new(self, name: str) -> Path:
        """Return the path of a file that is not there yet."""
        self.made += 1
        return self.path(f"{self.made}-{name}")

    def run(self, command: str, *arguments: object, **instead: object) -> Ran:
        """Run a command as the exporter; keyword arguments replace `to`, `key`, `iss` or `genesis`."""
        # It signs by the machine's clock, so the log must not be behind.
        self.stage.clock.now = max(self.stage.clock.now, int(time.time()))
        return client(command, *arguments, *self.who(**instead))

    def who(self, **instead: object) -> list[object]:
        """Return the options that say who speaks to whom."""
        usual: dict[str, object] = {
            "to": self.stage.url,
            "genesis": self.path("genesis.json"),
            "key": self.path("port.pem"),
            "iss": EXPORTER,
        }
        return [part for name, value in (usual | instead).items() for part in (f"--{name}", value)]

    def did(self, command: str, *arguments: object) -> Ran:
        """Run a command that succeeds."""
        ran = self.run(command, *arguments)
        assert (ran.code, ran.err) == (0, ""), ran
        return ran

    def said(self, *more: object) -> Path:
        """Sign and submit a statement about the trip, and return its file."""
        file = self.new("statement")
        files = ("--stream", self.path("trip.secret"), "--body", self.path("body.json"), "--out", file)
        self.did("say", "seal-check", *files, *more)
        return file

    def fetched(self, file: Path) -> Path:
        """Fetch what is needed to check a statement that is published, and return the folder."""
        folder = self.new("proof")
        self.did("fetch", file, "--out", folder)
        return folder

    def check(self, file: Path, proof: Path) -> Ran:
        """Check a statement offline."""
        return client("check", file, "--proof", proof, "--genesis", self.path("genesis.json"))
