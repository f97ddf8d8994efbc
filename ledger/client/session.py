"""A session of the service, opened by signing its challenge; the token lives in this process only."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from ledger.client.http import Answer, Http, wrong_answer
from ledger.domain.clock import Clock
from ledger.domain.cose import Signer
from ledger.domain.errors import AccessError, CorridorError, MalformedError, UsageError
from ledger.domain.fields import from_b64url, organisation
from ledger.domain.login import CHALLENGE_SIZES, TYP, sign_login

CHALLENGES = "/v1/challenges"
SESSIONS = "/v1/sessions"
_MAX_ANSWER = 65_536
# What a header can carry (RFC 6750 section 2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,512}=*")
_T = TypeVar("_T")


class Session:
    """Opens a session when it is first needed, and another one when that is over.

    Args:
        http: The service.
        signer: The key; None for somebody who has none, and can ask only for what is public.
        iss: URI of the organisation.
        audience: Tells for which log the key signs, when it comes to that.
        clock: Dates the login.

    Attributes:
        signer: As given.
        iss: As given.
    """

    def __init__(
        self, http: Http, signer: Signer | None, iss: str | None, audience: Callable[[], str], clock: Clock
    ) -> None:
        self._http = http
        self.signer = signer
        self.iss = iss
        self._audience = audience
        self._clock = clock
        self._token: str | None = None

    def login(self) -> dict[str, Any]:
        """Open a session, and return what the service says of it, without the token.

        Raises:
            UsageError: There is no key to sign with, or everybody on the way could read the token.
            AccessError: The service does not take this key.
            UnavailableError: It cannot be reached now.
            VerificationError: What answers is no ledger.
        """
        if self.signer is None or self.iss is None:
            raise UsageError(
                "no-key", "this needs a session: give the key of your organisation (--key, --iss)"
            )
        if not self._http.is_private:
            raise UsageError(
                "not-private",
                "a session over plain http would show its token to everybody on the way; use https",
                field="url",
            )
        given = self._http.ask("POST", CHALLENGES, content=b"{}", headers=_JSON, max_bytes=_MAX_ANSWER).json()
        try:
            challenge = from_b64url(given.get("challenge"), "challenge")
            if len(challenge) not in CHALLENGE_SIZES:
                raise wrong_answer("a challenge of another size")
        except MalformedError as error:
            raise wrong_answer(error.message) from None
        message = sign_login(
            self.signer, iss=self.iss, aud=self._audience(), iat=self._clock(), challenge=challenge
        )
        # Not repeated when its answer is lost: a challenge is good once.
        headers = {"Content-Type": TYP}
        opened = self._http.ask(
            "POST", SESSIONS, content=message, headers=headers, max_bytes=_MAX_ANSWER, once=True
        ).json()
        token = opened.pop("token", None)
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise wrong_answer("a session without a token")
        if _organisation(opened) != self.iss:
            raise wrong_answer("a session of another organisation")
        self._token = token
        return opened

    def logout(self) -> None:
        """End the session at the service, if there is one; raises as `Http.ask`."""
        if self._token is not None:
            headers, self._token = self.headers(), None
            self._http.ask("DELETE", f"{SESSIONS}/current", headers=headers, once=True)

    def headers(self) -> dict[str, str]:
        """Return the headers that show the session, which is opened if there is none; raises as `login`."""
        if self._token is None:
            self.login()
        return {"Authorization": f"Bearer {self._token}"}

    def within(self, request: Callable[[dict[str, str]], _T]) -> _T:
        """Make a request within the session, once more if the session turns out to be over.

        Args:
            request: Is given the headers.
        """
        had_one = self._token is not None
        try:
            return request(self.headers())
        except AccessError:
            if not had_one:
                raise
        self._token = None
        return request(self.headers())

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        """Make a request within the session; see `Http.ask`."""
        headers = dict(more.pop("headers", None) or {})
        return self.within(lambda shown: self._http.ask(method, path, headers=headers | shown, **more))


_JSON = {"Content-Type": "application/json"}


def _organisation(opened: dict[str, Any]) -> str:
    try:
        return organisation(opened.get("organisation"), "organisation")
    except CorridorError as error:
        raise wrong_answer(error.message) from None
