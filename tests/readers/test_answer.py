import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.errors import MalformedError
from ledger.readers import answer
from ledger.readers.reading import Complaint, Fingerprint, Reading, Rendition

PNG = b"\x89PNG\r\n\x1a\nand so on"
WHOLE = Reading(
    "picture/Pillow",
    "1/13",
    "PNG",
    {"width": 3, "said": {"é": [1.5, None, True]}},
    (Complaint("trailing-data", "4 bytes follow the end"),),
    (Rendition("a", "image/png", PNG), Rendition("b", "image/jpeg", b"\xff\xd8\xff")),
    (Fingerprint("scan", bytes(32), b"\1" * 32), Fingerprint("spectrum", b"\2" * 32)),
)


def written(reading: Reading) -> bytes:
    return answer.opening(reading.reader, reading.version, "picture") + b"".join(answer.body(reading))


def frames(*documents: object) -> bytes:
    coded = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in documents]
    return b"".join(len(each).to_bytes(4, "big") + each for each in coded)


OPENING = {"reader": "r", "version": "1", "format": "F"}
HEADER: dict[str, object] = {
    "format": "F",
    "found": {},
    "complaints": [],
    "renditions": [],
    "fingerprints": [],
}
STRANGE: dict[str, bytes] = {
    "no JSON": frames(b"{"),
    "an opening of other members": frames({"reader": "r"}),
    "a reader without a name": frames(OPENING | {"reader": ""}),
    "a name with control characters": frames(OPENING | {"reader": "\x1b[2J"}),
    "a name that is too long": frames(OPENING | {"reader": "r" * 501}),
    "a header of other members": frames(OPENING, HEADER | {"more": 1}),
    "findings that are no object": frames(OPENING, HEADER | {"found": []}),
    "a code in capitals": frames(OPENING, HEADER | {"complaints": [{"code": "Bad", "message": "m"}]}),
    "a complaint without a message": frames(OPENING, HEADER | {"complaints": [{"code": "bad"}]}),
    "complaints without end": frames(
        OPENING, HEADER | {"complaints": [{"code": "bad", "message": "m"}] * 101}
    ),
    "a rendition that is a page": frames(
        OPENING, HEADER | {"renditions": [{"title": "t", "media_type": "text/html"}]}, b"<script>"
    ),
    "a rendition of other bytes": frames(
        OPENING, HEADER | {"renditions": [{"title": "t", "media_type": "image/png"}]}, b"<script>"
    ),
    "a rendition that nobody announced": frames(OPENING, HEADER, PNG),
    "a short fingerprint": frames(
        OPENING, HEADER | {"fingerprints": [{"kind": "scan", "exact": "00", "perceptual": None}]}
    ),
    "a header over the limit": frames(OPENING, b" " * 262_145),
}


def test_a_reading_arrives_as_it_was_sent() -> None:
    assert answer.understood(written(WHOLE)) == (WHOLE, True)


@given(st.integers(0, len(written(WHOLE)) - 1))
def test_what_breaks_off_is_never_taken_for_whole(length: int) -> None:
    _, whole = answer.understood(written(WHOLE)[:length])
    assert not whole


@pytest.mark.parametrize("data", STRANGE.values(), ids=STRANGE.keys())
def test_what_no_reader_says_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        answer.understood(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_understood(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        answer.understood(data)


def test_findings_over_the_limit_are_left_out_and_complained_of() -> None:
    reading, whole = answer.understood(written(Reading("r", "1", "F", {"much": "x" * 65_536})))
    assert whole
    assert reading.found == {}
    assert [each.code for each in reading.complaints] == ["found-too-much"]
