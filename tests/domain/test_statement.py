"""Statements: what is signed comes back, and nothing else passes for it."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.cose import Alg, Sign1
from ledger.domain.errors import CorridorError, MalformedError, UsageError, VerificationError
from ledger.domain.statement import (
    Draft,
    Reference,
    Seen,
    SignedStatement,
    Statement,
    StatementFile,
    sign_statement,
)
from tests.builders import CUSTOMS, EXPORTER, NOON, a_genesis, a_signer, a_statement, a_trip, seeded
from tests.domain.p256_reference import N

ALGS = pytest.mark.parametrize("alg", list(Alg), ids=lambda alg: alg.name)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = TEXT.filter(lambda name: name not in ("_sd", "..."))
BODIES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    NAMES,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)
HASHES = st.binary(min_size=32, max_size=32)


@cache
def example(alg: Alg = Alg.ES256) -> SignedStatement:
    """Return a statement with every member, something concealed."""
    return a_statement(
        body={
            "occurred_at": "2026-11-06T13:00:00-06:00",
            "seal": "XXXU1",
            "guard": "p-17",
            "photos": ["a", "b"],
        },
        alg=alg,
        references=[Reference("follows", seeded("r", 32))],
        corrects=seeded("c", 32),
        conceal=[("guard",), ("photos", 1)],
    )


def changed(at: int, flip: int, alg: Alg) -> bytes:
    raw = bytearray(example(alg).raw)
    raw[at] ^= flip
    return bytes(raw)


@ALGS
@given(
    body=BODIES,
    says=st.fixed_dictionaries(
        {
            "references": st.lists(st.builds(Reference, st.just("follows"), HASHES), max_size=3).map(tuple),
            "corrects": st.none() | HASHES,
            "seen": st.builds(Seen, st.integers(2, 2**53 - 1), HASHES),
            "iat": st.integers(0, 2**53 - 1),
            "streams": st.lists(HASHES, min_size=1, max_size=16, unique=True).map(tuple),
        }
    ),
    data=st.data(),
)
def test_says_what_was_signed(
    alg: Alg, body: dict[str, Any], says: dict[str, Any], data: st.DataObject
) -> None:
    concealed = data.draw(st.lists(st.sampled_from(sorted(body)), unique=True)) if body else []
    signed = a_statement(body=body, alg=alg, conceal=[(name,) for name in concealed], **says)
    statement = Statement.parse(signed.raw)
    key = a_signer(EXPORTER, alg).key
    statement.verify(key)
    assert statement.reveal(signed.disclosures) == body
    assert statement.reveal(()) == {name: value for name, value in body.items() if name not in concealed}
    assert {name: getattr(statement, name) for name in says} == says
    assert (statement.iss, statement.alg, statement.kid) == (EXPORTER, alg, key.thumbprint)
    assert (statement.sub, *statement.subjects) == (a_trip().uri, a_trip().uri)
    assert statement.aud == a_genesis().audience


@ALGS
def test_any_byte_flipped_is_refused(alg: Alg) -> None:
    key = a_signer(EXPORTER, alg).key
    for at in range(len(example(alg).raw)):
        for flip in (0x01, 0x20, 0x80):
            with pytest.raises((MalformedError, VerificationError)):
                Statement.parse(changed(at, flip, alg)).verify(key)


@ALGS
@given(data=st.data())
def test_any_change_of_bytes_is_refused(alg: Alg, data: st.DataObject) -> None:
    raw = example(alg).raw
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 8)))
    other = data.draw(st.binary(max_size=8).filter(lambda new: new != raw[start:end]))
    with pytest.raises((MalformedError, VerificationError)):
        Statement.parse(raw[:start] + other + raw[end:]).verify(a_signer(EXPORTER, alg).key)


@given(st.binary(max_size=300))
def test_random_bytes_fail_in_the_one_way(raw: bytes) -> None:
    for candidate in (raw, b"\xd2\x84" + raw):
        with pytest.raises(MalformedError):
            Statement.parse(candidate)


def test_every_length_cut_off_is_refused() -> None:
    raw = example().raw
    for size in range(len(raw)):
        with pytest.raises(MalformedError):
            Statement.parse(raw[:size])


def test_two_signatures_over_the_same_are_one_statement_in_two_envelopes() -> None:
    statement = example().statement
    s = int.from_bytes(statement.signature[32:])
    sign1 = Sign1.parse(statement.raw)
    twin = Statement.parse(
        Sign1(sign1.protected, sign1.payload, statement.signature[:32] + (N - s).to_bytes(32)).encode()
    )
    twin.verify(a_signer().key)
    assert twin.id == statement.id
    assert twin.envelope != statement.envelope
    assert twin != statement


def test_equality_is_that_of_the_bytes() -> None:
    statement = example().statement
    again = Statement.parse(statement.raw)
    assert (again, hash(again)) == (statement, hash(statement))
    assert statement != statement.raw


def test_signatures_of_two_statements_swapped_are_refused() -> None:
    one, other = a_statement(seed=1).raw, a_statement(seed=2).raw
    with pytest.raises(VerificationError) as caught:
        Statement.parse(one[:-64] + other[-64:]).verify(a_signer().key)
    assert caught.value.code == "signature-invalid"


def test_another_key_than_the_one_named_is_refused() -> None:
    with pytest.raises(VerificationError) as caught:
        example().statement.verify(a_signer(CUSTOMS).key)
    assert (caught.value.code, caught.value.field) == ("wrong-key", "kid")


def test_the_key_decides_about_the_algorithm_and_not_the_header() -> None:
    # The header of an EdDSA statement, its algorithm replaced by ES256 in place.
    raw = example(Alg.EDDSA).raw.replace(b"\xa5\x01\x27", b"\xa5\x01\x26", 1)
    with pytest.raises(VerificationError) as caught:
        Statement.parse(raw).verify(a_signer(EXPORTER, Alg.EDDSA).key)
    assert caught.value.code == "wrong-algorithm"


def test_nothing_is_handed_out_that_a_reader_would_refuse() -> None:
    for changes in (
        {"kind": "X"},
        {"iat": -1},
        {"streams": [b"short"]},
        {"references": [Reference("", b"")]},
    ):
        with pytest.raises((MalformedError, UsageError)):
            a_statement(**changes)


def test_a_draft_without_a_subject_is_refused() -> None:
    with pytest.raises(UsageError):
        sign_statement(
            Draft("scan", (), (bytes(32),), {}),
            signer=a_signer(),
            iss=EXPORTER,
            aud=a_genesis().audience,
            seen=Seen(0, a_genesis().hash),
            iat=NOON,
            nonce=bytes(16),
        )


def test_signing_needs_no_server_and_no_chain() -> None:
    """The modules that sign pull in nothing that talks to a network or a database."""
    code = "import ledger.domain.statement, ledger.keys.files, sys; print(*sys.modules)"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env=dict(os.environ),
    )
    assert {"sqlalchemy", "fastapi", "web3", "httpx"}.isdisjoint(done.stdout.split())


def test_a_statement_file_comes_back() -> None:
    signed = example()
    file = StatementFile(signed.raw, signed.disclosures)
    read = StatementFile.parse(file.encode())
    assert read == file
    assert Statement.parse(read.statement).reveal(read.disclosures)["guard"] == "p-17"


GOOD_FILE = {"format": "corridor-statement/1", "statement": "0oQ", "disclosures": []}


@pytest.mark.parametrize(
    "change",
    [
        {"format": "corridor-statement/2"},
        {"statement": "0oR="},
        {"statement": "0oR"},
        {"statement": None},
        {"disclosures": "text"},
        {"disclosures": [1]},
        {"more": 1},
    ],
    ids=str,
)
def test_a_statement_file_is_read_strictly(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedError):
        StatementFile.parse(json.dumps({**GOOD_FILE, **change}).encode())


def test_a_statement_file_of_ten_megabytes_is_refused() -> None:
    with pytest.raises(CorridorError) as caught:
        StatementFile.parse(b" " * 10_000_000)
    assert caught.value.code == "too-large"
