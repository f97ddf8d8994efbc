"""Pipes: what does not fit is not taken, and whoever offered it is told when it is worth to try again."""

import pytest

from ledger.evidence.pipes import Pipe, gathered


def test_what_does_not_fit_is_not_taken_and_room_is_told_of_once() -> None:
    told: list[str] = []
    pipe = Pipe(4, lambda: told.append("room"))
    assert [pipe.offer(bytes([number])) for number in range(5)] == [True, True, True, True, False]
    pieces = iter(pipe)
    assert (next(pieces), told) == (b"\0", [])
    assert (next(pieces), told) == (b"\1", ["room"])
    assert pipe.offer(b"\4")
    pipe.end()
    assert list(pieces) == [b"\2", b"\3", b"\4"]
    assert told == ["room"]


def test_nobody_is_told_of_room_who_did_not_lack_it() -> None:
    told: list[str] = []
    pipe = Pipe(2, lambda: told.append("room"))
    pipe.offer(b"a")
    pipe.end()
    assert list(pipe) == [b"a"]
    pipe.close()
    assert told == []


def test_who_waits_for_room_is_told_when_the_reader_goes() -> None:
    told: list[str] = []
    pipe = Pipe(1, lambda: told.append("room"))
    assert pipe.offer(b"a")
    assert not pipe.offer(b"b")
    pipe.close()
    assert told == ["room"]
    with pytest.raises(BrokenPipeError):
        pipe.offer(b"b")


def test_pieces_are_gathered_and_none_is_lost() -> None:
    assert list(gathered([b"ab", b"c", b"defg", b"", b"h"], 3)) == [b"abc", b"defg", b"h"]
