"""The drop's own key: what it keeps of readings is encrypted to it, and its digests are keyed by it.

It lies in the drop's folder under the passphrase of the device's key, so that a stolen disk tells nothing.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyrage
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.client import durable
from ledger.domain.errors import MalformedError, UsageError
from ledger.drops.journal import writing

_NAME: Final = "own.key.age"
_INFO: Final = b"corridor/drop/digest/v1"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key that only the drop has.

    Args:
        identity: age identity.
        digest_key: Keys the digests of files, 32 bytes.
    """

    identity: pyrage.x25519.Identity = field(repr=False)
    digest_key: bytes = field(repr=False)

    @classmethod
    def of(cls, identity: pyrage.x25519.Identity) -> "OwnKey":
        """Return the key that an age identity makes."""
        derived = HKDF(algorithm=SHA256(), length=32, salt=b"", info=_INFO).derive(str(identity).encode())
        return cls(identity, derived)

    @classmethod
    def open(cls, state: Path, passphrase: str) -> "OwnKey":
        """Open the key of a drop, or make one.

        Args:
            state: The drop's own folder.
            passphrase: Of the device's key.

        Raises:
            UsageError: It was made with another passphrase.
            MalformedError: It is none.
            UnavailableError: The folder cannot be written.
        """
        path = state / _NAME
        with writing(state):
            if not path.exists():
                state.mkdir(parents=True, exist_ok=True, mode=0o700)
                made = pyrage.x25519.Identity.generate()
                durable.put(path, pyrage.passphrase.encrypt(str(made).encode(), passphrase))
                return cls.of(made)
            data = path.read_bytes()
        try:
            opened = pyrage.passphrase.decrypt(data, passphrase).decode("ascii")
            return cls.of(pyrage.x25519.Identity.from_str(opened))
        except pyrage.DecryptError:
            raise UsageError(
                "wrong-passphrase",
                f"{path} was made under another passphrase than the one of the device's key now; keep the "
                "first one, or begin anew with an empty folder of its own when nothing waits in it",
            ) from None
        except (pyrage.IdentityError, UnicodeDecodeError):
            raise MalformedError("drop-key", f"{path} holds no key") from None

    def seal(self, data: bytes) -> bytes:
        """Return bytes that only this key opens."""
        return bytes(pyrage.encrypt(data, [self.identity.to_public()]))

    def open_sealed(self, data: bytes) -> bytes:
        """Return what `seal` was given; MalformedError when it was sealed by another one."""
        try:
            return bytes(pyrage.decrypt(data, [self.identity]))
        except pyrage.DecryptError:
            raise MalformedError("drop-key", "a note of the drop is not for its key") from None
