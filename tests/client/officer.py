"""An officer at a pretended ledger: the browser that comes straight back, and the sign-in around it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ledger.client.kept_session import KeptSessions
from ledger.client.provider import ProviderHttp
from ledger.client.sign_in import sign_in
from ledger.domain.errors import CorridorError
from tests.builders import CUSTOMS, NOON
from tests.client.pretend import Pretend
from tests.client.provider_site import ID_TOKEN

OPENED: dict[str, Any] = {
    "organisation": CUSTOMS,
    "kid": None,
    "officer": "ab" * 32,
    "roles": [],
    "expires_at": NOON + 3600,
}
TOKEN = "token-of-the-ledger"


class Browser:
    """Comes straight back, as somebody whom the provider knows already.

    Args:
        changes: What the redirect brings beside the code, or instead.
    """

    def __init__(self, **changes: str | None) -> None:
        self.changes = changes
        self.url = ""
        self.answers: list[httpx.Response] = []

    def __call__(self, url: str) -> None:
        self.url = url
        self.answers.append(self.come_back())

    @property
    def asked(self) -> dict[str, str]:
        """What the page was opened with; nothing twice."""
        query = parse_qs(urlsplit(self.url).query, strict_parsing=True)
        assert all(len(values) == 1 for values in query.values())
        return {name: value for name, (value,) in query.items()}

    def come_back(self) -> httpx.Response:
        params = {"code": "c0de", "state": self.asked["state"]} | self.changes
        given = {name: value for name, value in params.items() if value is not None}
        return httpx.get(self.asked["redirect_uri"], params=given)


def nobody(_url: str) -> None:
    raise AssertionError("a browser was opened")


def signs_in(
    ledger: Pretend,
    sessions: KeptSessions,
    issuer: str,
    show: Callable[[str], None],
    *,
    client_id: str = "corridor-ledger",
    now: int = NOON,
) -> Any:
    with ledger.service(signer=None, iss=None, clock=lambda: now) as service:
        http = ProviderHttp(deadline=0.5)
        return sign_in(service, sessions, issuer=issuer, client_id=client_id, show=show, http=http)


def fails(*arguments: Any, **more: Any) -> str:
    with pytest.raises(CorridorError) as caught:
        signs_in(*arguments, **more)
    for secret in (TOKEN, ID_TOKEN, "c0de", "call this number", "Atención"):
        assert secret not in caught.value.message
    return caught.value.code
