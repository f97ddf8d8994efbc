"""COSE Receipts: made, opened, and refused when anything about them is other than it has to be."""

from dataclasses import replace

import pytest

from ledger.domain import strict_cbor
from ledger.domain.cose import Alg
from ledger.domain.errors import CorridorError, MalformedError, UsageError, VerificationError
from ledger.verification.receipt import Inclusion, make_receipt, open_receipt
from tests.builders import ORIGIN, a_signer, a_trip
from tests.verification.factory import a_small_world

WORLD, TRIP = a_small_world()
INDEX, SIZE = 5, 8
ENTRY = WORLD.entries[INDEX]
INCLUSION = Inclusion(SIZE, INDEX, WORLD.path(INDEX, SIZE))
KEY = a_signer("receipts").key


def receipt() -> bytes:
    return make_receipt(a_signer("receipts"), origin=ORIGIN, sub=TRIP.uri, entry=ENTRY, inclusion=INCLUSION)


def opened(data: bytes, **changes: object) -> Inclusion:
    arguments = {"key": KEY, "origin": ORIGIN, "sub": TRIP.uri, "entry": ENTRY} | changes
    return open_receipt(data, **arguments)  # type: ignore[arg-type]


def test_a_receipt_shows_where_its_entry_stands() -> None:
    assert opened(receipt()) == INCLUSION
    assert INCLUSION.root(ENTRY) == WORLD.root(SIZE)


def test_a_receipt_is_what_rfc_9942_says() -> None:
    assert receipt()[0] == 0xD2
    protected, unprotected, payload, signature = strict_cbor.loads(receipt()[1:])
    header = strict_cbor.loads(protected)
    assert header == {
        1: -7,
        4: KEY.thumbprint,
        15: {1: f"https://{ORIGIN}", 2: TRIP.uri},
        16: "application/scitt-receipt+cose",
        395: 1,
    }
    (proof,) = unprotected[396][-1]
    assert strict_cbor.loads(proof) == [SIZE, INDEX, list(INCLUSION.path)]
    assert payload is None
    assert len(signature) == 64


def test_receipts_are_not_signed_with_eddsa() -> None:
    with pytest.raises(UsageError, match="ES256"):
        make_receipt(a_signer("x", Alg.EDDSA), origin=ORIGIN, sub=TRIP.uri, entry=ENTRY, inclusion=INCLUSION)


def test_a_receipt_of_no_tree_is_not_signed() -> None:
    with pytest.raises(VerificationError):
        make_receipt(
            a_signer("receipts"),
            origin=ORIGIN,
            sub=TRIP.uri,
            entry=ENTRY,
            inclusion=replace(INCLUSION, path=()),
        )


@pytest.mark.parametrize(
    "change",
    [
        {"key": a_signer("another").key},
        {"origin": "other.example/log"},
        {"sub": a_trip("OTHER").uri},
        {"entry": WORLD.entries[2]},
    ],
    ids=["another key", "another log", "another subject", "another entry"],
)
def test_a_receipt_for_something_else_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(VerificationError):
        opened(receipt(), **change)


def test_every_changed_byte_of_a_receipt_is_refused_or_is_the_unsigned_place_in_the_tree() -> None:
    good = receipt()
    for place in range(len(good)):
        for bit in range(8):
            changed = good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :]
            try:
                found = opened(changed)
            except CorridorError:
                continue
            # RFC 9942 signs the root only: to refuse another size with the same root is for the checkpoint.
            assert (found.leaf_index, found.path) == (INCLUSION.leaf_index, INCLUSION.path)
            assert found.tree_size != SIZE


def encoded(*items: object) -> bytes:
    return b"\xd2" + strict_cbor.dumps(items)


PROTECTED, UNPROTECTED, _, SIGNATURE = strict_cbor.loads(receipt()[1:])
(PROOF,) = UNPROTECTED[396][-1]
MALFORMED = {
    "empty": b"",
    "untagged": receipt()[1:],
    "trailing byte": receipt() + b"\x00",
    "cut short": receipt()[:-1],
    "three items": encoded(PROTECTED, UNPROTECTED, None),
    "attached payload": encoded(PROTECTED, UNPROTECTED, WORLD.root(SIZE), SIGNATURE),
    "no proofs": encoded(PROTECTED, {}, None, SIGNATURE),
    "proofs under another label": encoded(PROTECTED, {396: {-2: [PROOF]}}, None, SIGNATURE),
    "two proofs": encoded(PROTECTED, {396: {-1: [PROOF, PROOF]}}, None, SIGNATURE),
    "a proof that is a number": encoded(PROTECTED, {396: {-1: [7]}}, None, SIGNATURE),
    "a proof of two": encoded(PROTECTED, {396: {-1: [strict_cbor.dumps([8, 5])]}}, None, SIGNATURE),
    "a negative index": encoded(PROTECTED, {396: {-1: [strict_cbor.dumps([8, -1, []])]}}, None, SIGNATURE),
    "a short hash": encoded(
        PROTECTED, {396: {-1: [strict_cbor.dumps([8, 5, [bytes(31)]])]}}, None, SIGNATURE
    ),
    "a signature that is text": encoded(PROTECTED, UNPROTECTED, None, "signature"),
    "too long": b"\xd2" + bytes(70_000),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        opened(data)


@pytest.mark.parametrize(
    "unprotected",
    [{**UNPROTECTED, 4: b"kid"}, {396: {-1: [PROOF], -2: [PROOF]}}],
    ids=["another header", "another proof"],
)
def test_an_unprotected_header_with_more_in_it_is_refused(unprotected: object) -> None:
    with pytest.raises(VerificationError):
        opened(encoded(PROTECTED, unprotected, None, SIGNATURE))
