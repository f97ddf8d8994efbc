"""Dossiers over HTTP: what they cover for whom, and what happens when too many are asked for."""

import asyncio
from collections.abc import Iterator
from functools import partial
from threading import Event

import pytest

from api.custody_schemas import LinksShape
from api.routes.dossiers import Workshop
from ledger.domain.errors import UnavailableError
from ledger.domain.verdict import Outcome
from ledger.verification.container import open_container
from ledger.verification.dossier import Dossier
from ledger.verification.verifier import verify
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip
from tests.catalogue.office import a_thing
from tests.integration.stage import WITNESSES, Stage, a_stage, another_trip, enrol

GOODS = a_thing("consignment", "MAEU.BL1", seed="dossiers")
FIRST, SECOND, THIRD = (another_trip(("dossiers", number)) for number in range(3))


def say(stage: Stage, kind: str, trip: Trip, body: dict[str, object], *others: Trip) -> None:
    """Put on record what the exporter says of subjects, in the streams of all of them."""
    said = stage.author(EXPORTER).says(
        kind,
        trip,
        body,
        iat=stage.clock(),
        seen=stage.seen(),
        subjects=[one.uri for one in (trip, *others)],
        streams=[one.custody_tag for one in (trip, *others)],
    )
    answer = stage.post(said)
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A consignment in two trips, and a third trip that has nothing to do with it."""
    with a_stage(tmp_path_factory.mktemp("dossiers"), witnesses=WITNESSES) as stage:
        enrol(stage.ledger)
        for one in (GOODS, FIRST, SECOND, THIRD):
            say(stage, "subject-opened", one, {})
        for trip in (FIRST, SECOND):
            link = {"rel": "stuffed-in", "from": GOODS.uri, "to": trip.uri}
            say(stage, "link", GOODS, {"links": [link]}, trip)
        for one in (GOODS, FIRST):
            stage.grant(one, CUSTOMS)
        stage.anchor()
        yield stage


def dossier_of(stage: Stage, subject: Trip, who: str) -> bytes:
    answer = stage.http.get(f"/v1/subjects/{subject.uri}/dossier", headers=sign_in(stage, who))
    assert answer.status_code == 200, answer.text
    return answer.content


def covered(stage: Stage, subject: Trip, who: str) -> list[tuple[str, str]]:
    header = Dossier.parse(open_container(dossier_of(stage, subject, who))).header
    return [(one.subject, one.name) for one in header.streams]


def test_a_consignments_dossier_covers_the_trips_that_its_reader_may_see(stage: Stage) -> None:
    assert covered(stage, GOODS, EXPORTER) == [(one.uri, "custody") for one in (GOODS, FIRST, SECOND)]
    assert covered(stage, GOODS, CUSTOMS) == [(one.uri, "custody") for one in (GOODS, FIRST)]
    assert covered(stage, FIRST, CUSTOMS) == [(FIRST.uri, "custody")]


def test_a_dossier_of_several_streams_verifies(stage: Stage) -> None:
    file = dossier_of(stage, GOODS, EXPORTER)
    verdict = verify(file, stage.trust(), clock=stage.clock, expected_shipment=GOODS.uri)
    assert verdict.outcome is Outcome.ACCEPTED


def test_links_are_shown_to_who_may_see_them(stage: Stage) -> None:
    found = stage.http.get(f"/v1/subjects/{GOODS.uri}/links", headers=sign_in(stage, EXPORTER)).json()
    LinksShape.model_validate(found, strict=True)
    assert [(one["rel"], one["from"], one["to"]) for one in found["links"]] == [
        ("stuffed-in", GOODS.uri, trip.uri) for trip in sorted((FIRST, SECOND), key=lambda one: one.uri)
    ]
    shown = sign_in(stage, ORIGIN_PORT)
    assert stage.http.get(f"/v1/subjects/{GOODS.uri}/links", headers=shown).status_code == 404


def test_what_is_not_anchored_yet_has_no_dossier_yet(stage: Stage) -> None:
    new = another_trip("dossiers, new")
    say(stage, "subject-opened", new, {})
    for kind in ("dossier", "verdict"):
        answer = stage.http.get(f"/v1/subjects/{new.uri}/{kind}", headers=sign_in(stage, EXPORTER))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:corridor:problem:not-final")
        assert answer.headers["Retry-After"]


def test_few_are_made_at_a_time_and_not_many_wait() -> None:
    async def scenario() -> tuple[str, list[int], int]:
        workshop, begun, go_on = Workshop(at_a_time=1, most_waiting=2), Event(), Event()
        at_work, most = 0, 0

        def work(number: int) -> int:
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            begun.set()
            assert go_on.wait(30)
            at_work -= 1
            return number

        tasks = [asyncio.create_task(workshop.make(partial(work, number))) for number in range(3)]
        await asyncio.to_thread(begun.wait, 30)
        with pytest.raises(UnavailableError) as caught:
            await workshop.make(partial(work, 9))
        go_on.set()
        return caught.value.code, await asyncio.gather(*tasks), most

    assert asyncio.run(scenario()) == ("busy", [0, 1, 2], 1)
