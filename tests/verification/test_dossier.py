"""Members of dossiers: what is built is read back, and any other form is refused by name."""

import io
from dataclasses import replace
from typing import Any

import pytest

from ledger.domain import strict_cbor
from ledger.domain.errors import MalformedError, UsageError
from ledger.verification.container import open_container, write_container
from ledger.verification.dossier import Dossier, build_container
from tests.builders import seeded
from tests.verification.factory import a_small_world, packed

WORLD, TRIP = a_small_world()
DOSSIER = replace(
    WORLD.dossier(TRIP), timestamps=((8, b"token"),), secrets=((seeded("commitment", 32), b"wrapped"),)
)


def test_a_dossier_comes_back_from_its_container() -> None:
    assert Dossier.parse(open_container(packed(DOSSIER))) == DOSSIER


def test_a_receipt_file_comes_back_from_its_container() -> None:
    assert Dossier.parse(open_container(packed(WORLD.receipt(4)))) == WORLD.receipt(4)


def test_the_same_dossier_is_the_same_bytes() -> None:
    again = replace(WORLD.dossier(TRIP), timestamps=DOSSIER.timestamps, secrets=DOSSIER.secrets)
    assert packed(again) == packed(DOSSIER)


def test_receipts_do_not_belong_into_a_dossier() -> None:
    with pytest.raises(UsageError):
        build_container(replace(DOSSIER, receipt=(b"", b"")), io.BytesIO())
    with pytest.raises(UsageError):
        build_container(replace(WORLD.receipt(4), receipt=None), io.BytesIO())


def read_with(**members: bytes | None) -> Dossier:
    parts: dict[str, Any] = {
        **DOSSIER.parts(),
        **{name.replace("__", "."): data for name, data in members.items()},
    }
    out = io.BytesIO()
    write_container(DOSSIER.header, {name: data for name, data in parts.items() if data is not None}, out)
    return Dossier.parse(open_container(out.getvalue()))


@pytest.mark.parametrize("name", sorted(DOSSIER.parts()))
def test_only_timestamps_and_secrets_may_be_absent(name: str) -> None:
    if name in ("timestamps.cbor", "evidence.cbor"):
        assert read_with(**{name: None}).statements == DOSSIER.statements
    else:
        with pytest.raises(MalformedError, match=name):
            read_with(**{name: None})


def test_a_member_that_the_format_does_not_know_is_refused() -> None:
    with pytest.raises(MalformedError, match=r"notes\.txt"):
        read_with(notes__txt=b"read me")


def cbor(value: object) -> bytes:
    return strict_cbor.dumps(value)


HASH = bytes(32)
BAD: dict[str, tuple[str, bytes]] = {
    "random CBOR": ("keys.cbor", b"\xff\xff"),
    "CBOR cut short": ("statements.cbor", DOSSIER.parts()["statements.cbor"][:-1]),
    "an indefinite length": ("keys.cbor", b"\x9f\xff"),
    "a length that is not the shortest": ("keys.cbor", b"\x98\x00"),
    "trailing bytes": ("keys.cbor", b"\x80\x00"),
    "keys that are no array": ("keys.cbor", cbor({})),
    "a key that is text": ("keys.cbor", cbor(["key"])),
    "keys out of order": ("keys.cbor", cbor(DOSSIER.keys[::-1])),
    "a key twice": ("keys.cbor", cbor([DOSSIER.keys[0]] * 2)),
    "a statement of three": ("statements.cbor", cbor([[1, b"", []]])),
    "a negative index": ("statements.cbor", cbor([[-1, b"", [], []]])),
    "an index that is true": ("statements.cbor", cbor([[True, b"", [], []]])),
    "a disclosure that is bytes": ("statements.cbor", cbor([[1, b"", [b""], []]])),
    "a path with a short hash": ("statements.cbor", cbor([[1, b"", [], [b"short"]]])),
    "a path with text": ("statements.cbor", cbor([[1, b"", [], ["x" * 32]]])),
    "an index twice": ("statements.cbor", cbor([[1, b"", [], []]] * 2)),
    "indices out of order": ("statements.cbor", cbor([[2, b"", [], []], [1, b"", [], []]])),
    "a checkpoint without proof": ("checkpoints.cbor", cbor([[b"note"]])),
    "a map of two": ("map.cbor", cbor([HASH, []])),
    "a map root of 31 bytes": ("map.cbor", cbor([HASH[1:], [], []])),
    "a map proof under a short tag": ("map.cbor", cbor([HASH, [], [[b"tag", b""]]])),
    "an anchor of two": ("anchors.cbor", cbor([[1, 2]])),
    "an anchor with a negative time": ("anchors.cbor", cbor([[1, 2, -3]])),
    "a size anchored twice": ("anchors.cbor", cbor([[1, 2, 3], [1, 3, 4]])),
    "a state proof that is bytes": ("chain.cbor", cbor([b""])),
    "a timestamp of one": ("timestamps.cbor", cbor([[8]])),
    "timestamps out of order": ("timestamps.cbor", cbor([[8, b"b"], [8, b"a"]])),
    "a secret for a short commitment": ("evidence.cbor", cbor([[b"", b""]])),
    "a secret twice": ("evidence.cbor", cbor([[HASH, b""], [HASH, b""]])),
}


@pytest.mark.parametrize(("name", "data"), BAD.values(), ids=BAD.keys())
def test_another_form_of_member_is_refused_by_name(name: str, data: bytes) -> None:
    with pytest.raises(MalformedError, match=name) as caught:
        read_with(**{name: data})
    assert "\n" not in caught.value.message


def test_a_receipt_file_is_about_one_statement_and_covers_no_stream() -> None:
    receipt = WORLD.receipt(4)
    two = replace(receipt, statements=DOSSIER.statements[:2])
    with pytest.raises(MalformedError, match="one statement"):
        Dossier.parse(open_container(packed(two)))
    covering = replace(receipt, header=replace(receipt.header, streams=DOSSIER.header.streams))
    with pytest.raises(MalformedError, match="no stream"):
        Dossier.parse(open_container(packed(covering)))
