"""The secrets by which receivers know that a webhook is from here: derived, and nowhere stored."""

from base64 import b64encode

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PREFIX = "whsec_"
_SIZE = 32


def secret_of(service_secret: bytes, subscription: str, number: int) -> str:
    """Return the secret of a subscription as Standard Webhooks writes it: `whsec_` and base64.

    Args:
        service_secret: Of the operator, at least 32 bytes, the same in all processes.
        subscription: Id of the subscription.
        number: How often the secret was changed, 0 at first.
    """
    info = b"corridor/webhook/v1" + subscription.encode() + number.to_bytes(4)
    derived = HKDF(SHA256(), _SIZE, salt=None, info=info).derive(service_secret)
    return PREFIX + b64encode(derived).decode()
