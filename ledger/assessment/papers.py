"""All papers of a case in one shape, each with the statements that it rests on (formats, section 22)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.assessment.paper_titles import title_of
from ledger.domain.custody import Said
from ledger.domain.errors import MalformedError
from ledger.domain.links import STUFFING
from ledger.domain.paper_shape import MAX_AMOUNT, PAPERS, paper_as_far_as_said, papers_as_far_as_said
from ledger.domain.papers import MEMBERS, Amounts, Container, Goods, Paper
from ledger.domain.standard_forms import container_number, hs_digits
from ledger.domain.statement_payload import name_of_kind
from ledger.domain.subject import Subject
from ledger.domain.words import Words

MANIFEST: Final = "manifest"
DOCUMENT: Final = "document"
READING: Final = "reading"
KINDS: Final = frozenset((MANIFEST, DOCUMENT, STUFFING))
"""Kinds of statements that tell of papers in their bodies."""
READS: Final = KINDS | {READING}
"""Kinds of statements that the papers of a case come from."""

_WEIGHTS: Final = ("net_kg", "gross_kg", "tare_kg", "vgm_kg")
_NO_PAPERS: Final = frozenset(("status", "events", "seal-check", "seal-certificate"))
"""What readers bring in the shape of papers and is no paper about the goods."""
MOST_PAPERS: Final = 100
"""Papers that are looked at, the first in the log: whoever tells of more would keep everybody busy."""


@dataclass(frozen=True, slots=True)
class PaperSaid:
    """A paper and who says so.

    Args:
        paper: What it says.
        said: The statements that it rests on, in the order of the log: those that tell of it, and for a
            reading the one that claims the item too.
        by: URI of the organisation that brought it, of several the first.
        origin: What it is one word of: papers of one statement and kind are one witness.
        containers: Numbers of the containers that it is about.
        boxes: What it says of each container that it names, by its number in standard form.
        reader: URI of another organisation by whose word it says so: it read the item.
        rank: Its place among the papers of the case by what they say, whoever told of them first.
    """

    paper: Paper
    said: tuple[Said, ...]
    by: str
    origin: tuple[bytes, str]
    containers: frozenset[str]
    boxes: Mapping[str, tuple[Container, ...]]
    reader: str | None = None
    rank: int = 0

    @property
    def title(self) -> Words:
        """What to call it in a sentence, with whoever brought it, and by whose word it says so."""
        name, read = title_of(self.paper.document), Words("", "", "")
        if self.reader is not None:
            read = Words(f", read by {self.reader}", f", leído por {self.reader}", f", lu par {self.reader}")
        return Words(
            f"{name.en} ({self.by}{read.en})",
            f"{name.es} ({self.by}{read.es})",
            f"{name.fr} ({self.by}{read.fr})",
        )


def papers_of(case: Case) -> tuple[PaperSaid, ...]:
    """Return the papers of a case, in an order that is the same whoever told of them first.

    What was corrected does not count, and neither does what was read of an item whose claim was corrected.
    The same paper told twice counts once.
    """
    return case.once(_papers)


def are_left_out(case: Case) -> bool:
    """Return whether there are more papers than are looked at."""
    return len(case.once(_different)) > MOST_PAPERS


def told_papers(case: Case) -> tuple[PaperSaid, ...]:
    """Return all that was ever told in the shape of papers, corrected or not, as often as it was told."""
    return tuple(_told(case, case.said))


def _papers(case: Case) -> tuple[PaperSaid, ...]:
    first = case.once(_different)[:MOST_PAPERS]
    ranked = sorted(first, key=lambda one: (one.title.en, repr(one.paper)))
    return tuple([replace(one, rank=place) for place, one in enumerate(ranked)])


def _different(case: Case) -> tuple[PaperSaid, ...]:
    told = [one for one in _told(case, case.counting) if one.paper.document not in _NO_PAPERS]
    same: dict[Paper, PaperSaid] = {}
    for one in sorted(told, key=lambda one: one.said[0].index):
        first = same.get(one.paper)
        same[one.paper] = one if first is None else _both(first, one)
    return tuple(same.values())


def body_papers(one: Said) -> tuple[Paper, ...]:
    """Return the papers that a statement tells of in its body: `papers`, and the older members together.

    Lists of which rows are concealed are left out: what is left of one is not what the paper says.
    """
    hidden: dict[str, Any] = dict.fromkeys(_lists_with_hidden_rows(one), ())
    return tuple([replace(paper, **hidden) for paper in _shown_papers(one)])


def _shown_papers(one: Said) -> tuple[Paper, ...]:
    if one.statement.kind not in KINDS:
        return ()
    older = _older(one)
    return papers_as_far_as_said(one.body.get(PAPERS)) + (() if older is None else (older,))


def _lists_with_hidden_rows(one: Said) -> frozenset[str]:
    """Return the lists of papers of which single rows are concealed from the reader."""
    signed, shown = one.statement.body.get(PAPERS), one.body.get(PAPERS)
    if not isinstance(signed, list) or not isinstance(shown, list):
        return frozenset()
    hidden = set()
    for place, paper in enumerate(signed):
        for name, rows in paper.items() if isinstance(paper, dict) else ():
            if name in MEMBERS and isinstance(rows, list) and any(map(_is_concealed, rows)):
                # Where whole papers are concealed too, nothing tells which of those shown this one is.
                same = shown[place].get(name) if len(shown) == len(signed) else None
                if not isinstance(same, list) or len(same) < len(rows):
                    hidden.add(name)
    return frozenset(hidden)


def _is_concealed(row: object) -> bool:
    return isinstance(row, dict) and "..." in row


def _told(case: Case, said: Sequence[Said]) -> Iterator[PaperSaid]:
    everything = frozenset(_container_of(trip) for trip in case.trips)
    counting = said is case.counting
    for one in said:
        for paper in body_papers(one) if counting else _shown_papers(one):
            yield _paper_said(paper, (one,), everything)
        read = case.opened.get(one.statement.id) if one.statement.kind == READING else None
        paper_read = None if read is None else paper_as_far_as_said(read.get("paper"))
        if paper_read is None:
            continue
        claims = [ref.id for ref in one.statement.references if ref.rel == "of"]
        if counting and any(claim in case.instead for claim in claims):
            continue
        rests = [case.by_id[claim] for claim in claims if claim in case.by_id]
        told = _paper_said(paper_read, (*rests, one), everything)
        yield told if told.by == one.statement.iss else replace(told, reader=one.statement.iss)


def _paper_said(paper: Paper, said: tuple[Said, ...], everything: frozenset[str]) -> PaperSaid:
    first = said[0].statement
    named: dict[str, tuple[Container, ...]] = {}
    for box in paper.containers:
        number = container_number(box.number)
        named[number] = (*named.get(number, ()), box)
    about = frozenset(_container_of(uri) for uri in first.subjects if Subject.parse(uri).type == "trip")
    # Of one container only, there is no doubt which one is meant, whatever number a paper gives it.
    containers = (
        everything if len(everything) == 1 and len(named) <= 1 else frozenset(named) or about or everything
    )
    return PaperSaid(paper, said, first.iss, (first.id, paper.document), containers, MappingProxyType(named))


def _container_of(trip: str) -> str:
    return container_number(Subject.parse(trip).key)


def _both(first: PaperSaid, again: PaperSaid) -> PaperSaid:
    said = {one.statement.id: one for one in (*first.said, *again.said)}
    # Who says so itself needs no reader's word.
    reader = None if again.reader is None else first.reader
    return replace(first, said=tuple(sorted(said.values(), key=lambda one: one.index)), reader=reader)


def _older(one: Said) -> Paper | None:
    """Return what a body says in the members that it has had for longer than `papers`, None without any."""
    body, weights = one.body, one.body.get("weights")
    price = body.get("price")
    of_price: Mapping[str, Any] = price if isinstance(price, Mapping) else {"amount": price}
    currency = of_price.get("currency")
    amounts = Amounts(
        packages=_packages(body.get("packages")),
        **{name: _number(weights.get(name)) if isinstance(weights, Mapping) else None for name in _WEIGHTS},
        value=_number(of_price.get("amount")),
        currency=currency if isinstance(currency, str) else None,
    )
    hs = hs_digits(body.get("hts"))
    # The box that was stuffed is told by the line of custody.
    number = body.get("container") if one.statement.kind != STUFFING else None
    boxes = (Container(container_number(number)),) if isinstance(number, str) and number else ()
    goods = () if hs is None else (Goods(hs=hs),)
    if not boxes and not goods and amounts == Amounts():
        return None
    return Paper(_document(one), containers=boxes, goods=goods, totals=amounts)


def _document(one: Said) -> str:
    named = one.body.get("documents")
    if isinstance(named, list) and len(named) == 1:
        try:
            return name_of_kind(named[0], "documents")
        except MalformedError:
            pass
    return one.statement.kind


def _packages(value: object) -> float | None:
    return _number(value.get("cartons") if isinstance(value, Mapping) else value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_AMOUNT:
        return None
    return value
