"""The checks `time` and `freshness`: whose clock counts, and what it proves."""

from dataclasses import replace

import pytest

from ledger.domain.verdict import Outcome
from ledger.verification.proof_view import view_from_proofs
from tests.builders import EXPORTER, NOON, a_trip
from tests.verification.authority import TimeStampingAuthority
from tests.verification.factory import INDEX_COSIGNER, WITNESSES, World, a_small_world
from tests.verification.verdicts import NO_PASSAGE, check, not_passed, said, verdict_on

# Times


def test_on_a_chain_of_the_operator_only_other_clocks_count() -> None:
    world, trip = a_small_world(control="operator")
    verdict = verdict_on(world, world.dossier(trip), world.trust(times=["chain"]))
    assert said(verdict, "time") == ("not-checked", "operator-clock")
    assert said(verdict, "freshness") == ("not-checked", "operator-clock")
    assert verdict.outcome is Outcome.INCOMPLETE


def test_an_independent_chain_alone_proves_times() -> None:
    world, trip = a_small_world()
    assert said(verdict_on(world, world.dossier(trip), world.trust(times=["chain"])), "time") == (
        "passed",
        "ok",
    )


def test_without_an_accepted_clock_time_is_not_checked() -> None:
    world, trip = a_small_world()
    verdict = verdict_on(world, world.dossier(trip), world.trust(times=[]))
    assert said(verdict, "time") == ("not-checked", "no-accepted-time")


def test_a_time_stamp_of_a_pinned_authority_proves_times() -> None:
    world, trip = a_small_world(control="operator")
    authority = TimeStampingAuthority(world.now)
    dossier = world.dossier(trip)
    text = dossier.target.split(b"\n\n")[0] + b"\n"
    stamped = replace(dossier, timestamps=((dossier.header.target, authority.stamp(text, world.now + 5)),))
    trust = world.trust(times=["tsa"], tsa=[authority.pem])
    assert said(verdict_on(world, stamped, trust), "time") == ("passed", "ok")
    assert said(verdict_on(world, dossier, trust), "time") == ("not-checked", "operator-clock")
    others = world.trust(times=["tsa"], tsa=[TimeStampingAuthority(world.now).pem])
    assert said(verdict_on(world, stamped, others), "time") == ("not-checked", "operator-clock")


def test_witness_time_is_the_smallest_that_a_quorum_of_them_vouches_for() -> None:
    world, trip = World(), a_trip()
    world.opens(trip)
    # One of three witnesses says that it was much earlier than the statement says of itself.
    world.checkpoint(times={WITNESSES[0]: NOON - 10_000, WITNESSES[1]: NOON + 10, WITNESSES[2]: NOON + 20})
    trust = world.trust(times=["witnesses"])
    assert said(verdict_on(world, world.dossier(trip), trust), "time") == ("passed", "ok")


def test_fewer_witnesses_than_the_quorum_prove_no_time() -> None:
    world, trip = World(control="operator"), a_trip()
    world.opens(trip)
    world.checkpoint(cosigners=[INDEX_COSIGNER])
    verdict = verdict_on(world, world.dossier(trip), world.trust(times=["witnesses"]))
    assert said(verdict, "time") == ("not-checked", "operator-clock")
    assert said(verdict, "no-split-view") == ("not-checked", "no-independent-view")


@pytest.mark.parametrize(("late", "status"), [(300, "passed"), (301, "failed")])
def test_a_statement_cannot_be_signed_after_it_was_registered(late: int, status: str) -> None:
    world, trip = World(), a_trip()
    world.opens(trip)
    world.says("photo", trip, {}, iat=NOON + late)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert check(verdict, "time").status == status
    assert check(verdict, "time").reason == ("ok" if status == "passed" else "signed-after-registered")


@pytest.mark.parametrize(("early", "status"), [(300, "passed"), (301, "failed")])
def test_a_statement_cannot_be_signed_before_the_checkpoint_that_it_names(early: int, status: str) -> None:
    world, trip = a_small_world()
    world.says("photo", trip, {}, iat=world.now - early)
    world.checkpoint()
    verdict = verdict_on(world, world.dossier(trip))
    assert check(verdict, "time").status == status
    assert check(verdict, "time").reason == ("ok" if status == "passed" else "signed-before-seen")


def test_a_statement_dated_back_before_what_it_names_fails_though_no_clock_says_when_it_was_logged() -> None:
    world, trip = a_small_world(control="operator")
    world.says("photo", trip, {}, iat=world.now - 301)
    world.checkpoint(cosigners=[INDEX_COSIGNER])
    assert said(verdict_on(world, world.dossier(trip)), "time") == ("failed", "signed-before-seen")


def test_a_late_statement_is_late_and_not_forged() -> None:
    world, trip = World(), a_trip()
    world.opens(trip)
    signed = world.authors[EXPORTER].says("photo", trip, {}, iat=world.now)
    world.checkpoint()
    world.now += 30 * 86_400
    world.submit(signed)
    world.checkpoint()
    assert not_passed(verdict_on(world, world.dossier(trip))) == NO_PASSAGE


# Freshness


class Online:
    """A node's view: the proof view's answers, with the chain as it is now."""

    live = True

    def __init__(self, world: World) -> None:
        self._world = world
        dossier = world.dossier(a_trip())
        view = view_from_proofs(dossier.state_proofs, world.trust().chain)
        assert view is not None
        self._view = view

    def __getattr__(self, name: str) -> object:
        return getattr(self._view, name)


def test_the_newest_anchor_is_fresh_however_old() -> None:
    world, trip = a_small_world()
    dossier, trust, view = world.dossier(trip), world.trust(), Online(world)
    world.now += 400 * 86_400
    verdict = verdict_on(world, dossier, trust, chain_view=view)
    assert said(verdict, "freshness") == ("passed", "newest-anchor")
    assert said(verdict_on(world, dossier, trust), "freshness") == ("failed", "stale")


def test_a_newer_anchor_makes_a_dossier_stale_unless_it_is_young_enough() -> None:
    world, trip = a_small_world()
    old = world.dossier(trip)
    world.says("photo", trip, {})
    world.checkpoint()
    view = Online(world)
    assert said(verdict_on(world, old, chain_view=view), "freshness") == ("passed", "young")
    verdict = verdict_on(world, old, world.trust(max_age=None), chain_view=view)
    assert said(verdict, "freshness") == ("failed", "stale")


def test_offline_and_without_a_maximum_age_freshness_is_not_checked() -> None:
    world, trip = a_small_world()
    verdict = verdict_on(world, world.dossier(trip), world.trust(max_age=None))
    assert said(verdict, "freshness") == ("not-checked", "offline")


@pytest.mark.parametrize(("age", "expected"), [(3600, ("passed", "young")), (3601, ("failed", "stale"))])
def test_a_dossier_is_young_up_to_the_maximum_age(age: int, expected: tuple[str, str]) -> None:
    world, trip = a_small_world()
    dossier, trust = world.dossier(trip), world.trust(max_age=3600)
    world.now += age
    assert said(verdict_on(world, dossier, trust), "freshness") == expected


def test_a_verifier_whose_clock_is_behind_is_told_so() -> None:
    world, trip = a_small_world()
    dossier, trust = world.dossier(trip), world.trust()
    world.now -= 400
    assert said(verdict_on(world, dossier, trust), "freshness") == ("failed", "clock")
