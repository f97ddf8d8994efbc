"""A pretended ledger, and its door; providers, and where officers' sessions are kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.client.kept_session import KeptSessions
from ledger.log.http_server import listen, serving, url_of
from tests.client.door import Door, answer
from tests.client.officer import OPENED, TOKEN
from tests.client.pretend import Pretend
from tests.client.provider_site import Site


@pytest.fixture
def ledger() -> Pretend:
    return Pretend()


@pytest.fixture
def door(ledger: Pretend) -> Door:
    return Door(ledger)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    site = Site()
    with listen(0) as listener:
        site.url = url_of(listener)
        with serving(site, listener):
            yield site
            site.go_on.set()


@pytest.fixture
def sessions(tmp_path: Path) -> KeptSessions:
    return KeptSessions(tmp_path / "state")


@pytest.fixture
def officers(ledger: Pretend, door: Door) -> None:
    """Have the pretended ledger take any ID token."""
    ledger.routes[("POST", "/v1/sessions/oidc")] = lambda _request: answer(OPENED | {"token": TOKEN}, 201)
    ledger.routes[("DELETE", "/v1/sessions/current")] = lambda _request: answer({})
