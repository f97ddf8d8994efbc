"""The check `authority`: keys, organisations and roles as intervals of blocks."""

import pytest

from ledger.domain.verdict import Outcome
from tests.builders import ORIGIN_PORT
from tests.verification.factory import World, a_small_world
from tests.verification.verdicts import check, said, verdict_on

# Authority: intervals of blocks


def world_with_key(start: int, ended: int = 0, suspect: int = 0) -> tuple[World, object]:
    world, trip = a_small_world()
    thumbprint = world.authors[ORIGIN_PORT].signer.key.thumbprint
    world.chain.set_key(ORIGIN_PORT, thumbprint, start, ended, suspect)
    world.chain.mine(world.now)
    return world, verdict_on(world, world.dossier(trip))


# The port's statements lie under the second anchor, in block 3.
@pytest.mark.parametrize(
    ("start", "ended", "suspect", "expected"),
    [
        (1, 0, 0, ("passed", "ok")),
        (3, 0, 0, ("passed", "ok")),
        (4, 0, 0, ("failed", "key-not-good")),
        (1, 4, 0, ("passed", "ok")),
        (1, 3, 0, ("failed", "key-not-good")),
        (1, 0, 4, ("passed", "ok")),
        (1, 0, 3, ("missing", "key-suspect")),
        (0, 0, 0, ("failed", "key-not-good")),
    ],
    ids=[
        "open",
        "from that very block",
        "only later",
        "ended later",
        "a tie counts as ended",
        "suspect later",
        "suspect since that block",
        "never",
    ],
)
def test_a_key_has_to_be_good_in_the_block_of_its_anchor(
    start: int, ended: int, suspect: int, expected: tuple[str, str]
) -> None:
    _, verdict = world_with_key(start, ended, suspect)
    assert said(verdict, "authority") == expected  # type: ignore[arg-type]


def test_a_suspect_key_leaves_the_dossier_incomplete_and_not_rejected() -> None:
    _, verdict = world_with_key(1, suspect=2)
    assert verdict.outcome is Outcome.INCOMPLETE  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("use", "kind", "expected"),
    [
        (1, "hand-over", "ok"),
        (2, "scan", "ok"),
        (2, "hand-over", "key-use"),
        (2, "status", "key-use"),
        (0, "scan", "key-use"),
        (3, "scan", "key-use"),
        (255, "scan", "key-use"),
    ],
)
def test_a_key_says_only_what_its_use_in_the_registry_allows(use: int, kind: str, expected: str) -> None:
    world, trip = a_small_world()
    world.chain.set_key(ORIGIN_PORT, world.authors[ORIGIN_PORT].signer.key.thumbprint, 1, use=use)
    world.says(kind, trip, {}, by=ORIGIN_PORT)
    world.checkpoint()
    status = "passed" if expected == "ok" else "failed"
    assert said(verdict_on(world, world.dossier(trip)), "authority") == (status, expected)


@pytest.mark.parametrize(
    ("intervals", "expected"),
    [
        ([(1, 0)], "passed"),
        ([(1, 2), (3, 4)], "passed"),
        ([(1, 3)], "failed"),
        ([(1, 3), (4, 0)], "failed"),
        ([], "failed"),
    ],
)
def test_a_role_has_to_be_open_in_the_block_of_the_anchor(
    intervals: list[tuple[int, int]], expected: str
) -> None:
    world, trip = a_small_world()
    world.chain.set_role(ORIGIN_PORT, "origin-port", intervals)
    world.chain.mine(world.now)
    verdict = verdict_on(world, world.dossier(trip))
    assert check(verdict, "authority").status == expected
    assert check(verdict, "authority").reason == ("ok" if expected == "passed" else "role")


def test_an_organisation_that_ended_may_say_no_more() -> None:
    world, trip = a_small_world()
    world.chain.set_organisation(ORIGIN_PORT, 1, 3)
    world.chain.mine(world.now)
    assert said(verdict_on(world, world.dossier(trip)), "authority") == ("failed", "organisation-not-good")


def test_a_kind_that_no_role_of_the_corridor_says_is_refused() -> None:
    world, trip = a_small_world()
    world.says("horoscope", trip, {})
    world.checkpoint()
    assert said(verdict_on(world, world.dossier(trip)), "authority") == ("failed", "role")
