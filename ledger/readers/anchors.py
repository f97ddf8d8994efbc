"""Whom readers trust to have signed C2PA manifests: certificates in a PEM file, and nobody without one."""

from typing import Final

from cryptography import x509

from ledger.domain.errors import MalformedError

MAX_BYTES: Final = 4 * 1_048_576


def anchors_in(data: bytes) -> str:
    """Return certificates as `Expectations.c2pa_anchors` has them.

    Args:
        data: A PEM file.

    Raises:
        MalformedError: It is too large, or holds no certificate, or something that is none.
    """
    if len(data) > MAX_BYTES:
        raise MalformedError("anchors", f"it has over {MAX_BYTES} bytes; is it the right file?")
    try:
        x509.load_pem_x509_certificates(data)
        return data.decode("ascii")
    except ValueError:
        message = "it must be a PEM file with the certificates that signers have to lead to"
        raise MalformedError("anchors", message) from None
