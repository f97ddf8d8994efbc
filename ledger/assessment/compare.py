"""Holding what several papers say against each other: the odd ones out against what most papers say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ledger.assessment.finding import Finding, Reason, Severity, found
from ledger.assessment.paper_titles import listed
from ledger.assessment.papers import PaperSaid
from ledger.domain.custody import Said
from ledger.domain.words import Words

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Told(Generic[T]):
    """What one paper says of one thing.

    Args:
        by: The paper.
        value: What it says, as it is compared.
        shown: The same for people.
    """

    by: PaperSaid
    value: T
    shown: str


@dataclass(frozen=True, slots=True)
class Contradiction(Generic[T]):
    """That some papers say something else than the others.

    Args:
        odd: Papers that say one thing, fewer of them, or as many.
        most: Papers that agree on another one.
        shown: What those agree on, for people.
    """

    odd: tuple[Told[T], ...]
    most: tuple[Told[T], ...]
    shown: str

    def found(self, reason: Reason, box: str) -> Finding:
        """Return the finding of it.

        Args:
            reason: Made by `contradiction`.
            box: Numbers of the containers that it is about.
        """
        return found(
            reason,
            *said_by(told.by for told in (*self.odd, *self.most)),
            box=box,
            odd=listed([told.by.title for told in self.odd]),
            odd_says=self.odd[0].shown,
            most=listed([told.by.title for told in self.most]),
            most_says=self.shown,
            weight=_weight(_witnesses(self.odd), _witnesses(self.most)),
        )


@dataclass(frozen=True, slots=True)
class Topic(Generic[T]):
    """One thing that papers are held against each other on.

    Args:
        reason: What it is when they contradict each other.
        told: What each paper says of it.
        agree: Whether two values are the same, within tolerances.
        containers: That it is about.
    """

    reason: Reason
    told: tuple[Told[T], ...]
    agree: Callable[[T, T], bool]
    containers: frozenset[str]

    @property
    def is_compared(self) -> bool:
        """Whether there are two papers to compare."""
        return len(self.told) > 1

    def findings(self) -> list[Finding]:
        """Return the contradictions."""
        box = shown_scope(self.containers)
        return [one.found(self.reason, box) for one in contradictions(self.told, self.agree)]


def contradiction(code: str, severity: Severity, what: Words, meaning: str) -> Reason:
    """Return the reason for papers that contradict each other.

    Args:
        code: Its code.
        severity: What it means.
        what: What it is on, with its article: `the net weight`, `el peso neto`, `le poids net`.
        meaning: For the docs.
    """
    rest = " ({box}): {odd}: {odd_says}; {most}: {most_says}. {weight}"
    says = Words(
        f"The papers contradict each other on {what.en}{rest}",
        f"Los documentos se contradicen en {what.es}{rest}",
        f"Les documents se contredisent sur {what.fr}{rest}",
    )
    return Reason(code, severity, says, meaning)


def contradictions(told: Sequence[Told[T]], agree: Callable[[T, T], bool]) -> list[Contradiction[T]]:
    """Return what is said against what most papers say: one contradiction for each other thing that is said.

    Most papers are those that agree with the value that has the most witnesses; of several such values it is
    the first by how it is shown, so that the order of the papers changes nothing.

    Args:
        told: What each paper says.
        agree: Whether two values are the same, within tolerances. It need not be transitive.
    """
    best = most_said(told, agree)
    if best is None:
        return []
    odd: dict[str, list[Told[T]]] = {}
    for one in told:
        if not agree(best.value, one.value):
            odd.setdefault(one.shown, []).append(one)
    most = tuple(sorted(_agreeing(best, told, agree), key=_rank))
    return [Contradiction(tuple(sorted(odd[shown], key=_rank)), most, best.shown) for shown in sorted(odd)]


def most_said(told: Sequence[Told[T]], agree: Callable[[T, T], bool]) -> Told[T] | None:
    """Return what has the most witnesses, None of nothing; see `contradictions`."""
    if not told:
        return None
    return min(told, key=lambda one: (-_witnesses(_agreeing(one, told, agree)), one.shown, _rank(one)))


def said_by(papers: Iterable[PaperSaid]) -> list[Said]:
    """Return the statements that papers rest on, each once, in the order of the log."""
    said = {one.statement.id: one for paper in papers for one in paper.said}
    return sorted(said.values(), key=lambda one: one.index)


def shown_scope(containers: Iterable[str]) -> str:
    """Return the numbers of containers as a sentence names them; of many the first four."""
    return listed([Words.alike(one) for one in sorted(containers)]).en or "-"


def _agreeing(one: Told[T], told: Sequence[Told[T]], agree: Callable[[T, T], bool]) -> list[Told[T]]:
    return [other for other in told if agree(one.value, other.value)]


def _rank(told: Told[T]) -> int:
    return told.by.rank


def _witnesses(told: Sequence[Told[T]]) -> int:
    return len({one.by.origin for one in told})


def _weight(odd: int, most: int) -> Words:
    if most > odd:
        return Words(
            f"{most} papers are for the latter, {odd} for the former.",
            f"{most} documentos apoyan lo segundo, {odd} lo primero.",
            f"{most} documents sont pour la seconde version, {odd} pour la première.",
        )
    return Words(
        "Neither has more papers behind it.",
        "Ninguna versión tiene más documentos a su favor.",
        "Aucune version n’a plus de documents pour elle.",
    )
