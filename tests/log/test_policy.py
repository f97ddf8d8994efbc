"""The registration policy: one code for each reason, and nothing refused without one."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ledger.corridors.profile import foundation_profile
from ledger.domain.cose import Alg, CoseKey, Sign1
from ledger.domain.directory import KeyStatus
from ledger.domain.errors import CorridorError, UnavailableError
from ledger.domain.key_use import USE_DEVICE
from ledger.domain.statement import SignedStatement
from ledger.domain.subject import STREAM_OPENED, Subject
from ledger.log.policy import RegistrationPolicy
from tests.builders import EXPORTER, NOON, ORIGIN_PORT, a_genesis, a_signer, a_statement, a_trip, an_author
from tests.log.logs import Hands

KEY = a_signer(EXPORTER).key
GOOD = KeyStatus(EXPORTER, KEY, frozenset({"exporter", "origin-customs"}), active=True)


@dataclass
class ADirectory:
    """Knows what it is told."""

    known: dict[bytes, KeyStatus] = field(default_factory=lambda: {KEY.thumbprint: GOOD})

    def lookup(self, kid: bytes) -> KeyStatus | None:
        return self.known.get(kid)


def a_policy(status: KeyStatus | None = GOOD, **changes: Any) -> RegistrationPolicy:
    directory = ADirectory({} if status is None else {KEY.thumbprint: status})
    return RegistrationPolicy(directory, foundation_profile(), a_genesis(), Hands(), **changes)


def code(policy: RegistrationPolicy, statement: SignedStatement, *arguments: Any) -> str:
    with pytest.raises(CorridorError) as caught:
        policy.check(statement.raw, *arguments)
    return caught.value.code


def test_what_is_in_order_is_let_through_with_its_disclosures_and_key() -> None:
    statement = a_statement(body={"seal": "X1", "note": "intact"}, conceal=[["note"]])
    submission = a_policy().check(statement.raw, statement.disclosures)
    assert submission.statement == statement.statement
    assert submission.disclosures == statement.disclosures
    assert submission.key == KEY


def test_disclosures_may_be_withheld() -> None:
    statement = a_statement(body={"seal": "X1", "note": "intact"}, conceal=[["note"], ["seal"]])
    assert a_policy().check(statement.raw).disclosures == ()
    assert a_policy().check(statement.raw, statement.disclosures[:1]).disclosures == statement.disclosures[:1]


def test_an_eddsa_key_is_as_good() -> None:
    statement = a_statement(alg=Alg.EDDSA)
    key = a_signer(EXPORTER, Alg.EDDSA).key
    directory = ADirectory({key.thumbprint: replace(GOOD, cose_key=key)})
    policy = RegistrationPolicy(directory, foundation_profile(), a_genesis(), Hands())
    assert policy.check(statement.raw).key == key


def test_a_key_may_come_with_the_statement_when_only_its_thumbprint_is_registered() -> None:
    policy = a_policy(replace(GOOD, cose_key=None))
    assert policy.check(a_statement().raw, (), KEY).key == KEY
    assert code(policy, a_statement()) == "key-missing"
    assert code(policy, a_statement(), (), a_signer("thief").key) == "wrong-key"


STATUSES: dict[str, tuple[KeyStatus | None, str]] = {
    "a key that nobody registered": (None, "key-unknown"),
    "a key that has ended": (replace(GOOD, active=False), "key-inactive"),
    "a key of another organisation": (replace(GOOD, organisation=ORIGIN_PORT), "issuer-mismatch"),
    "an organisation whose roles may not say this": (
        replace(GOOD, roles=frozenset({"lab"})),
        "kind-not-allowed",
    ),
    "an organisation without a role": (replace(GOOD, roles=frozenset()), "kind-not-allowed"),
}


@pytest.mark.parametrize(("status", "expected"), STATUSES.values(), ids=STATUSES)
def test_who_may_not_say_it_is_refused(status: KeyStatus | None, expected: str) -> None:
    assert code(a_policy(status), a_statement()) == expected


DEVICE = replace(GOOD, use=USE_DEVICE)


@pytest.mark.parametrize("kind", sorted(foundation_profile().devices))
def test_a_device_says_what_the_corridor_lets_devices_say(kind: str) -> None:
    statement = a_statement(kind)
    profile = foundation_profile()
    device = replace(DEVICE, roles=profile.roles_for(kind))
    assert a_policy(device).check(statement.raw).statement.kind == kind
    assert code(a_policy(replace(device, roles=frozenset())), statement) == "kind-not-allowed"


USES: dict[str, tuple[KeyStatus, str]] = {
    "a device that hands a container over": (DEVICE, "hand-over"),
    "a device that writes a manifest": (DEVICE, "manifest"),
    "a device that delegates": (DEVICE, "delegation"),
    "a key registered for use 0": (replace(GOOD, use=0), "seal-check"),
    "a key registered for use 3": (replace(GOOD, use=3), "seal-check"),
    "a key registered for use 255": (replace(GOOD, use=255), "seal-check"),
}


@pytest.mark.parametrize(("status", "kind"), USES.values(), ids=USES)
def test_a_key_says_nothing_that_it_is_not_for(status: KeyStatus, kind: str) -> None:
    assert code(a_policy(status), a_statement(kind)) == "key-use"


def test_a_device_says_nothing_in_a_corridor_that_names_no_kinds_for_devices() -> None:
    profile = replace(foundation_profile(), devices=frozenset())
    directory = ADirectory({KEY.thumbprint: DEVICE})
    policy = RegistrationPolicy(directory, profile, a_genesis(), Hands())
    assert code(policy, a_statement()) == "key-use"


def tampered(statement: SignedStatement) -> bytes:
    sign1 = Sign1.parse(statement.raw)
    return Sign1(sign1.protected, sign1.payload.replace(b'"v":1', b'"v":1 '), sign1.signature).encode()


def test_a_statement_that_was_not_signed_like_this_is_refused() -> None:
    with pytest.raises(CorridorError) as caught:
        a_policy().check(tampered(a_statement()))
    assert caught.value.code == "signature-invalid"


def test_what_is_no_statement_is_refused() -> None:
    for raw in (b"", b"\xd2\x84", b"nonsense" * 100, a_statement().raw + b"\x00"):
        with pytest.raises(CorridorError) as caught:
            a_policy().check(raw)
        assert caught.value.code == "cose-serialisation"


def test_ten_megabytes_are_refused_by_their_size() -> None:
    with pytest.raises(CorridorError) as caught:
        a_policy().check(bytes(10_000_000))
    assert caught.value.code == "too-large"


def test_a_statement_for_another_log_is_refused() -> None:
    elsewhere = a_statement(genesis=a_genesis("log.corridor.example/other"))
    assert code(a_policy(), elsewhere) == "wrong-audience"


def test_a_kind_that_the_corridor_does_not_know_is_refused() -> None:
    assert code(a_policy(), a_statement("levitation")) == "kind-not-allowed"


@pytest.mark.parametrize(("ahead", "refused"), [(-(10**6), False), (0, False), (300, False), (301, True)])
def test_signing_in_the_future_is_tolerated_within_the_limit(ahead: int, refused: bool) -> None:
    statement = a_statement(iat=NOON + ahead)
    if refused:
        assert code(a_policy(), statement) == "issued-in-future"
    else:
        a_policy().check(statement.raw)


def test_the_tolerated_future_is_a_setting() -> None:
    assert code(a_policy(future_seconds=0), a_statement(iat=NOON + 1)) == "issued-in-future"


def test_disclosures_that_match_nothing_are_refused() -> None:
    statement = a_statement(body={"note": "intact"}, conceal=[["note"]])
    other = a_statement(body={"note": "broken"}, conceal=[["note"]], seed=1)
    assert code(a_policy(), statement, other.disclosures) == "disclosure-unmatched"


def test_an_opening_must_commit_to_its_opener_and_stream() -> None:
    trip = a_trip()
    elsewhere = a_trip(seed="another custody stream")
    a_policy().check(an_author().opens(trip).raw)
    assert code(a_policy(), an_author().opens(trip, streams=[elsewhere.custody_tag])) == "opening-subject"
    foreign = Subject.create("trip", "MSKU1234565", ORIGIN_PORT, trip.custody_tag)
    assert code(a_policy(), an_author().opens(trip, subjects=[foreign.uri])) == "opening-subject"


def test_an_opening_opens_one_stream() -> None:
    trip, other = a_trip(), a_trip(seed=1)
    both = [trip.custody_tag, other.custody_tag]
    assert code(a_policy(), an_author().opens(trip, streams=both)) == "opening-streams"
    restricted = an_author().says(STREAM_OPENED, trip, {"stream": "enforcement"}, streams=both)
    assert code(a_policy(), restricted) == "opening-streams"


def test_a_restricted_stream_is_its_authoritys_own() -> None:
    restricted = an_author().says(
        STREAM_OPENED, a_trip(), {"stream": "enforcement"}, streams=[a_trip(seed=1).custody_tag]
    )
    a_policy().check(restricted.raw)
    assert code(a_policy(replace(GOOD, roles=frozenset({"exporter"}))), restricted) == "kind-not-allowed"


def test_a_directory_that_cannot_say_is_not_taken_for_a_no() -> None:
    class Away:
        def lookup(self, kid: bytes) -> KeyStatus | None:
            raise UnavailableError("directory-away", "the registry cannot be read now")

    policy = RegistrationPolicy(Away(), foundation_profile(), a_genesis(), Hands())
    assert code(policy, a_statement()) == "directory-away"


def test_the_key_that_is_checked_is_the_registered_one() -> None:
    # A directory that files another key under this thumbprint must not make it sign for the first.
    thief = a_signer("thief").key
    assert isinstance(thief, CoseKey)
    assert code(a_policy(replace(GOOD, cose_key=thief)), a_statement()) == "wrong-key"
