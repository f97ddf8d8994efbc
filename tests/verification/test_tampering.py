"""Any byte of a dossier or receipt file changed, put in or taken out: the file is refused."""

import random
import zlib
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import strict_cbor
from ledger.domain.verdict import Outcome
from ledger.verification import zip_layout
from ledger.verification.container import open_container
from ledger.verification.dossier import Dossier
from ledger.verification.manifest import Manifest, MemberDigest
from ledger.verification.verifier import NotADossierError, verify, verify_receipt
from tests.builders import NOON, a_trip
from tests.verification.factory import World, a_small_world, packed


def a_tiny_dossier() -> tuple[World, bytes]:
    """Return a dossier of a single statement: small enough for every byte of it to be tried."""
    world, trip = World(organisations={"https://exporter.example": "exporter"}), a_trip()
    world.opens(trip)
    world.checkpoint()
    return world, packed(world.dossier(trip))


WORLD, DOSSIER = a_tiny_dossier()
PIECES = 8


def test_the_dossier_that_is_tampered_with_is_accepted_untouched() -> None:
    assert verify(DOSSIER, WORLD.trust(), clock=WORLD.clock).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("piece", range(PIECES))
def test_every_single_changed_byte_is_refused(piece: int) -> None:
    trust = WORLD.trust()
    data = bytearray(DOSSIER)
    bits = random.Random(piece)
    for place in range(piece, len(data), PIECES):
        was = data[place]
        data[place] ^= 1 << bits.randrange(8)
        with pytest.raises(NotADossierError):
            verify(bytes(data), trust, clock=WORLD.clock)
        data[place] = was


@pytest.mark.parametrize("piece", range(PIECES))
def test_every_single_byte_taken_out_or_put_in_is_refused(piece: int) -> None:
    trust = WORLD.trust()
    # Taking one of two equal neighbours out, and putting one in beside its like, are the same edit at both.
    for place in range(piece * 5, len(DOSSIER), PIECES * 5):
        for changed in (
            DOSSIER[:place] + DOSSIER[place + 1 :],
            DOSSIER[:place] + b"\x00" + DOSSIER[place:],
            DOSSIER[:place],
        ):
            with pytest.raises(NotADossierError):
                verify(changed, trust, clock=WORLD.clock)


def test_sampled_bytes_of_a_large_dossier_are_refused() -> None:
    world, trip = a_small_world()
    for number in range(60):
        world.says("photo", trip, {"number": number, "what": "x" * 2000}, conceal=[("what",)])
    world.checkpoint()
    data, trust = packed(world.dossier(trip)), world.trust()
    assert len(data) > 200_000
    places = random.Random(7)
    for _ in range(400):
        changed = bytearray(data)
        changed[places.randrange(len(data))] ^= 1 << places.randrange(8)
        with pytest.raises(NotADossierError):
            verify(bytes(changed), trust, clock=world.clock)


def test_sampled_bytes_of_a_receipt_file_are_refused() -> None:
    data, trust = packed(WORLD.receipt(1)), WORLD.trust()
    assert verify_receipt(data, trust).outcome is Outcome.ACCEPTED
    places = random.Random(9)
    for _ in range(400):
        changed = bytearray(data)
        changed[places.randrange(len(data))] ^= 1 << places.randrange(8)
        with pytest.raises(NotADossierError):
            verify_receipt(bytes(changed), trust)


def resealed(members: dict[str, bytes]) -> bytes:
    """Return a container with these members whose every checksum fits: what a forger would write."""
    header = open_container(DOSSIER).manifest.header
    digests = {name: MemberDigest(sha256(data).digest(), len(data)) for name, data in members.items()}
    manifest = Manifest(header, digests).encode()
    contents = {**members, "manifest.json": manifest}
    entries = [
        zip_layout.Entry(name.encode(), zlib.crc32(data), len(data))
        for name, data in sorted(contents.items())
    ]
    body = b"".join(zip_layout.local_header(one) + contents[one.name.decode()] for one in entries)
    return body + zip_layout.tail(entries, sha256(manifest).hexdigest().encode())


MEMBERS = Dossier.parse(open_container(DOSSIER)).parts()
# Where a byte can differ and the dossier still be accepted, because nothing that is read depends on it:
# in the signature line of a witness beyond the quorum, and in trie nodes that answer no question.
FREE = {"target.checkpoint", "chain.cbor"}


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_changed_byte_changes_nothing_that_is_read_though_a_forger_mends_all_checksums(name: str) -> None:
    assert resealed(MEMBERS) == DOSSIER
    trust = WORLD.trust()
    untouched = verify(DOSSIER, trust, clock=WORLD.clock)
    bits = random.Random(NOON)
    for place in range(0, len(MEMBERS[name]), 1 + len(MEMBERS[name]) // 250):
        changed = bytearray(MEMBERS[name])
        changed[place] ^= 1 << bits.randrange(8)
        try:
            verdict = verify(resealed({**MEMBERS, name: bytes(changed)}), trust, clock=WORLD.clock)
        except NotADossierError:
            continue
        if verdict.outcome is Outcome.ACCEPTED:
            assert name in FREE, f"byte {place} of {name}"
            assert [(one.name, one.status, one.reason) for one in verdict.checks] == [
                (one.name, one.status, one.reason) for one in untouched.checks
            ]


def places(value: object, way: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Yield the way to each item within nested arrays."""
    yield way
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*way, index))


def with_item(value: Any, way: tuple[int, ...], item: object) -> Any:
    if not way:
        return item
    return [with_item(one, way[1:], item) if index == way[0] else one for index, one in enumerate(value)]


CBOR = sorted(name for name in MEMBERS if name.endswith(".cbor"))
ITEMS = st.one_of(
    st.integers(-(2**64), 2**64 - 1),
    st.integers(0, 12),
    st.binary(max_size=40),
    st.binary(min_size=32, max_size=32),
    st.text(max_size=5),
    st.none(),
    st.booleans(),
    st.lists(st.binary(max_size=33), max_size=3),
    st.dictionaries(st.integers(0, 3), st.none(), max_size=2),
)


@given(st.sampled_from(CBOR), ITEMS, st.data())
def test_any_item_in_place_of_another_gets_a_verdict_or_one_clear_refusal(
    name: str, item: object, data: st.DataObject
) -> None:
    value = strict_cbor.loads(MEMBERS[name])
    way = data.draw(st.sampled_from(list(places(value))))
    changed = strict_cbor.dumps(with_item(value, way, item))
    try:
        verdict = verify(resealed({**MEMBERS, name: changed}), WORLD.trust(), clock=WORLD.clock)
    except NotADossierError as error:
        refusal = error.message
        assert "\n" not in refusal
    else:
        assert verdict.outcome is not Outcome.ACCEPTED or name in FREE or changed == MEMBERS[name]


@given(st.sampled_from(sorted(MEMBERS)), st.binary(max_size=200))
def test_any_bytes_in_place_of_a_member_get_a_verdict_or_one_clear_refusal(name: str, changed: bytes) -> None:
    try:
        verdict = verify(resealed({**MEMBERS, name: changed}), WORLD.trust(), clock=WORLD.clock)
    except NotADossierError:
        return
    assert verdict.outcome is not Outcome.ACCEPTED or changed == MEMBERS[name]
