"""The page about taking part, run from its first command to its last on a ledger in a process of its own."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.cli.corridor import EXECUTABLE
from tests.integration.up import PASSPHRASE, Up, prepare

PAGE = (Path(__file__).parents[2] / "docs" / "participants.md").read_text(encoding="utf-8")


def script() -> str:
    """Return the commands of the page as one shell script; lines of output are left out."""
    lines: list[str] = []
    for block in re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        goes_on = False
        for line in block.splitlines():
            if goes_on or line.startswith("$ "):
                lines.append(line.removeprefix("$ "))
                goes_on = line.endswith("\\")
    return "\n".join(lines)


def test_the_page_can_be_followed_from_beginning_to_end(tmp_path: Path) -> None:
    prepare(tmp_path / "corridor-data", "", "log.corridor.example/participants")
    (tmp_path / "agreement.pdf").write_bytes(b"%PDF-1.7 the agreement")
    with Up(tmp_path / "corridor-data", ("--port", "0")) as up:
        for name in ("founder-one", "founder-two"):
            shutil.copy(tmp_path / "corridor-data" / "founders" / f"{name}.json", tmp_path)
        done = subprocess.run(
            ["bash", "-euxo", "pipefail", "-c", script().replace("http://127.0.0.1:8700", up.url)],
            cwd=tmp_path,
            env={
                "PATH": f"{EXECUTABLE.parent}{os.pathsep}{os.environ['PATH']}",
                "CORRIDOR_PASSPHRASE": PASSPHRASE,
                "CORRIDOR_STATE": str(tmp_path / "state"),
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        up.stop()
    shown = done.stdout[done.stdout.rindex("organisation  https://port.example") :]
    assert re.search(r"enrolled +since block \d+, ended in block \d+\n", shown)
    assert re.search(r"roles +origin-port, since block \d+, ended in block \d+\n", shown)
    assert len(re.findall(r"for statements, since block \d+", shown)) == 2
    assert re.search(r"for device, since block \d+, ended in block \d+, suspect since block \d+", shown)
