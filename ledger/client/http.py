"""The one way in which the client speaks HTTP: bounded answers, patience, refusals as our errors."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, NamedTuple, Self

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from ledger.client.refusals import LaterError, refusal
from ledger.domain import strict_json
from ledger.domain.errors import MalformedError, UsageError, VerificationError
from ledger.log.http_url import http_url

MAX_JSON: Final = 16 * 1_048_576
"""Bytes of the largest JSON answer that is read: a page of statements with long bodies."""
_LOOPBACK: Final = frozenset(("127.0.0.1", "localhost", "::1"))

Report = Callable[[int, int | None], None]
"""Called with the bytes that came so far and, if it is known, how many there will be."""


def no_report(_done: int, _total: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try.

    Args:
        attempts: How often a request is made at most.
        longest_pause: Seconds; who asks to be left alone for longer is not asked again.
        answer_seconds: How long one answer may take from its beginning to its end.
        step_seconds: How long each step of it may take: connecting, sending, the next bytes.
        sleep: Waits for so many seconds.
        monotonic: Seconds on a clock that only goes forward.
    """

    attempts: int = 4
    longest_pause: float = 20.0
    answer_seconds: float = 300.0
    step_seconds: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic


class Answer(NamedTuple):
    """A success.

    Args:
        status: HTTP status, 200 to 299.
        headers: By lower-case name.
        data: The body.
    """

    status: int
    headers: Mapping[str, str]
    data: bytes

    def json(self) -> dict[str, Any]:
        """Return the JSON object that it holds.

        Raises:
            VerificationError: It holds none.
        """
        try:
            value = strict_json.loads(self.data, max_bytes=MAX_JSON)
        except MalformedError as error:
            raise wrong_answer(error.message) from None
        if not isinstance(value, dict):
            raise wrong_answer("no JSON object")
        return value


