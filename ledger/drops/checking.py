"""What is wrong with the settings of a drop on this machine: looked for before files come."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ledger.domain.errors import CorridorError
from ledger.drops.settings import DropConfig
from ledger.drops.settings_file import Problem
from ledger.drops.sidecar import read_trips

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def problems_here(config: DropConfig) -> Iterator[Problem]:
    """Yield what of the settings does not hold on this machine.

    Args:
        config: Settings that were read.
    """
    yield from _folders(config)
    for name, path in (("key", config.key), ("genesis", config.genesis)):
        if not path.is_file():
            yield Problem(name, f"{path} is not there")
    secret = config.passphrase_file
    if secret is not None:
        if not secret.is_file():
            yield Problem("passphrase_file", f"{secret} is not there")
        elif secret.stat().st_mode & _OTHERS:
            yield Problem("passphrase_file", f"others may read {secret}: chmod 600 it")
    if config.trips is not None:
        try:
            read_trips(config.trips)
        except CorridorError as error:
            yield Problem("trips", error.message)
    yield from _subjects(config)


def _folders(config: DropConfig) -> Iterator[Problem]:
    named = {"folder": config.folder, "state": config.state, "quarantine": config.quarantine}
    if config.taken is not None:
        named["taken"] = config.taken
    real = {name: Path(os.path.realpath(path)) for name, path in named.items()}
    for name, path in real.items():
        for other, inner in real.items():
            if name != other and inner.is_relative_to(path):
                yield Problem(
                    other, f"{inner} lies in {path}, which is the {name}: give it a place of its own"
                )
    if not config.folder.is_dir():
        yield Problem("folder", f"{config.folder} is not there; make it, and let the device write into it")
        return
    if not os.access(config.folder, os.R_OK | os.W_OK | os.X_OK):
        yield Problem("folder", f"{config.folder} cannot be written: files could not be moved away from it")
    device = config.folder.stat().st_dev
    for name, path in named.items():
        there = _nearest(path)
        if not os.access(there, os.W_OK | os.X_OK):
            yield Problem(name, f"{path} cannot be made or written")
        elif name in ("quarantine", "taken") and there.stat().st_dev != device:
            yield Problem(
                name, f"{path} is on another disk than {config.folder}: files are moved, not copied"
            )


def _subjects(config: DropConfig) -> Iterator[Problem]:
    if config.subject is not None:
        return
    for number, rule in enumerate(config.rules):
        if config.trips is None and set(rule.sources) != {"sidecar"}:
            yield Problem(
                f"rules.{number}.subject",
                'a container number leads to no trip without "trips"; name that file, or let sidecars say it '
                'alone: subject = ["sidecar"]',
            )
        if "reader" in rule.sources and rule.read == "no":
            yield Problem(f"rules.{number}.read", 'subject looks into what a reader finds, and read is "no"')


def _nearest(path: Path) -> Path:
    """Return the folder itself, or the one above it that is there."""
    path = path.absolute()
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path
