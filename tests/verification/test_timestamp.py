"""RFC 3161 stamps: whose count, over what, and which moment they prove."""

import random

import pytest

from ledger.domain.errors import CorridorError, MalformedError, VerificationError
from ledger.verification.timestamp import authorities, verify_timestamp
from tests.builders import NOON
from tests.verification.authority import TimeStampingAuthority

TEXT = b"log.corridor.example/test\n8\nroot\n"
AUTHORITY = TimeStampingAuthority(NOON)
ROOTS = authorities([AUTHORITY.pem])


@pytest.mark.parametrize(("accuracy", "latest"), [(None, NOON), (1, NOON + 1), (30, NOON + 30)])
def test_a_stamp_proves_the_latest_moment_that_its_accuracy_allows(accuracy: int | None, latest: int) -> None:
    assert verify_timestamp(AUTHORITY.stamp(TEXT, NOON, accuracy), TEXT, ROOTS) == latest


def test_a_stamp_is_good_beside_roots_of_other_authorities() -> None:
    roots = authorities([TimeStampingAuthority(NOON).pem, AUTHORITY.pem])
    assert verify_timestamp(AUTHORITY.stamp(TEXT, NOON, None), TEXT, roots) == NOON


def test_a_stamp_over_other_bytes_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify_timestamp(AUTHORITY.stamp(TEXT, NOON), TEXT + b"\n", ROOTS)


def test_a_stamp_of_an_authority_that_is_not_trusted_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify_timestamp(TimeStampingAuthority(NOON).stamp(TEXT, NOON), TEXT, ROOTS)


def test_a_stamp_from_after_the_certificate_ended_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify_timestamp(AUTHORITY.stamp(TEXT, NOON + 11 * 365 * 86_400), TEXT, ROOTS)


@pytest.mark.parametrize("token", [b"", b"\x30\x00", b"not DER", bytes(300_000)])
def test_what_is_no_stamp_is_refused(token: bytes) -> None:
    with pytest.raises(MalformedError):
        verify_timestamp(token, TEXT, ROOTS)


def test_no_changed_byte_moves_the_moment() -> None:
    token = AUTHORITY.stamp(TEXT, NOON, None)
    bits = random.Random(1)
    for place in range(len(token)):
        changed = bytearray(token)
        changed[place] ^= 1 << bits.randrange(8)
        try:
            moment = verify_timestamp(bytes(changed), TEXT, ROOTS)
        except CorridorError:
            continue
        assert moment == NOON


def test_a_certificate_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedError):
        authorities(["-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"])
