"""Chains of X.509 certificates for tests."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 900


@cache
def key_of(name: str) -> EllipticCurvePrivateKey:
    """Return the key of a certificate's subject."""
    return generate_private_key(SECP256R1())


def a_certificate(
    name: str, issuer: str, *, ca: bool, signed_by: str | None = None, since: datetime = SINCE
) -> x509.Certificate:
    """Return a certificate.

    Args:
        name: Whose it is.
        issuer: Who it says issued it.
        ca: Whether it may issue others.
        signed_by: Whose key signed it; the issuer's if None.
        since: From when on it is good, for 900 days.
    """
    public = key_of(name).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    return builder.sign(key_of(signed_by or issuer), SHA256())


def shown(chain: Sequence[x509.Certificate]) -> list[str]:
    """Return certificates as an onboarding statement shows them."""
    return [b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]


@cache
def a_chain() -> tuple[str, ...]:
    """Return an organisation's certificate, one of its issuer, and a root."""
    leaf = a_certificate("organisation", "issuer", ca=False)
    return tuple(
        shown([leaf, a_certificate("issuer", "root", ca=True), a_certificate("root", "root", ca=True)])
    )


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
