"""When a file is whole: a pure state, told what was seen and when."""

from collections.abc import Iterable

from ledger.drops.folder import Candidate, Mark
from ledger.drops.settings import DropConfig


class Settling:
    """Remembers since when files rest.

    Args:
        config: Of the drop.
    """

    def __init__(self, config: DropConfig) -> None:
        self._config = config
        self._since: dict[str, tuple[Mark, float]] = {}

    def whole(self, files: Iterable[Candidate], now: float) -> tuple[list[Candidate], dict[str, str]]:
        """Return what is whole, and of the others by name what they wait for.

        A clock of files can be set to anything, so what counts is how long this program has seen a file rest.

        Args:
            files: All that lies in the folder.
            now: Seconds on a clock that only goes forward.
        """
        seen = list(files)
        names = {one.name for one in seen}
        since = {one.name: self._begin(one, now) for one in seen}
        self._since = {one.name: (one.mark, since[one.name]) for one in seen}
        ready, waiting = [], {}
        for one in seen:
            if self._config.is_aside(one.name):
                continue
            reason = self._waits(one, names, now - since[one.name])
            if reason is None:
                ready.append(one)
            else:
                waiting[one.name] = reason
        return ready, waiting

    def rests(self, name: str, now: float) -> bool:
        """Return whether a file beside another one, a sidecar, rests as long as it has to."""
        known = self._since.get(name)
        return known is not None and now - known[1] >= self._rest

    def _begin(self, one: Candidate, now: float) -> float:
        known = self._since.get(one.name)
        return known[1] if known is not None and known[0] == one.mark else now

    @property
    def _rest(self) -> float:
        return self._config.quiet_seconds if self._config.whole == "quiet" else 0.0

    def _waits(self, one: Candidate, names: set[str], rested: float) -> str | None:
        if self._config.whole == "marker" and f"{one.name}{self._config.marker}" not in names:
            return f"it waits for its marker {one.name}{self._config.marker}"
        if rested < self._rest:
            return f"it is whole when it has rested for {self._rest:g} seconds"
        return None
