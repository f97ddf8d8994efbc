"""The check `parties`: whether anybody in papers or statements stands on a list that the user supplies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck, Result, Skipped
from ledger.assessment.finding import Finding, Reason, Severity, found
from ledger.assessment.paper_titles import listed
from ledger.assessment.papers import KINDS, told_papers
from ledger.corridors.profile import Profile
from ledger.domain.custody import Said
from ledger.domain.errors import MalformedError
from ledger.domain.hand_over import HAND_OVER, Claim
from ledger.domain.paper_shape import PAPERS
from ledger.domain.standard_forms import exact_name
from ledger.domain.words import Words

SCREENED: Final = Reason(
    "party-screened",
    Severity.PROBLEM,
    Words(
        "{name} is on the screening list; named as {role} in: {where}.",
        "{name} está en la lista de control; figura como {role} en: {where}.",
        "{name} est sur la liste de contrôle ; figure comme {role} dans : {where}.",
    ),
    "A name or number of a party, an organisation or a ship is exactly one on the list that the user "
    "supplied, when case, blanks, punctuation and Unicode forms (NFKC) are put aside. Nothing else is: "
    "another spelling, another order of words or a missing legal form is another name, and where nothing is "
    "found that does not say who a party is. What was corrected is looked at too.",
)
NO_LIST: Final = Skipped(
    "no-screening-list",
    Words(
        "No screening list was supplied.",
        "No se proporcionó ninguna lista de control.",
        "Aucune liste de contrôle n’a été fournie.",
    ),
)

_MEMBERS: Final = frozenset(
    (
        *("agent", "applicant", "broker", "buyer", "carrier", "company", "consignee", "consignor"),
        *("consolidator", "driver", "exporter", "forwarder", "haulier", "importer", "issuer", "manufacturer"),
        *("maker", "notify", "organisation", "owner", "packer", "party", "seller", "shipper", "vessel"),
    )
)
_SEVERAL: Final = ("parties", "party")
_NAMES: Final = ("name", "id", "imo")
_DEPTH: Final = 8


@dataclass(frozen=True, slots=True)
class _Mention:
    name: str
    role: str
    where: Words
    said: tuple[Said, ...]


def run(case: Case) -> Result:
    """Look for all that is named on the list, exactly."""
    if case.screened is None:
        return Result((), NO_LIST)
    listed_ = {exact_name(name): name for name in sorted(case.screened)}
    listed_.pop("", None)
    hits: dict[str, list[_Mention]] = {}
    for mention in _mentions(case):
        folded = exact_name(mention.name)
        if folded in listed_:
            hits.setdefault(folded, []).append(mention)
    findings = [_finding(listed_[folded], hits[folded]) for folded in sorted(hits)]
    return Result(tuple(findings), None, f"Nobody named is among the {len(listed_)} on the screening list.")


def _finding(name: str, mentions: list[_Mention]) -> Finding:
    rests = {one.statement.id: one for mention in mentions for one in mention.said}
    return found(
        SCREENED,
        *sorted(rests.values(), key=lambda one: one.index),
        name=name,
        role=", ".join(sorted({mention.role for mention in mentions})),
        where=listed([mention.where for mention in mentions]),
    )


def _mentions(case: Case) -> Iterator[_Mention]:
    for one in case.said:
        where = Words.alike(f"{one.statement.kind} ({one.statement.iss})")
        yield _Mention(one.statement.iss, "organisation", where, (one,))
        for role, name in (*_in_body(one), *_in_terms(one)):
            yield _Mention(name, role, where, (one,))
    for paper in told_papers(case):
        for party in paper.paper.parties:
            for called in (party.name, party.id):
                if called is not None:
                    yield _Mention(called, party.role, paper.title, paper.said)
        for each in paper.paper.numbers:
            if each.kind in ("vessel", "imo"):
                yield _Mention(each.value, each.kind, paper.title, paper.said)


def _in_body(one: Said) -> Iterator[tuple[str, str]]:
    """Yield who is named in a body, in members that name somebody; papers that count are read elsewhere."""
    for name, value in one.body.items():
        if name != PAPERS or one.statement.kind not in KINDS:
            yield from _below(name, value, _DEPTH)


def _below(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth == 0:
        return
    if isinstance(value, str) and name in _MEMBERS:
        yield name, value
    elif isinstance(value, list):
        for each in value:
            yield from _below(name, each, depth - 1)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(each, str) and key in _NAMES and (name in _MEMBERS or name in _SEVERAL):
                role = value.get("role")
                yield role if isinstance(role, str) else name, each
            else:
                yield from _below(key, each, depth - 1)


def _in_terms(one: Said) -> Iterator[tuple[str, str]]:
    if one.statement.kind != HAND_OVER:
        return
    try:
        terms = Claim.parse(one.body).terms
    except MalformedError:
        return
    if terms is not None:
        yield "giver", terms.giver
        yield "taker", terms.taker


def _applies(profile: Profile) -> bool:
    return profile.rules is not None


PARTIES: Final = CorridorCheck(
    name="parties",
    title=Words("Parties", "Partes", "Parties"),
    # Whoever signs anything is looked for too.
    reads=None,
    reasons=(SCREENED,),
    skips=(NO_LIST,),
    applies=_applies,
    run=run,
)
