"""The Solidity tests under `contracts/test`, as one test here."""

import re
from pathlib import Path

import pytest

from tests.contracts.hardhat import run_hardhat


@pytest.mark.timeout(900)
def test_all_solidity_tests_pass(tmp_path: Path) -> None:
    result = run_hardhat("test", "solidity", output=tmp_path)
    assert result.returncode == 0, result.stdout
    passing = re.search(r"(\d+) passing", result.stdout)
    # A run that finds no tests passes too.
    assert passing is not None, result.stdout
    assert int(passing[1]) >= 100, result.stdout
