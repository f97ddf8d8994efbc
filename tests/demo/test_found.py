"""The demo, as data: what its audiences find, and what people see of it from where they sit."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from rich.console import Console

from ledger.demo.contradictions import Contradiction, Found, findings, read_contradictions
from ledger.demo.facts import Facts
from ledger.demo.run import Results, run
from ledger.demo.watching import Watched
from ledger.domain.errors import VerificationError
from ledger.domain.verdict import CORRIDOR_CHECKS, Outcome, Status
from ledger.domain.words import LANGUAGES
from tests.demo.test_demo import SCALE

HOUR = 3600
CONTRADICTIONS = read_contradictions().contradictions
FACTS = Facts.default()
FOLLOW_THE_ETA = {
    *("commercial invoice", "certification of origin (CAFTA-DR)", "bill of lading"),
    "FDA prior notice, confirmed",
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What came of a run."""
    return run(tmp_path_factory.mktemp("found"), Console(file=io.StringIO()), scale=SCALE)


@pytest.fixture
def watched(results: Results) -> Watched:
    """What people saw in it."""
    return results.watched


def named(one: Contradiction) -> str:
    """Return the code of a contradiction."""
    return one.code


def of(results: Results, wanted: Contradiction) -> Found:
    """Return what was found of a contradiction."""
    (found,) = [one for one in results.found if one.of == wanted]
    return found


def test_there_is_one_contradiction_for_each_check_of_the_corridor() -> None:
    assert [one.check for one in CONTRADICTIONS] == list(CORRIDOR_CHECKS)
    assert len({one.code for one in CONTRADICTIONS}) == len(CORRIDOR_CHECKS) == 12


@pytest.mark.parametrize("wanted", CONTRADICTIONS, ids=named)
def test_a_contradiction_is_found_by_its_own_code_and_by_no_other(
    results: Results, wanted: Contradiction
) -> None:
    planted = of(results, wanted).planted
    (finding,) = findings(planted)
    assert finding.reason.code == wanted.code
    assert len({finding.sentence(language) for language in LANGUAGES}) == len(LANGUAGES)
    bad = [one for one in planted.verdict.checks if one.status in (Status.FAILED, Status.MISSING)]
    assert [(one.name, one.reason) for one in bad] == [(wanted.check, wanted.code)]
    assert (planted.verdict.outcome is Outcome.REJECTED) == (bad[0].status is Status.FAILED)


@pytest.mark.parametrize("wanted", CONTRADICTIONS, ids=named)
def test_its_clean_twin_raises_nothing_and_is_accepted(results: Results, wanted: Contradiction) -> None:
    found = of(results, wanted)
    assert findings(found.twin) == []
    assert found.twin.verdict.outcome is Outcome.ACCEPTED
    assert {one.status for one in found.twin.verdict.checks} <= {Status.PASSED, Status.NOT_CHECKED}
    assert found.twin.verdict.shipment != found.planted.verdict.shipment


def test_a_contradiction_that_is_not_found_ends_the_demo(results: Results) -> None:
    first, second = results.found[:2]
    not_found = Found(first.of, first.twin, first.twin)
    found_in_the_twin = Found(first.of, first.planted, first.planted)
    by_another_code = Found(first.of, second.planted, first.twin)
    for one in (not_found, found_in_the_twin, by_another_code):
        with pytest.raises(VerificationError, match="was to be found") as refused:
            one.check()
        assert refused.value.code == "contradiction-missed"


def lists(watched: Watched, who: str) -> Sequence[Mapping[str, Any]]:
    """Return the to-do lists of a part, deadlines by name."""
    return [{one["need"]: one["due"] for one in each.items} for each in watched.todo if each.who == who]


def test_the_to_do_lists_have_the_deadlines_of_the_law_and_of_the_promise(watched: Watched) -> None:
    (grower, *_), (broker, *_), (carrier, *_) = (
        lists(watched, who) for who in ("grower", "broker", "carrier")
    )
    times = FACTS.times
    assert grower["verified-gross-mass"] == times.lading.timestamp()
    assert grower["phytosanitary-certificate"] == times.sailing.timestamp()
    assert grower["certification-of-origin"] == times.arrival.timestamp() - 48 * HOUR
    assert broker["importer-security-filing"] == times.filings_due.timestamp()
    assert broker["prior-notice"] == times.arrival.timestamp() - 8 * HOUR
    assert carrier["advance-manifest"] == times.filings_due.timestamp()
    assert carrier["stow-plan"] == times.stow_plan_due.timestamp()


@pytest.mark.parametrize("who", ["grower", "broker", "carrier"])
def test_a_to_do_list_empties_until_nothing_is_left(watched: Watched, who: str) -> None:
    first, *others, last = lists(watched, who)
    assert len(first) >= 4
    for before, after in zip([first, *others], [*others, last], strict=True):
        assert after.keys() <= before.keys()
    assert last == {}


def test_everything_is_there_64_hours_before_the_ship(results: Results) -> None:
    times = FACTS.times
    assert (times.arrival - times.dossier_ready).total_seconds() == 64 * HOUR
    assert results.ready.hours_before_eta == 64
    assert results.ready.margin.at == times.dossier_ready.timestamp()
    assert results.ready.expected == times.arrival.timestamp()
    assert results.ready.outcome is results.outcome is Outcome.ACCEPTED


def test_the_rules_are_held_against_an_eta_that_moves_and_moves_back(watched: Watched) -> None:
    before, late, back = watched.standings
    assert {one.outcome for one in watched.standings} == {Outcome.ACCEPTED}
    # What was promised is measured by what was expected when it came, whatever the weather does later.
    assert [one.hours_before_eta for one in watched.standings] == [64, 64, 64]
    assert [one.hours_before_expected for one in watched.standings] == [64, 71, 64]
    moved = {name: late.due[name] - due for name, due in before.due.items()}
    assert {name for name, by in moved.items() if by} == FOLLOW_THE_ETA
    assert {moved[name] for name in FOLLOW_THE_ETA} == {7 * HOUR}
    assert (back.due, back.expected) == (before.due, before.expected)


def test_the_port_hears_when_it_may_deliver_and_never_why_not(watched: Watched) -> None:
    events = [one.event for one in watched.heard]
    assert {one.who for one in watched.heard} == {"destination-port"}
    assert [one["type"] for one in events] == ["dossier.ready", *["decision.made"] * 3]
    assert [one["data"]["about"]["said"] for one in events[1:]] == ["blocked", "blocked", "free"]
    numbers = [one["data"]["seq"] for one in events]
    assert numbers == sorted(set(numbers))
    for one in events[1:]:
        decision = one["data"]["arrival"]["decision"]
        assert [decision[name] for name in ("decision", "type", "reason", "reference")] == [None] * 4
    told = json.dumps(events)
    assert [word for word in ("targeting", "nii", "first shipment") if word in told] == []


def test_the_exporter_sees_not_released_and_then_released(watched: Watched) -> None:
    assert watched.released == ["blocked", "blocked", "free"]
