"""Getting what a log serves over HTTP, within limits. Nothing of it is believed here."""

from typing import Final, Self

import httpx

from ledger.domain.errors import UnavailableError, UsageError, VerificationError
from ledger.log.http_url import http_url

DEFAULT_TIMEOUT: Final = 10.0


class HttpLog:
    """A log behind a URL.

    Args:
        url: Prefix of the log: what `/checkpoint` and `/tile/...` follow.
        timeout: Seconds for each step of a request.
        transport: Where requests go instead of the network.

    Raises:
        UsageError: The URL is not one of HTTP.
    """

    def __init__(
        self, url: str, *, timeout: float = DEFAULT_TIMEOUT, transport: httpx.BaseTransport | None = None
    ) -> None:
        if http_url(url) is None:
            raise UsageError("log-url", f"{url!r} is not an http or https URL of a log")
        self.url = url.rstrip("/")
        self._client = httpx.Client(timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, limit: int) -> bytes | None:
        """Return what is served at a path, None for what is not there.

        Args:
            path: Behind the prefix, without a slash before it.
            limit: The most bytes that are taken, decompressed.

        Raises:
            UnavailableError: It cannot be had now.
            VerificationError: It is longer.
        """
        try:
            with self._client.stream("GET", f"{self.url}/{path}") as response:
                if response.status_code == httpx.codes.NOT_FOUND:
                    return None
                if response.status_code != httpx.codes.OK:
                    raise UnavailableError(
                        "log-unreachable", f"{self.url} answers {response.status_code} for {path}; try again"
                    )
                data = b""
                for part in response.iter_bytes():
                    data += part
                    if len(data) > limit:
                        raise VerificationError("too-large", f"{path} of the log has over {limit} bytes")
                return data
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = str(error) or type(error).__name__
            raise UnavailableError(
                "log-unreachable", f"the log at {self.url} cannot be reached: {what}"
            ) from None
