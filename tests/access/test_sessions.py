"""Sessions: opened by a fresh challenge under a good key, over with either."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.access.sessions import MAX_PER_HOLDER
from ledger.domain.cose import Alg
from ledger.domain.errors import AccessError, CorridorError, VerificationError
from ledger.domain.key_use import USE_DEVICE, USE_STATEMENTS
from ledger.domain.login import Login
from ledger.storage.access_tables import sessions, used_challenges
from tests.access.doors import Door, a_door
from tests.builders import CUSTOMS, EXPORTER, a_genesis
from tests.databases import on_sqlite_only


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with a_door(tmp_path) as door:
        yield door


def late(door: Door) -> Login:
    login = door.login()
    door.clock.now += 120
    return login


def used(door: Door) -> Login:
    login = door.login()
    door.access.sessions.open(login)
    return login


def another_way(door: Door) -> Login:
    """Return a used challenge, signed anew."""
    return door.login(challenge=used(door).challenge)


def ended(door: Door) -> Login:
    login = door.login()
    door.registry.end(login.kid)
    return login


def for_something_else(door: Door) -> Login:
    """Return a login by a key that the registry has for a use of which this version knows nothing."""
    login = door.login()
    door.registry.keys[login.kid] = replace(door.registry.keys[login.kid], use=7)
    return login


def changed(door: Door) -> Login:
    challenge = bytearray(door.access.challenges.give().value)
    challenge[3] ^= 1
    return door.login(challenge=bytes(challenge))


def made_longer_lived(door: Door) -> Login:
    challenge = door.access.challenges.give().value
    return door.login(challenge=(int.from_bytes(challenge[:8]) + 1).to_bytes(8) + challenge[8:])


def by_another_key(door: Door) -> Login:
    """Return a login that names the exporter's key, and was signed with another one."""
    mine = door.login()
    return replace(mine, message=replace(mine.message, signature=door.login(CUSTOMS).message.signature))


REFUSED: dict[str, tuple[Callable[[Door], Login], str]] = {
    "a challenge that was used": (used, "challenge-used"),
    "a used challenge, signed anew": (another_way, "challenge-used"),
    "a challenge that is too old": (late, "challenge-used"),
    "a challenge of nobody": (lambda door: door.login(challenge=bytes(56)), "challenge-used"),
    "a challenge that was changed": (changed, "challenge-used"),
    "a challenge made to last longer": (made_longer_lived, "challenge-used"),
    "a challenge of another size": (lambda door: door.login(challenge=bytes(32)), "challenge-used"),
    "for another log": (
        lambda door: door.login(aud=a_genesis("log.corridor.example/other").audience),
        "wrong-audience",
    ),
    "an unknown key": (lambda door: door.login(CUSTOMS), "key-unknown"),
    "a key that has ended": (ended, "key-inactive"),
    "a key for something else": (for_something_else, "key-use"),
    "in the name of another organisation": (lambda door: door.login(iss=CUSTOMS), "issuer-mismatch"),
    "signed by another key": (by_another_key, "signature-invalid"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_login_that_does_not_hold_opens_nothing(door: Door, case: str) -> None:
    make, code = REFUSED[case]
    login = make(door)
    before = door.count(sessions), door.count(used_challenges)
    with pytest.raises(CorridorError) as caught:
        door.access.sessions.open(login)
    assert caught.value.code == code
    assert isinstance(caught.value, AccessError | VerificationError)
    assert (door.count(sessions), door.count(used_challenges)) == before


def test_all_bad_challenges_are_refused_in_the_same_words(door: Door) -> None:
    said = set()
    for make in (used, late, changed):
        with pytest.raises(AccessError) as caught:
            door.access.sessions.open(make(door))
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize("alg", list(Alg))
def test_a_signed_challenge_opens_a_session(door: Door, alg: Alg) -> None:
    kid = door.registry.enrol(EXPORTER, alg)
    opened = door.access.sessions.open(door.login(alg=alg))
    caller = door.caller(opened.token)
    assert caller == opened.caller
    assert (caller.organisation, caller.kid, caller.roles) == (EXPORTER, kid, frozenset({"exporter"}))
    assert caller.expires_at == door.clock() + 3600


@pytest.mark.parametrize(("use", "is_device"), [(USE_STATEMENTS, False), (USE_DEVICE, True)])
def test_a_session_knows_whether_a_device_asks(door: Door, use: int, is_device: bool) -> None:
    kid = door.registry.enrol(EXPORTER)
    door.registry.keys[kid] = replace(door.registry.keys[kid], use=use)
    assert door.caller(door.token()).is_device is is_device


@pytest.mark.parametrize("use", [0, 3, 255])
def test_a_session_is_over_when_its_key_is_for_something_else(door: Door, use: int) -> None:
    token = door.token()
    kid = door.caller(token).kid
    assert kid is not None
    door.registry.keys[kid] = replace(door.registry.keys[kid], use=use)
    with pytest.raises(AccessError) as caught:
        door.caller(token)
    assert caught.value.code == "session-over"


def test_one_challenge_opens_one_session_however_many_try(door: Door) -> None:
    login = door.login()

    def attempt(_number: int) -> bool:
        try:
            door.access.sessions.open(login)
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(8))) == 1
    assert door.count(sessions) == 1


