"""The witnesses of the demo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ledger.config import WitnessSetting
from ledger.domain.clock import Clock
from ledger.domain.genesis import Genesis
from ledger.keys.files import KeyFile, KeyKind
from ledger.log.witness_server import WatchedLog, WitnessSettings, running


@dataclass(frozen=True, slots=True)
class WitnessParty:
    """A witness: who runs it, its key, and whether it replays the log into the map before it signs."""

    title: str
    key: KeyFile
    index_cosigner: bool

    @classmethod
    def create(cls, title: str, name: str, *, index_cosigner: bool = False) -> Self:
        """Make a witness with a new key."""
        return cls(title, KeyFile.generate(KeyKind.WITNESS, name), index_cosigner)

    @property
    def role(self) -> str:
        """What it does, in words."""
        return "replays the log into its own map before it signs" if self.index_cosigner else "cosigns"

    @contextmanager
    def running(self, data: Path, genesis: Genesis, log_url: str, clock: Clock) -> Iterator[WitnessSetting]:
        """Run it as a server while a block runs, and give what the log has to know of it.

        Args:
            data: Folder of its state.
            genesis: The log's genesis document.
            log_url: Where the log serves its tiles.
            clock: What it dates its cosignatures by.
        """
        vkey = self.key.verifier_key.encode()
        settings = WitnessSettings(
            vkey=vkey,
            sign=self.key.sign_note,
            data=data,
            logs=(WatchedLog(genesis.origin, (genesis.log_key,), log_url, genesis.hash),),
            index_cosigner=self.index_cosigner,
            clock=clock,
        )
        with running(settings) as url:
            yield WitnessSetting(vkey=vkey, url=url, index_cosigner=self.index_cosigner)
