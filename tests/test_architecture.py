"""The shape of the code: which way imports run, what the domain may touch, how long a file may be."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PYPROJECT = REPOSITORY / "pyproject.toml"
MAX_LINES = 400

# What would make the domain depend on a machine, a moment or a network. Randomness comes in as an argument,
# with `secrets` as its default.
MACHINE = {
    *("asyncio", "concurrent", "ctypes", "http", "importlib", "logging", "mmap", "multiprocessing", "os"),
    *("pathlib", "random", "select", "selectors", "shutil", "signal", "socket", "sqlite3", "ssl"),
    *("subprocess", "sys", "tempfile", "threading", "time", "urllib"),
    *("alembic", "fastapi", "httpx", "sqlalchemy", "starlette", "tenacity", "typer", "uvicorn", "web3"),
}
REACHING_OUT = {"__import__", "eval", "exec", "input", "open", "print"}
OURS = {"api", "examples", "ledger", "tests"}
# The clock is the one place where the domain names the machine's time, so that nobody else needs to.
CLOCK = REPOSITORY / "ledger" / "domain" / "clock.py"


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))


def uses_of(source: str) -> Iterator[str]:
    """Yield the dotted name of what some source imports, in functions too, and the bare names it calls."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield f"{node.func.id}()"


def forbidden_in_domain(source: str) -> list[str]:
    """Return what some source uses and no module of the domain may."""
    found = []
    for name in uses_of(source):
        top = name.partition(".")[0]
        elsewhere = top in OURS and not f"{name}.".startswith("ledger.domain.")
        if elsewhere or top in MACHINE or top == "" or name.removesuffix("()") in REACHING_OUT:
            found.append(name)
    return found


def test_imports_run_one_way() -> None:
    # In a process of its own: import-linter silences every logger of the process that it runs in.
    lint = str(Path(sys.executable).with_name("lint-imports"))
    command = [lint, "--config", str(PYPROJECT), "--no-cache"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_package_of_ours_has_its_place_in_the_layers() -> None:
    contracts = tomllib.loads(PYPROJECT.read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    packages = {
        f"ledger.{path.name if path.is_dir() else path.stem}"
        for path in (REPOSITORY / "ledger").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    # Settings are plain values that everything above the domain may read.
    assert packages - placed <= {"ledger.__init__", "ledger.config"}


@pytest.mark.parametrize("path", python_files("ledger/domain"), ids=lambda path: path.name)
def test_the_domain_knows_nobody_and_touches_no_machine(path: Path) -> None:
    allowed = {"time"} if path == CLOCK else set()
    assert set(forbidden_in_domain(path.read_text())) <= allowed


WRONG = """
import os.path
from ledger.log import store
from . import x
def f():
    from ledger import chain
    return open("file")
"""
RIGHT = """
import re
import ledger.domain.errors
from ledger import domain
from ledger.domain import map
map.verify(sorted([]))
"""


def test_what_the_domain_may_not_use_is_noticed() -> None:
    assert set(forbidden_in_domain(WRONG)) == {"os.path", "ledger.log.store", "..x", "ledger.chain", "open()"}
    assert forbidden_in_domain(RIGHT) == []


@pytest.mark.parametrize("folder", ["ledger", "api", "tests"])
def test_no_file_is_too_long_to_read(folder: str) -> None:
    lengths = {
        str(path.relative_to(REPOSITORY)): len(path.read_text().splitlines()) for path in python_files(folder)
    }
    assert {name: length for name, length in lengths.items() if length >= MAX_LINES} == {}


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "contracts").rglob("*.sol")), ids=lambda path: path.name
)
def test_no_contract_is_too_long_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) < MAX_LINES
