"""URIs of organisations that people take for one another, for they lead to the same place."""

from typing import Final
from urllib.parse import unquote, urlsplit

_PORTS: Final = {"http": 80, "https": 443}


def same_place(one: str, other: str) -> bool:
    """Return whether two URIs differ only in how they are written (RFC 3986 sections 6.2.2 and 6.2.3).

    The registry compares URIs letter by letter, so that each of them could be an organisation. Capitals,
    percent-encoding, the scheme's own port, a slash at the end, a user, a query and a fragment make no other
    one, and neither does `http` in place of `https`.

    Args:
        one: URI of visible ASCII characters.
        other: The same.
    """
    return _place(one) == _place(other)


def _place(uri: str) -> tuple[str, ...]:
    plain = unquote(uri).lower()
    try:
        parts = urlsplit(plain)
        port = parts.port
    except ValueError:
        return (plain,)
    if parts.hostname is None:
        return (plain.rstrip("/"),)
    shown = "" if port in (None, _PORTS.get(parts.scheme)) else str(port)
    scheme = "https" if parts.scheme == "http" else parts.scheme
    return scheme, parts.hostname.rstrip("."), shown, parts.path.rstrip("/")
