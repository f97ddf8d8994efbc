"""Moving a file away together with what lies beside it: all of it, though the process may end in between.

A sidecar or a marker that stays behind would be taken for that of the next file of the same name.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger.client import durable
from ledger.domain import strict_json
from ledger.domain.errors import CorridorError
from ledger.drops.folder import Candidate, ChangedError, move
from ledger.drops.journal import writing
from ledger.storage.faults import Fault, no_fault

_NOTE: Final = "moving.json"
_MAX_NOTE: Final = 65_536


class Mover:
    """Moves files out of the folder where they come in.

    Args:
        folder: That folder.
        state: The drop's own folder, which holds a note while something is moved.
        fault: Lets a test fail or end a step: `move.noted`, `move.first`, `move.rest`.
    """

    def __init__(self, folder: Path, state: Path, *, fault: Fault = no_fault) -> None:
        self._folder = folder
        self._note = state / _NOTE
        self._fault = fault

    def move(self, files: Sequence[Candidate], place: Path) -> None:
        """Move files into another folder, under their names or, where those are taken there, others.

        Args:
            files: The file as it was looked at, then what lies beside it.
            place: The folder; on the same file system.

        Raises:
            ChangedError: Another file has the first one's name by now. Nothing was moved.
            UnavailableError: A folder cannot be written.
        """
        names = [one.name for one in files]
        self.recover()
        with writing(place):
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            durable.put(self._note, _encode(names, place))
            self._fault("move.noted")
            try:
                move(self._folder, files[0], place / files[0].name)
            except ChangedError:
                self._note.unlink()
                raise
            self._fault("move.first")
            self._rest(names, place)
            self._note.unlink()
            durable.sync(place)
            durable.sync(self._folder)

    def recover(self) -> None:
        """Finish what a crash left half moved; UnavailableError when that cannot be done."""
        try:
            noted = strict_json.loads(self._note.read_bytes(), max_bytes=_MAX_NOTE)
            names = [os.fsdecode(bytes.fromhex(name)) for name in noted["names"]]
            place = Path(os.fsdecode(bytes.fromhex(noted["place"])))
        except (OSError, CorridorError, KeyError, TypeError, ValueError):
            return
        with writing(place):
            if (place / names[0]).exists() and not (self._folder / names[0]).exists():
                self._rest(names, place)
            self._note.unlink()

    def _rest(self, names: Sequence[str], place: Path) -> None:
        for name in names[1:]:
            if (self._folder / name).exists() and not os.path.lexists(place / name):
                (self._folder / name).rename(place / name)
            self._fault("move.rest")


def _encode(names: Sequence[str], place: Path) -> bytes:
    # In hex, for a name in a folder need not be text.
    shown = {"names": [os.fsencode(name).hex() for name in names], "place": os.fsencode(place).hex()}
    return strict_json.dumps(shown)
