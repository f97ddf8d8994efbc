"""A log's HTTP interface as docs/api.md says, over `urllib`: submitting, logging in, following, fetching."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import quote, urlsplit

from second_signing import LOGIN_TYP, STATEMENT_TYP, Signer, Wrong, from_b64url, read_cbor, read_json

STATES = ("logged", "published", "anchored", "final")
FILE_TYPE = "application/vnd.corridor-ledger.statement+json"
MOST_BYTES = 4_194_304
TITLE, DETAIL = -1, -2
"""Of a problem in CBOR (RFC 9290)."""


class Refused(Exception):  # noqa: N818 - a short word reads better in every raise
    """The service did not do it, or could not be reached; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What a service answered."""

    status: int
    headers: Message
    body: bytes

    @property
    def media_type(self) -> str:
        """Media type of the body, without parameters."""
        return self.headers.get_content_type()

    def json(self) -> dict[str, Any]:
        """Return the object in it."""
        return _shaped(lambda: read_json(self.body, "the answer"))

    def retry_after(self) -> float:
        """Return after how many seconds to ask again: what the service said, within reason."""
        said = self.headers.get("Retry-After", "")
        return min(max(float(said), 0.1), 30) if said.isdecimal() else 1


@dataclass(frozen=True)
class Registered:
    """What became of a submission: id, index in the log, whether it was there before, and warnings."""

    id: str
    index: int
    duplicate: bool
    warnings: list[str]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token goes to the host that it was made for, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def _shaped(read: Callable[[], Any]) -> Any:
    """Return what is read of an answer; one of another shape is the service's fault."""
    try:
        return read()
    except (Wrong, LookupError, TypeError, ValueError) as error:
        raise Refused(f"the service answered something else than docs/api.md says: {error!s}") from None


def plain(text: Any) -> str:
    """Return a service's words so that they can be shown: nothing in them moves the cursor or ends a line."""
    return "".join(one if one.isprintable() else "?" for one in str(text))


def problem(answer: Answer) -> str:
    """Return what a problem document (RFC 9457, or RFC 9290 in CBOR) says."""
    try:
        if answer.media_type == "application/concise-problem-details+cbor":
            told = read_cbor(answer.body, "the problem")
            return plain(f"{told[TITLE]}: {told[DETAIL]}")
        told = read_json(answer.body, "the problem")
        at = f" (at {told['field']})" if "field" in told else ""
        return plain(f"{told['title']}: {told['detail']}{at} [{told['type'].rsplit(':', 1)[-1]}]")
    except (Wrong, KeyError, TypeError, AttributeError):
        return f"an answer with status {answer.status} that explains nothing"


