"""The evidence of the story: sealed where it is made, sent sealed, its secrets wrapped for its owner."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.client.evidence import seal_into, send
from ledger.client.service import Service
from ledger.client.sharing import hand_over
from ledger.demo.cast import Party
from ledger.demo.data import EvidenceFile
from ledger.domain.evidence import EvidenceItem, Label
from ledger.domain.wrapped import WrappedSecret
from ledger.evidence.sealing import SealedItem, wrap_secret


@dataclass(frozen=True, slots=True)
class EvidenceBag:
    """Files of the parties, and what became of them.

    Args:
        files: The files by name, as their authors have them.
        folder: Where they lie sealed before they are uploaded.
        items: What statements say of them, by the names of the files.
        made: What statements say of the renditions of a file, by its name.
    """

    files: Mapping[str, EvidenceFile]
    folder: Path
    items: dict[str, EvidenceItem] = field(default_factory=dict)
    made: dict[str, tuple[EvidenceItem, ...]] = field(default_factory=dict)
    _wrapped: dict[str, WrappedSecret] = field(default_factory=dict, repr=False)

    def seal(self, party: Party, name: str) -> EvidenceItem:
        """Seal a file of a party, and return what a statement says of it."""
        file = self.files[name]
        sealed = self.take(party, [file.data], Label(file.media_type, file.category, file.name))
        self.items[name] = sealed.item
        return sealed.item

    def take(self, party: Party, pieces: Iterable[bytes], label: Label) -> SealedItem:
        """Seal what comes in pieces, and wrap its secret for the party that it is of."""
        sealed = seal_into(self.folder, pieces, label)
        item = sealed.item
        wrapped = wrap_secret(sealed.secret, party.encryption_key.all)
        self._wrapped[item.cid] = WrappedSecret(item.commitment, item.cid, wrapped)
        return sealed

    def upload(self, service: Service, party: Party, items: Sequence[EvidenceItem]) -> None:
        """Bring sealed items and their wrapped secrets to the platform; what breaks off can go on."""
        for item in items:
            send(service, self.folder / item.cid)
        self.hand_over(service, party, items)

    def hand_over(self, service: Service, party: Party, items: Sequence[EvidenceItem]) -> None:
        """Let the platform keep the wrapped secrets of items for the party that they are of."""
        hand_over(service, party.uri, [self._wrapped[item.cid] for item in items], None)
