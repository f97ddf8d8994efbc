"""An officer's session between two runs: a file for each ledger, which nobody else may read.

What is kept is the ledger's own opaque token and never an ID token: it is good at this ledger only, to read
only, and until the session ends.
"""

import os
import re
import stat
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from ledger.client import durable
from ledger.domain import fields, strict_json
from ledger.domain.errors import AccessError, MalformedError, UnavailableError, UsageError
from ledger.domain.genesis import checked_audience

_FORMAT: Final = "corridor-session/1"
_MEMBERS: Final = ("format", "url", "log", "organisation", "expires_at", "token")
_MAX_BYTES: Final = 8_192
_MAX_URL: Final = 2_048
# What a header can carry (RFC 6750 section 2.1).
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,512}=*")
SIGN_IN: Final = "`corridor session sign-in`"


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session that was opened earlier.

    Args:
        url: Of the ledger, without a slash at its end.
        log: Audience URI of the log that the ledger was of (`Genesis.audience`).
        organisation: URI of the organisation whose session it is.
        expires_at: POSIX seconds.
        token: What shows it.
    """

    url: str
    log: str
    organisation: str
    expires_at: int
    token: str = field(repr=False)

    @classmethod
    def parse(cls, data: bytes) -> "KeptSession":
        """Return the session in a file.

        Raises:
            MalformedError: There is none in it.
        """
        members = fields.exactly(strict_json.loads(data, max_bytes=_MAX_BYTES), _MEMBERS, "the session")
        if members["format"] != _FORMAT:
            raise MalformedError("malformed-field", f"format must be {_FORMAT}", field="format")
        return cls(
            url=fields.text(members["url"], "url", longest=_MAX_URL),
            log=checked_audience(members["log"], "log"),
            organisation=fields.organisation(members["organisation"], "organisation"),
            expires_at=fields.natural(members["expires_at"], "expires_at"),
            token=checked_token(members["token"]),
        )

    def encode(self) -> bytes:
        """Return the file."""
        members: dict[str, Any] = {name: getattr(self, name) for name in _MEMBERS[1:]}
        return strict_json.dumps({"format": _FORMAT} | members)


def checked_token(value: object) -> str:
    """Return a token of a ledger; MalformedError when a header cannot carry it."""
    if not isinstance(value, str) or not _TOKEN.fullmatch(value):
        raise MalformedError("malformed-field", "token must be what a header can carry", field="token")
    return value


class KeptSessions:
    """The sessions that are kept in a folder.

    Args:
        folder: Of what this user's commands remember; None where there is none, and nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def check(self) -> None:
        """Return if a session can be kept at all; UsageError when there is no folder."""
        self._place()

    def of(self, url: str) -> KeptSession | None:
        """Return the session at a ledger, None when there is none.

        Args:
            url: Of the ledger, without a slash at its end.

        Raises:
            UsageError: Codes `session-exposed`: others may have read or written it; `session-damaged`: it is
                no session of this ledger.
            UnavailableError: It cannot be read.
        """
        if self._folder is None:
            return None
        path = self.path(url)
        data = _read(path)
        if data is None:
            return None
        try:
            kept = KeptSession.parse(data)
        except MalformedError:
            kept = None
        if kept is None or kept.url != url:
            raise UsageError(
                "session-damaged",
                f"{path} holds no session at {url}; sign in again: {SIGN_IN}",
                field="session",
            )
        return kept

    def keep(self, session: KeptSession) -> None:
        """Keep a session in place of the one that may be there.

        Raises:
            UsageError: There is no folder.
            UnavailableError: It cannot be written.
        """
        path = self.path(session.url)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # What was there before, a link too, is replaced and never written into.
            durable.put(path, session.encode())
        except OSError as error:
            raise UnavailableError("cannot-write", f"{path} cannot be written: {error.strerror}") from None

    def forget(self, url: str) -> bool:
        """Remove what is kept of a ledger, whatever it is, and return whether there was anything.

        Raises:
            UnavailableError: It cannot be removed.
        """
        if self._folder is None:
            return False
        path = self.path(url)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise UnavailableError("cannot-write", f"{path} cannot be removed: {error.strerror}") from None
        return True

    def path(self, url: str) -> Path:
        """Return where the session at a ledger is kept; UsageError when there is no folder."""
        return self._place() / f"{sha256(url.encode()).hexdigest()[:32]}.json"

    def _place(self) -> Path:
        if self._folder is None:
            raise UsageError(
                "no-state", "there is no folder to keep the session in; set CORRIDOR_STATE to one of yours"
            )
        return self._folder / "sessions"


def over(session: KeptSession) -> AccessError:
    """Return the error for a session that has ended."""
    return AccessError(
        "session-over", f"your session as {session.organisation} is over; sign in again: {SIGN_IN}"
    )


def _read(path: Path) -> bytes | None:
    """Return what is in a file that only its owner can have written and read, None when there is no file."""
    try:
        # Neither a link is followed nor a pipe waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if path.is_symlink():
            raise _exposed(path, "is a link") from None
        raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None
    try:
        _check(path, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UnavailableError("cannot-read", f"{path} cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)


def _check(path: Path, status: os.stat_result) -> None:
    """Return unless somebody else can have read or written what is there."""
    if not stat.S_ISREG(status.st_mode):
        raise _exposed(path, "is no file")
    if status.st_uid != os.geteuid():
        raise _exposed(path, "belongs to somebody else")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _exposed(path, "may be read by others")


def _exposed(path: Path, how: str) -> UsageError:
    return UsageError(
        "session-exposed",
        f"{path} {how}, so that the session in it is not taken; `corridor session sign-out`, then {SIGN_IN}",
        field="session",
    )
