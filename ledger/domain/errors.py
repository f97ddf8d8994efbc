"""The one tree of errors: every failure a caller can act on is a CorridorError with a stable code."""


class CorridorError(Exception):
    """A failure with a machine-readable code and a message for people.

    Args:
        code: Stable kebab-case identifier; programs compare this and never the message.
        message: What was wrong, where, and what to do about it.
        field: Name of the offending field or claim, when one field is at fault.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        at = "" if self.field is None else f", field={self.field!r}"
        return f"{type(self).__name__}({self.code!r}, {self.message!r}{at})"

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions pickle through their positional args, which would lose the keyword-only field.
        return (_rebuild, (type(self), self.code, self.message, self.field))


def _rebuild(kind: type[CorridorError], code: str, message: str, field: str | None) -> CorridorError:
    return kind(code, message, field=field)


class MalformedError(CorridorError):
    """Bytes or text are not in the format they should be in."""


class VerificationError(CorridorError):
    """A proof or a signature does not hold."""


class PolicyError(CorridorError):
    """A well-formed statement that may not be said here, now or by this party."""


class ConflictError(CorridorError):
    """A request contradicts what is already stored."""


class AccessError(CorridorError):
    """Nobody is known to be asking: there is no session, or it is over, or a login does not hold."""


class NotFoundError(CorridorError):
    """The thing asked for does not exist."""


class UnavailableError(CorridorError):
    """A part that is needed cannot be reached now; the same request may be retried."""


class UsageError(CorridorError):
    """The caller asked for something that makes no sense: wrong arguments or configuration."""
