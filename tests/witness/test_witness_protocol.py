"""The request of C2SP tlog-witness, read and written."""

import pickle
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError, UsageError
from ledger.log.witness_protocol import MAX_REQUEST, Request, WitnessConflict

# The example of c2sp.org/tlog-witness.
EXAMPLE = """\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa \
Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa \
opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
""".encode()
HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="
NOTE = "log.example\n2\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— log.example AAAAAAA=\n"

MALFORMED = {
    "nothing": "",
    "no empty line": "old 0\n",
    "no old line": f"\n\n{NOTE}",
    "another word": f"new 0\n\n{NOTE}",
    "no space": f"old0\n\n{NOTE}",
    "two spaces": f"old  0\n\n{NOTE}",
    "no size": f"old \n\n{NOTE}",
    "a sign": f"old +1\n\n{NOTE}",
    "a leading zero": f"old 01\n\n{NOTE}",
    "an underscore": f"old 1_0\n\n{NOTE}",
    "other digits": f"old ١\n\n{NOTE}",
    "a size over 63 bits": f"old {1 << 63}\n\n{NOTE}",
    "very many digits": f"old {'9' * 50_000}\n\n{NOTE}",
    "a space after the size": f"old 1 \n\n{NOTE}",
    "a carriage return": f"old 1\r\n\r\n{NOTE}",
    "64 proof lines": f"old 1\n{(HASH + chr(10)) * 64}\n{NOTE}",
    "a short hash": f"old 1\nPlRNCrwHpqg=\n\n{NOTE}",
    "base64url": f"old 1\n{HASH.replace('K', '_')}\n\n{NOTE}",
    "no padding": f"old 1\n{HASH[:-1]}\n\n{NOTE}",
    "bits that say nothing": f"old 1\n{HASH[:-2]}x=\n\n{NOTE}",
    "a space in a hash": f"old 1\n {HASH}\n\n{NOTE}",
}


def test_the_example_of_the_specification_is_read_and_written_back() -> None:
    request = Request.parse(EXAMPLE)
    assert request.old_size == 20852014
    assert [value[:2].hex() for value in request.proof] == ["3e54", "8eb2", "e7ea", "ffa5"]
    assert request.note.startswith(b"example.com/behind-the-sofa\n20852163\n")
    assert request.encode() == EXAMPLE
    assert Request.make(request.old_size, request.proof, request.note) == request


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused(name: str) -> None:
    with pytest.raises(MalformedError):
        Request.parse(MALFORMED[name].encode())


def test_a_request_without_a_fault_is_taken() -> None:
    assert Request.parse(f"old 1\n{HASH}\n\n{NOTE}".encode()) == Request(1, (b64decode(HASH),), NOTE.encode())


def test_a_request_that_is_too_large_is_refused() -> None:
    body = b"old 0\n\n" + b"x" * (MAX_REQUEST - 7)
    assert Request.parse(body).encode() == body
    with pytest.raises(MalformedError, match="at most"):
        Request.parse(body + b"x")


@given(st.integers(0, 2**63 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63), st.binary())
def test_what_is_written_is_read_back(old_size: int, proof: list[bytes], note: bytes) -> None:
    request = Request.make(old_size, proof, note)
    assert Request.parse(request.encode()) == request


@given(st.binary(max_size=300))
def test_any_bytes_are_read_in_one_way_or_refused_as_malformed(body: bytes) -> None:
    try:
        request = Request.parse(body)
    except MalformedError:
        return
    assert request.encode() == body


@pytest.mark.parametrize(
    ("old_size", "proof", "note"),
    [
        (-1, [], b""),
        (1 << 63, [], b""),
        (1, [bytes(31)], b""),
        (1, [bytes(32)] * 64, b""),
        (1, [], b"x" * MAX_REQUEST),
    ],
)
def test_a_request_that_no_witness_could_read_is_not_made(
    old_size: int, proof: list[bytes], note: bytes
) -> None:
    with pytest.raises(UsageError):
        Request.make(old_size, proof, note)


def test_a_conflict_survives_pickling_with_its_size() -> None:
    conflict = pickle.loads(pickle.dumps(WitnessConflict("witness-conflict", "it is at 7", 7)))
    assert (conflict.code, conflict.message, conflict.size) == ("witness-conflict", "it is at 7", 7)