@dataclass
class Service:
    """A log, as one organisation sees it.

    Args:
        url: Where it is served.
        signer: Who logs in; without it only what is public can be had.
        patience: Seconds to wait for what takes time.
    """

    url: str
    signer: Signer | None = None
    patience: float = 600
    _token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        local = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise Refused(f"{self.url} is not an https URL, nor an http one of this machine")
        self.url = self.url.rstrip("/")
        self._opener = urllib.request.build_opener(NoRedirect)

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request, again when the service asks for that, and return the answer whatever its status."""
        deadline = time.monotonic() + self.patience
        while True:
            answer = self._once(method, path, body, dict(headers or {}))
            if answer.status not in (429, 503) or time.monotonic() >= deadline:
                return answer
            time.sleep(answer.retry_after())

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        request = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        try:
            try:
                reply = self._opener.open(request, timeout=30)
            except urllib.error.HTTPError as error:
                reply = error
            with reply:
                content = reply.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            raise Refused(f"{self.url} cannot be reached: {error}; send the same again later") from None
        if len(content) > MOST_BYTES:
            raise Refused(f"the service answered more than {MOST_BYTES} bytes to {method} {path}")
        return Answer(reply.status or 0, reply.headers, content)

    def get(self, path: str) -> Answer:
        """Read what needs a session, opening one when there is none."""
        if self._token is None:
            self.login()
        return self.ask("GET", path, headers={"Authorization": f"Bearer {self._token}"})

    def login(self) -> tuple[str, list[str]]:
        """Open a session by a signed challenge, and return whose it is: the organisation, and its roles."""
        if self.signer is None:
            raise Refused("reading needs a session: say --key and --iss")
        given = expect(self.ask("POST", "/v1/challenges", b""), 201).json()
        challenge = _shaped(lambda: from_b64url(given["challenge"], "the challenge"))
        message = self.signer.login(challenge, int(time.time()))
        opened = expect(self.ask("POST", "/v1/sessions", message, {"Content-Type": LOGIN_TYP}), 201).json()
        self._token = _shaped(lambda: from_b64url(opened["token"], "the token") and opened["token"])
        return _shaped(lambda: (plain(opened["organisation"]), [plain(role) for role in opened["roles"]]))

    def submit(self, body: bytes, *, bare: bool) -> Registered:
        """Submit a statement file, or the bare COSE_Sign1; what is there already is no error."""
        headers = {"Content-Type": STATEMENT_TYP if bare else FILE_TYPE}
        told = expect(self.ask("POST", "/v1/statements", body, headers), 200, 201).json()
        warned = _shaped(lambda: [plain(one["message"]) for one in told["warnings"]])
        return _shaped(lambda: Registered(told["id"], int(told["index"]), bool(told["duplicate"]), warned))

    def states(self, identifier: str, until: str) -> Iterator[str]:
        """Yield each state that a statement comes to, up to the one asked for."""
        seen, deadline = "", time.monotonic() + self.patience
        while True:
            answer = expect(self.get(f"/v1/statements/{identifier}"), 200)
            state = _shaped(lambda answer=answer: STATES[STATES.index(answer.json()["state"])])
            if state != seen:
                yield state
            if STATES.index(state) >= STATES.index(until):
                return
            if time.monotonic() >= deadline:
                raise Refused(f"after {self.patience:g} seconds the statement is {state} and not {until} yet")
            seen = state
            time.sleep(answer.retry_after())

    def receipt(self, identifier: str) -> bytes:
        """Return the COSE Receipt of a statement, waiting until a checkpoint covers it."""
        deadline = time.monotonic() + self.patience
        while True:
            answer = expect(self.get(f"/entries/{identifier}"), 200, 202)
            if answer.status == 200:
                return answer.body
            if time.monotonic() >= deadline:
                raise Refused(f"after {self.patience:g} seconds there is no receipt yet")
            time.sleep(answer.retry_after())

    def checkpoint(self) -> bytes | None:
        """Return the newest published checkpoint, None before the first."""
        answer = expect(self.ask("GET", "/log/checkpoint"), 200, 404)
        return answer.body if answer.status == 200 else None

    def tile(self, path: str) -> bytes:
        """Return a hash tile, or the start of it that is asked for."""
        return expect(self.ask("GET", f"/log/tile/{path}"), 200).body

    def key_of(self, organisation: str, kid: bytes) -> bytes:
        """Return the key of an organisation that has a thumbprint, which whoever gets it compares."""
        told = expect(self.get("/v1/organisations/" + quote(organisation, safe=":/")), 200).json()
        keys = _shaped(lambda: {one["thumbprint"]: one["cose_key"] for one in told["keys"]})
        if kid.hex() not in keys:
            raise Refused(f"the service knows no key {kid.hex()} of {organisation}")
        return _shaped(lambda: from_b64url(keys[kid.hex()], "`cose_key`"))


def expect(answer: Answer, *statuses: int) -> Answer:
    """Return an answer that has one of these statuses."""
    if answer.status not in statuses:
        raise Refused(f"the service refused ({answer.status}): {problem(answer)}")
    return answer
