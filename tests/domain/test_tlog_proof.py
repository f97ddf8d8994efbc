"""The tlog-proof text format: one way to write a proof, and no other is read."""

from base64 import b64encode

import pytest

from ledger.domain.checkpoint import MAX_NUMBER
from ledger.domain.errors import MalformedError, UsageError
from ledger.domain.tlog_proof import MAX_PROOF, TlogProof
from tests.domain import note_vectors as vectors

HASHES = tuple(bytes([number]) * 32 for number in range(3))
NOTE = vectors.LIVE_CHECKPOINT
LINES = "".join(f"{b64encode(value).decode()}\n" for value in HASHES).encode()
GOOD = b"c2sp.org/tlog-proof@v1\nextra ZW50cnk=\nindex 7\n" + LINES + b"\n" + NOTE


def test_a_proof_is_the_text_of_the_specification() -> None:
    proof = TlogProof(7, HASHES, NOTE, b"entry")
    assert proof.encode() == GOOD
    assert TlogProof.decode(GOOD) == proof


def test_extra_data_and_hashes_may_be_missing() -> None:
    proof = TlogProof(0, (), NOTE)
    assert proof.encode() == b"c2sp.org/tlog-proof@v1\nindex 0\n\n" + NOTE
    assert TlogProof.decode(proof.encode()) == proof


def test_the_checkpoint_is_kept_byte_for_byte() -> None:
    assert TlogProof.decode(GOOD).checkpoint == NOTE


MALFORMED = {
    "nothing": b"",
    "header alone": b"c2sp.org/tlog-proof@v1\n",
    "other version": GOOD.replace(b"@v1", b"@v2"),
    "carriage return": GOOD.replace(b"@v1\n", b"@v1\r\n"),
    "no index": GOOD.replace(b"index 7\n", b""),
    "index without number": GOOD.replace(b"index 7", b"index "),
    "index with a leading zero": GOOD.replace(b"index 7", b"index 07"),
    "index with a sign": GOOD.replace(b"index 7", b"index +7"),
    "index 2^63": GOOD.replace(b"index 7", b"index 9223372036854775808"),
    "extra after the index": GOOD.replace(b"extra ZW50cnk=\nindex 7\n", b"index 7\nextra ZW50cnk=\n"),
    "extra twice": GOOD.replace(b"extra ZW50cnk=\n", b"extra ZW50cnk=\n" * 2),
    "extra of nothing": GOOD.replace(b"ZW50cnk=", b""),
    "extra without padding": GOOD.replace(b"ZW50cnk=", b"ZW50cnk"),
    "hash of 31 bytes": GOOD.replace(LINES, b64encode(bytes(31)) + b"\n"),
    "hash with other characters": GOOD.replace(LINES, LINES.replace(b"A", b"_", 1)),
    "65 hashes": GOOD.replace(LINES, b64encode(bytes(32)) + b"\n" + LINES * 22),
    "no empty line": GOOD.replace(LINES + b"\n", LINES),
    "two empty lines": GOOD.replace(LINES + b"\n", LINES + b"\n\n"),
    "no checkpoint": GOOD.removesuffix(NOTE),
    "unsigned checkpoint": GOOD.partition(b"\n\xe2\x80\x94")[0],
    "checkpoint with an extension": GOOD.replace(b"gcC4Ro=\n", b"gcC4Ro=\nextension\n"),
    "a byte more": GOOD + b"\n",
    "not ASCII before the checkpoint": b"c2sp.org/tlog-proof@v1\nindex 7\xff\n\n" + NOTE,
    "too large": GOOD.replace(b"ZW50cnk=", b64encode(bytes(MAX_PROOF))),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_a_proof_is_malformed(name: str) -> None:
    assert MALFORMED[name] != GOOD
    with pytest.raises(MalformedError):
        TlogProof.decode(MALFORMED[name])


@pytest.mark.parametrize("length", range(0, len(GOOD), 7))
def test_a_proof_cut_short_is_malformed_or_lost_whole_signature_lines(length: int) -> None:
    try:
        proof = TlogProof.decode(GOOD[:length])
    except MalformedError:
        return
    assert NOTE.startswith(proof.checkpoint)
    assert proof.checkpoint.endswith(b"\n")


UNWRITABLE = {
    "negative index": TlogProof(-1, HASHES, NOTE),
    "index past 2^63 - 1": TlogProof(MAX_NUMBER + 1, HASHES, NOTE),
    "short hash": TlogProof(7, (bytes(31),), NOTE),
    "65 hashes": TlogProof(7, (bytes(32),) * 65, NOTE),
    "no checkpoint": TlogProof(7, HASHES, b""),
    "checkpoint after an empty line": TlogProof(7, HASHES, b"\n" + NOTE),
    "too large": TlogProof(7, HASHES, NOTE, bytes(MAX_PROOF)),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_a_proof_that_nobody_could_read_is_not_written(name: str) -> None:
    with pytest.raises(UsageError):
        UNWRITABLE[name].encode()
