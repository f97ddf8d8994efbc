"""Runs Hardhat, each time into a folder of its own, so that tests may run side by side."""

import os
import subprocess
from pathlib import Path

from ledger.chain.compile import ROOT, node_binary

_CLI = ROOT / "node_modules" / "hardhat" / "dist" / "src" / "cli.js"


def run_hardhat(*arguments: str, output: Path) -> subprocess.CompletedProcess[str]:
    """Run a Hardhat task on the project and return its exit code and what it printed.

    Args:
        arguments: The task and its options.
        output: Empty folder for artifacts and cache.
    """
    environment = {
        **os.environ,
        "CORRIDOR_HARDHAT_OUTPUT": str(output),
        "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true",
        "NO_COLOR": "1",
    }
    return subprocess.run(
        [str(node_binary()), str(_CLI), *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
