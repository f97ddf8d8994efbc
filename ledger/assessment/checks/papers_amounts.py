"""Papers held against each other: packages, weights, verified gross mass, values."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from ledger.assessment.compare import Told, Topic, contradiction, most_said, said_by, shown_scope
from ledger.assessment.finding import Finding, Reason, Severity, Value, found
from ledger.assessment.papers import PaperSaid
from ledger.corridors.rules import Tolerances
from ledger.domain.papers import MAX_ROWS, Amounts
from ledger.domain.standard_forms import package_kind
from ledger.domain.words import Words

PACKAGES: Final = contradiction(
    "packages-contradict",
    Severity.PROBLEM,
    Words("the number of packages", "el número de bultos", "le nombre de colis"),
    "Papers about the same containers state different numbers of packages. Where papers say what kind of "
    "package they count, only numbers of one kind are compared.",
)
NET: Final = contradiction(
    "net-weight-contradicts",
    Severity.PROBLEM,
    Words("the net weight", "el peso neto", "le poids net"),
    "Papers about the same containers state net weights that are further apart than the corridor tolerates.",
)
GROSS: Final = contradiction(
    "gross-weight-contradicts",
    Severity.PROBLEM,
    Words("the gross weight", "el peso bruto", "le poids brut"),
    "Papers about the same containers state gross weights that are further apart than the corridor "
    "tolerates.",
)
VGM: Final = contradiction(
    "vgm-contradicts",
    Severity.PROBLEM,
    Words("the verified gross mass", "la masa bruta verificada", "la masse brute vérifiée"),
    "Papers state verified gross masses (SOLAS VI/2) of one container that are further apart than the "
    "corridor tolerates.",
)
VALUE: Final = contradiction(
    "value-contradicts",
    Severity.PROBLEM,
    Words("the value", "el valor", "la valeur"),
    "Invoice and declarations state different values in one currency. Compared only where values are "
    "disclosed.",
)
VGM_SUM: Final = Reason(
    "vgm-not-sum",
    Severity.PROBLEM,
    Words(
        "{title}: {box} has a verified gross mass of {vgm} kg; gross weight {gross} kg and tare {tare} kg "
        "make {sum} kg.",
        "{title}: {box} tiene una masa bruta verificada de {vgm} kg; el peso bruto de {gross} kg y la tara "
        "de {tare} kg suman {sum} kg.",
        "{title} : {box} a une masse brute vérifiée de {vgm} kg ; le poids brut de {gross} kg et la tare de "
        "{tare} kg font {sum} kg.",
    ),
    "The verified gross mass of a container is that of the box and all in it (SOLAS VI/2): what papers "
    "declare as gross weight and tare must sum up to it within the corridor's tolerance.",
)
VGM_BELOW: Final = Reason(
    "vgm-below-gross",
    Severity.PROBLEM,
    Words(
        "{title}: {box} has a verified gross mass of {vgm} kg, less than the gross weight of the goods "
        "alone, {gross} kg.",
        "{title}: {box} tiene una masa bruta verificada de {vgm} kg, menos que el peso bruto de la mercancía "
        "sola, {gross} kg.",
        "{title} : {box} a une masse brute vérifiée de {vgm} kg, moins que le poids brut de la marchandise "
        "seule, {gross} kg.",
    ),
    "A loaded container cannot weigh less than the goods in it. Found where no paper states the tare.",
)
NET_OVER_GROSS: Final = Reason(
    "net-over-gross",
    Severity.PROBLEM,
    Words(
        "{title} states a net weight of {net} kg, more than its gross weight of {gross} kg.",
        "{title} declara un peso neto de {net} kg, mayor que su peso bruto de {gross} kg.",
        "{title} déclare un poids net de {net} kg, supérieur à son poids brut de {gross} kg.",
    ),
    "Goods cannot weigh more without their packages than with them: two figures were exchanged or one is "
    "made up.",
)
TOTAL: Final = Reason(
    "totals-not-lines",
    Severity.PROBLEM,
    Words(
        "{title} states a total of {total} ({what}); its lines make {sum}.",
        "{title} declara un total de {total} ({what}); sus líneas suman {sum}.",
        "{title} déclare un total de {total} ({what}) ; ses lignes font {sum}.",
    ),
    "The total of a paper is not the sum of its lines of goods, or of its containers, where each of them "
    "says how much.",
)
REASONS: Final = (PACKAGES, NET, GROSS, VGM, VGM_SUM, VGM_BELOW, NET_OVER_GROSS, TOTAL, VALUE)

_VALUED: Final = frozenset(
    ("commercial-invoice", "export-declaration", "entry", "transit-declaration", "manifest", "document")
)
_WHAT: Final = {
    "packages": Words("packages", "bultos", "colis"),
    "net_kg": Words("kg net", "kg netos", "kg net"),
    "gross_kg": Words("kg gross", "kg brutos", "kg brut"),
    "value": Words("value", "valor", "valeur"),
}
SLACK: Final = 1e-6
"""What binary fractions may be off."""
Scope = frozenset[str]


def topics(papers: Sequence[PaperSaid], trips: Scope, allowed: Tolerances) -> Iterator[Topic[float]]:
    """Yield what is compared: each amount, of each set of containers that papers are about."""
    percent = {
        "net_kg": allowed.net_percent,
        "gross_kg": allowed.gross_percent,
        "vgm_kg": allowed.vgm_percent,
    }
    reasons = {"net_kg": NET, "gross_kg": GROSS, "vgm_kg": VGM}
    for scope in _scopes(papers, trips):
        counted = _told(papers, scope, "packages")
        kinds = {kind for one in counted if (kind := _package_kind(one.by)) is not None}
        for kind in sorted(kinds) if len(kinds) > 1 else (None,):
            told = [one for one in counted if kind is None or _package_kind(one.by) == kind]
            yield Topic(PACKAGES, tuple(told), partial(_differ_by, allowed.packages), scope)
        for name, reason in reasons.items():
            yield Topic(reason, tuple(_told(papers, scope, name)), partial(_near, percent[name]), scope)
        for currency in sorted({one for each in papers if (one := _currency(each)) is not None}):
            valued = [
                each for each in papers if each.paper.document in _VALUED and _currency(each) == currency
            ]
            told = _told(valued, scope, "value", f" {currency}")
            yield Topic(VALUE, tuple(told), partial(_near, allowed.value_percent), scope)


def alone(papers: Sequence[PaperSaid], trips: Scope, allowed: Tolerances) -> Iterator[Finding]:
    """Yield what single papers say against themselves, and masses that do not sum up."""
    for one in papers:
        yield from _net_over_gross(one)
        yield from _totals(one, allowed)
    for scope in _scopes(papers, trips):
        if len(scope) == 1:
            yield from _masses(papers, scope, allowed)


def _net_over_gross(one: PaperSaid) -> Iterator[Finding]:
    paper = one.paper
    rows = [each.amounts for each in paper.containers] + [each.amounts for each in paper.goods]
    for amounts in (paper.totals, *rows):
        net, gross = amounts.net_kg, amounts.gross_kg
        if net is not None and gross is not None and net > gross + SLACK:
            yield found(NET_OVER_GROSS, *one.said, title=one.title, net=net, gross=gross)
            return


def _totals(one: PaperSaid, allowed: Tolerances) -> Iterator[Finding]:
    percent = {
        "net_kg": allowed.net_percent,
        "gross_kg": allowed.gross_percent,
        "value": allowed.value_percent,
    }
    for name, what in _WHAT.items():
        total = getattr(one.paper.totals, name)
        goods, boxes = one.paper.goods, one.paper.containers
        for rows in ([each.amounts for each in goods], [each.amounts for each in boxes]):
            summed = _sum(rows, name)
            if total is None or summed is None:
                continue
            same = (
                _differ_by(allowed.packages, total, summed)
                if name == "packages"
                else _near(percent[name], total, summed)
            )
            if not same:
                yield found(TOTAL, *one.said, title=one.title, total=total, what=what, sum=summed)
                break


def _masses(papers: Sequence[PaperSaid], scope: Scope, allowed: Tolerances) -> Iterator[Finding]:
    """Yield that the mass that most papers give a container is not that of the box and of what is in it."""
    near = partial(_near, allowed.vgm_percent)
    verified, heavy, empty = (
        most_said(_told(papers, scope, name), near) for name in ("vgm_kg", "gross_kg", "tare_kg")
    )
    if verified is None or heavy is None:
        return
    values: dict[str, Value] = {
        "title": verified.by.title,
        "box": shown_scope(scope),
        "vgm": verified.value,
        "gross": heavy.value,
    }
    if empty is None:
        if verified.value < heavy.value - SLACK:
            yield found(VGM_BELOW, *said_by((verified.by, heavy.by)), **values)
        return
    summed = heavy.value + empty.value
    if not near(verified.value, summed):
        rests = said_by((verified.by, heavy.by, empty.by))
        yield found(VGM_SUM, *rests, **values, tare=empty.value, sum=summed)


def _scopes(papers: Sequence[PaperSaid], trips: Scope) -> list[Scope]:
    """Return the sets of containers of which papers state amounts: a paper's, and each of the shipment's."""
    scopes = {one.containers for one in papers}
    scopes |= {frozenset((number,)) for number in trips}
    return sorted(scopes, key=sorted)


def _told(papers: Sequence[PaperSaid], scope: Scope, name: str, unit: str = "") -> list[Told[float]]:
    amounts = [(one, _amount(one, scope, name)) for one in papers]
    return [Told(one, value, f"{value:.10g}{unit}") for one, value in amounts if value is not None]


def _amount(one: PaperSaid, scope: Scope, name: str) -> float | None:
    """Return what a paper says of some containers: its total, else what its lines or containers sum up to."""
    paper = one.paper
    if scope != one.containers:
        of_box = one.boxes.get(next(iter(scope)), ()) if len(scope) == 1 else ()
        return _sum([box.amounts for box in of_box], name)
    total: float | None = getattr(paper.totals, name)
    if total is not None:
        return total
    of_goods = _sum([each.amounts for each in paper.goods], name)
    return of_goods if of_goods is not None else _sum([each.amounts for each in paper.containers], name)


def _sum(rows: Sequence[Amounts], name: str) -> float | None:
    """Return what rows sum up to; None unless all of them say how much, and all of them were kept."""
    values = [getattr(row, name) for row in rows]
    if not values or len(values) >= MAX_ROWS or None in values:
        return None
    return float(sum(values))


def _package_kind(one: PaperSaid) -> str | None:
    kinds = {package_kind(each.package_kind) for each in one.paper.goods if each.package_kind}
    return kinds.pop() if len(kinds) == 1 else None


def _currency(one: PaperSaid) -> str | None:
    said = (one.paper.totals.currency, *[each.amounts.currency for each in one.paper.goods])
    codes = {each.upper() for each in said if each is not None}
    return codes.pop() if len(codes) == 1 else None


def _differ_by(most: float, one: float, other: float) -> bool:
    return abs(one - other) <= most + SLACK


def _near(percent: float, one: float, other: float) -> bool:
    return abs(one - other) <= percent / 100 * max(one, other) + SLACK
