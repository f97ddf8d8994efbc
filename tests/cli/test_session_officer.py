"""`corridor session sign-in` and what follows: an officer with a browser, a real provider, a real ledger."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.access.oidc_setting import OidcSetting
from tests.access.real_provider import CLIENT, Provider, a_provider, browse
from tests.builders import CUSTOMS
from tests.chain.chains import Hands
from tests.cli.corridor import EXECUTABLE, Ran, corridor, refused
from tests.cli.town import Town
from tests.integration.stage import a_stage, enrol


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with a_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def town(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A ledger that knows the provider, and organisations with key files."""
    folder = tmp_path_factory.mktemp("officers")
    setting = OidcSetting(
        issuer=provider.url,
        audience=CLIENT,
        organisation_claim="corridor",
        organisations={"customs": CUSTOMS},
    )
    with a_stage(folder / "ledger", clock=Hands(int(time.time())), oidc=(setting,)) as stage:
        enrol(stage.ledger)
        yield Town.build(folder, stage)


@contextmanager
def signing_in(*words: object, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `session sign-in` while a block runs, and give the process and the address that it prints."""
    command = [str(EXECUTABLE), "session", "sign-in", *map(str, words)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
    ) as process:
        try:
            assert process.stderr is not None
            told = process.stderr.readline()
            found = re.fullmatch(r"corridor: to sign in, open (http\S+)\n", told)
            assert found, told + process.stderr.read()
            yield process, found[1]
        finally:
            process.kill()


def at(town: Town, provider: Provider) -> list[str]:
    """Return the options that name ledger and provider."""
    return ["--to", town.url, "--issuer", provider.url, "--client-id", CLIENT, "--no-browser"]


def signed_in(town: Town, provider: Provider) -> Any:
    """Sign in as an officer of customs, and return what the command prints."""
    town.stage.clock.now = int(time.time())
    with signing_in(*at(town, provider), "--json") as (process, url):
        browse(url, sub="officer-7")
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, ""), err
    return json.loads(out)


def as_officer(town: Town, *words: object) -> Ran:
    """Run a command without a key."""
    return corridor(*words, "--to", town.url)


def kept() -> list[Path]:
    """Return the files of sessions."""
    return sorted((Path(os.environ["CORRIDOR_STATE"]) / "sessions").glob("*"))


def test_an_officer_signs_in_reads_and_signs_out(town: Town, provider: Provider) -> None:
    refused(as_officer(town, "arrivals"), 2, "no-key")
    told = signed_in(town, provider)
    assert (told["organisation"], told["roles"]) == (CUSTOMS, ["destination-customs", "governor"])
    assert told["session_until"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert as_officer(town, "session", "check", "--json").json == told
    ran = as_officer(town, "arrivals", "--json")
    assert (ran.code, ran.json, ran.err) == (0, [], "")
    [file] = kept()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    token = json.loads(file.read_bytes())["token"]
    ran = as_officer(town, "session", "sign-out", "--json")
    assert (ran.code, ran.json) == (0, {"signed_out": True, "ended_at_the_ledger": True})
    assert kept() == []
    shown = {"Authorization": f"Bearer {token}"}
    assert town.stage.http.get("/v1/arrivals", headers=shown).status_code == 401
    refused(as_officer(town, "arrivals"), 2, "no-key")
    refused(as_officer(town, "session", "sign-out"), 1, "not-signed-in")
