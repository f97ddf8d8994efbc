"""Whether a text is a URL that can be asked over HTTP."""

import httpx


def http_url(text: str) -> httpx.URL | None:
    """Return the URL of HTTP with a host that a text is (RFC 9110 section 4.2), None for any other."""
    try:
        url = httpx.URL(text)
        # A name is decoded only when it is asked for, and may turn out to be none (RFC 5891).
        has_host = bool(url.host)
    except (httpx.InvalidURL, ValueError):
        return None
    return url if has_host and url.scheme in ("http", "https") else None
