"""Secrets of what a drop sealed, until the ledger keeps them for the organisation whose device it is.

    own/<cid>.age      item and secret, encrypted to the drop's own key

At a gate there is not always a network, and the organisation's encryption keys may be others tomorrow: so
they are wrapped for those when they are left with the ledger, and not before. Left twice they do no harm.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.client import durable
from ledger.domain import fields, strict_json
from ledger.domain.errors import MalformedError, UnavailableError
from ledger.domain.evidence import EvidenceItem
from ledger.drops.journal import writing
from ledger.drops.own_key import OwnKey
from ledger.evidence.sealing import SealedItem

_DAMAGED: Final = "secret-damaged"
_END: Final = ".age"
_MAX: Final = 65_536


@dataclass(frozen=True, slots=True)
class OwnSecrets:
    """A folder of secrets that wait.

    Args:
        folder: Made by `prepare`.
        key: The drop's own.
    """

    folder: Path
    key: OwnKey

    def prepare(self) -> None:
        """Make the folder; UnavailableError when that cannot be done."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, sealed: SealedItem) -> None:
        """Keep the secret of an item.

        Raises:
            OSError: The folder cannot be written.
        """
        note = {"item": sealed.item.to_json(), "secret": sealed.secret.decode("ascii")}
        durable.put(self._path(sealed.item.cid), self.key.seal(strict_json.dumps(note)))

    def cids(self) -> list[str]:
        """Return of which items there are secrets, in order; none where there is no folder."""
        return sorted(path.name.removesuffix(_END) for path in self.folder.glob(f"[!.]*{_END}"))

    def open(self, cid: str) -> tuple[EvidenceItem, bytes]:
        """Return an item and its secret.

        Raises:
            MalformedError: Code `secret-damaged`: it is damaged, or of another key.
            UnavailableError: It cannot be read.
        """
        path = self._path(cid)
        try:
            note = strict_json.loads(self.key.open_sealed(path.read_bytes()), max_bytes=_MAX)
            members = fields.exactly(note, ("item", "secret"), "a secret that is kept")
            secret = fields.text(members["secret"], "secret", longest=200).encode()
            return EvidenceItem.parse(members["item"]), secret
        except OSError as error:
            raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None
        except MalformedError as error:
            raise MalformedError(_DAMAGED, f"{path} cannot be understood: {error.message}") from None

    def remove(self, cid: str) -> None:
        """Forget the secret of an item, if it is there; UnavailableError when that cannot be done."""
        with writing(self.folder):
            self._path(cid).unlink(missing_ok=True)

    def keep_only(self, cids: Collection[str]) -> None:
        """Forget the secrets of all other items, and what a crash left half written."""
        with writing(self.folder):
            for path in self.folder.iterdir():
                if path.name.removesuffix(_END) not in cids:
                    path.unlink()

    def _path(self, cid: str) -> Path:
        return self.folder / f"{cid}{_END}"
