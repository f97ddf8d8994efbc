"""What our libraries do to the interpreter on import must not let a stranger end the process."""

import subprocess
import sys

import pytest

PROGRAM = """
import json, {module}
try:
    json.loads("[" * 100_000)
except RecursionError:
    print("caught")
"""


@pytest.mark.parametrize("module", ["ledger.chain.client", "ledger.chain.accounts", "ledger.keys.evm"])
def test_nesting_without_end_is_an_error_and_not_the_end(module: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "caught\n")
