"""The catalogue follows from the log: killed wherever, by whoever, in whatever steps, it tells the same."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Table, select

from ledger.catalogue import projection
from ledger.domain.hand_over import Role
from ledger.domain.subject import stream_tag
from ledger.log.append import Submission
from ledger.storage.engine import read_transaction
from ledger.storage.schema import metadata
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, a_trip, seeded
from tests.catalogue.crash_child import project
from tests.catalogue.office import CARRIER, POLICE, Office, a_thing, an_office
from tests.log.checker import check_log

STEPS = ["catalogue.read", "catalogue.moved", "catalogue.commit", "catalogue.committed"]
# What these tests fork must have imported everything beforehand, or they would take seconds each.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.catalogue.crash_child"])


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Project in small batches, so that there are several."""
    monkeypatch.setattr(projection, "BATCH", 4)


def a_history(office: Office) -> None:
    """Put on record what the catalogue has to keep apart."""
    trip, goods = office.opens(a_trip()), office.opens(a_thing("consignment", "MAEU.BL1"))
    office.grants(EXPORTER, trip, ORIGIN_PORT, CUSTOMS)
    office.catalogue.join(goods.custody_secret, CARRIER)
    office.says(EXPORTER, "stuffing", trip, {}, subjects=(trip.uri, goods.uri))
    enforcement = stream_tag(seeded("enforcement", 16))
    office.says(CUSTOMS, "stream-opened", trip, {"stream": "enforcement"}, streams=(enforcement,))
    office.says(CUSTOMS, "grant", trip, {"to": [POLICE]}, streams=(enforcement,))
    office.gives_and_takes(EXPORTER, ORIGIN_PORT, trip)
    office.grants(CARRIER, goods, POLICE)
    office.hands_over(office.terms(ORIGIN_PORT, CARRIER, trip, at="2026-09-21T13:33:21Z"), Role.GIVER, trip)


def tables(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the catalogue."""
    named: list[Table] = [one for one in metadata.sorted_tables if one.name.startswith("catalogue_")]
    with read_transaction(office.store.engine) as connection:
        return {one.name: sorted(map(tuple, connection.execute(select(one))), key=repr) for one in named}


def test_a_rebuild_changes_nothing(office: Office) -> None:
    a_history(office)
    told, kept = office.tells(), tables(office)
    assert kept["catalogue_joins"]
    office.catalogue.rebuild()
    assert tables(office) == kept
    assert office.tells() == told


@pytest.mark.parametrize("occurrence", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_killed_between_log_and_catalogue_the_next_one_goes_on(
    tmp_path: Path, step: str, occurrence: int
) -> None:
    with an_office(tmp_path) as office:
        a_history(office)
        told, kept = office.tells(), tables(office)
    process = CONTEXT.Process(target=project, args=(tmp_path, step, occurrence))
    process.start()
    process.join(120)
    assert process.exitcode == -9
    with an_office(tmp_path) as office:
        assert office.tells() == told
        assert tables(office) == kept
        check_log(office.store)


def test_several_may_catch_up_at_once(tmp_path: Path) -> None:
    with an_office(tmp_path) as office:
        a_history(office)
        office.catalogue.catch_up()
        kept = tables(office)
        for _ in range(5):
            projection.empty(office.store.engine)
            with ThreadPoolExecutor(4) as pool:
                covered = list(pool.map(lambda _n: projection.catch_up(office.store.engine), range(4)))
            assert covered == [office.store.size()] * 4
            assert tables(office) == kept


def test_a_malformed_hand_over_or_grant_in_the_log_does_not_stop_the_catalogue(office: Office) -> None:
    trip = office.opens(a_trip())
    for kind, body in (
        ("grant", {"to": "all"}),
        ("hand-over", {"terms": 1}),
        ("stream-opened", {"stream": ""}),
    ):
        streams = (stream_tag(seeded(kind, 16)),) if kind == "stream-opened" else None
        signed = office.signs(EXPORTER, kind, trip, body, streams=streams)
        office.store.append([Submission(signed.statement)])
    assert len(office.catalogue.statements(trip.uri, EXPORTER)) == 3
    assert [one.organisation for one in office.catalogue.members(trip.custody_tag)] == [EXPORTER]
