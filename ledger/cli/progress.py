"""Progress of long work, on standard error, where somebody is watching it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(what: str, *, as_bytes: bool = False) -> Iterator[Callable[[int, int | None], None]]:
    """Give what is told how far work is; it shows a bar on a terminal, and nothing elsewhere.

    Args:
        what: What is counted.
        as_bytes: Whether it is bytes, which are shown in their units.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn

    count = DownloadColumn() if as_bytes else MofNCompleteColumn()
    columns = (TextColumn("{task.description}"), BarColumn(), count)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
