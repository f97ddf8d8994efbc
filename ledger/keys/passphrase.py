"""Encryption under a passphrase, as a file that any age tool opens (age-encryption.org/v1, scrypt recipient).

Reading is left to the age library. Writing is not: the library chooses the cost itself, by a measurement that
has come out as 1 GiB of memory and seven seconds, and refuses what it finds too costly on another machine.
"""

import hmac
import re
import secrets
from base64 import b64encode

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.domain.errors import MalformedError, UsageError

WORK_FACTOR = 17
"""Binary logarithm of scrypt's cost: 128 MiB of memory and a third of a second."""

_CHUNK = 65_536
_HEADER = re.compile(rb"age-encryption\.org/v1\n-> scrypt [A-Za-z0-9+/]{22} \d{1,2}\n[A-Za-z0-9+/]{43}\n--- ")
_NO_KEY = "Decryption failed"


def encrypt(plaintext: bytes, passphrase: str, *, work_factor: int = WORK_FACTOR) -> bytes:
    """Return an age file of one chunk.

    Args:
        plaintext: At most 65,536 bytes.
        passphrase: Not empty.
        work_factor: Binary logarithm of scrypt's cost, 1 to 20.

    Raises:
        UsageError: The passphrase is empty, or a limit is passed.
    """
    secret = usable(passphrase)
    if len(plaintext) > _CHUNK or not 1 <= work_factor <= 20:
        raise UsageError("bad-encryption", f"at most {_CHUNK} bytes are taken, and a work factor of 1 to 20")
    file_key, salt, nonce = (secrets.token_bytes(16) for _ in range(3))
    scrypt = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=1 << work_factor, r=8, p=1)
    wrapped = ChaCha20Poly1305(scrypt.derive(secret.encode())).encrypt(bytes(12), file_key, None)
    stanza = f"-> scrypt {_base64(salt)} {work_factor}\n{_base64(wrapped)}"
    header = f"age-encryption.org/v1\n{stanza}\n---".encode()
    mac = hmac.digest(_derive(file_key, b"", b"header"), header, "sha256")
    # The nonce of the one chunk: counter 0 and the mark of the last chunk.
    payload = ChaCha20Poly1305(_derive(file_key, nonce, b"payload")).encrypt(
        bytes(11) + b"\x01", plaintext, None
    )
    return b"".join((header, b" ", _base64(mac).encode(), b"\n", nonce, payload))


def decrypt(data: bytes, passphrase: str, what: str) -> bytes:
    """Return the plaintext of an age file that was encrypted under a passphrase.

    Args:
        data: The file.
        passphrase: The one that it was encrypted under.
        what: What to call the file in a complaint.

    Raises:
        UsageError: The passphrase is wrong.
        MalformedError: Not such a file, cut off, or changed.
    """
    if not _HEADER.match(data):
        message = f"{what} is not an age file encrypted under a passphrase, or it was cut off"
        raise MalformedError("key-file-malformed", message)
    secret = usable(passphrase)
    try:
        return bytes(pyrage.passphrase.decrypt(data, secret))
    except pyrage.DecryptError as error:
        if str(error) == _NO_KEY:
            raise UsageError("wrong-passphrase", f"the passphrase does not open {what}") from None
        raise MalformedError("key-file-malformed", f"{what} was changed or cut off: {error}") from None


def usable(passphrase: str) -> str:
    """Return a passphrase that can be used.

    Raises:
        UsageError: It is empty, or was typed in another encoding than UTF-8.
    """
    if not passphrase:
        raise UsageError("empty-passphrase", "the passphrase is empty; choose one of several words")
    try:
        passphrase.encode()
    except UnicodeEncodeError:
        raise UsageError(
            "bad-passphrase", "the passphrase is not UTF-8; check the terminal's encoding"
        ) from None
    return passphrase


def _derive(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(file_key)


def _base64(data: bytes) -> str:
    return b64encode(data).rstrip(b"=").decode("ascii")
