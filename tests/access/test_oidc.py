"""Officers: let in by a fresh token of their own provider, made for this service and this challenge."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from ledger.access import Access, Provider
from ledger.access.provider_keys import KEPT_SECONDS, RETRY_SECONDS
from ledger.domain.errors import AccessError, CorridorError, UnavailableError
from ledger.storage.access_tables import sessions, used_challenges
from tests.access.doors import SECRET
from tests.access.forgeries import FORGED, PROVIDER, Desk, a_desk
from tests.access.provider import AUDIENCE, EC, ED, ISSUER, RSA, signed
from tests.builders import CUSTOMS, EXPORTER, a_genesis


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = a_desk(tmp_path)
    yield desk
    desk.engine.dispose()


@pytest.mark.parametrize("case", FORGED)
def test_a_token_that_does_not_hold_opens_nothing(desk: Desk, case: str) -> None:
    make, code = FORGED[case]
    token = make(desk)
    before = desk.count(sessions), desk.count(used_challenges)
    with pytest.raises(CorridorError) as caught:
        desk.access.sessions.open_for_officer(token)
    assert caught.value.code == code
    assert (desk.count(sessions), desk.count(used_challenges)) == before
    assert {url.removeprefix(ISSUER).partition("/")[0] for url in desk.provider.asked} <= {""}
    for secret in ("officer-7", "A Name That Nobody Keeps", desk.nonce()[:20], "evil", "169.254"):
        assert secret not in caught.value.message


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA")])
def test_a_good_token_opens_a_session_that_reads(desk: Desk, key: Any, alg: str) -> None:
    opened = desk.access.sessions.open_for_officer(signed(desk.claims(), key, alg, typ="JWT"))
    caller = desk.caller(opened.token)
    assert caller == opened.caller
    assert (caller.organisation, caller.roles) == (CUSTOMS, frozenset({"destination-customs"}))
    assert (caller.kid, caller.is_device, caller.only_reads) == (None, False, True)
    assert caller.officer is not None
    assert len(caller.officer) == 32


@pytest.mark.parametrize("aud", [AUDIENCE, [AUDIENCE]])
def test_a_token_for_us_alone_may_say_so_in_two_ways(desk: Desk, aud: Any) -> None:
    assert desk.access.sessions.open_for_officer(signed(desk.claims(aud=aud, azp=AUDIENCE))).token


def test_a_session_ends_no_later_than_its_token(desk: Desk) -> None:
    opened = desk.access.sessions.open_for_officer(signed(desk.claims()))
    assert opened.caller.expires_at == desk.clock() + 300
    longer = desk.access.sessions.open_for_officer(signed(desk.claims(exp=desk.clock() + 9_999)))
    assert longer.caller.expires_at == desk.clock() + 3600
    desk.clock.now += 299
    assert desk.caller(opened.token) == opened.caller
    desk.clock.now += 1
    with pytest.raises(AccessError) as caught:
        desk.caller(opened.token)
    assert caught.value.code == "session-over"


def test_a_clock_a_little_ahead_is_forgiven(desk: Desk) -> None:
    now = desk.clock()
    assert desk.access.sessions.open_for_officer(signed(desk.claims(iat=now + 60, nbf=now + 60))).token
    assert desk.access.sessions.open_for_officer(signed(desk.claims(iat=now - 660))).token


def test_an_officer_is_the_same_one_again_and_nobody_can_tell_who(desk: Desk, tmp_path: Path) -> None:
    def officer(sub: str) -> bytes | None:
        return desk.access.sessions.open_for_officer(signed(desk.claims(sub=sub))).caller.officer

    seven, eight = officer("officer-7"), officer("officer-8")
    assert seven == officer("officer-7")
    assert seven != eight
    desk.engine.dispose()
    stored = b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))
    assert b"officer-7" not in stored
    assert b"A Name" not in stored


def test_a_session_ends_with_its_organisation_and_has_its_roles_of_now(desk: Desk) -> None:
    token = desk.token_of_officer()
    desk.taking_part[CUSTOMS] = frozenset({"auditor"})
    assert desk.caller(token).roles == {"auditor"}
    del desk.taking_part[CUSTOMS]
    with pytest.raises(AccessError) as caught:
        desk.caller(token)
    assert caught.value.code == "session-over"
    with pytest.raises(AccessError) as caught:
        desk.token_of_officer()
    assert caught.value.code == "organisation-inactive"


def test_a_session_that_was_ended_is_over(desk: Desk) -> None:
    token = desk.token_of_officer()
    desk.access.sessions.close(token)
    with pytest.raises(AccessError):
        desk.caller(token)


@pytest.mark.parametrize(
    "now",
    [
        replace(PROVIDER, issuer="https://login.port.example"),
        replace(PROVIDER, organisation=EXPORTER),
        replace(PROVIDER, organisation=None, organisation_claim="unit", organisations={"cbp": EXPORTER}),
    ],
    ids=["another provider", "another organisation", "another map"],
)
def test_a_session_ends_when_its_provider_may_not_say_so_any_longer(
    tmp_path: Path, desk: Desk, now: Provider
) -> None:
    token = desk.token_of_officer()
    access = Access.create(
        desk.engine,
        desk.registry,
        a_genesis().audience,
        desk.clock,
        SECRET,
        providers=[now],
        roles_of=desk.taking_part.get,
        fetch=desk.provider,
    )
    with pytest.raises(AccessError) as caught:
        access.sessions.caller(token)
    assert caught.value.code == "session-over"


BY_CLAIM = Provider(
    ISSUER,
    AUDIENCE,
    organisation_claim="unit",
    organisations={"cbp": CUSTOMS, "left": "https://left.example"},
)


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("cbp", None),
        ("left", "organisation-inactive"),
        ("usda", "organisation-unmapped"),
        (["cbp"], "organisation-unmapped"),
        (None, "organisation-unmapped"),
        ("CBP", "organisation-unmapped"),
    ],
)
def test_a_claim_tells_the_organisation_by_the_map_alone(tmp_path: Path, unit: Any, code: str | None) -> None:
    desk = a_desk(tmp_path, BY_CLAIM)
    token = signed(desk.claims(unit=unit))
    if code is None:
        assert desk.access.sessions.open_for_officer(token).caller.organisation == CUSTOMS
    else:
        with pytest.raises(AccessError) as caught:
            desk.access.sessions.open_for_officer(token)
        assert caught.value.code == code
    desk.engine.dispose()


@pytest.mark.parametrize("said", [1, True, "true", [True, "yes"]])
def test_a_required_claim_is_of_its_own_type(tmp_path: Path, said: Any) -> None:
    desk = a_desk(tmp_path, replace(PROVIDER, required={"mfa": True}))
    token = signed(desk.claims(mfa=said))
    if said is True or said == [True, "yes"]:
        assert desk.access.sessions.open_for_officer(token).token
    else:
        with pytest.raises(AccessError):
            desk.access.sessions.open_for_officer(token)
    desk.engine.dispose()


def test_a_provider_signs_only_as_it_was_set_up(tmp_path: Path) -> None:
    desk = a_desk(tmp_path, replace(PROVIDER, algorithms=("RS256",)))
    with pytest.raises(AccessError) as caught:
        desk.access.sessions.open_for_officer(signed(desk.claims()))
    assert caught.value.code == "token-algorithm"
    assert desk.access.sessions.open_for_officer(signed(desk.claims(), RSA, "RS256")).token
    desk.engine.dispose()


def test_keys_are_fetched_once_and_again_after_a_while(desk: Desk) -> None:
    for _ in range(3):
        desk.token_of_officer()
    assert len(desk.provider.asked) == 2
    desk.ticks.now += int(KEPT_SECONDS)
    desk.token_of_officer()
    assert len(desk.provider.asked) == 4


def test_a_new_key_is_found_and_made_up_names_do_not_make_us_ask_on_and_on(desk: Desk) -> None:
    desk.token_of_officer()
    new = ECKey.generate_key("P-256", {"kid": "new-one"})
    desk.provider.keys.append(new)
    desk.ticks.now += int(RETRY_SECONDS)
    assert desk.access.sessions.open_for_officer(signed(desk.claims(), new)).token
    asked = len(desk.provider.asked)
    for number in range(20):
        with pytest.raises(AccessError):
            desk.access.sessions.open_for_officer(signed(desk.claims(), kid=f"made-up-{number}"))
    assert len(desk.provider.asked) == asked


def test_a_key_that_was_taken_back_verifies_nothing_after_a_while(desk: Desk) -> None:
    desk.token_of_officer()
    desk.provider.keys.remove(EC)
    desk.ticks.now += int(KEPT_SECONDS)
    with pytest.raises(AccessError) as caught:
        desk.token_of_officer()
    assert caught.value.code == "token-key"


def test_a_provider_that_is_away_is_not_asked_at_every_sign_in(desk: Desk) -> None:
    desk.provider.fails = True
    for _ in range(5):
        with pytest.raises(UnavailableError):
            desk.token_of_officer()
    assert len(desk.provider.asked) == 1
    desk.provider.fails = False
    desk.ticks.now += int(RETRY_SECONDS)
    assert desk.token_of_officer()


METADATA: dict[str, dict[str, Any]] = {
    "of another name": {"issuer": "https://evil.example"},
    "without keys": {"jwks_uri": None},
    "with keys in the clear": {"jwks_uri": "http://login.customs.example/keys"},
    "with keys on this machine": {"jwks_uri": "http://127.0.0.1:8545/keys"},
    "with keys in a file": {"jwks_uri": "file:///etc/passwd"},
    "with keys behind a password": {"jwks_uri": "https://user:word@login.customs.example/keys"},
}


@pytest.mark.parametrize("case", METADATA)
def test_metadata_that_lead_elsewhere_are_not_followed(desk: Desk, case: str) -> None:
    desk.provider.metadata = METADATA[case]
    with pytest.raises(UnavailableError) as caught:
        desk.token_of_officer()
    assert caught.value.code == "provider-unavailable"
    assert len(desk.provider.asked) == 1
