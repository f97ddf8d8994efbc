"""The small dossier that the tests of bad input change, and how it is verified."""

import random
from functools import cache
from pathlib import Path

from tests.builders import NOON, Trip
from tests.cli.corridor import Ran, corridor
from tests.verification.factory import World, a_small_world

NOW = NOON + 700


@cache
def small() -> tuple[World, Trip]:
    """Return a world and its trip; nobody changes it."""
    return a_small_world()


def verified(folder: Path, dossier: bytes, *more: object, trust: bytes | None = None) -> Ran:
    """Verify a dossier, under the small world's trust file if no other is given; nothing is left behind."""
    (folder / "trust.json").write_bytes(small()[0].trust().encode() if trust is None else trust)
    (folder / "dossier.zip").write_bytes(dossier)
    before = sorted(folder.iterdir())
    arguments = ("--trust", folder / "trust.json", "--offline", "--now", NOW)
    ran = corridor("verify", folder / "dossier.zip", *arguments, *more)
    assert sorted(folder.iterdir()) == before
    return ran


def noise(seed: int, size: int) -> bytes:
    """Return bytes without any sense, the same for the same seed."""
    return random.Random(seed).randbytes(size)
