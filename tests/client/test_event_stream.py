"""Reading server-sent events: the same whatever the pieces, and within limits."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.client import event_stream
from ledger.client.event_stream import Frame, frames
from ledger.domain.errors import VerificationError

STREAM = (
    b": events\r\nid: 40\r\nretry: 2000\r\n\r\n"
    b'event: decision.made\ndata: {"a":\ndata: "\xc3\xb1"}\nid: 41\n\n'
    b": ping\n\n"
    b"data:no blank\rid:42\r\r"
    b"id: a\0b\ndata: x\n\n"
    b"data: cut of"
)
FRAMES = [Frame("40", ""), Frame("41", '{"a":\n"ñ"}'), Frame("42", "no blank"), Frame("42", "x")]


def test_a_stream_is_read_as_the_standard_says() -> None:
    assert list(frames([STREAM])) == FRAMES


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_it_does_not_matter_where_it_is_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[begin:end] for begin, end in pairwise(places)]
    assert list(frames(pieces)) == FRAMES


@given(st.binary(max_size=200))
def test_any_bytes_are_frames_or_nothing(data: bytes) -> None:
    assert all(isinstance(one, Frame) for one in frames([data]))


@pytest.mark.parametrize("piece", [b"x" * 100, b"data: x\n"], ids=["a line", "an event"])
def test_what_has_no_end_is_not_kept(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MAX_EVENT", 1000)
    with pytest.raises(VerificationError):
        list(frames(piece for _ in range(1_000_000)))