@dataclass(frozen=True, slots=True)
class Http:
    """A service behind a URL.

    Args:
        url: Where it is, without a slash at its end.
        patience: How long to try.
        client: Makes the requests; redirections are not followed.
    """

    url: str
    patience: Patience
    client: httpx.Client = field(repr=False)

    @classmethod
    def open(
        cls, url: str, patience: Patience | None = None, transport: httpx.BaseTransport | None = None
    ) -> Self:
        """Return what speaks to a URL; nothing is asked yet.

        Args:
            url: As `corridor up` prints it.
            patience: How long to try.
            transport: Where requests go instead of the network.

        Raises:
            UsageError: It is no URL of HTTP.
        """
        parsed = http_url(url)
        if parsed is None or (parsed.port or 0) > 65_535 or parsed.query:
            raise UsageError(
                "bad-url", "the URL of a ledger begins with http:// or https:// and has no query", field="url"
            )
        if parsed.userinfo:
            raise UsageError("bad-url", "the URL of a ledger holds no user and no password", field="url")
        patience = patience or Patience()
        client = httpx.Client(
            timeout=patience.step_seconds,
            transport=transport,
            headers={"Accept-Encoding": "identity"},
            # A proxy of the environment is not on the way to this machine itself.
            trust_env=parsed.host not in _LOOPBACK,
        )
        return cls(url.rstrip("/"), patience, client)

    @property
    def is_private(self) -> bool:
        """Whether nobody between here and there can read along."""
        return is_private(self.url)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes | None = None,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_JSON,
        once: bool = False,
    ) -> Answer:
        """Make a request, again when the service asks for it, and return the answer.

        Args:
            method: Of HTTP.
            path: From the first slash on.
            content: The body.
            params: What follows the question mark.
            headers: More headers.
            max_bytes: Of the answer.
            once: Whether it is never repeated by itself.

        Raises:
            CorridorError: What the service says; see `refusal`.
            LaterError: It cannot be reached, or cannot do it now.
            VerificationError: The answer is larger than it may be.
        """

        def attempt() -> Answer:
            with self._answer(method, path, content, params, headers) as response:
                return Answer(response.status_code, response.headers, self._read(response, max_bytes))

        return attempt() if once else self._patiently()(attempt)

    def download(
        self,
        path: str,
        file: BinaryIO,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int,
        report: Report = no_report,
    ) -> None:
        """Write what is served at a path into a file; raises as `ask`.

        Args:
            path: From the first slash on.
            file: Empty, open for writing; what came of an attempt that broke off is cut away again.
            headers: More headers.
            max_bytes: Refuse more.
            report: Is told how far it is.
        """

        def attempt() -> None:
            file.seek(0)
            file.truncate()
            with self._answer("GET", path, None, None, headers) as response:
                length = response.headers.get("content-length", "")
                total = int(length) if length.isdigit() and len(length) < 16 else None
                done = 0
                for part in self._parts(response, max_bytes):
                    file.write(part)
                    done += len(part)
                    report(done, total)

        self._patiently()(attempt)

    @contextmanager
    def stream(
        self, path: str, *, params: Mapping[str, str | int], headers: Mapping[str, str]
    ) -> Iterator[Iterator[bytes]]:
        """Give the pieces of an answer that has no end, as they come, while a block runs; raises as `ask`.

        Args:
            path: From the first slash on.
            params: What follows the question mark.
            headers: More headers.
        """
        with self._answer("GET", path, None, params, headers) as response:
            yield response.iter_bytes()

    def _patiently(self) -> Retrying:
        longest = self.patience.longest_pause

        def pause(state: RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.seconds if isinstance(error, LaterError) else None
            return 0.1 * 2.0**state.attempt_number if asked is None else asked

        def worth_it(error: BaseException) -> bool:
            return isinstance(error, LaterError) and error.again and (error.seconds or 0) <= longest

        return Retrying(
            sleep=self.patience.sleep,
            stop=stop_after_attempt(self.patience.attempts),
            wait=pause,
            retry=retry_if_exception(worth_it),
            reraise=True,
        )

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        content: bytes | None,
        params: Mapping[str, str | int] | None,
        headers: Mapping[str, str] | None,
    ) -> Iterator[httpx.Response]:
        """Give a successful answer whose body is still to be read."""
        try:
            with self.client.stream(
                method, self.url + path, content=content, params=params, headers=headers
            ) as response:
                if not response.is_success:
                    raise refusal(response.status_code, self._problem(response), response.headers)
                yield response
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = str(error) or type(error).__name__
            raise LaterError(
                "ledger-unreachable",
                f"the ledger at {self.url} cannot be reached ({what}); try the same again later",
                reached=False,
                again=isinstance(error, httpx.TransportError),
            ) from None

    def _problem(self, response: httpx.Response) -> Mapping[str, Any]:
        try:
            return Answer(0, {}, self._read(response, 65_536)).json()
        except VerificationError:
            return {}

    def _read(self, response: httpx.Response, max_bytes: int) -> bytes:
        return b"".join(self._parts(response, max_bytes))

    def _parts(self, response: httpx.Response, max_bytes: int) -> Iterator[bytes]:
        until = self.patience.monotonic() + self.patience.answer_seconds
        done = 0
        for part in response.iter_bytes():
            done += len(part)
            if done > max_bytes:
                raise wrong_answer(f"over {max_bytes} bytes")
            # A byte now and then satisfies every timeout of a step.
            if self.patience.monotonic() > until:
                message = f"the ledger at {self.url} took over {self.patience.answer_seconds:g} s to answer"
                raise LaterError("ledger-too-slow", message, again=False)
            yield part


def is_private(url: str) -> bool:
    """Return whether nobody between here and a URL of HTTP can read along."""
    parsed = httpx.URL(url)
    return parsed.scheme == "https" or (parsed.scheme == "http" and parsed.host in _LOOPBACK)


def wrong_answer(what: str) -> VerificationError:
    """Return the error for an answer that a ledger would not give."""
    return VerificationError("wrong-answer", f"this is not how a ledger answers: {what}; is the URL right?")
