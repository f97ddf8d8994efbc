"""An outbox whose process is killed: what was added stays, and goes on record once."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.client.outbox import Outbox
from ledger.client.sending import send
from tests.client.pretend import Pretend
from tests.client.test_outbox import FAULTS, gate, ids


@pytest.mark.parametrize("step", FAULTS)
def test_a_kill_at_any_step_loses_nothing_and_sends_nothing_twice(tmp_path: Path, step: str) -> None:
    files = gate(3)
    for number, file in enumerate(files):
        (tmp_path / f"{number}.statement").write_bytes(file.encode())
    passed = 0 if step.startswith("refuse") else 1
    command = [sys.executable, "-m", "tests.client.crash_child", str(tmp_path), step, str(passed)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == -signal.SIGKILL, run

    outbox = Outbox(tmp_path / "outbox")
    durable = len(outbox.pending()) + len(outbox.sent())
    assert durable >= len(run.stdout.split()), "what was said to be added is there"
    for file in files:
        outbox.add(file)
    record = tmp_path / "log"
    ledger = Pretend(log=record.read_text().split() if record.exists() else [])
    with ledger.service() as service:
        delivery = send(outbox, service)
    assert (delivery.waiting, delivery.refused, delivery.damaged, delivery.stopped) == ((), (), (), None)
    assert outbox.pending() == []
    assert len(ledger.log) == len(set(ledger.log)) == len(files)
    assert sorted(ids(outbox.sent())) == sorted(ledger.log)
