"""Any byte of a dossier or receipt file changed, put in or taken out: the file is refused."""

import random
import zlib
from hashlib import sha256

import pytest

from ledger.domain.errors import CorridorError
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
        except CorridorError:
            continue
        if verdict.outcome is Outcome.ACCEPTED:
            assert name in FREE, f"byte {place} of {name}"
            assert [(one.name, one.status, one.reason) for one in verdict.checks] == [
                (one.name, one.status, one.reason) for one in untouched.checks
            ]
