"""Papers held against each other: parties, goods, containers, places, and the numbers that they refer to."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from ledger.assessment.compare import Told, Topic, contradiction, shown_scope
from ledger.assessment.finding import Finding, Reason, Severity, found
from ledger.assessment.papers import PaperSaid
from ledger.corridors.rules import Tolerances
from ledger.domain.identifiers import is_unlocode
from ledger.domain.papers import Party
from ledger.domain.standard_forms import (
    company_name,
    document_number,
    exact_name,
    hs_digits,
    is_name,
    same_company,
)
from ledger.domain.words import Words

EXPORTER: Final = contradiction(
    "exporter-contradicts",
    Severity.PROBLEM,
    Words("the exporter", "el exportador", "l’exportateur"),
    "Papers name different exporters, shippers or consignors, which are one party under the names that "
    "papers have for it. Case, accents, punctuation and legal forms are not looked at.",
)
CONSIGNEE: Final = contradiction(
    "consignee-contradicts",
    Severity.PROBLEM,
    Words("the consignee", "el consignatario", "le destinataire"),
    "Papers name different consignees. One made out to order names none, and neither does a bare number.",
)
OTHERS: Final = contradiction(
    "party-contradicts",
    Severity.WARNING,
    Words("one of the parties", "una de las partes", "l’une des parties"),
    "Papers name different importers, buyers, sellers, manufacturers or notified parties: this happens in "
    "honest trade, and is worth a look.",
)
HS: Final = contradiction(
    "hs-contradicts",
    Severity.PROBLEM,
    Words("the tariff number", "la partida arancelaria", "le numéro tarifaire"),
    "Tariff numbers differ in the first digits, as many as the corridor asks for. A paper that lists some of "
    "the goods only does not contradict one that lists all.",
)
ORIGIN: Final = contradiction(
    "origin-contradicts",
    Severity.PROBLEM,
    Words("the country of origin", "el país de origen", "le pays d’origine"),
    "Papers state different countries of origin, as ISO 3166-1 codes of two letters.",
)
PORT: Final = contradiction(
    "port-contradicts",
    Severity.WARNING,
    Words("the ports", "los puertos", "les ports"),
    "Papers state different ports of loading, or of discharge, as UN/LOCODE.",
)
NUMBER: Final = contradiction(
    "number-contradicts",
    Severity.WARNING,
    Words("the number of another paper", "el número de otro documento", "le numéro d’un autre document"),
    "Papers refer to bills of lading, bookings or invoices of different numbers: one of them may belong to "
    "another shipment, or be a house bill.",
)
OTHER_BOX: Final = Reason(
    "paper-of-other-container",
    Severity.PROBLEM,
    Words(
        "{title} is about {named}, and not about {box}.",
        "{title} se refiere a {named}, y no a {box}.",
        "{title} porte sur {named}, et non sur {box}.",
    ),
    "A paper names containers, and none of the shipment's: it belongs to another shipment, or its number is "
    "mistyped.",
)
MORE_BOXES: Final = Reason(
    "container-not-covered",
    Severity.WARNING,
    Words(
        "{title} also names {named}, which nothing on record links to this shipment.",
        "{title} nombra también {named}, que nada en el registro vincula con este envío.",
        "{title} nomme aussi {named}, que rien au dossier ne lie à cet envoi.",
    ),
    "A paper of a whole consignment names a container of which nothing is on record beside the others.",
)
REASONS: Final = (EXPORTER, CONSIGNEE, OTHERS, HS, ORIGIN, PORT, NUMBER, OTHER_BOX, MORE_BOXES)

_EXPORTERS: Final = ("exporter", "shipper", "consignor")
_ROLES: Final = (
    (EXPORTER, _EXPORTERS),
    (CONSIGNEE, ("consignee",)),
    *((OTHERS, (role,)) for role in ("importer", "buyer", "seller", "manufacturer", "notify")),
)
_NUMBERS: Final = ("bill-of-lading", "booking", "invoice")
_PORTS: Final = ("loading", "discharge")
_MOST_PAIRS: Final = 64
"""Pairs of names that are looked at for one that was cut off: nobody names so many for one role."""
_Set = frozenset[str]


def topics(papers: Sequence[PaperSaid], allowed: Tolerances) -> Iterator[Topic[_Set]]:
    """Yield what is compared: sets of names, codes and numbers that must have something in common."""
    everything = frozenset(number for one in papers for number in one.containers)
    for reason, roles in _ROLES:
        parties = [(one, [each for each in one.paper.parties if each.role in roles]) for one in papers]
        told = [Told(one, _known(named), _shown(named)) for one, named in parties if _known(named)]
        yield Topic(reason, tuple(told), _same_party, everything)
    for reason, take, agree in _codes(allowed):
        codes = [(one, take(one)) for one in papers]
        told = [Told(one, found_, ", ".join(sorted(found_))) for one, found_ in codes if found_]
        yield Topic(reason, tuple(told), agree, everything)


def boxes(papers: Sequence[PaperSaid], trips: frozenset[str], *, is_whole: bool) -> Iterator[Finding]:
    """Yield papers of other containers than the shipment's.

    Args:
        papers: All.
        trips: Numbers of the shipment's containers.
        is_whole: Whether these are all of a consignment's; else others may go with this one.
    """
    for one in papers:
        named = frozenset(one.boxes)
        if not named or not trips:
            continue
        if named.isdisjoint(trips):
            yield found(
                OTHER_BOX, *one.said, title=one.title, named=shown_scope(named), box=shown_scope(trips)
            )
        elif is_whole and named - trips:
            yield found(MORE_BOXES, *one.said, title=one.title, named=shown_scope(named - trips))


def _codes(
    allowed: Tolerances,
) -> Iterator[tuple[Reason, Callable[[PaperSaid], _Set], Callable[[_Set, _Set], bool]]]:
    yield HS, _hs, partial(_same_hs, allowed.hs_digits)
    yield ORIGIN, _origin, _have_common
    for kind in _PORTS:
        yield PORT, partial(_port, kind), _have_common
    for kind in _NUMBERS:
        yield NUMBER, partial(_number, kind), _have_common


def _known(parties: Sequence[Party]) -> _Set:
    """Return the names of parties as they are compared, and their numbers with a mark before them."""
    names = {company_name(each.name) for each in parties if each.name and is_name(each.name)}
    if not names:
        return frozenset()
    return frozenset(names | {f"#{exact_name(each.id)}" for each in parties if each.id})


def _shown(parties: Sequence[Party]) -> str:
    return ", ".join(sorted({each.name for each in parties if each.name}))


def _same_party(one: _Set, other: _Set) -> bool:
    """Return whether two papers may name one party: by a name, or by a number that both give it."""
    if one & other:
        return True
    names = [[each for each in known if not each.startswith("#")] for known in (one, other)]
    if len(names[0]) * len(names[1]) > _MOST_PAIRS:
        return False
    return any(same_company(each, another) for each in names[0] for another in names[1])


def _hs(one: PaperSaid) -> _Set:
    return frozenset(code for each in one.paper.goods if (code := hs_digits(each.hs)) is not None)


def _same_hs(digits: int, one: _Set, other: _Set) -> bool:
    """Return whether each number of the shorter list is in the longer one, as far as both have digits."""
    few, many = sorted(({code[:digits] for code in codes} for codes in (one, other)), key=len)
    if few <= many:
        return True
    beginnings = {code[:length] for code in many for length in range(1, len(code) + 1)}
    return all(code in beginnings or any(code[:end] in many for end in range(len(code))) for code in few)


def _origin(one: PaperSaid) -> _Set:
    said = [each.origin for each in one.paper.goods if each.origin]
    said += one.paper.of_kind("places", "origin-country")
    return frozenset(code for each in said if len(code := each.strip().upper()) == 2 and code.isalpha())


def _port(kind: str, one: PaperSaid) -> _Set:
    return frozenset(code for each in one.paper.of_kind("places", kind) if is_unlocode(code := each.upper()))


def _number(kind: str, one: PaperSaid) -> _Set:
    return frozenset(map(document_number, one.paper.of_kind("numbers", kind)))


def _have_common(one: _Set, other: _Set) -> bool:
    return not one.isdisjoint(other)
