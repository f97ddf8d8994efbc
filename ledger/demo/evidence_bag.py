"""The evidence of the story: sealed where it is made, uploaded sealed, readable for its reader alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pyrage

from ledger.client.evidence import fetch, seal_into, send
from ledger.client.service import Service
from ledger.demo.data import EvidenceFile
from ledger.domain.evidence import EvidenceItem, Label
from ledger.evidence.sealing import wrap_secret


@dataclass(frozen=True, slots=True)
class EvidenceBag:
    """Files of the parties, and what became of them.

    Args:
        files: The files by name, as their authors have them.
        folder: Where they lie sealed before they are uploaded.
        reader: For whom their secrets are wrapped.
        items: What statements say of them, by the names of the files.
        secrets: Wrapped secrets by commitment, as the authors gave them to the reader.
    """

    files: Mapping[str, EvidenceFile]
    folder: Path
    reader: pyrage.x25519.Recipient
    items: dict[str, EvidenceItem] = field(default_factory=dict)
    secrets: dict[bytes, bytes] = field(default_factory=dict)

    def seal(self, name: str) -> EvidenceItem:
        """Seal a file, wrap its secret for the reader, and return what a statement says of it."""
        file = self.files[name]
        sealed = seal_into(self.folder, [file.data], Label(file.media_type, file.category, file.name))
        self.items[name] = sealed.item
        self.secrets[sealed.item.commitment] = wrap_secret(sealed.secret, [str(self.reader)])
        return sealed.item

    def upload(self, service: Service, names: Sequence[str]) -> None:
        """Bring sealed files to the platform, in a way that can go on where it broke off."""
        for name in names:
            send(service, self.folder / self.items[name].cid)

    def fetch(self, service: Service) -> dict[str, bytes]:
        """Return the sealed bytes of all items, by CID, as a reader gets them from the platform."""
        fetched = {}
        for item in self.items.values():
            with BytesIO() as file:
                fetch(service, item.cid, file)
                fetched[item.cid] = file.getvalue()
        return fetched
