"""Check `evidence`: the bytes that statements commit to are in the dossier, and are those."""

import io
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

import pyrage

from ledger.domain.errors import CorridorError, VerificationError
from ledger.domain.evidence import EvidenceItem, derive_salt, items
from ledger.domain.verdict import Check
from ledger.verification.checks.findings import Findings, count, passed
from ledger.verification.cid import cid_of
from ledger.verification.container import STREAMED, Container
from ledger.verification.dossier import Dossier
from ledger.verification.facts import Said

NAME = "evidence"
Identity: TypeAlias = "pyrage.x25519.Identity | pyrage.ssh.Identity"


def check_evidence(
    dossier: Dossier, container: Container, said: Sequence[Said], identities: Sequence[Identity]
) -> Check:
    """Return the check.

    Args:
        dossier: What was parsed.
        container: Where the stored bytes lie.
        said: The statements, as far as the reader may know them.
        identities: age identities of the reader.
    """
    findings = Findings(NAME)
    claimed = _claimed(said, findings)
    members = {name.removeprefix(STREAMED) for name in container.names if name.startswith(STREAMED)}
    secrets = dict(dossier.secrets)
    for cid in sorted(members - {item.cid for item in claimed}):
        findings.fail("unclaimed-evidence", f"No statement in the dossier speaks of the evidence {cid}.")
    for commitment in sorted(secrets.keys() - {item.commitment for item in claimed}):
        message = f"No statement in the dossier speaks of the evidence with commitment {commitment.hex()}."
        findings.fail("unclaimed-evidence", message)
    for item in claimed:
        shown = f"the {item.category} item {item.name or item.cid}"
        if item.cid not in members:
            findings.miss("withheld", f"The dossier does not hold {shown}; ask whoever made it.")
            continue
        if cid_of(container.chunks(STREAMED + item.cid)) != item.cid:
            findings.fail("cid-mismatch", f"The stored bytes of {shown} are others than its CID names.")
            continue
        secret = _unwrap(secrets.get(item.commitment), identities)
        if secret is None:
            message = f"The bytes of {shown} are sealed; without a key for them only their CID was checked."
            findings.skip("sealed", message)
            continue
        try:
            _check_content(item, secret, container.chunks(STREAMED + item.cid))
        except CorridorError as error:
            findings.fail(error.code, f"The content of {shown} is not what was stated: {error.message}.")
    if not claimed and not findings.failures:
        return passed(NAME, "No statement in the dossier claims evidence.", "none-claimed")
    return findings.conclude(f"{count(len(claimed), 'evidence item')}, all opened and as stated.")


def _claimed(said: Sequence[Said], findings: Findings) -> list[EvidenceItem]:
    found: dict[EvidenceItem, None] = {}
    for one in said:
        try:
            found.update(dict.fromkeys(items(one.body)))
        except CorridorError as error:
            findings.fail(error.code, f"The evidence named in {one.shown} cannot be read: {error.message}.")
    return list(found)


def _unwrap(wrapped: bytes | None, identities: Sequence[Identity]) -> bytes | None:
    if wrapped is None or not identities:
        return None
    try:
        return bytes(pyrage.decrypt(wrapped, list(identities)))
    except pyrage.DecryptError:
        # For somebody else's keys.
        return None


def _check_content(item: EvidenceItem, secret: bytes, stored: Iterable[bytes]) -> None:
    """Decrypt an item as a stream and compare what comes out with the statement."""
    sink = _Hashing(derive_salt(secret))
    try:
        identity = pyrage.x25519.Identity.from_str(secret.decode("ascii"))
        pyrage.decrypt_io(io.BufferedReader(_Pieces(stored)), sink, [identity])
    except (pyrage.DecryptError, pyrage.IdentityError, OSError) as error:
        raise VerificationError("evidence-broken", f"it cannot be decrypted: {error}") from None
    if sink.size != item.size:
        message = f"it has {sink.size} bytes, and the statement says {item.size}"
        raise VerificationError("evidence-changed", message)
    if sink.digest() != item.commitment:
        raise VerificationError("evidence-changed", "its bytes are not those that were committed to")


class _Hashing(io.RawIOBase):
    """A file that keeps nothing of what is written to it but its commitment and size."""

    def __init__(self, salt: bytes) -> None:
        super().__init__()
        self._running = sha256(salt)
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._running.update(data)
        self.size += len(data)
        return len(data)

    def digest(self) -> bytes:
        return self._running.digest()


class _Pieces(io.RawIOBase):
    """A file to be read that comes in pieces."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
