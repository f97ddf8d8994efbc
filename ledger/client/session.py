"""A session of the service: opened by signing its challenge, or by an officer, whose session may be kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ledger.client.http import Answer, Http, wrong_answer
from ledger.client.kept_session import SIGN_IN, KeptSession, checked_token, over
from ledger.domain import strict_json
from ledger.domain.clock import Clock
from ledger.domain.cose import Signer
from ledger.domain.errors import AccessError, CorridorError, MalformedError, UsageError, VerificationError
from ledger.domain.fields import from_b64url, natural, organisation
from ledger.domain.login import CHALLENGE_SIZES, TYP, sign_login

CHALLENGES: Final = "/v1/challenges"
SESSIONS: Final = "/v1/sessions"
OFFICERS: Final = f"{SESSIONS}/oidc"
CURRENT: Final = f"{SESSIONS}/current"
_MAX_ANSWER: Final = 65_536
_LONGEST_CHALLENGE: Final = 900
"""Seconds; whatever a service says, nobody waits longer for somebody to sign in."""
_JSON: Final = {"Content-Type": "application/json"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a service wants to see in a login.

    Args:
        text: base64url, as it came.
        value: The bytes.
        seconds: How long it is good, by this machine's clock.
    """

    text: str
    value: bytes
    seconds: int


