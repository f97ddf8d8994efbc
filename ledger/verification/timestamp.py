"""RFC 3161 time-stamps over checkpoints, through `rfc3161-client`."""

from collections.abc import Sequence
from datetime import timedelta

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import Certificate, DuplicateExtension, load_pem_x509_certificate
from rfc3161_client import TimeStampResponse, VerifierBuilder, decode_timestamp_response
from rfc3161_client import VerificationError as StampError

from ledger.domain.errors import MalformedError, VerificationError

MAX_TOKEN = 262_144
_NOT_GOOD = (StampError, ValueError, TypeError, OverflowError, DuplicateExtension, UnsupportedAlgorithm)


def authorities(pems: Sequence[str]) -> list[Certificate]:
    """Return the certificates of a trust file.

    Raises:
        MalformedError: One is not a PEM certificate.
    """
    try:
        return [load_pem_x509_certificate(pem.encode()) for pem in pems]
    except ValueError as error:
        raise MalformedError("tsa-certificate", f"a certificate of an authority is none: {error}") from None


def verify_timestamp(token: bytes, text: bytes, roots: Sequence[Certificate]) -> int:
    """Return by when the text existed, as a time-stamping authority says.

    Args:
        token: TimeStampResp in DER (RFC 3161 section 2.4.2).
        text: What was stamped: the text of a checkpoint's note, its last newline included.
        roots: Trusted authorities.

    Returns:
        The stamp's time with its accuracy added, POSIX seconds rounded up: no moment that it allows is later.

    Raises:
        MalformedError: The token is not a TimeStampResp.
        VerificationError: No trusted authority made it, or it is of other bytes.
    """
    if len(token) > MAX_TOKEN:
        raise MalformedError("timestamp", f"a time-stamp has at most {MAX_TOKEN} bytes")
    try:
        response = decode_timestamp_response(token)
    except ValueError as error:
        raise MalformedError("timestamp", f"a time-stamp is not a TimeStampResp: {error}") from None
    try:
        VerifierBuilder(roots=list(roots)).build().verify_message(response, text)
        return _latest(response)
    except _NOT_GOOD as error:
        why = str(error).partition(": ErrorStack")[0]
        raise VerificationError("timestamp-invalid", f"a time-stamp does not hold: {why}") from None


def _latest(response: TimeStampResponse) -> int:
    info = response.tst_info
    accuracy = info.accuracy
    margin = timedelta()
    if accuracy is not None:
        margin = timedelta(
            seconds=accuracy.seconds or 0,
            milliseconds=accuracy.millis or 0,
            microseconds=accuracy.micros or 0,
        )
    moment = info.gen_time + margin
    return int(moment.timestamp()) + (1 if moment.microsecond else 0)
