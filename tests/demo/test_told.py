"""The README: what it says of the demo is what make does, and what the demo finds."""

import re
import subprocess

from tests.demo.test_demo import CHEATS, README, REPOSITORY


def commands(text: str) -> list[str]:
    """Return the commands of a text's console blocks, without what is said of them."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line.removeprefix("$ ").split(" #")[0].strip() for line in lines]


def test_the_readme_needs_two_commands_and_make_has_both() -> None:
    section = README.split("## Two commands")[1].split("\n## ")[0]
    made = [command for command in commands(section) if command.startswith("make ")]
    assert made == ["make demo", "make test"]
    for command in {*made, *re.findall(r"`(make [a-z]+)`", README)}:
        done = subprocess.run(
            ["make", "--dry-run", command.removeprefix("make ")],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def test_make_demo_plays_what_was_played_here() -> None:
    dry = ["make", "--no-print-directory", "--dry-run", "demo"]
    done = subprocess.run(dry, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == ".venv/bin/corridor demo --out build/demo"


def test_the_readme_verifies_what_make_demo_leaves() -> None:
    offline = ".venv/bin/corridor verify build/demo/dossier.zip --trust build/demo/trust.json --offline"
    ours = [command for command in commands(README) if "corridor" in command]
    assert ours == [offline, f"{offline} --identity build/demo/reader.key"]


def test_the_readme_names_the_cheats_that_the_demo_catches() -> None:
    told = re.findall(r"^  ([a-z -]+?) {2,}REJECTED by the (.+)$", README, re.MULTILINE)
    assert dict(told) == CHEATS
