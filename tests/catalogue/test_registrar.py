"""Registering: the same statement again is no second one, and of two that exclude each other one gets in."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.catalogue import Registered
from ledger.domain.errors import ConflictError, MalformedError, PolicyError, VerificationError
from ledger.domain.hand_over import Role, hand_over_body
from ledger.domain.statement import SignedStatement
from tests.builders import EXPORTER, ORIGIN_PORT, a_trip
from tests.catalogue.office import CARRIER, STRANGER, Office, an_office


def test_the_same_again_is_the_same(office: Office) -> None:
    trip = office.opens(a_trip())
    signed = office.signs(EXPORTER, "status", trip)
    first = office.registers(signed)
    assert not first.duplicate
    assert office.registers(signed) == Registered(first.id, first.index, duplicate=True)
    assert office.registers(office.signs(EXPORTER, "status", trip)).index == first.index + 1


def test_what_was_registered_is_known_after_its_key_has_ended(office: Office) -> None:
    trip = office.opens(a_trip())
    signed = office.signs(EXPORTER, "status", trip)
    first = office.registers(signed)
    office.participants.ended.add(EXPORTER)
    assert office.registers(signed) == Registered(first.id, first.index, duplicate=True)
    with pytest.raises(PolicyError) as caught:
        office.says(EXPORTER, "status", trip)
    assert caught.value.code == "key-inactive"


def test_a_hand_over_is_known_when_the_line_has_gone_on(office: Office) -> None:
    trip = office.opens(a_trip())
    terms = office.terms(EXPORTER, ORIGIN_PORT, trip)
    signed = office.signs(EXPORTER, "hand-over", trip, hand_over_body(terms, Role.GIVER))
    first = office.registers(signed)
    office.hands_over(terms, Role.TAKER, trip)
    office.gives_and_takes(ORIGIN_PORT, CARRIER, trip, at="2026-09-21T13:33:21Z")
    assert office.registers(signed) == Registered(first.id, first.index, duplicate=True)


def test_a_forged_copy_of_what_is_known_is_no_duplicate(office: Office) -> None:
    trip = office.opens(a_trip())
    signed = office.signs(EXPORTER, "status", trip)
    office.registers(signed)
    with pytest.raises(VerificationError):
        office.registrar.register(signed.raw[:-1] + bytes([signed.raw[-1] ^ 1]))


def test_bytes_that_are_no_statement_are_refused(office: Office) -> None:
    for raw in (b"", b"\xd2\x84", bytes(300_000)):
        with pytest.raises(MalformedError):
            office.registrar.register(raw)


def test_many_at_once_each_get_their_own_answer(office: Office) -> None:
    trip = office.opens(a_trip())
    signed = [office.signs(EXPORTER, "status", trip, {"number": number}) for number in range(40)]
    futures = [office.registrar.submit(one.raw, one.disclosures) for one in signed]
    registered = [future.result() for future in futures]
    assert [one.id for one in registered] == [one.statement.id for one in signed]
    assert len({one.index for one in registered}) == len(signed)


def test_of_two_offers_at_the_same_moment_one_is_taken(office: Office) -> None:
    trip = office.opens(a_trip())
    offers = [
        office.signs(
            EXPORTER, "hand-over", trip, hand_over_body(office.terms(EXPORTER, taker, trip), Role.GIVER)
        )
        for taker in (ORIGIN_PORT, CARRIER)
        for _ in range(4)
    ]

    def offer(signed: SignedStatement) -> str:
        try:
            office.registers(signed)
        except ConflictError as error:
            return error.code
        return "registered"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(offer, offers))
    assert sorted(outcomes) == ["handover-competing"] * 7 + ["registered"]


def test_what_one_process_grants_holds_in_another_at_once(tmp_path: Path) -> None:
    with an_office(tmp_path) as left, an_office(tmp_path) as right:
        trip = left.opens(a_trip())
        assert not right.catalogue.is_member(trip.custody_tag, ORIGIN_PORT)
        right.grants(EXPORTER, trip, ORIGIN_PORT)
        assert not left.says(ORIGIN_PORT, "status", trip).duplicate
        left.catalogue.join(trip.custody_secret, CARRIER)
        assert not right.says(CARRIER, "status", trip).duplicate
        assert left.tells() == right.tells()


def test_a_lost_right_to_speak_does_not_let_strangers_in_by_the_memory_of_members(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        trip = office.opens(a_trip())
        office.says(EXPORTER, "status", trip)
        with pytest.raises(PolicyError):
            office.says(STRANGER, "status", trip)
