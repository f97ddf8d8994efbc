"""X.509 chains that organisations show with their identity: parsed, and seen to hang together (RFC 5280).

Nothing here says that anybody trusts the last certificate: whoever reads an onboarding statement decides.
"""

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from cryptography import x509
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from ledger.domain.errors import MalformedError

MAX_CERTIFICATES = 8
MAX_CERTIFICATE_BYTES = 16_384


def read_chain(value: object, field: str, *, at: int | None = None) -> tuple[bytes, ...]:
    """Return the certificates of a chain, in DER, once each of them was found to be issued by the next one.

    Args:
        value: Array of 1 to 8 certificates in base64 (RFC 4648 section 4), the organisation's own first.
        field: What to call it in a complaint.
        at: POSIX time at which all must be good; None to ask only that there is such a time.

    Raises:
        MalformedError: Another form, a certificate that cannot be read, one that the next one did not issue
            or may not issue, or one that is not good at that time.
    """
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_CERTIFICATES:
        raise _bad(field, f"must be an array of 1 to {MAX_CERTIFICATES} certificates in base64 of DER")
    encoded = [_der(one, f"{field}.{place}") for place, one in enumerate(value)]
    _check_chain([_certificate(der, f"{field}.{place}") for place, der in enumerate(encoded)], field, at)
    return tuple(encoded)


def _check_chain(chain: Sequence[x509.Certificate], field: str, at: int | None) -> None:
    since = max(one.not_valid_before_utc for one in chain)
    until = min(one.not_valid_after_utc for one in chain)
    time = since if at is None else datetime.fromtimestamp(at, UTC)
    if not since <= time <= until:
        raise _bad(field, f"the certificates are all good from {since:%Y-%m-%d} to {until:%Y-%m-%d} only")
    if len(chain) == 1:
        return
    for place, (issued, issuer) in enumerate(pairwise(chain)):
        if issued.issuer != issuer.subject:
            raise _bad(f"{field}.{place}", "is issued by another one than the certificate that follows it")
    verifier = (
        PolicyBuilder()
        .store(Store(list(chain[-1:])))
        .time(time)
        .max_chain_depth(MAX_CERTIFICATES)
        # What a certificate is for differs from land to land: web servers' rules are not asked for.
        .extension_policies(
            ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
        )
        .build_client_verifier()
    )
    try:
        verifier.verify(chain[0], list(chain[1:-1]))
    except VerificationError as error:
        raise _bad(field, f"the certificates are no chain: {str(error)[:200]}") from None


def _der(text: object, field: str) -> bytes:
    try:
        data = a2b_base64(text, strict_mode=True) if isinstance(text, str) else b""
    except (Base64Error, ValueError):
        data = b""
    if not 1 <= len(data) <= MAX_CERTIFICATE_BYTES or b2a_base64(data, newline=False).decode() != text:
        raise _bad(field, f"must be base64 of a certificate of at most {MAX_CERTIFICATE_BYTES} bytes")
    return data


def _certificate(der: bytes, field: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        raise _bad(field, "is no X.509 certificate in DER") from None


def _bad(field: str, what: str) -> MalformedError:
    return MalformedError("bad-certificate", f"{field}: {what}", field=field)
