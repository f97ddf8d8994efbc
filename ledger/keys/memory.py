"""A private key in this process's memory."""

from typing import Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.domain.cose import Alg, CoseKey, ecdsa_signature

# RFC 6979: a nonce that never depends on a random source that may fail.
_ECDSA = ECDSA(SHA256(), deterministic_signing=True)

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey


class MemorySigner:
    """A `Signer` whose private key is held in memory.

    Args:
        private_key: P-256 or Ed25519.

    Raises:
        UsageError: A key of another kind.
    """

    def __init__(self, private_key: PrivateKey) -> None:
        self._key = CoseKey.from_public_key(private_key.public_key())
        self._private_key = private_key

    @classmethod
    def generate(cls, alg: Alg) -> Self:
        """Make a new key from the operating system's randomness."""
        return cls(generate_private_key(SECP256R1()) if alg is Alg.ES256 else Ed25519PrivateKey.generate())

    @property
    def key(self) -> CoseKey:
        """The public half."""
        return self._key

    @property
    def private_key(self) -> PrivateKey:
        """The private half, for putting it into a key file."""
        return self._private_key

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte COSE signature over `data`."""
        if isinstance(self._private_key, Ed25519PrivateKey):
            return self._private_key.sign(data)
        return ecdsa_signature(self._private_key.sign(data, _ECDSA))

    def __repr__(self) -> str:
        return f"MemorySigner({self._key.thumbprint.hex()})"
