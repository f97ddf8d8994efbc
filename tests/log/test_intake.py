"""Work begun for an event loop: every result reaches the one who waits for it, whatever comes of it."""

import asyncio
from concurrent.futures import Future
from threading import Event, get_ident

import pytest

from ledger.domain.errors import UnavailableError
from ledger.log.intake import Intake


def done(value: int) -> "Future[int]":
    future: Future[int] = Future()
    future.set_result(value)
    return future


def failing() -> "Future[int]":
    raise UnavailableError("log-busy", "try again")


def failed() -> "Future[int]":
    future: Future[int] = Future()
    future.set_exception(UnavailableError("database-full", "no room"))
    return future


def test_each_gets_its_own_result() -> None:
    async def many() -> list[int]:
        return await asyncio.gather(*(intake.result(lambda n=number: done(n)) for number in range(500)))  # type: ignore[misc]

    with Intake(3) as intake:
        # Two loops one after the other, as two servers of one ledger.
        for _ in range(2):
            assert asyncio.run(many()) == list(range(500))


def test_a_failure_reaches_the_one_who_waits_and_no_other() -> None:
    async def three() -> list[int | BaseException]:
        calls = (failing, failed, lambda: done(7))
        return await asyncio.gather(*(intake.result(call) for call in calls), return_exceptions=True)

    with Intake(1) as intake:
        first, second, third = asyncio.run(three())
    assert isinstance(first, UnavailableError)
    assert isinstance(second, UnavailableError)
    assert (first.code, second.code, third) == ("log-busy", "database-full", 7)


def test_what_blocks_holds_nobody_else_up_and_is_not_run_by_the_loop() -> None:
    go_on = Event()
    threads = set()

    def blocks() -> "Future[int]":
        threads.add(get_ident())
        assert go_on.wait(30)
        return done(1)

    async def both() -> tuple[int, int]:
        slow = asyncio.create_task(intake.result(blocks))
        quick = await intake.result(lambda: done(2))
        go_on.set()
        return await slow, quick

    with Intake(2) as intake:
        assert asyncio.run(both()) == (1, 2)
    assert get_ident() not in threads


def test_who_gives_up_is_left_alone() -> None:
    go_on = Event()

    def blocks() -> "Future[int]":
        assert go_on.wait(30)
        return done(1)

    async def given_up() -> int:
        waiting = asyncio.create_task(intake.result(blocks))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()
        return await intake.result(lambda: done(3))

    with Intake(1) as intake:
        assert asyncio.run(given_up()) == 3