class Session:
    """Opens a session when it is first needed, and another one when that is over.

    Args:
        http: The service.
        signer: The key; None for an officer, and for somebody who can ask only for what is public.
        iss: URI of the organisation.
        audience: Tells for which log the key signs, when it comes to that.
        clock: Dates the login.
        kept: Gives the officer's session that goes on here, None when there is none. Asked only without a
            key, and only when a session is needed.

    Attributes:
        signer: As given.
        iss: As given; without a key it is known only once the session is.
    """

    def __init__(
        self,
        http: Http,
        signer: Signer | None,
        iss: str | None,
        audience: Callable[[], str],
        clock: Clock,
        *,
        kept: Callable[[], KeptSession | None] = lambda: None,
    ) -> None:
        self._http = http
        self.signer = signer
        self.iss = iss
        self._audience = audience
        self._clock = clock
        self._kept = kept
        self._token: str | None = None

    def login(self) -> dict[str, Any]:
        """Begin a session, and return what the service says of it, without the token.

        Raises:
            UsageError: There is neither a key to sign with nor an officer's session, or everybody on the way
                could read the token.
            AccessError: The service does not take this key, or the officer's session is over.
            UnavailableError: It cannot be reached now.
            VerificationError: What answers is no ledger, or not the one whose session it is.
        """
        if self.signer is not None:
            return self._sign_in(self.signer)
        self._take_up()
        return self.ask("GET", CURRENT, max_bytes=_MAX_ANSWER).json()

    def challenge(self) -> Challenge:
        """Return a challenge of the service; raises as `login`."""
        given = self._http.ask("POST", CHALLENGES, content=b"{}", headers=_JSON, max_bytes=_MAX_ANSWER).json()
        try:
            value = from_b64url(given.get("challenge"), "challenge")
            if len(value) not in CHALLENGE_SIZES:
                raise wrong_answer("a challenge of another size")
            left = natural(given.get("expires_at"), "expires_at") - self._clock()
        except MalformedError as error:
            raise wrong_answer(error.message) from None
        return Challenge(given["challenge"], value, min(left, _LONGEST_CHALLENGE))

    def open_for_officer(self, id_token: str) -> tuple[dict[str, Any], KeptSession]:
        """Open a session with an ID token whose `nonce` is a challenge of the service.

        Args:
            id_token: As the officer's identity provider gave it.

        Returns:
            What the service says of the session, without the token; and what to keep of it.

        Raises:
            CorridorError: Why the service does not take the officer.
            UnavailableError: It cannot be reached now.
            VerificationError: What answers is no ledger.
        """
        self.check_private()
        log = self._audience()
        opened = self._open(OFFICERS, strict_json.dumps({"token": id_token}), _JSON)
        try:
            expires_at = natural(opened.get("expires_at"), "expires_at")
        except MalformedError as error:
            raise wrong_answer(error.message) from None
        self.iss = _organisation(opened)
        assert self._token is not None
        return opened, KeptSession(self._http.url, log, self.iss, expires_at, self._token)

    def logout(self) -> None:
        """End the session at the service, if there is one; raises as `Http.ask`."""
        if self._token is not None:
            headers, self._token = self.headers(), None
            self._http.ask("DELETE", CURRENT, headers=headers, once=True)

    def leave(self) -> None:
        """End the session unless it is an officer's, which goes on; raises as `Http.ask`."""
        if self.signer is not None:
            self.logout()

    def headers(self) -> dict[str, str]:
        """Return the headers that show the session, which is begun if there is none; raises as `login`."""
        if self._token is None:
            if self.signer is None:
                self._take_up()
            else:
                self._sign_in(self.signer)
        return {"Authorization": f"Bearer {self._token}"}

    def within(self, request: Callable[[dict[str, str]], _T]) -> _T:
        """Make a request within the session, once more if the session turns out to be over.

        Args:
            request: Is given the headers.
        """
        had_one = self._token is not None
        try:
            return request(self.headers())
        except AccessError as error:
            if self.signer is None:
                raise _to_sign_in(error) from None
            if not had_one:
                raise
        self._token = None
        return request(self.headers())

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        """Make a request within the session; see `Http.ask`."""
        headers = dict(more.pop("headers", None) or {})
        return self.within(lambda shown: self._http.ask(method, path, headers=headers | shown, **more))

    def check_private(self) -> None:
        """Return unless somebody on the way to the service could read a token: UsageError `not-private`."""
        if not self._http.is_private:
            raise UsageError(
                "not-private",
                "a session over plain http would show its token to everybody on the way; use https",
                field="url",
            )

    def _sign_in(self, signer: Signer) -> dict[str, Any]:
        """Open a session with the key."""
        if self.iss is None:
            raise UsageError("no-key", "say for which organisation the key signs (--iss)")
        self.check_private()
        challenge = self.challenge().value
        message = sign_login(
            signer, iss=self.iss, aud=self._audience(), iat=self._clock(), challenge=challenge
        )
        opened = self._open(SESSIONS, message, {"Content-Type": TYP})
        if _organisation(opened) != self.iss:
            self._token = None
            raise wrong_answer("a session of another organisation")
        return opened

    def _open(self, path: str, content: bytes, headers: dict[str, str]) -> dict[str, Any]:
        """Show what opens a session, take the token out of the answer, and return the rest."""
        # Not repeated when its answer is lost: a challenge is good once.
        opened = self._http.ask(
            "POST", path, content=content, headers=headers, max_bytes=_MAX_ANSWER, once=True
        ).json()
        try:
            self._token = checked_token(opened.pop("token", None))
        except MalformedError:
            raise wrong_answer("a session without a token") from None
        return opened

    def _take_up(self) -> None:
        """Go on with the officer's session that is kept here."""
        kept = self._kept()
        if kept is None:
            raise UsageError(
                "no-key",
                "this needs a session: give the key of your organisation (--key, --iss), or sign in as an "
                f"officer first ({SIGN_IN})",
            )
        if kept.expires_at <= self._clock():
            raise over(kept)
        if self.iss not in (None, kept.organisation):
            raise UsageError(
                "other-organisation",
                f"you are signed in for {kept.organisation}, not {self.iss}",
                field="--iss",
            )
        self.check_private()
        if kept.log != self._audience():
            raise VerificationError(
                "other-log",
                f"you are signed in at another log than {self._http.url} is of now; nothing was shown to it; "
                f"if that is right, sign in again: {SIGN_IN}",
            )
        self.iss, self._token = kept.organisation, kept.token


def _to_sign_in(error: AccessError) -> AccessError:
    """Return a refusal of an officer's session with what to do about it."""
    if SIGN_IN in error.message:
        return error
    return AccessError(error.code, f"{error.message}; sign in again: {SIGN_IN}", field=error.field)


def _organisation(opened: dict[str, Any]) -> str:
    try:
        return organisation(opened.get("organisation"), "organisation")
    except CorridorError as error:
        raise wrong_answer(error.message) from None
