"""Every command of the README runs: make's targets are only asked for, the rest is done."""

import os
import shlex
import subprocess
from pathlib import Path

import pyrage
import pytest

from tests.cli.corridor import EXECUTABLE
from tests.docs.pages import ROOT, links_of, steps_of
from tests.verification.factory import a_small_world, packed

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [step.command for step in steps_of(TEXT)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the demo leaves behind, and the programs where the README has them."""
    demo = tmp_path / "build" / "demo"
    demo.mkdir(parents=True)
    world, trip = a_small_world()
    # As in the demo: offline, and with any age allowed, nobody says that nothing newer is there.
    required = [name for name in world.trust().required if name != "freshness"]
    trust = world.trust(max_age=None, required=required)
    (demo / "dossier.zip").write_bytes(packed(world.dossier(trip)))
    (demo / "trust.json").write_bytes(trust.encode())
    (demo / "reader.key").write_text(str(pyrage.x25519.Identity.generate()))
    (tmp_path / ".venv").symlink_to(EXECUTABLE.parents[1])
    return tmp_path


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=120, check=False, env=dict(os.environ)
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_runs(folder: Path, command: str) -> None:
    words = shlex.split(command, comments=True)
    if words[0] == "make":
        done = run(["make", "--dry-run", *words[1:]], ROOT)
        assert (done.returncode, bool(done.stdout)) == (0, True), done
    else:
        done = run(words, folder)
        assert done.returncode == 0, done


def test_the_readme_names_its_two_commands_and_leads_to_pages_that_are_there() -> None:
    assert {"make demo", "make test"} <= {command.partition("#")[0].strip() for command in COMMANDS}
    assert [link for link in links_of(TEXT) if not (ROOT / link).exists()] == []
