"""Private keys in OpenSSH's own file format (OpenSSH's PROTOCOL.key), encrypted under a passphrase.

The `cryptography` library writes and reads the format: bcrypt-pbkdf makes the key, AES-256-CTR encrypts. It
leaves two questions open that are asked here: whether the cost that a file names is one that a person would
have chosen, and whether the private key belongs to the public key beside it. The format has no authentication
code, so that a changed byte of the secret would otherwise come out as another key.
"""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
    load_ssh_public_key,
)

from ledger.domain.cose import PublicKey
from ledger.domain.errors import MalformedError, UsageError
from ledger.keys.memory import PrivateKey
from ledger.keys.passphrase import usable

ROUNDS = 40
"""Rounds of bcrypt-pbkdf: 0.3 seconds; `ssh-keygen` takes 24."""

_MAX_ROUNDS = 1000
_PEM = re.compile(
    rb"-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END OPENSSH PRIVATE KEY-----\n"
)
# Magic, cipher, key derivation with a salt of 16 bytes and its rounds, one key.
_HEADER = re.compile(
    rb"openssh-key-v1\0\0\0\0\x0aaes256-ctr\0\0\0\x06bcrypt\0\0\0\x18\0\0\0\x10.{16}(.{4})\0\0\0\x01",
    re.DOTALL,
)
_NOT_ENCRYPTED = b"openssh-key-v1\0\0\0\0\x04none"
_WRONG_PASSPHRASE = "broken checksum"  # noqa: S105 - what the library says


def encrypt(private_key: PrivateKey, passphrase: str, *, rounds: int = ROUNDS) -> bytes:
    """Return a private key in PEM, encrypted under a passphrase.

    Args:
        private_key: P-256 or Ed25519.
        passphrase: Not empty.
        rounds: Of bcrypt-pbkdf, 1 to 1,000.

    Raises:
        UsageError: The passphrase is empty or not text, or the rounds are out of range.
    """
    if not 1 <= rounds <= _MAX_ROUNDS:
        raise UsageError("bad-encryption", f"a key is encrypted with 1 to {_MAX_ROUNDS} rounds")
    encryption = PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(rounds)
    return private_key.private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, encryption.build(usable(passphrase).encode())
    )


def decrypt(pem: bytes, passphrase: str, what: str) -> PrivateKey:
    """Return the private key of such a file, whether we or `ssh-keygen` wrote it.

    Args:
        pem: From the first dashes to the end.
        passphrase: The one that it was encrypted under.
        what: What to call the file in a complaint.

    Raises:
        UsageError: The passphrase is wrong, or the encrypted part was changed: the two look alike.
        MalformedError: Not such a file, not encrypted, cut off, or changed.
    """
    body = _body(pem, what)
    header = _header(body, what)
    if not 1 <= int.from_bytes(header[1]) <= _MAX_ROUNDS:
        raise _malformed(what, f"it would take more than {_MAX_ROUNDS} rounds to open")
    secret = usable(passphrase).encode()
    try:
        private_key = load_ssh_private_key(pem, secret)
    except ValueError as error:
        if _WRONG_PASSPHRASE in str(error):
            message = f"the passphrase does not open {what}; or its encrypted part was changed"
            raise UsageError("wrong-passphrase", message) from None
        raise _malformed(what, f"it was changed or cut off ({error})") from None
    except (UnsupportedAlgorithm, NotImplementedError):
        raise _malformed(what, "its key is neither P-256 nor Ed25519") from None
    if isinstance(private_key, EllipticCurvePrivateKey) and not isinstance(private_key.curve, SECP256R1):
        raise _malformed(what, "its curve is not P-256")
    if not isinstance(private_key, EllipticCurvePrivateKey | Ed25519PrivateKey):
        raise _malformed(what, "its key is neither P-256 nor Ed25519")
    if not body.startswith(_public_part(private_key), header.end()):
        raise _malformed(what, "its private key is not that of the public key beside it: it was changed")
    return private_key


def public_key(pem: bytes, what: str) -> PublicKey:
    """Return the public key of such a file, which is not encrypted; only `decrypt` tells if it was changed.

    Args:
        pem: From the first dashes to the end.
        what: What to call the file in a complaint.

    Raises:
        MalformedError: Not such a file, not encrypted, or cut off.
    """
    body = _body(pem, what)
    start = _header(body, what).end() + 4
    blob = body[start : start + int.from_bytes(body[start - 4 : start])]
    kind = blob[4 : 4 + int.from_bytes(blob[:4])]
    try:
        found = load_ssh_public_key(kind + b" " + base64.b64encode(blob))
    except (ValueError, UnsupportedAlgorithm):
        raise _malformed(what, "no public key that is known stands in it") from None
    if not isinstance(found, EllipticCurvePublicKey | Ed25519PublicKey):
        raise _malformed(what, "its key is neither P-256 nor Ed25519")
    return found


def _header(body: bytes, what: str) -> re.Match[bytes]:
    header = _HEADER.match(body)
    if header is None:
        raise _malformed(what, "it is not OpenSSH's format with aes256-ctr and bcrypt")
    return header


def _body(pem: bytes, what: str) -> bytes:
    found = _PEM.fullmatch(pem)
    if found is None:
        raise _malformed(what, "no OpenSSH private key follows whole, or it was cut off")
    try:
        body = base64.b64decode(found[1].replace(b"\n", b""), validate=True)
    except binascii.Error:
        raise _malformed(what, "its base64 was changed or cut off") from None
    if body.startswith(_NOT_ENCRYPTED):
        raise _malformed(what, "it is not encrypted; give it a passphrase, or make a new key")
    return body


def _public_part(private_key: PrivateKey) -> bytes:
    line = private_key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    blob = base64.b64decode(line.split()[1])
    return len(blob).to_bytes(4) + blob


def _malformed(what: str, why: str) -> MalformedError:
    return MalformedError("key-file-malformed", f"{what} holds no key of ours: {why}")
