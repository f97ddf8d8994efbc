"""An import whose process is killed: the same command goes on, and nothing is on record twice."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from ledger.client import Service
from ledger.client.importing.journal import SEALED
from tests.builders import EXPORTER, a_signer
from tests.client.import_child import imported
from tests.integration.stage import Stage, a_stage, enrol

STEPS = (
    "secret.kept",
    "subject.named",
    "step.signed",
    "step.submitted",
    "step.acknowledged",
    "item.sealed",
    "item.sent",
    "line.done",
)
KINDS = {"subject-opened": 1, "stuffing": 2, "manifest": 2, "document": 2}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger at which the exporter may seal files for itself."""
    with a_stage(tmp_path_factory.mktemp("import")) as stage:
        enrol(stage.ledger)
        yield stage


@pytest.fixture(scope="module")
def reader() -> str:
    return str(pyrage.x25519.Identity.generate().to_public())


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_step_is_gone_on_from(stage: Stage, tmp_path: Path, reader: str, step: str) -> None:
    number = f"XMPL.{STEPS.index(step)}"
    header = "consignment,container,stuffed_at,packages,commercial_invoice"
    rows = [
        f"{number},XXXU5001{box},2026-11-06T15:30:00-06:00,{place},{place}.pdf"
        for place, box in enumerate(("233", "254"))
    ]
    (tmp_path / "shipments.csv").write_text("\n".join((header, *rows)))
    for place in range(2):
        (tmp_path / f"{place}.pdf").write_bytes(b"%PDF-1.7 invoice " + str(place).encode())
    stage.clock.now = max(stage.clock.now, int(time.time()))
    before = stage.ledger.store.size()
    command = [sys.executable, "-m", "tests.client.import_child", str(tmp_path), stage.url, reader, step]
    killed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed
    done = "duplicate" if step == "line.done" else "accepted"
    assert imported(tmp_path, stage.url, reader)[1] == done
    assert imported(tmp_path, stage.url, reader) == ["duplicate"] * 2
    with Service(stage.url, a_signer(EXPORTER), EXPORTER, clock=stage.clock) as service:
        (consignment,) = service.subjects(type="consignment", key=number)
        told = Counter(one["kind"] for one in service.statements(consignment["uri"]))
        trips = {one["to"] for one in service.links(consignment["uri"])["links"]}
    assert told == KINDS
    assert len(trips) == 2
    statements = sum(KINDS.values()) + len(trips)
    added = stage.ledger.store.entries(before, stage.ledger.store.size())
    assert sum(1 for entry in added if entry[0] == 1) == statements
    assert list((tmp_path / "journal" / SEALED).iterdir()) == []
