"""What SQLite does one after the other and PostgreSQL side by side: it comes to the same."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete

from ledger.access import Answer
from ledger.catalogue import projection
from ledger.domain.errors import ConflictError
from ledger.enrolment import Enrolments
from ledger.log.writer import read_head
from ledger.notices.sender import Outcome
from ledger.notices.subscriptions import GONE
from ledger.storage.access_tables import repeatable_requests
from ledger.storage.arrival_work import hold_arrivals, touch
from ledger.storage.engine import write_transaction
from ledger.storage.notice_tables import notice_deliveries, notice_subscriptions
from ledger.storage.prearrival_tables import arrival_parts
from ledger.storage.rows import insert_rows
from tests.access.doors import a_door
from tests.access.test_repeatable import REQUEST, Work
from tests.builders import EXPORTER, a_trip
from tests.catalogue.office import CARRIER, an_office
from tests.databases import on_postgresql_only
from tests.enrolment.test_enrolments import Desk as Applications
from tests.enrolment.test_enrolments import an_application
from tests.log.logs import a_database
from tests.notices.desk import Desk, a_desk
from tests.side_by_side import until_it_waits, when

pytestmark = on_postgresql_only


@pytest.fixture
def notices(tmp_path: Path) -> Iterator[Desk]:
    desk = a_desk(tmp_path)
    yield desk
    desk.notices.close()
    desk.engine.dispose()


def test_a_request_whose_first_is_refused_at_this_moment_is_told_to_come_again(tmp_path: Path) -> None:
    with a_door(tmp_path) as door:

        def refused() -> None:
            with write_transaction(door.engine) as connection:
                connection.execute(delete(repeatable_requests))

        def again() -> Answer:
            with when(door.engine, "SELECT repeatable_requests", refused):
                return door.access.requests.once(REQUEST, Work())

        with pytest.raises(ConflictError) as caught:
            door.access.requests.once(REQUEST, again)
        assert caught.value.code == "request-in-progress"
        assert door.access.requests.once(REQUEST, Work()).status == 201


def test_the_same_application_at_once_is_one_application(tmp_path: Path) -> None:
    engine, application = a_database(tmp_path), an_application()
    taken: list[bool] = []

    def takes() -> Enrolments:
        return Applications(engine).takes()

    def another() -> None:
        taken.append(takes().apply(application.raw).duplicate)

    with when(engine, "LOCK TABLE", another):
        taken.append(takes().apply(application.raw).duplicate)
    assert taken == [False, True]
    engine.dispose()


def test_a_receiver_that_is_gone_may_say_so_twice_at_once(notices: Desk) -> None:
    notices.subscribed("https://port.example/hook")
    for _ in range(3):
        notices.happens()
    notices.notices.office.fanout.run()
    deliveries = notices.notices.deliveries
    first, second, third = (one.id for one in deliveries.due((), 10))
    one, two, _ = deliveries.due((), 10)
    assert all(deliveries.claim(each) for each in (first, second))
    gone = Outcome(410, "refused")
    others: list[Future[None]] = []

    with ThreadPoolExecutor(1) as pool:

        def meanwhile() -> None:
            others.append(pool.submit(deliveries.ended, two, gone))
            until_it_waits(notices.engine, others[0])

        with when(notices.engine, "UPDATE", meanwhile, done=True):
            deliveries.ended(one, gone)
        others[0].result(60)
    told = {row.id: (row.state, row.status) for row in notices.rows(notice_deliveries)}
    assert told == {first: ("dead", 410), second: ("dead", 410), third: ("dead", None)}
    assert [row.state for row in notices.rows(notice_subscriptions)] == [GONE]


def test_who_joins_a_stream_waits_for_whoever_writes_arrivals_and_holds_nothing_meanwhile(
    tmp_path: Path,
) -> None:
    with an_office(tmp_path) as office, ThreadPoolExecutor(1) as pool:
        trip, engine = office.opens(a_trip()), office.store.engine
        with write_transaction(engine) as connection:
            insert_rows(connection, arrival_parts, [(trip.uri, 1)])
        with write_transaction(engine) as connection:
            hold_arrivals(connection)
            joining = pool.submit(office.catalogue.join, trip.custody_secret, CARRIER)
            until_it_waits(engine, joining)
            assert not joining.done()
            # Were one of them held, neither would ever go on.
            touch(connection, [1])
            assert read_head(connection) == office.store.size()
        joining.result(60)
        assert office.catalogue.is_member(trip.custody_tag, CARRIER)


def test_a_catalogue_that_is_made_again_beside_a_writer_is_whole(tmp_path: Path) -> None:
    with an_office(tmp_path) as office, ThreadPoolExecutor(1) as pool:
        engine, emptied = office.store.engine, list[Future[None]]()

        def meanwhile() -> None:
            emptied.append(pool.submit(projection.empty, engine))
            until_it_waits(engine, emptied[0])

        first = office.opens(a_trip())
        office.catalogue.catch_up()
        second = office.opens(a_trip(seed=2))
        with when(engine, "INSERT INTO catalogue_subjects", meanwhile, done=True):
            office.catalogue.catch_up()
        emptied[0].result(60)
        assert [one.uri for one in office.catalogue.subjects(EXPORTER)] == [first.uri, second.uri]
