"""`corridor session sign-in` and what follows: an officer with a browser, a real provider, a real ledger."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from ledger.access.oidc_setting import OidcSetting
from ledger.cli.app import app
from ledger.client import Service
from ledger.client.kept_session import KeptSession, KeptSessions
from ledger.domain.errors import PolicyError
from tests.access.real_provider import CLIENT, Provider, a_provider, browse
from tests.builders import CUSTOMS, EXPORTER
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


def reading(town: Town, trip: str, statement: str, subscription: str) -> dict[str, tuple[object, ...]]:
    """Return all commands that an officer can run without a key, each with what it is told to read."""
    file = town.new
    return {
        "access grants": (),
        "access requests": (),
        "arrivals": (),
        "assessment": (trip,),
        "custody": (trip,),
        "decision list": (trip,),
        "dossier": (trip, "--out", file("dossier.zip")),
        "events": ("--after", 0, "--count", 1),
        "evidence alarms": (),
        "evidence due": ("--all",),
        "evidence get": ("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", "--out", file("x")),
        "evidence secrets": (),
        "handover list": ("--all",),
        "handover show": ("0" * 64,),
        "organisation readers": (EXPORTER,),
        "passages": (trip,),
        "receipt": (statement, "--out", file("receipt.zip")),
        "registry application": ("0" * 64,),
        "registry applications": (),
        "session check": (),
        "statement follow": (statement, "--timeout", 5),
        "statement get": (statement, "--out", file("statement")),
        "stream members": (trip,),
        "subject list": (),
        "subject show": (trip,),
        "subscription deliveries": (subscription,),
        "subscription list": (),
        "subscription show": (subscription,),
        "todo": (),
        "verdict": (trip,),
    }


def without_key(command: Any = None, name: str = "") -> Iterator[str]:
    """Yield the names of the commands whose help says that they need no key once somebody signed in."""
    command = command or get_command(app)
    for sub, one in getattr(command, "commands", {}).items():
        yield from without_key(one, f"{name} {sub}".strip())
    if any("corridor session sign-in" in (getattr(one, "help", None) or "") for one in command.params):
        yield name


def test_an_officer_reads_what_the_organisation_reads_with_its_key(town: Town, provider: Provider) -> None:
    opened = town.opened(EXPORTER)
    trip = str(opened["subject"])
    town.did(CUSTOMS, "stream", "join", opened["secret"])
    decided = town.did(CUSTOMS, "decision", "say", trip, "--hold", "cet")["id"]
    wish = town.did(CUSTOMS, "subscription", "add", "all", "--url", "https://customs.example/hook")["id"]
    town.stage.anchor()
    signed_in(town, provider)
    by_key, by_session = (reading(town, trip, decided, wish) for _ in range(2))
    assert sorted(by_key) == sorted(without_key())
    refusals = {}
    for name, words in by_key.items():
        said = town.run(CUSTOMS, *name.split(), *words)
        shown = as_officer(town, *name.split(), *by_session[name])
        assert (shown.code, shown.err) == (said.code, said.err), (name, shown, said)
        if "--out" not in words and name != "session check":
            assert shown.out == said.out, name
        if shown.err:
            refusals[name] = shown.reason
    # What is not there is said not to be there, as it is to who has a key.
    assert refusals == {
        "evidence get": "no-evidence",
        "handover show": "no-such-offer",
        "organisation readers": "no-encryption-key",
        "registry application": "enrolment-unknown",
    }


def test_an_officer_changes_nothing(town: Town, provider: Provider) -> None:
    signed_in(town, provider)
    trip = town.opened(EXPORTER)["subject"]
    refused(as_officer(town, "decision", "say", trip, "--release"), 2, "usage")
    sealed, file = town.new("sealed"), town.new("scan.png")
    sealed.mkdir()
    file.write_bytes(b"scan")
    what = ("--media-type", "image/png", "--category", "scan", "--out", sealed)
    refused(as_officer(town, "evidence", "add", file, *what), 2, "no-key")
    assert list(sealed.iterdir()) == []
    with Service(town.url, sessions=KeptSessions(Path(os.environ["CORRIDOR_STATE"]))) as service:
        with pytest.raises(PolicyError) as caught:
            service.join(bytes(16))
        assert caught.value.code == "officer-session"


def test_the_browser_of_the_officer_is_opened(town: Town, provider: Provider, tmp_path: Path) -> None:
    town.stage.clock.now = int(time.time())
    browser = tmp_path / "browser"
    lines = (
        f"#!{sys.executable}",
        "import sys",
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r})",
        "from tests.access.real_provider import browse",
        "browse(sys.argv[1], sub='officer-7')",
    )
    browser.write_text("\n".join(lines))
    browser.chmod(0o700)
    words = [one for one in at(town, provider) if one != "--no-browser"]
    with signing_in(*words, "--json", BROWSER=f"{browser} %s") as (process, _url):
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err, json.loads(out)["organisation"]) == (0, "", CUSTOMS)


def test_without_a_browser_the_address_is_enough(town: Town, provider: Provider) -> None:
    town.stage.clock.now = int(time.time())
    words = [one for one in at(town, provider) if one != "--no-browser"]
    with signing_in(*words, BROWSER="/does/not/exist %s", PATH="/nowhere") as (process, url):
        browse(url, sub="officer-7")
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "open that address" in err


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"action": "deny"}, "sign-in-refused"),
        ({"sub": "porter-1"}, "organisation-unmapped"),
        ({"sub": "a-passer-by"}, "organisation-unmapped"),
    ],
)
def test_who_is_no_officer_does_not_get_in(
    town: Town, provider: Provider, form: dict[str, str], code: str
) -> None:
    town.stage.clock.now = int(time.time())
    with signing_in(*at(town, provider)) as (process, url):
        assert "You can close this window" in browse(url, **form).text
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.count("\n"), kept()) == (1, "", 1, []), err
    assert err.endswith(f"[{code}]\n")


def test_a_session_can_be_left_without_the_ledger(town: Town, provider: Provider) -> None:
    signed_in(town, provider)
    [file] = kept()
    gone = corridor("session", "sign-out", "--to", "http://127.0.0.1:1")
    refused(gone, 1, "not-signed-in")
    away = KeptSession.parse(file.read_bytes().replace(town.url.encode(), b"http://127.0.0.1:1"))
    KeptSessions(file.parents[1]).keep(away)
    ran = corridor("session", "sign-out", "--to", "http://127.0.0.1:1", "--json")
    assert (ran.code, ran.json) == (0, {"signed_out": True, "ended_at_the_ledger": False})
    assert ran.reason == "ledger-unreachable"
    assert kept() == [file]


def test_a_session_that_is_no_good_is_said_to_be_and_can_be_removed(town: Town, provider: Provider) -> None:
    signed_in(town, provider)
    [file] = kept()
    whole = json.loads(file.read_bytes())
    file.write_text(json.dumps(whole | {"expires_at": 1}))
    over = as_officer(town, "arrivals")
    refused(over, 1, "session-over")
    assert "corridor session sign-in" in over.err
    refused(as_officer(town, "arrivals", "--iss", EXPORTER), 1, "session-over")
    file.write_text(json.dumps(whole))
    refused(as_officer(town, "arrivals", "--iss", EXPORTER), 2, "other-organisation")
    file.write_text("{}")
    refused(as_officer(town, "arrivals"), 2, "session-damaged")
    file.write_text(json.dumps(whole))
    file.chmod(0o644)
    refused(as_officer(town, "arrivals"), 2, "session-exposed")
    assert town.run(CUSTOMS, "arrivals").code == 0, "a key needs no session"
    ran = as_officer(town, "session", "sign-out", "--json")
    assert (ran.json["ended_at_the_ledger"], ran.reason, kept()) == (False, "session-exposed", [])


def test_issuer_and_client_come_from_the_settings_of_the_officer_only(
    town: Town, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(corridor("session", "sign-in", "--to", town.url), 2, "usage")
    monkeypatch.setenv("CORRIDOR_OIDC_ISSUER", provider.url + "/")
    monkeypatch.setenv("CORRIDOR_OIDC_CLIENT", CLIENT)
    refused(corridor("session", "sign-in", "--to", town.url), 1, "wrong-provider")
    monkeypatch.setenv("CORRIDOR_OIDC_ISSUER", "http://login.customs.example")
    refused(corridor("session", "sign-in", "--to", town.url), 2, "bad-issuer")
    monkeypatch.setenv("CORRIDOR_OIDC_ISSUER", provider.url)
    refused(corridor("session", "sign-in", "--to", "http://ledger.example"), 2, "not-private")
