"""The door of a pretended ledger: it opens sessions as the real one does."""

import json
from dataclasses import dataclass, field

import httpx

from ledger.domain.cose import CoseKey
from ledger.domain.fields import b64url
from ledger.domain.login import Login
from tests.builders import EXPORTER, NOON, a_signer
from tests.client.pretend import Pretend, Route, problem


@dataclass
class Door:
    """The sessions of a pretended ledger: checks the login as the real one does.

    Args:
        key: Who may come in.
        tokens: Given out, in their order.
        good: How often a token is taken before the session is over.
    """

    ledger: Pretend
    key: CoseKey = field(default_factory=lambda: a_signer(EXPORTER).key)
    tokens: list[str] = field(default_factory=list)
    good: int = 1_000

    def __post_init__(self) -> None:
        self.ledger.routes[("POST", "/v1/challenges")] = lambda _request: answer(
            {"challenge": b64url(b"c" * 32), "expires_at": NOON + 120}, 201
        )
        self.ledger.routes[("POST", "/v1/sessions")] = self.open

    def open(self, request: httpx.Request) -> httpx.Response:
        login = Login.parse(request.content)
        login.verify(self.key)
        assert (login.aud, login.challenge) == (self.ledger.genesis.audience, b"c" * 32)
        self.tokens.append(f"token-{len(self.tokens)}")
        return answer(
            {"token": self.tokens[-1], "organisation": login.iss, "roles": [], "expires_at": 1}, 201
        )

    def behind(self, path: str, route: Route) -> None:
        """Answer a path to those who show the newest token."""
        self.left = self.good

        def guarded(request: httpx.Request) -> httpx.Response:
            if request.headers.get("Authorization") != f"Bearer {self.tokens[-1]}":
                return problem(401, "session-over", "log in again")
            if self.left == 0:
                self.left = self.good
                self.tokens.append("ended")
                return problem(401, "session-over", "log in again")
            self.left -= 1
            return route(request)

        self.ledger.routes[("GET", path)] = guarded


def answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, content=json.dumps(value), headers=headers)


def always(value: object) -> Route:
    return lambda _request: answer(value)
