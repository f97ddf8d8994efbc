"""A real OpenID Provider in a process of its own, and what an officer's browser does with it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from ledger.log.http_server import listen

CLIENT = "corridor-ledger"
CALLBACK = "http://127.0.0.1:9/callback"
OFFICER = {"sub": "officer-7", "corridor": "customs", "name": "A Name That Nobody Keeps"}
STRANGER = {"sub": "porter-1", "corridor": "canteen"}


class Provider:
    """What an officer's browser does with it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def id_token(self, sub: str, nonce: str, client: str = CLIENT) -> str:
        """Sign in by the authorization code flow (OpenID Connect Core 1.0, section 3.1)."""
        asked = {
            "client_id": client,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile",
            "state": "s",
            "nonce": nonce,
        }
        with httpx.Client(base_url=self.url) as http:
            sent = http.post("/oauth2/authorize", params=asked, data={"sub": sub})
            [code] = parse_qs(urlsplit(sent.headers["Location"]).query)["code"]
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
            answer = http.post("/oauth2/token", data=form, auth=(client, "secret"))
        return str(answer.json()["id_token"])


def browse(url: str, **form: str) -> httpx.Response:
    """Open a page of the provider, send its form, and go where it leads; return the last answer.

    Args:
        url: The page.
        form: What is sent, `sub` for somebody.
    """
    with httpx.Client() as http:
        page = http.get(url)
        assert page.status_code == 200, page.text
        sent = http.post(url, data=form)
        assert sent.is_redirect, sent.text
        return http.get(sent.headers["Location"])


@contextmanager
def a_provider() -> Iterator[Provider]:
    """Run the provider while a block runs."""
    with listen(0) as taken:
        port = taken.getsockname()[1]
    program = [sys.executable, "-W", "ignore", "-m", "tests.access.provider_process"]
    command = [*program, "--port", str(port)]
    for user in (OFFICER, STRANGER):
        command += ["--user-claims", json.dumps(user)]
    quiet = os.environ | {"NO_COLOR": "1"}
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, env=quiet, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            started = next((line for line in process.stderr if "Uvicorn running" in line), None)
            assert started is not None, "the provider did not start"
            yield Provider(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.communicate()
