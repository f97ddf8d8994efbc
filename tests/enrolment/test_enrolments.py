"""Applications on a real database: idempotent, one at a time for a name, bounded, decided by the registry."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.chain.governance import begin_role, enrol
from ledger.chain.registry_events import (
    Participant,
    ProposalState,
    RegisteredKey,
    RegistryProposal,
    RegistryState,
)
from ledger.corridors.profile import foundation_profile
from ledger.domain.enrolment import Application, apply_for
from ledger.domain.errors import ConflictError, CorridorError, NotFoundError
from ledger.domain.evm_layout import Interval, organisation_id, role_id
from ledger.enrolment import Enrolments, Limits, State
from tests.builders import CUSTOMS, EXPORTER, NOON, ORIGIN_PORT, a_genesis, a_signer, seeded
from tests.chain.chains import Hands, a_database
from tests.domain.test_participant import GOOD as BODY

ADMIN = seeded("admin", 20)


@dataclass
class Desk:
    """Where applications are taken, with a registry and a clock that are set by hand."""

    engine: Engine
    clock: Hands = field(default_factory=Hands)
    registry: RegistryState = field(default_factory=RegistryState)

    def takes(self, **limits: int) -> Enrolments:
        profile, audience = foundation_profile(), a_genesis().audience
        return Enrolments(
            self.engine, lambda: self.registry, profile, audience, self.clock, limits=Limits(**limits)
        )

    def enrols(self, uri: str = EXPORTER, admin: bytes = ADMIN) -> None:
        self.registry.organisations[organisation_id(uri)] = Participant(uri, admin, Interval(5, 0))

    def proposes(self, uri: str = EXPORTER, state: ProposalState = ProposalState.OPEN) -> bytes:
        name = seeded((uri, len(self.registry.proposals)), 32)
        self.registry.proposals[name] = RegistryProposal(
            organisation_id(CUSTOMS), bytes(20), enrol(uri, ADMIN).data, 4, state
        )
        return name


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    engine = a_database(tmp_path)
    yield Desk(engine)
    engine.dispose()


def an_application(uri: str = EXPORTER, *, seed: object = 0, **changes: Any) -> Application:
    arguments: dict[str, Any] = {
        "uri": uri,
        "aud": a_genesis().audience,
        "iat": NOON,
        "roles": ["exporter"],
        "admin": ADMIN,
        "onboarding": BODY,
        "nonce": seeded((uri, seed), 16),
    }
    return apply_for(a_signer(("new", uri, seed)), **(arguments | changes))


def code(enrolments: Enrolments, application: Application) -> tuple[str, str | None]:
    with pytest.raises(CorridorError) as caught:
        enrolments.apply(application.raw)
    return caught.value.code, caught.value.field


def test_an_application_waits_and_is_found_again(desk: Desk) -> None:
    enrolments, application = desk.takes(), an_application()
    received = enrolments.apply(application.raw)
    assert (received.duplicate, received.enrolment.state) == (False, State.PENDING)
    found = enrolments.get(application.id)
    assert found == received.enrolment
    assert found.application == application
    assert found.status()["state"] == "pending"
    assert found.to_json()["onboarding"]["legal_name"] == BODY["legal_name"]
    assert "onboarding" not in found.status()


def test_the_same_again_changes_nothing(desk: Desk) -> None:
    enrolments, application = desk.takes(per_hour=1), an_application()
    first = enrolments.apply(application.raw)
    desk.clock.now += 60
    again = enrolments.apply(application.raw)
    assert (again.duplicate, again.enrolment) == (True, first.enrolment)
    assert len(enrolments.list(None, None, 10)) == 1


def test_many_at_once_for_one_name_leave_one(desk: Desk) -> None:
    enrolments = desk.takes()
    applications = [an_application(seed=n) for n in range(8)]

    def apply(one: Application) -> str:
        try:
            enrolments.apply(one.raw)
        except ConflictError as error:
            return error.code
        return "taken"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(apply, applications))
    assert answers == ["enrolment-pending"] * 7 + ["taken"]


def test_another_application_for_a_name_waits_for_the_first(desk: Desk) -> None:
    enrolments, first, other = desk.takes(), an_application(), an_application(seed=1)
    enrolments.apply(first.raw)
    assert code(enrolments, other) == ("enrolment-pending", "iss")
    enrolments.refuse(first.id, CUSTOMS, "nobody knows you")
    assert enrolments.apply(other.raw).enrolment.state is State.PENDING


REFUSED: dict[str, tuple[dict[str, Any], tuple[str, str | None]]] = {
    "for another log": ({"aud": a_genesis("log.corridor.example/other").audience}, ("wrong-audience", "aud")),
    "from the future": ({"iat": NOON + 301}, ("issued-in-future", "iat")),
    "of last quarter": ({"iat": NOON - 30 * 86_400 - 1}, ("too-old", "iat")),
    "for a role that the corridor does not have": (
        {"roles": ["exporter", "emperor"]},
        ("unknown-role", "roles.1"),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), REFUSED.values(), ids=REFUSED)
def test_an_application_is_refused(
    desk: Desk, changes: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    assert code(desk.takes(), an_application(**changes)) == expected
    assert desk.takes().list(None, None, 10) == []


def test_who_is_in_the_registry_cannot_be_applied_for(desk: Desk) -> None:
    desk.enrols(admin=seeded("other", 20))
    assert code(desk.takes(), an_application()) == ("organisation-known", "iss")


def test_nobody_applies_under_the_name_of_another_in_other_letters(desk: Desk) -> None:
    desk.enrols(admin=seeded("other", 20))
    assert code(desk.takes(), an_application(f"{EXPORTER}/")) == ("organisation-alike", "iss")


def test_a_key_or_an_account_that_is_in_the_registry_is_no_new_one(desk: Desk) -> None:
    application = an_application()
    desk.enrols(ORIGIN_PORT)
    assert code(desk.takes(), application) == ("admin-taken", "admin")
    desk.registry.organisations.clear()
    key = RegisteredKey(organisation_id(ORIGIN_PORT), application.key.encoded, Interval(1, 0), 0, 1)
    desk.registry.keys[application.key.thumbprint] = key
    assert code(desk.takes(), application) == ("key-known", "cose_key")


def test_strangers_leave_no_more_than_there_is_room_for(desk: Desk) -> None:
    enrolments = desk.takes(waiting=2)
    for number in range(2):
        enrolments.apply(an_application(f"https://{number}.example").raw)
    late = an_application("https://late.example")
    assert code(enrolments, late) == ("too-many", None)
    desk.enrols("https://0.example", admin=seeded("another admin", 20))
    assert not enrolments.apply(late.raw).duplicate


def test_strangers_come_no_faster_than_governors_can_look(desk: Desk) -> None:
    enrolments = desk.takes(per_hour=1)
    enrolments.apply(an_application("https://0.example").raw)
    late = an_application("https://late.example")
    desk.clock.now += 3599
    assert code(enrolments, late) == ("too-many", None)
    desk.clock.now += 1
    assert not enrolments.apply(late.raw).duplicate


def test_what_nobody_acted_on_is_forgotten(desk: Desk) -> None:
    enrolments, old = desk.takes(keep_seconds=1000), an_application()
    enrolments.apply(old.raw)
    desk.clock.now += 1001
    enrolments.apply(an_application("https://late.example", iat=desk.clock.now).raw)
    with pytest.raises(NotFoundError):
        enrolments.get(old.id)


def test_how_far_it_is_is_what_the_registry_says(desk: Desk) -> None:
    enrolments, application = desk.takes(), an_application(roles=["exporter", "packer"])
    enrolments.apply(application.raw)

    def state() -> State:
        return enrolments.get(application.id).state

    assert state() is State.PENDING
    desk.proposes("https://somebody-else.example")
    assert state() is State.PENDING
    proposal = desk.proposes()
    assert state() is State.PROPOSED
    assert enrolments.get(application.id).proposals == (proposal,)
    desk.registry.proposals[proposal] = replace(
        desk.registry.proposals[proposal], state=ProposalState.WITHDRAWN
    )
    assert state() is State.WITHDRAWN
    desk.enrols()
    desk.registry.roles[organisation_id(EXPORTER), role_id("packer")] = (Interval(6, 0),)
    desk.registry.roles[organisation_id(EXPORTER), role_id("exporter")] = (Interval(6, 7),)
    enrolled = enrolments.get(application.id)
    assert (enrolled.state, enrolled.roles_given) == (State.ENROLLED, ("packer",))
    assert not enrolled.key_registered
    key = RegisteredKey(organisation_id(EXPORTER), application.key.encoded, Interval(8, 0), 0, 1)
    desk.registry.keys[application.key.thumbprint] = key
    assert enrolments.get(application.id).key_registered


def test_a_proposal_of_something_else_is_not_taken_for_an_enrolment(desk: Desk) -> None:
    enrolments, application = desk.takes(), an_application()
    enrolments.apply(application.raw)
    call, garbled = begin_role(EXPORTER, "exporter").data, enrol(EXPORTER, ADMIN).data[:20]
    for number, data in enumerate((call, garbled)):
        desk.registry.proposals[bytes([number] * 32)] = RegistryProposal(
            organisation_id(CUSTOMS), bytes(20), data, 4, ProposalState.OPEN
        )
    assert enrolments.get(application.id).state is State.PENDING


def test_a_refusal_is_told_once_and_stays(desk: Desk) -> None:
    enrolments, application = desk.takes(), an_application()
    enrolments.apply(application.raw)
    refused = enrolments.refuse(application.id, CUSTOMS, "no agreement")
    assert (refused.state, refused.status()["reason"]) == (State.REFUSED, "no agreement")
    assert enrolments.refuse(application.id, CUSTOMS, "no agreement") == refused
    for by, reason in ((CUSTOMS, "another"), (ORIGIN_PORT, "no agreement")):
        with pytest.raises(ConflictError):
            enrolments.refuse(application.id, by, reason)
    assert enrolments.apply(application.raw).enrolment == refused
    desk.enrols()
    assert enrolments.get(application.id).state is State.ENROLLED
    with pytest.raises(ConflictError):
        enrolments.refuse(application.id, CUSTOMS, "no agreement")


@pytest.mark.parametrize("reason", ["", "x" * 501, 7, None])
def test_a_refusal_needs_a_reason(desk: Desk, reason: object) -> None:
    desk.takes().apply(an_application().raw)
    with pytest.raises(CorridorError) as caught:
        desk.takes().refuse(an_application().id, CUSTOMS, reason)
    assert (caught.value.code, caught.value.field) == ("malformed-field", "reason")


def test_pages_of_a_state_hold_each_application_once(desk: Desk) -> None:
    enrolments = desk.takes()
    for number in range(9):
        desk.clock.now += number % 2
        enrolments.apply(an_application(f"https://{number}.example").raw)
    for number in (2, 5):
        desk.enrols(f"https://{number}.example", admin=bytes([number]) * 20)
    after, seen = None, []
    while page := enrolments.list(State.PENDING, after, 3):
        seen += [one.application.uri for one in page]
        after = page[-1].received_at, page[-1].application.id
    assert len(seen) == 7
    assert set(seen) == {f"https://{number}.example" for number in range(9) if number not in (2, 5)}
    assert len(enrolments.list(State.ENROLLED, None, 10)) == 2