@on_sqlite_only
def test_the_database_holds_no_token(door: Door, tmp_path: Path) -> None:
    token = door.token()
    door.engine.dispose()
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert token.encode() not in stored
    assert len(token) >= 43


def test_a_session_ends_with_its_time(door: Door) -> None:
    token = door.token()
    door.clock.now += 3599
    assert door.caller(token).organisation == EXPORTER
    door.clock.now += 1
    with pytest.raises(AccessError) as caught:
        door.caller(token)
    assert caught.value.code == "session-over"


def test_a_session_ends_with_its_key_and_has_its_roles_of_now(door: Door) -> None:
    token = door.token()
    kid = door.caller(token).kid
    assert kid is not None
    status = door.registry.keys[kid]
    door.registry.keys[kid] = type(status)(EXPORTER, status.cose_key, frozenset({"packer"}), active=True)
    assert door.caller(token).roles == {"packer"}
    door.registry.end(kid)
    with pytest.raises(AccessError) as caught:
        door.caller(token)
    assert caught.value.code == "session-over"


def test_a_closed_session_is_over_and_closing_it_again_is_no_error(door: Door) -> None:
    token, other = door.token(), door.token()
    door.access.sessions.close(token)
    door.access.sessions.close(token)
    with pytest.raises(AccessError):
        door.caller(token)
    assert door.caller(other).organisation == EXPORTER


@pytest.mark.parametrize("token", ["", "x", "é" * 10, "\ud800", "a" * 100_000, "' OR 1=1 --"])
def test_no_text_is_a_token(door: Door, token: str) -> None:
    door.token()
    with pytest.raises(AccessError):
        door.caller(token)


def test_one_key_has_so_many_sessions_and_no_more(door: Door) -> None:
    first = door.token()
    tokens = []
    for _ in range(MAX_PER_HOLDER):
        door.clock.now += 1
        tokens.append(door.token())
    assert door.count(sessions) == MAX_PER_HOLDER
    with pytest.raises(AccessError):
        door.caller(first)
    assert {door.caller(token).organisation for token in tokens} == {EXPORTER}


def test_asking_for_challenges_stores_nothing(door: Door) -> None:
    given = {door.access.challenges.give().value for _ in range(100)}
    assert len(given) == 100
    assert door.count(used_challenges) == 0


def test_sweeping_forgets_what_is_over_and_nothing_else(door: Door) -> None:
    old = door.token()
    door.clock.now += 3000
    new = door.token()
    door.clock.now += 600
    door.access.sweep()
    assert (door.count(sessions), door.count(used_challenges)) == (1, 0)
    assert door.caller(new).organisation == EXPORTER
    with pytest.raises(AccessError):
        door.caller(old)


def test_a_swept_challenge_cannot_be_used_again(door: Door) -> None:
    login = used(door)
    door.clock.now += 119
    door.access.sweep()
    with pytest.raises(AccessError):
        door.access.sessions.open(login)
    door.clock.now += 1
    door.access.sweep()
    with pytest.raises(AccessError):
        door.access.sessions.open(login)
