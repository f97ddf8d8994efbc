"""Two machines that import the same at once: one consignment holds the goods, and none is told of twice."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest

from ledger.client import Service
from ledger.client.importing.importer import ON_RECORD
from ledger.client.importing.outcome import Outcome
from ledger.storage.faults import no_fault
from tests.builders import EXPORTER, a_signer
from tests.client.import_child import outcomes
from tests.integration.stage import Stage, a_stage, enrol

HEADER = "consignment,container,packages"
FIRST, SECOND = "XXXU5001233", "XXXU5001254"


class PowerCutError(Exception):
    """The power of a machine is cut."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ledger at which the exporter may import."""
    with a_stage(tmp_path_factory.mktemp("twice")) as stage:
        enrol(stage.ledger)
        yield stage


class Machine:
    """A machine with a journal of its own."""

    def __init__(self, folder: Path, stage: Stage) -> None:
        self._folder, self._stage = folder, stage
        self._reader = str(pyrage.x25519.Identity.generate().to_public())
        folder.mkdir()

    def imports(self, bill: str, *containers: str, fault: Callable[[str], None] = no_fault) -> list[Outcome]:
        """Import a line for each container of a bill of lading."""
        lines = [f"{bill},{one},{place}" for place, one in enumerate(containers, 1)]
        self._stage.clock.now = max(self._stage.clock.now, int(time.time()))
        (self._folder / "shipments.csv").write_text("\n".join((HEADER, *lines)))
        return outcomes(self._folder, self._stage.url, self._reader, fault)


@pytest.fixture
def machines(stage: Stage, tmp_path: Path) -> tuple[Machine, Machine]:
    """Two machines of one organisation."""
    return Machine(tmp_path / "a", stage), Machine(tmp_path / "b", stage)


def at(step: str, does: Callable[[], object]) -> Callable[[str], None]:
    """Return what does something when a step is passed for the first time."""
    passed: list[str] = []

    def fault(here: str) -> None:
        if here == step and not passed:
            passed.append(here)
            does()

    return fault


def told(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(one.state.value, one.code) for one in outcomes]


def contents(stage: Stage, bill: str) -> list[list[str]]:
    """Return which containers are in each consignment of a number, in the order of their openings."""
    with Service(stage.url, a_signer(EXPORTER), EXPORTER, clock=stage.clock) as service:
        uris = [one["uri"] for one in service.subjects(type="consignment", key=bill)]
        return [sorted(one["to"].split(":")[3] for one in service.links(uri)["links"]) for uri in uris]


def test_what_another_import_put_on_record_meanwhile_is_a_duplicate(
    stage: Stage, machines: tuple[Machine, Machine]
) -> None:
    one, other = machines
    rival = at("subject.named", lambda: one.imports("XMPL.T1", FIRST, SECOND))
    assert told(other.imports("XMPL.T1", FIRST, SECOND, fault=rival)) == [("duplicate", ON_RECORD)] * 2
    assert contents(stage, "XMPL.T1") == [[FIRST, SECOND], []]
    assert told(other.imports("XMPL.T1", FIRST, SECOND)) == [("duplicate", ON_RECORD)] * 2


def test_of_two_openings_the_first_is_filled_and_the_second_says_that_it_is_none(
    stage: Stage, machines: tuple[Machine, Machine]
) -> None:
    one, other = machines

    def stop() -> None:
        raise PowerCutError

    def begin() -> None:
        with pytest.raises(PowerCutError):
            one.imports("XMPL.T2", FIRST, fault=at("step.acknowledged", stop))

    assert told(other.imports("XMPL.T2", FIRST, fault=at("subject.named", begin))) == [
        ("rejected", "opened-twice")
    ]
    assert told(one.imports("XMPL.T2", FIRST)) == [("accepted", "")]
    assert told(other.imports("XMPL.T2", FIRST)) == [("duplicate", ON_RECORD)]
    assert contents(stage, "XMPL.T2") == [[FIRST], []]
    with Service(stage.url, a_signer(EXPORTER), EXPORTER, clock=stage.clock) as service:
        first, second = (one["uri"] for one in service.subjects(type="consignment", key="XMPL.T2"))
        opening, note = service.statements(second)
    assert (note["kind"], note["corrects"]) == ("correction-note", opening["id"])
    assert first in note["body"]["note"]


def test_another_container_joins_the_consignment_that_was_opened_first(
    stage: Stage, machines: tuple[Machine, Machine]
) -> None:
    one, other = machines
    rival = at("subject.named", lambda: one.imports("XMPL.T3", FIRST))
    assert told(other.imports("XMPL.T3", SECOND, fault=rival)) == [("rejected", "opened-twice")]
    assert told(other.imports("XMPL.T3", SECOND)) == [("accepted", "")]
    assert contents(stage, "XMPL.T3") == [[FIRST, SECOND], []]


def test_whichever_machine_comes_second_to_a_container_leaves_it(
    stage: Stage, machines: tuple[Machine, Machine]
) -> None:
    one, other = machines
    assert told(one.imports("XMPL.T4", FIRST)) == [("accepted", "")]
    assert told(other.imports("XMPL.T4", SECOND)) == [("accepted", "")]
    assert told(one.imports("XMPL.T4", FIRST, SECOND))[1] == ("duplicate", ON_RECORD)
    assert told(other.imports("XMPL.T4", SECOND, FIRST))[1] == ("duplicate", ON_RECORD)
    assert contents(stage, "XMPL.T4") == [[FIRST, SECOND]]
