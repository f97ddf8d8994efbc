"""Lines that are worked on side by side: told of in their order, those about the same one after the other."""

from collections.abc import Iterator
from threading import Barrier, Lock

import pytest

from ledger.client.importing.abreast import abreast


def test_lines_go_side_by_side_and_are_told_of_in_their_order() -> None:
    # Nobody gets through before as many are there as may be.
    met = Barrier(4, timeout=20)

    def take(line: int) -> int:
        met.wait()
        return line

    assert list(abreast(range(16), str, take, workers=4)) == list(range(16))


def test_what_is_about_the_same_goes_one_after_the_other() -> None:
    busy, order = Lock(), list[int]()

    def take(line: int) -> int:
        assert busy.acquire(blocking=False)
        order.append(line)
        busy.release()
        return line

    assert list(abreast(range(50), lambda _line: "same", take, workers=4)) == list(range(50))
    assert order == list(range(50))


def test_no_more_is_read_than_is_worked_on() -> None:
    read = 0

    def lines() -> Iterator[int]:
        nonlocal read
        for line in range(1000):
            read += 1
            yield line

    for told in abreast(lines(), str, lambda line: line, workers=4):
        assert read - told <= 9


def test_what_stops_one_is_raised_after_those_before_it_were_told_of() -> None:
    def take(line: int) -> int:
        if line >= 3:
            raise KeyError(line)
        return line

    told: list[int] = []
    with pytest.raises(KeyError):
        told.extend(abreast(range(100), str, take, workers=4))
    assert told == [0, 1, 2]
