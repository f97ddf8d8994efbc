"""Subjects: a name commits to its creator and to its one custody stream."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError
from ledger.domain.subject import Subject, is_subject_uri, stream_tag
from tests.builders import EXPORTER, ORIGIN_PORT, a_trip, seeded

TAG = seeded("tag", 32)
KEYS = st.text("ABCXYZ0189._-", min_size=1, max_size=64)
TYPES = st.sampled_from(["trip", "consignment", "booking", "voyage", "organisation"])


def test_a_tag_is_the_hash_of_the_formats() -> None:
    secret = bytes(range(16))
    assert stream_tag(secret) == sha256(b"corridor/stream/v1" + secret).digest()


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_a_stream_secret_has_16_bytes(size: int) -> None:
    with pytest.raises(MalformedError):
        stream_tag(bytes(size))


def test_an_id_is_the_hash_of_the_formats() -> None:
    subject = Subject.create("trip", "XXXU5001233", EXPORTER, TAG)
    parts = [b"corridor/subject/v1", b"trip", b"XXXU5001233", EXPORTER.encode(), TAG]
    assert subject.id == sha256(b"\0".join(parts)).digest()
    assert subject.uri == f"urn:corridor:trip:XXXU5001233:{subject.id.hex()}"


@given(TYPES, KEYS)
def test_a_name_comes_back(subject_type: str, key: str) -> None:
    subject = Subject.create(subject_type, key, EXPORTER, TAG)
    assert Subject.parse(subject.uri) == subject
    assert is_subject_uri(subject.uri)


def test_only_the_creator_with_the_one_tag_opened_it() -> None:
    subject = Subject.create("trip", "XXXU5001233", EXPORTER, TAG)
    assert subject.opened_by(EXPORTER, TAG)
    assert not subject.opened_by(ORIGIN_PORT, TAG)
    assert not subject.opened_by(EXPORTER, seeded("second custody stream", 32))


def test_the_same_key_on_another_trip_is_another_subject() -> None:
    assert a_trip(seed=1).uri != a_trip(seed=2).uri
    assert Subject.create("trip", "A", EXPORTER, TAG).id != Subject.create("booking", "A", EXPORTER, TAG).id
    assert Subject.create("trip", "A", EXPORTER, TAG).id != Subject.create("trip", "B", EXPORTER, TAG).id


GOOD = f"urn:corridor:trip:XXXU5001233:{TAG.hex()}"
BAD = {
    "nothing": "",
    "not text": 1,
    "null": None,
    "unknown type": GOOD.replace("trip", "parcel"),
    "type in capitals": GOOD.replace("trip", "TRIP"),
    "scheme in capitals": GOOD.replace("urn", "URN"),
    "key empty": GOOD.replace("XXXU5001233", ""),
    "key in small letters": GOOD.replace("XXXU", "xxxu"),
    "key with a colon": GOOD.replace("XXXU", "XX:U"),
    "key with a digit of another script": GOOD.replace("5", "५"),
    "key of 65 characters": GOOD.replace("XXXU5001233", "A" * 65),
    "id in capitals": GOOD[:-64] + GOOD[-64:].upper(),
    "id of 31 bytes": GOOD[:-2],
    "id of 33 bytes": GOOD + "00",
    "newline after it": GOOD + "\n",
    "blank before it": " " + GOOD,
}


@pytest.mark.parametrize("uri", BAD.values(), ids=BAD)
def test_refuses_a_name(uri: object) -> None:
    assert not is_subject_uri(uri)
    with pytest.raises(MalformedError) as caught:
        Subject.parse(uri)
    assert caught.value.code == "malformed-subject"


@pytest.mark.parametrize(
    ("subject_type", "key", "iss", "tag"),
    [
        ("parcel", "A", EXPORTER, TAG),
        ("trip", "a", EXPORTER, TAG),
        ("trip", "A", "x", TAG),
        ("trip", "A", EXPORTER, b""),
    ],
)
def test_refuses_to_name(subject_type: str, key: str, iss: str, tag: bytes) -> None:
    with pytest.raises(MalformedError):
        Subject.create(subject_type, key, iss, tag)
