"""An officer's session between two runs: whose file is taken, and where its token is shown."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.client import Service
from ledger.client.kept_session import KeptSession, KeptSessions
from ledger.client.memory import Memory
from ledger.domain.errors import AccessError, CorridorError, UnavailableError, UsageError
from tests.builders import CUSTOMS, EXPORTER, NOON, a_genesis, a_signer
from tests.client.door import Door, always, answer
from tests.client.pretend import URL, Pretend, problem

SESSION = KeptSession(URL, a_genesis().audience, CUSTOMS, NOON + 3600, "token-of-before")


def refused(sessions: KeptSessions) -> str:
    with pytest.raises(UsageError) as caught:
        sessions.of(URL)
    assert SESSION.token not in caught.value.message
    assert "sign-in" in caught.value.message
    return caught.value.code


def test_what_is_kept_is_there_for_its_ledger_and_its_owner_only(sessions: KeptSessions) -> None:
    assert sessions.of(URL) is None
    sessions.keep(SESSION)
    assert sessions.of(URL) == SESSION
    assert sessions.of(f"{URL}/corridor") is None
    path = sessions.path(URL)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert list(path.parent.iterdir()) == [path]
    assert SESSION.token not in repr(SESSION)


def test_a_newer_session_takes_the_place_of_the_one_before(sessions: KeptSessions) -> None:
    sessions.keep(SESSION)
    newer = KeptSession(URL, SESSION.log, CUSTOMS, NOON + 7200, "another")
    sessions.keep(newer)
    assert sessions.of(URL) == newer


def test_what_is_forgotten_is_gone(sessions: KeptSessions) -> None:
    assert sessions.forget(URL) is False
    sessions.keep(SESSION)
    assert (sessions.forget(URL), sessions.of(URL), sessions.forget(URL)) == (True, None, False)
    nowhere = KeptSessions(None)
    assert (nowhere.of(URL), nowhere.forget(URL)) == (None, False)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o777, 0o601])
def test_a_session_that_others_may_read_or_write_is_not_taken(sessions: KeptSessions, mode: int) -> None:
    sessions.keep(SESSION)
    sessions.path(URL).chmod(mode)
    assert refused(sessions) == "session-exposed"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_session_of_somebody_else_is_not_taken(sessions: KeptSessions) -> None:
    sessions.keep(SESSION)
    os.chown(sessions.path(URL), 12_345, -1)
    assert refused(sessions) == "session-exposed"


def test_a_link_is_not_followed(sessions: KeptSessions, tmp_path: Path) -> None:
    sessions.keep(SESSION)
    path, target = sessions.path(URL), tmp_path / "target"
    path.rename(target)
    path.symlink_to(target)
    before = target.read_bytes()
    assert refused(sessions) == "session-exposed"
    sessions.keep(SESSION)
    assert not path.is_symlink()
    assert target.read_bytes() == before
    path.unlink()
    path.symlink_to(target)
    assert sessions.forget(URL)
    assert target.exists()


def test_nothing_but_a_file_is_read(sessions: KeptSessions) -> None:
    path = sessions.path(URL)
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    assert refused(sessions) == "session-exposed"
    path.unlink()
    path.mkdir()
    assert refused(sessions) == "session-exposed"
    with pytest.raises(UnavailableError):
        sessions.forget(URL)


def changed(**members: Any) -> bytes:
    whole = json.loads(SESSION.encode()) | members
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


DAMAGED = {
    "empty": b"",
    "cut off": SESSION.encode()[:-9],
    "no object": b"[]",
    "no text": b"\xff\xfe",
    "too long": changed(token="t" * 9_000),
    "no token": changed(token=None),
    "an empty token": changed(token=""),
    "a token that is none": changed(token=7),
    "a token of two lines": changed(token="a\r\nX-Other: b"),
    "no end": changed(expires_at=None),
    "an end in words": changed(expires_at="tomorrow"),
    "no organisation": changed(organisation="customs"),
    "no log": changed(log="another"),
    "another format": changed(format="corridor-session/2"),
    "more than there is": changed(more=1),
    "another ledger": changed(url="https://ledger.example"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_session_is_not_taken(sessions: KeptSessions, name: str) -> None:
    sessions.keep(SESSION)
    sessions.path(URL).write_bytes(DAMAGED[name])
    assert refused(sessions) == "session-damaged"


def test_what_cannot_be_read_or_written_is_said_to_be_so(sessions: KeptSessions, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"in the way")
    with pytest.raises(UnavailableError):
        sessions.of(URL)
    with pytest.raises(UnavailableError):
        sessions.keep(SESSION)


@pytest.fixture
def shown(ledger: Pretend) -> list[str | None]:
    """What was shown to the pretended ledger as a token."""
    seen: list[str | None] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        return answer({"items": [], "next": None})

    ledger.routes[("GET", "/v1/subjects")] = reply
    ledger.routes[("GET", "/v1/sessions/current")] = always({"organisation": CUSTOMS})
    return seen


def officer(ledger: Pretend, sessions: KeptSessions, **changes: Any) -> Service:
    arguments: dict[str, Any] = {"signer": None, "iss": None, "clock": lambda: NOON, "sessions": sessions}
    return ledger.service(**arguments | changes)


def test_a_kept_session_reads_and_goes_on(
    ledger: Pretend, sessions: KeptSessions, shown: list[str | None]
) -> None:
    sessions.keep(SESSION)
    for _ in range(2):
        with officer(ledger, sessions) as service:
            assert list(service.subjects()) == []
            assert service.session.iss == CUSTOMS
            assert SESSION.token not in repr(service.session)
    assert shown == [f"Bearer {SESSION.token}"] * 2
    assert {method for method, _path in ledger.asked} == {"GET"}
    with officer(ledger, sessions) as service:
        assert service.login() == {"organisation": CUSTOMS}


def test_a_key_goes_before_a_kept_session(
    ledger: Pretend, door: Door, sessions: KeptSessions, shown: list[str | None]
) -> None:
    sessions.keep(SESSION)
    with officer(ledger, sessions, signer=a_signer(EXPORTER), iss=EXPORTER) as service:
        assert list(service.subjects()) == []
    assert shown == [f"Bearer {door.tokens[0]}"]
    assert sessions.of(URL) == SESSION


def nothing(sessions: KeptSessions) -> None:
    sessions.forget(URL)


def of_another_log(sessions: KeptSessions) -> None:
    log = a_genesis("log.corridor.example/other").audience
    sessions.keep(KeptSession(URL, log, CUSTOMS, NOON + 3600, "t"))


def over(sessions: KeptSessions) -> None:
    sessions.keep(KeptSession(URL, SESSION.log, CUSTOMS, NOON, "t"))


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        (nothing, {}, "no-key"),
        (of_another_log, {}, "other-log"),
        (over, {}, "session-over"),
        (lambda _sessions: None, {"iss": EXPORTER}, "other-organisation"),
        (lambda sessions: sessions.path(URL).chmod(0o644), {}, "session-exposed"),
        (lambda sessions: sessions.path(URL).write_bytes(b"{}"), {}, "session-damaged"),
        (lambda _sessions: None, {"genesis": a_genesis("log.corridor.example/other")}, "other-log"),
    ],
    ids=["none", "another log", "over", "another organisation", "exposed", "damaged", "another log wanted"],
)
def test_a_token_is_shown_only_where_and_while_it_is_good(
    *,
    ledger: Pretend,
    sessions: KeptSessions,
    shown: list[str | None],
    change: Callable[[KeptSessions], None],
    options: dict[str, Any],
    code: str,
) -> None:
    sessions.keep(SESSION)
    change(sessions)
    with officer(ledger, sessions, **options) as service, pytest.raises(CorridorError) as caught:
        list(service.subjects())
    assert (caught.value.code, shown) == (code, [])


def test_a_ledger_that_became_another_one_sees_no_token(
    ledger: Pretend, sessions: KeptSessions, shown: list[str | None]
) -> None:
    sessions.keep(SESSION)
    ledger.genesis = a_genesis("log.corridor.example/other")
    with (
        officer(ledger, sessions, memory=Memory()) as service,
        pytest.raises(CorridorError, match="sign in again") as caught,
    ):
        list(service.subjects())
    assert (caught.value.code, shown) == ("other-log", [])


def test_a_session_that_the_ledger_ended_asks_to_sign_in_again(
    ledger: Pretend, sessions: KeptSessions
) -> None:
    sessions.keep(SESSION)
    ledger.routes[("GET", "/v1/subjects")] = lambda _request: problem(401, "session-over", "it is over")
    with (
        officer(ledger, sessions) as service,
        pytest.raises(AccessError, match="it is over; sign in again: `corridor session sign-in`") as caught,
    ):
        list(service.subjects())
    assert caught.value.code == "session-over"
    assert ledger.asked.count(("GET", "/v1/subjects")) == 1


def test_over_plain_http_no_token_is_shown(ledger: Pretend, sessions: KeptSessions) -> None:
    url = "http://ledger.example"
    sessions.keep(KeptSession(url, SESSION.log, CUSTOMS, NOON + 3600, "t"))
    transport = httpx.MockTransport(ledger)
    with (
        Service(url, sessions=sessions, clock=lambda: NOON, transport=transport) as service,
        pytest.raises(UsageError) as caught,
    ):
        list(service.subjects())
    assert (caught.value.code, ledger.asked) == ("not-private", [])
