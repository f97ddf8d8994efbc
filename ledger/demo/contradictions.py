"""Twelve contradictions, one for each check of the corridor's rules, each beside a clean twin without it."""

import tomllib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict
from stdnum import iso6346

from ledger.assessment.finding import Finding
from ledger.demo.cast import READER
from ledger.demo.facts import Facts
from ledger.demo.stage import Stage
from ledger.demo.story import Line, SubjectLine, filled
from ledger.demo.teller import Teller
from ledger.domain.errors import VerificationError
from ledger.domain.verdict import Check, Outcome, Status
from ledger.verification.verifier import Examination, examine

_FIRST = 7101
"""Of the serial numbers of containers and papers."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Change(_Part):
    """What is said otherwise in a line.

    Args:
        line: Its label.
        set: Values by dotted paths; lists are entered by place.
    """

    line: str
    set: dict[str, Any]


class Contradiction(_Part):
    """One contradiction.

    Args:
        name: What contradicts the shipment.
        es: The same in Spanish.
        check: The check that finds it.
        code: Its reason code.
        more: Lines that are added to the honest story, here and in the twin.
        both: What is said otherwise here and in the twin.
        planted: What is said otherwise here only.
        without: Labels of lines that are left out here only.
    """

    name: str
    es: str
    check: str
    code: str
    more: tuple[dict[str, Any], ...] = ()
    both: tuple[Change, ...] = ()
    planted: tuple[Change, ...] = ()
    without: tuple[str, ...] = ()


class Contradictions(_Part):
    """All of them.

    Args:
        anchored: When checkpoints are published and anchored.
        screening: Names on the list of whoever verifies.
        seals: What is on each container.
        lines: The honest story that all of them change.
        contradictions: In the order of the checks.
    """

    anchored: tuple[AwareDatetime, ...]
    screening: tuple[str, ...]
    seals: dict[str, dict[str, str]]
    lines: tuple[dict[str, Any], ...]
    contradictions: tuple[Contradiction, ...]


@dataclass(frozen=True, slots=True)
class Shipment:
    """A shipment with or without its contradiction.

    Args:
        of: The contradiction.
        planted: Whether it has it.
        lines: Its story.
        teller: Tells it.
    """

    of: Contradiction
    planted: bool
    lines: Sequence[Line]
    teller: Teller


@dataclass(frozen=True, slots=True)
class Found:
    """What the verifier says of a shipment and of its twin.

    Args:
        of: The contradiction.
        planted: The shipment that has it.
        twin: The one that does not.
    """

    of: Contradiction
    planted: Examination
    twin: Examination

    def check(self) -> Check:
        """Return the check that found the contradiction.

        Raises:
            VerificationError: Something else was found, or more, or something in the twin.
        """
        codes, others = ([one.reason.code for one in findings(each)] for each in (self.planted, self.twin))
        if codes != [self.of.code] or others or self.twin.verdict.outcome is not Outcome.ACCEPTED:
            message = (
                f"{self.of.name} was to be found by its code {self.of.code} and by nothing else; found: "
                f"{codes}, in its twin: {others}, which is {self.twin.verdict.outcome}"
            )
            raise VerificationError("contradiction-missed", message)
        return next(one for one in self.planted.verdict.checks if one.name == self.of.check)


def findings(one: Examination) -> Sequence[Finding]:
    """Return all that the corridor's rules find in a shipment.

    Raises:
        VerificationError: They could not be held against it.
    """
    if one.assessment is None:
        why = next((check.message for check in one.verdict.checks if check.status is Status.FAILED), "")
        raise VerificationError("not-assessed", f"nothing could be said of {one.verdict.shipment}: {why}")
    return one.assessment.findings


def read_contradictions() -> Contradictions:
    """Return the contradictions that come with the package."""
    text = files(__package__).joinpath("contradictions.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    names = {"line": "lines", "contradiction": "contradictions"}
    return Contradictions.model_validate({names.get(name, name): one for name, one in document.items()})


def play(teller: Teller, facts: Facts) -> Iterator[Found]:
    """Tell all of them, and yield what destination customs finds of each.

    Args:
        teller: Whose stage, registers and readers they are told with.
        facts: The figures that their texts name.
    """
    stage, all_ = teller.speaker.stage, read_contradictions()
    told = list(_shipments(all_, facts, teller))
    _tell(all_, told, teller)
    examinations = _examined(all_, told, stage)
    for one in told[::2]:
        yield Found(one.of, next(examinations), next(examinations))


def _shipments(all_: Contradictions, facts: Facts, teller: Teller) -> Iterator[Shipment]:
    """Yield a shipment with each contradiction, and after it its twin without."""
    serial = _FIRST
    for one in all_.contradictions:
        for planted in (True, False):
            container = f"XXXU70{serial}"
            container += iso6346.calc_check_digit(container)
            told = dict(facts) | {"container": container, "serial": serial, "bill": f"XXXX26GT2{serial}"}
            lines = [Line.model_validate(filled(line, told)) for line in _story(all_, one, planted=planted)]
            subjects = {"trip": SubjectLine(type="trip", key=container)}
            seals = filled(all_.seals, told)
            story = teller.story.model_copy(update={"subjects": subjects, "seals": seals})
            speaker = replace(teller.speaker, opened={}, said={}, quiet=True)
            yield Shipment(one, planted, lines, replace(teller, story=story, speaker=speaker))
            serial += 1


def _tell(all_: Contradictions, told: Sequence[Shipment], by: Teller) -> None:
    """Tell all stories side by side, and anchor when it is time."""
    stage = by.speaker.stage
    lines = [(line, one.teller) for one in told for line in one.lines]
    since: datetime | None = None
    for until in all_.anchored:
        for line, teller in sorted(lines, key=lambda pair: pair[0].at):
            if (since is None or since < line.at) and line.at <= until:
                teller.tell(line)
        stage.clock.set(until.timestamp())
        stage.publish_and_anchor(told=False)
        by.speaker.renew()
        since = until


def _examined(all_: Contradictions, told: Sequence[Shipment], stage: Stage) -> Iterator[Examination]:
    """Yield what destination customs finds in the dossier of each shipment, with a node of its own."""
    trust, view = stage.trust(), stage.view()
    with TemporaryDirectory(prefix="corridor-demo-") as folder:
        path = Path(folder) / "dossier.zip"
        for one in told:
            shipment = one.teller.speaker.opened["trip"].uri
            with path.open("w+b") as file:
                stage.services[READER].dossier(shipment, file, evidence="none")
            yield examine(
                path,
                trust,
                clock=stage.clock,
                chain_view=view,
                expected_shipment=shipment,
                identities=[stage.reader.identity],
                screening=all_.screening,
            )


def _story(all_: Contradictions, one: Contradiction, *, planted: bool) -> Iterator[dict[str, Any]]:
    """Yield the lines of a shipment as the file has them, changed as they are to be."""
    changes = [*one.both, *(one.planted if planted else ())]
    for line in (*all_.lines, *one.more):
        label = line.get("as")
        if planted and label in one.without:
            continue
        changed = deepcopy(line)
        for change in changes:
            if change.line == label:
                for path, value in change.set.items():
                    _set(changed, path, value)
        yield changed


def _set(line: dict[str, Any], path: str, value: Any) -> None:
    *way, last = path.split(".")
    at: Any = line
    for step in way:
        at = at[int(step) if isinstance(at, list) else step]
    at[last] = value
