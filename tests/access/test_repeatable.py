"""Requests that may be repeated: done once, answered alike, and never mixed up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from ledger.access import Answer, Repeatable
from ledger.access.repeatable import KEPT_SECONDS, STALLED_SECONDS, checked_key
from ledger.domain.errors import ConflictError, MalformedError, PolicyError
from ledger.storage.access_tables import repeatable_requests
from tests.access.doors import Door, a_door

REQUEST = Repeatable.of('"k-1"', "POST /v1/statements", b"\x01" * 32, b"body")


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        """Do it."""
        self.done += 1
        return Answer(201, b'{"number":%d}' % self.done)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path) as door:
        yield door


def test_the_same_request_again_gets_the_first_answer(door: Door) -> None:
    work = Work()
    answers = {door.access.requests.once(REQUEST, work) for _ in range(3)}
    assert answers == {Answer(201, b'{"number":1}')}
    assert work.done == 1


def test_another_request_with_the_same_key_is_refused(door: Door) -> None:
    work = Work()
    door.access.requests.once(REQUEST, work)
    other = Repeatable.of("k-1", "POST /v1/statements", b"\x01" * 32, b"another body")
    with pytest.raises(ConflictError) as caught:
        door.access.requests.once(other, work)
    assert caught.value.code == "idempotency-key-reused"
    assert work.done == 1


@pytest.mark.parametrize(
    "other",
    [
        Repeatable.of("k-1", "POST /v1/statements", b"\x02" * 32, b"body"),
        Repeatable.of("k-1", "POST /v1/memberships", b"\x01" * 32, b"body"),
        Repeatable.of("k-2", "POST /v1/statements", b"\x01" * 32, b"body"),
    ],
    ids=["of somebody else", "to another route", "under another key"],
)
def test_keys_of_others_are_other_keys(door: Door, other: Repeatable) -> None:
    work = Work()
    door.access.requests.once(REQUEST, work)
    assert door.access.requests.once(other, work).content == b'{"number":2}'


def test_what_parts_are_asked_is_not_a_matter_of_where_they_end() -> None:
    assert (
        Repeatable.of("k", "r", "w", b"ab", b"c").fingerprint
        != Repeatable.of("k", "r", "w", b"a", b"bc").fingerprint
    )


def test_a_refused_request_changed_nothing_and_is_looked_at_anew(door: Door) -> None:
    def refuse() -> Answer:
        raise PolicyError("not-now", "not now")

    for _ in range(2):
        with pytest.raises(PolicyError):
            door.access.requests.once(REQUEST, refuse)
    assert door.count(repeatable_requests) == 0
    assert door.access.requests.once(REQUEST, Work()).status == 201


def test_while_the_first_is_at_work_the_second_is_told_to_wait(door: Door) -> None:
    begun, go_on = Event(), Event()

    def slow() -> Answer:
        begun.set()
        assert go_on.wait(30)
        return Answer(201, b"first")

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(door.access.requests.once, REQUEST, slow)
        assert begun.wait(30)
        with pytest.raises(ConflictError) as caught:
            door.access.requests.once(REQUEST, Work())
        go_on.set()
        assert first.result() == Answer(201, b"first")
    assert caught.value.code == "request-in-progress"
    assert door.access.requests.once(REQUEST, Work()) == Answer(201, b"first")


def test_a_request_whose_process_died_can_be_made_again(door: Door) -> None:
    requests = door.access.requests
    assert requests._begin(REQUEST) is None
    door.clock.now += STALLED_SECONDS - 1
    with pytest.raises(ConflictError):
        requests.once(REQUEST, Work())
    door.clock.now += 1
    assert requests.once(REQUEST, Work()).status == 201


def test_an_answer_is_kept_for_a_day(door: Door) -> None:
    work = Work()
    door.access.requests.once(REQUEST, work)
    door.clock.now += KEPT_SECONDS - 1
    door.access.sweep()
    door.access.requests.once(REQUEST, work)
    assert work.done == 1
    door.clock.now += 1
    door.access.sweep()
    assert door.count(repeatable_requests) == 0
    door.access.requests.once(REQUEST, work)
    assert work.done == 2


@pytest.mark.parametrize("key", ['"8e03978e-40d5"', "8e03978e-40d5", ' "8e03978e-40d5" '])
def test_a_key_is_read_with_and_without_quotes(key: str) -> None:
    assert checked_key(key) == "8e03978e-40d5"


@pytest.mark.parametrize("key", ["", '""', '"', 'a"b', "a b", "é", "x" * 129, '"a\\"', "a\x00", '"a'])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(MalformedError) as caught:
        checked_key(key)
    assert caught.value.field == "Idempotency-Key"
