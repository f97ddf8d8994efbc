"""Whatever papers say, in whatever order: checks of papers never raise, and the order changes nothing."""

from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck
from ledger.assessment.checks.corrections import CORRECTIONS
from ledger.assessment.checks.papers import PAPERS
from ledger.assessment.checks.parties import PARTIES
from ledger.assessment.checks.re_use import RE_USE
from ledger.domain.custody import Said
from tests.assessment.papers import BILL_OF_LADING, BOX, PACKING_LIST, PHYTO, a_story, changed
from tests.builders import a_trip

CHECKS = (PAPERS, RE_USE, PARTIES, CORRECTIONS)
CLEAN = a_story().case()
CONTRADICTED = a_story(
    packing_list=changed(PACKING_LIST, "goods.0.packages", 1480),
    phyto=changed(changed(PHYTO, "goods.0.origin", "HN"), "dates.0.value", "2026-11-09"),
    bill=changed(BILL_OF_LADING, "containers.0.seals", ["B9"]),
).case()
MEMBERS = ("document", "numbers", "dates", "places", "parties", "containers", "seals", "goods", "totals")
AMOUNTS = ("packages", "net_kg", "gross_kg", "tare_kg", "vgm_kg", "value", "currency")

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**13), st.floats(), st.text(max_size=8),
    st.sampled_from((BOX, "2026-11-06", "2026-02-30", "0001-01-01", "9999-12-31", "GT", "#", "{odd}")),
)  # fmt: skip
names = st.sampled_from(
    (*MEMBERS, *AMOUNTS, "kind", "value", "name", "id", "role", "number", "seals", "hs", "origin")
)
junk = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=6)),
    max_leaves=25,
)
almost_papers = st.lists(
    st.fixed_dictionaries(
        {
            "document": st.sampled_from(
                ("commercial-invoice", "bill-of-lading", "phytosanitary-certificate", "x")
            )
        },
        optional={
            **{
                name: st.lists(st.dictionaries(names, scalars, max_size=4), max_size=3)
                for name in MEMBERS[1:6]
            },
            "goods": st.lists(st.dictionaries(names, scalars, max_size=4), max_size=3),
            "totals": st.dictionaries(st.sampled_from(AMOUNTS), scalars, max_size=4),
        },
    ),
    max_size=4,
)


def with_bodies(case: Case, change: Any) -> Case:
    """Return a case whose papers were changed; what is signed stays."""
    said = [
        replace(one, body=dict(one.body) | {"papers": change(deepcopy(one.body["papers"]))})
        if "papers" in one.body
        else one
        for one in case.said
    ]
    return replace(case, said=tuple(said))


def told(case: Case) -> list[tuple[Any, ...]]:
    """Return all that the checks say of a case, without the order of the statements."""
    results = [check.run(case) for check in CHECKS]
    findings = [one for result in results for one in result.findings]
    return [
        (one.reason.code, one.sentence("en"), one.sentence("es"), one.sentence("fr"), sorted(one.statements))
        for one in findings
    ]


@given(st.randoms(use_true_random=False))
def test_the_order_of_papers_and_of_their_rows_changes_nothing(random: Random) -> None:
    def shuffled(papers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for paper in papers:
            for rows in paper.values():
                if isinstance(rows, list):
                    random.shuffle(rows)
        return random.sample(papers, len(papers))

    assert told(CONTRADICTED)
    assert told(with_bodies(CONTRADICTED, shuffled)) == told(CONTRADICTED)


@given(st.data())
def test_whoever_told_first_changes_nothing_but_the_order_of_statements(data: st.DataObject) -> None:
    places = [place for place, one in enumerate(CONTRADICTED.said) if "papers" in one.body]
    bodies = {place: CONTRADICTED.said[place] for place in places}
    moved = dict(zip(places, data.draw(st.permutations(places)), strict=True))
    said = list(CONTRADICTED.said)
    for to, from_ in moved.items():
        said[to] = replace(bodies[from_], index=bodies[to].index)
    assert told(replace(CONTRADICTED, said=tuple(said))) == told(CONTRADICTED)


@given(st.lists(st.floats(0.999, 1.001), min_size=40, max_size=40))
def test_weights_within_tolerance_say_nothing(factors: list[float]) -> None:
    left = iter(factors)

    def weighed(papers: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for paper in papers:
            rows = [paper.get("totals", {}), *paper.get("goods", []), *paper.get("containers", [])]
            for row in rows:
                for name in ("net_kg", "gross_kg", "vgm_kg"):
                    if name in row:
                        row[name] *= next(left, 1.0)
        return papers

    assert told(with_bodies(CLEAN, weighed)) == []


@pytest.mark.parametrize("check", CHECKS, ids=[each.name for each in CHECKS])
@given(junk)
def test_no_junk_in_bodies_makes_a_check_raise(check: CorridorCheck, value: Any) -> None:
    def of(one: Said) -> Said:
        body = dict.fromkeys(("papers", "weights", "packages", "hts", "container", "price", "vessel"), value)
        return replace(one, body=body | {"delivery": value, "documents": value})

    used = a_trip("XXXU5001233", seed="other").uri
    case = replace(
        CLEAN,
        said=tuple([of(one) if "papers" in one.body else one for one in CLEAN.said]),
        screened=("Fruit Import Example Inc.", ""),
        used=lambda _kind, _number: [used],
    )
    for finding in check.run(case).findings:
        assert finding.sentence("en")


@pytest.mark.parametrize("check", CHECKS, ids=[each.name for each in CHECKS])
@given(almost_papers)
def test_no_paper_makes_a_check_raise(check: CorridorCheck, papers: list[dict[str, Any]]) -> None:
    for finding in check.run(with_bodies(CLEAN, lambda _papers: papers)).findings:
        assert finding.sentence("fr")
