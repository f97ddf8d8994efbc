"""How a check says what it found: one status, one reason, one sentence; the worst finding wins."""

from dataclasses import dataclass, field

from ledger.domain.verdict import Check, Status

OK = "ok"
_WORST_FIRST = (Status.FAILED, Status.MISSING, Status.NOT_CHECKED)


def passed(name: str, message: str, reason: str = OK) -> Check:
    """Return a check that passed."""
    return Check(name, Status.PASSED, reason, message)


def failed(name: str, reason: str, message: str) -> Check:
    """Return a check that failed."""
    return Check(name, Status.FAILED, reason, message)


def missing(name: str, reason: str, message: str) -> Check:
    """Return a check that found something absent that another party has to supply."""
    return Check(name, Status.MISSING, reason, message)


def not_checked(name: str, reason: str, message: str) -> Check:
    """Return a check for which there was nothing to go by."""
    return Check(name, Status.NOT_CHECKED, reason, message)


@dataclass(slots=True)
class Findings:
    """What one check found wrong, thing by thing.

    Args:
        name: Name of the check.
    """

    name: str
    _found: list[tuple[Status, str, str]] = field(default_factory=list)

    def fail(self, reason: str, message: str) -> None:
        """Note something that is wrong."""
        self._found.append((Status.FAILED, reason, message))

    def miss(self, reason: str, message: str) -> None:
        """Note something that another party has to supply."""
        self._found.append((Status.MISSING, reason, message))

    def skip(self, reason: str, message: str) -> None:
        """Note something that could not be checked."""
        self._found.append((Status.NOT_CHECKED, reason, message))

    @property
    def failures(self) -> int:
        """How many things are wrong."""
        return sum(status is Status.FAILED for status, _, _ in self._found)

    def conclude(self, message: str) -> Check:
        """Return the check: passed with this message, or else the worst that was noted."""
        for worst in _WORST_FIRST:
            of_it = [(why, what) for status, why, what in self._found if status is worst]
            if of_it:
                why, what = of_it[0]
                more = f" ({len(of_it) - 1} more like it)" if len(of_it) > 1 else ""
                return Check(self.name, worst, why, what + more)
        return passed(self.name, message)


def count(number: int, thing: str) -> str:
    """Return `1 thing` or `2 things`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
