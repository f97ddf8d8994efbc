"""From an answer that is no success to the one tree of errors (RFC 9457)."""

from collections.abc import Mapping
from typing import Any, Final

from ledger.domain.errors import (
    AccessError,
    ConflictError,
    CorridorError,
    MalformedError,
    NotFoundError,
    PolicyError,
    UnavailableError,
    VerificationError,
)

PROBLEM: Final = "urn:corridor:problem:"
_KINDS: Final[Mapping[int, type[CorridorError]]] = {
    400: MalformedError,
    401: AccessError,
    404: NotFoundError,
    409: ConflictError,
    422: VerificationError,
}
# Too slow, too early, too much at once: the same request may do later.
_LATER = (408, 425, 429)
_LONGEST = 600


class LaterError(UnavailableError):
    """The service answered, or could not be reached: the same request may do later.

    Args:
        code: See `CorridorError`.
        message: See `CorridorError`.
        reached: Whether it was the service that said so; False when nobody answered at all.
        again: Whether it is worth asking again soon.
        seconds: How long the service asks to be left alone, if it says so.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        reached: bool = True,
        again: bool = True,
        seconds: float | None = None,
    ) -> None:
        super().__init__(code, message, field=field)
        self.reached = reached
        self.again = again
        self.seconds = seconds


def refusal(status: int, problem: Mapping[str, Any], headers: Mapping[str, str]) -> CorridorError:
    """Return the error that an answer says.

    Args:
        status: HTTP status.
        problem: The problem document, empty when there is none.
        headers: Of the answer.
    """
    kind, detail, field = (str(problem.get(name, ""))[:_LONGEST] for name in ("type", "detail", "field"))
    code = kind.removeprefix(PROBLEM) if kind.startswith(PROBLEM) else f"http-{status}"
    message = detail or f"the ledger answers {status} and does not say why; is it one?"
    if status >= 500 or status in _LATER:
        return LaterError(
            code,
            f"{message} (try the same again later)",
            field=field or None,
            again=status != 500,
            seconds=_seconds(headers.get("retry-after", "")),
        )
    return _KINDS.get(status, PolicyError)(code, message, field=field or None)


def _seconds(text: str) -> float | None:
    # The other form, a date, is not used by our service and not worth a clock.
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
