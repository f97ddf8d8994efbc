"""Short reads: here and now when they wait for nobody, else by a thread that may wait."""

import threading

import anyio
import pytest

from api.deps import promptly
from ledger.domain.errors import UnavailableError


@pytest.mark.parametrize("is_at_hand", [True, False])
def test_only_what_may_wait_is_handed_to_a_thread(is_at_hand: bool) -> None:
    def read(value: str, *, more: str) -> tuple[str, int]:
        return value + more, threading.get_ident()

    async def ask() -> tuple[str, int, int]:
        value, thread = await promptly(lambda: is_at_hand, read, "a", more="b")
        return value, thread, threading.get_ident()

    value, thread, own = anyio.run(ask)
    assert value == "ab"
    assert (thread == own) is is_at_hand


@pytest.mark.parametrize("is_at_hand", [True, False])
def test_what_a_read_raises_comes_through(is_at_hand: bool) -> None:
    def read() -> None:
        raise UnavailableError("database-busy", "try again")

    async def ask() -> None:
        await promptly(lambda: is_at_hand, read)

    with pytest.raises(UnavailableError, match="try again"):
        anyio.run(ask)
