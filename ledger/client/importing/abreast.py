"""Several lines at once, for a ledger takes many statements as fast as one; told of in their order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

WORKERS: Final = 8
_Line = TypeVar("_Line")
_Done = TypeVar("_Done")


def abreast(
    lines: Iterable[_Line],
    key: Callable[[_Line], str],
    take: Callable[[_Line], _Done],
    workers: int = WORKERS,
) -> Iterator[_Done]:
    """Yield what becomes of lines, in their order; no more of them are read than are worked on.

    Args:
        lines: The lines.
        key: Names what a line is about: of the same one after the other, in their order.
        take: Does with a line what is to be done, beside others. What it raises is raised once those before
            it are told of and those begun have ended.
        workers: How many at once.
    """
    waiting: deque[tuple[str, Future[_Done]]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="import") as pool:
        try:
            for line in lines:
                name = key(line)
                for other, future in waiting:
                    if other == name:
                        with suppress(Exception):
                            future.result()
                waiting.append((name, pool.submit(take, line)))
                while len(waiting) >= 2 * workers or (waiting and waiting[0][1].done()):
                    yield waiting.popleft()[1].result()
            while waiting:
                yield waiting.popleft()[1].result()
        finally:
            for _, future in waiting:
                future.cancel()
