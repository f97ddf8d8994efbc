"""Those who take part: each with an admin account on the chain and keys of its own."""

from dataclasses import dataclass, field
from typing import Self

import pyrage
from eth_account import Account

from ledger.domain.cose import Alg
from ledger.domain.encryption_key import EncryptionKey
from ledger.founding import Organisation
from ledger.keys.memory import MemorySigner


@dataclass(frozen=True, slots=True)
class Part:
    """A part in the story.

    Args:
        name: Its role in the corridor.
        uri: URI of the organisation that plays it. Names end in .example: nobody here is a real company.
        title: The organisation, for people.
        country: ISO 3166 alpha-2.
        devices: Machines that speak with keys of their own.
    """

    name: str
    uri: str
    title: str
    country: str
    devices: tuple[str, ...] = ()


CAST = (
    Part("origin-customs", "https://customs.gt.example", "Customs, Guatemala", "GT", ("scanner", "portal")),
    Part("destination-customs", "https://customs.us.example", "Customs, United States", "US"),
    Part("grower", "https://pineapples.example", "Pineapple grower and exporter", "GT"),
    Part("packer", "https://packing.example", "Packing house", "GT"),
    Part("haulier", "https://haulage.example", "Haulier", "GT"),
    Part("origin-port", "https://terminal.gtpbr.example", "Terminal, Puerto Barrios", "GT", ("camera",)),
    Part("police", "https://police.gt.example", "Anti-narcotics police", "GT"),
    Part("carrier", "https://carrier.example", "Ocean carrier", "GT"),
    Part("broker", "https://broker.example", "Customs broker", "US"),
    Part("destination-port", "https://terminal.usilg.example", "Terminal, Wilmington", "US"),
    Part("auditor", "https://audit.example", "Auditor", "GT"),
)
FOUNDERS = ("origin-customs", "destination-customs")
"""They found the registry together; nobody joins without both."""
READER = "destination-customs"
"""Whom the dossier is for."""
LATE = ("auditor",)
"""They take part only when everything is over."""

_ROLES = {"grower": "exporter"}


class StoryClock:
    """The one clock of the demo; it shows what the story says."""

    def __init__(self, now: int) -> None:
        self._now = now

    def __call__(self) -> int:
        """Return the time in POSIX seconds."""
        return self._now

    def set(self, now: float) -> None:
        """Go on to a later time."""
        self._now = max(self._now, int(now))


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation with its keys.

    Args:
        part: What it plays.
        organisation: Its URI and its admin account.
        signer: Signs what it says; nobody else has this key.
        devices: The same of its machines, by name.
        identity: Opens the evidence that is sealed for it.
        escrow: The same, kept aside for the day on which the other one is lost.
    """

    part: Part
    organisation: Organisation
    signer: MemorySigner = field(repr=False)
    devices: dict[str, MemorySigner] = field(repr=False)
    identity: pyrage.x25519.Identity = field(repr=False)
    escrow: pyrage.x25519.Identity = field(repr=False)

    @classmethod
    def create(cls, part: Part) -> Self:
        """Make an organisation with new keys; authorities and their machines use Ed25519, others P-256."""
        alg = Alg.EDDSA if part.name in FOUNDERS else Alg.ES256
        return cls(
            part,
            Organisation(part.uri, Account.create()),
            MemorySigner.generate(alg),
            {name: MemorySigner.generate(alg) for name in part.devices},
            pyrage.x25519.Identity.generate(),
            pyrage.x25519.Identity.generate(),
        )

    @property
    def uri(self) -> str:
        """What its statements carry as `iss`."""
        return self.part.uri

    @property
    def role(self) -> str:
        """Its role in the corridor's profile."""
        return _ROLES.get(self.part.name, self.part.name)

    @property
    def encryption_key(self) -> EncryptionKey:
        """For which keys the secrets of its evidence are wrapped."""
        return EncryptionKey((str(self.identity.to_public()),), (str(self.escrow.to_public()),))
