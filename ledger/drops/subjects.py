"""What a file is about: the subject that the settings, its sidecar, its name or its content lead to."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ledger.domain.errors import CorridorError, MalformedError, PolicyError, UnavailableError
from ledger.domain.identifiers import check_container
from ledger.domain.subject import Subject
from ledger.drops.settings import DropConfig, Rule
from ledger.drops.sidecar import Sidecar, Target

Trips = Callable[[], Mapping[str, Target]]
"""Gives the trips that containers are on now."""

_LIKE_CONTAINER = re.compile(r"(?<![A-Z0-9])[A-Z]{3}[UJZR][0-9]{7}(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of a file that may lead to its subject.

    Args:
        rule: That it falls under.
        name: What it is called.
        sidecar: What is said beside it.
        found: What a reader found in it.
    """

    rule: Rule
    name: str
    sidecar: Sidecar | None
    found: Mapping[str, Any]


def target_of(config: DropConfig, clues: Clues, trips: Trips) -> Target:
    """Return where the statement about a file is filed.

    Args:
        config: Of the drop.
        clues: What is known of the file.
        trips: The trips that containers are on.

    Raises:
        PolicyError: It cannot be told, or not for sure: the file is set aside.
        UnavailableError: The trip is not known yet: the file waits.
    """
    sidecar = clues.sidecar
    if config.subject is not None and config.stream is not None:
        return Target(config.subject.uri, config.stream)
    if "sidecar" in clues.rule.sources and sidecar is not None and sidecar.target is not None:
        _check_container(sidecar.target, sidecar.container)
        return sidecar.target
    named = _numbers(clues)
    if len(named) > 1:
        numbers = ", ".join(sorted(named))
        raise PolicyError(
            "container-ambiguous",
            f"several containers are named ({numbers}); say in a sidecar which one it is of",
        )
    if not named:
        raise PolicyError(
            "container-unknown",
            "nothing says which container it is of: neither a sidecar, nor its name, nor what is in it",
        )
    (number,) = named
    target = trips().get(number)
    if target is None:
        raise UnavailableError(
            "no-trip", f"no trip of container {number} is known here yet; it waits for the file of trips"
        )
    return target


def expected_container(config: DropConfig, clues: Clues) -> str | None:
    """Return of which container a file is said to be before anybody reads it, None when nothing says so.

    A reader is told, so that it complains of a content that names another one.

    Args:
        config: Of the drop.
        clues: What is known of the file.
    """
    sidecar, target = clues.sidecar, config.subject
    if (
        target is None
        and sidecar is not None
        and "sidecar" in clues.rule.sources
        and sidecar.target is not None
    ):
        target = Subject.parse(sidecar.target.subject)
    if target is not None and target.type == "trip":
        return target.key
    if sidecar is not None and sidecar.container is not None:
        return sidecar.container
    named = _numbers(clues)
    return next(iter(named)) if len(named) == 1 else None


def _numbers(clues: Clues) -> set[str]:
    """Return the container numbers that the first source names that names any."""
    sidecar = clues.sidecar
    ways: dict[str, Callable[[], set[str]]] = {
        "sidecar": lambda: {sidecar.container} if sidecar is not None and sidecar.container else set(),
        "name": lambda: _good(_LIKE_CONTAINER.findall(clues.name.upper().replace("_", " "))),
        "reader": lambda: _good(_containers(clues.found)),
    }
    for source in clues.rule.sources:
        if numbers := ways[source]():
            return numbers
    return set()


def _check_container(target: Target, container: str | None) -> None:
    subject = Subject.parse(target.subject)
    if subject.type == "trip" and container not in (None, subject.key):
        raise PolicyError(
            "container-mismatch", f"its sidecar names container {container} and a trip of {subject.key}"
        )


def _good(numbers: Iterable[object]) -> set[str]:
    """Return those whose check digit is right: what merely looks like a number is none."""
    good = set()
    for number in numbers:
        try:
            if check_container(number) is None:
                good.add(str(number))
        except CorridorError:
            continue
    return good


def _containers(found: Mapping[str, Any]) -> list[object]:
    one, several = found.get("container"), found.get("containers")
    return [*([] if one is None else [one]), *(several if isinstance(several, list) else [])]


def sidecar_problem(error: MalformedError) -> PolicyError:
    """Return the error that says that a sidecar is none."""
    return PolicyError("sidecar", f"its sidecar cannot be used: {error.message}", field=error.field)
