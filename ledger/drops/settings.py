"""What a drop is told: which folder, what its files are, whose key signs, where it all goes."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from ledger.domain.evidence import Label
from ledger.domain.subject import Subject

Whole = Literal["quiet", "marker", "renamed"]
"""How a file shows that it is whole: it rests, a marker lies beside it, or it gets its name last."""
Reads = Literal["required", "if-possible", "no"]
"""What a reader has to make of a file before it is taken."""
Source = Literal["sidecar", "name", "reader"]
"""Where the container or the subject of a file is looked for."""

SIDECAR = ".drop.json"
"""What a sidecar is called: the name of its file, and this."""
REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Rule:
    """What files of some names are.

    Args:
        pattern: Shell pattern of the names, capitals or not.
        kind: Kind of the statement that claims one.
        label: What the evidence item says of it; never its name.
        sources: Where its subject is looked for, in this order.
        read: What a reader has to make of it.
        max_bytes: Larger ones are set aside.
        expects_c2pa: Whether they carry C2PA manifests; the reading of one without complains.
        anchors: Certificates that signers of manifests must lead to, PEM; empty trusts nobody.
    """

    pattern: str
    kind: str
    label: Label
    sources: tuple[Source, ...]
    read: Reads
    max_bytes: int
    expects_c2pa: bool = False
    anchors: str = ""

    def fits(self, name: str) -> bool:
        """Return whether a file of this name falls under the rule."""
        return fnmatchcase(name.lower(), self.pattern.lower())


@dataclass(frozen=True, slots=True)
class SftpAccess:
    """How a device brings files by SFTP.

    Args:
        user: Its name.
        keys: Its public keys, as OpenSSH writes them.
        max_bytes: Of one file.
        max_files: In the folder at once, unfinished ones too.
        max_seconds: How long one connection lasts.
        idle_seconds: How long it may be silent.
    """

    user: str
    keys: tuple[str, ...]
    max_bytes: int
    max_files: int
    max_seconds: int
    idle_seconds: int


@dataclass(frozen=True, slots=True)
class DropConfig:
    """A drop.

    Args:
        folder: Where files come in.
        state: The drop's own folder: journal, sealed bytes, outbox.
        quarantine: Where files go that cannot be taken.
        taken: Where files go that are on record; None to remove them.
        key: Key file of the device.
        passphrase_file: Holds its passphrase; None to take it from the environment.
        iss: URI of the organisation; the name in the key file if None.
        url: Where the ledger is.
        genesis: Genesis document of its log.
        recipients: age recipients of the items' secrets.
        rules: What files are; the first that fits counts.
        trips: File with the trips that containers are on; None where the sidecar names the subject.
        subject: The one subject of all files, with its stream, in place of any looking.
        stream: Tag of the subject's stream, 32 bytes.
        place: Where the device stands, if statements are to say so.
        clock_offset_s: Seconds by which the device's clock is ahead.
        whole: How a file shows that it is whole.
        quiet_seconds: How long it rests first.
        marker: What follows a file's name in that of its marker.
        partial: Ends of names of files that are still being written.
        poll_seconds: How often the folder is looked at.
        sftp: How a device gets in by SFTP; None where it does not.
    """

    folder: Path
    state: Path
    quarantine: Path
    taken: Path | None
    key: Path
    passphrase_file: Path | None
    iss: str | None
    url: str
    genesis: Path
    recipients: tuple[str, ...] = field(repr=False)
    rules: tuple[Rule, ...]
    trips: Path | None
    subject: Subject | None
    stream: bytes | None
    place: str | None
    clock_offset_s: float | None
    whole: Whole
    quiet_seconds: float
    marker: str
    partial: tuple[str, ...]
    poll_seconds: float
    sftp: SftpAccess | None

    @property
    def remembered(self) -> Path:
        """Where the drop remembers the log, its newest checkpoint, and encryption keys."""
        return self.state / "remembered"

    def rule_for(self, name: str) -> Rule | None:
        """Return the rule that a file's name falls under, None when there is none."""
        return next((rule for rule in self.rules if rule.fits(name)), None)

    def is_aside(self, name: str) -> bool:
        """Return whether a name is not that of a file to take: hidden, still being written, or beside one."""
        lowered = name.lower()
        beside = (SIDECAR, self.marker) if self.whole == "marker" else (SIDECAR,)
        return lowered.startswith(".") or lowered.endswith((*self.partial, *beside))
