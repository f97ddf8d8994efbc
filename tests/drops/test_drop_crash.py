"""A drop whose process is killed: each file is claimed once and read once, and nothing is left half done."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.domain.evidence import items
from tests.drops.ledgers import Ledger
from tests.drops.place import UNKNOWN, Place

TAKING = ["take.sealed", "take.wrapped", "take.signed", "take.noted"]
SENDING = ["send.sealed", "send.noted", "send.claimed", "send.read", "send.finished"]
LEAVING = ["leave.kept", "leave.forgotten"]
OUTBOX = ["add.written", "add.renamed", "acknowledge.noted", "acknowledge.renamed"]
MOVING = ["move.noted", "move.first", "move.rest"]
STEPS = [*TAKING, *SENDING, *LEAVING, *OUTBOX, *MOVING]
ONCE = [("send.claimed", 1), ("leave.kept", 1), ("leave.forgotten", 1)]
CONTENTS = {f"MSKU1234565-{number}.n42": f"counts {number}".encode() for number in range(3)}


def filled(place: Place) -> None:
    for name, data in CONTENTS.items():
        place.put(name, data)
    place.put("MSKU1234565-0.n42.drop.json", b'{"place": "Lane 2"}')
    place.put("junk.n42", UNKNOWN, {"place": "Lane 1"})


def check(place: Place) -> None:
    """Check that all is as it is when nothing ever happened."""
    ledger = place.ledger
    assert sorted(place.opened(number) for number in range(len(ledger.claims))) == sorted(CONTENTS.values())
    assert len(ledger.readings) == len(CONTENTS)
    assert sorted(one.references[0].id for one in ledger.readings) == sorted(one.id for one in ledger.claims)
    assert place.left() == []
    assert place.taken() == sorted([*CONTENTS, "MSKU1234565-0.n42.drop.json"])
    assert place.aside() == {"junk.n42": "not-understood"}
    (junk,) = (place.root / "quarantine").iterdir()
    names = {"reason.json", "junk.n42", "junk.n42.drop.json"}
    assert {path.name for path in junk.iterdir()} == names
    state = place.root / "state"
    assert list((state / "sealed").iterdir()) == []
    # Of the item, its rendition, and what was found: each with what a statement says of it.
    assert len(list((state / "secrets").glob("*.secret.age"))) == 3 * len(CONTENTS)
    assert len(list((state / "secrets").glob("*.item.json"))) == 3 * len(CONTENTS)
    assert len(list((state / "secrets").iterdir())) == 6 * len(CONTENTS)
    assert list((state / "own").iterdir()) == []
    said = [*ledger.claims, *ledger.readings]
    assert ledger.opened_by_owner() == {item.cid for one in said for item in items(ledger.body(one))}
    assert list((state / "journal" / "pending").iterdir()) == []
    claimed = {item.cid for claim in ledger.claims for item in place.items(ledger.claims.index(claim))}
    assert claimed <= set(ledger.stored)


@pytest.mark.parametrize(
    ("step", "passed"), [(step, passed) for step in STEPS for passed in (0, 1) if (step, passed) not in ONCE]
)
def test_a_kill_at_any_step_loses_nothing_and_claims_nothing_twice(
    tmp_path: Path, step: str, passed: int
) -> None:
    filled(Place(tmp_path))
    command = [sys.executable, "-m", "tests.drops.crash_child", str(tmp_path), step, str(passed)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == -signal.SIGKILL, run
    place = Place(tmp_path, Ledger(folder=tmp_path / "ledger"))
    place.run()
    check(place)
