"""What counts as the same output: hashes, times and places in the log may differ, words may not."""

import pytest

from tests.docs.shown import matches, shortened

SAME = {
    "nothing is shown": ([], ["anything"]),
    "another hash": (["id  0a1b2c3d…"], ["id  " + "ef" * 32]),
    "another time": (["signed  2026-11-06T13:00:00-06:00"], ["signed  2027-01-02T03:04:05Z"]),
    "another place in the log": (["index  4", "0a1b2c3d…  7  scan"], ["index  40", "ab" * 32 + "  12  scan"]),
    "wider columns": (["seals    none"], ["seals         none"]),
    "a gap": (["a", "…", "d"], ["a", "b", "c", "d"]),
    "an empty gap": (["a", "…", "d", "…"], ["a", "d"]),
    "a gap before a line that comes twice": (["…", "a", "b"], ["a", "a", "b"]),
}
OTHER = {
    "another word": (["state  logged"], ["state  refused"]),
    "another code": (["corridor: no [seal-changed]"], ["corridor: no [seal-unknown]"]),
    "a line more": (["a"], ["a", "b"]),
    "a line less": (["a", "b"], ["a"]),
    "the line after a gap is not there": (["a", "…", "d"], ["a", "b", "c"]),
    "another number of problems": (["problems 0.0"], ["problems 1.0"]),
}


@pytest.mark.parametrize("case", SAME)
def test_these_are_the_same(case: str) -> None:
    assert matches(*SAME[case])


@pytest.mark.parametrize("case", OTHER)
def test_these_are_not(case: str) -> None:
    assert not matches(*OTHER[case])


def test_long_hashes_are_shown_by_their_beginning_and_still_match() -> None:
    printed = ["id  " + "0a" * 32, "block 4 0x" + "0b" * 32]
    assert shortened(printed) == ["id  0a0a0a0a…", "block 4 0x0b0b0b0b…"]
    assert matches(shortened(printed), printed)
