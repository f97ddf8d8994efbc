"""What holds of every check that is registered: its words, its page, and that nothing makes it raise."""

import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.assessment.assess import assess, checks_of, reassess
from ledger.assessment.case import Case
from ledger.assessment.check import CorridorCheck
from ledger.assessment.registry import CHECKS
from ledger.corridors.profile import foundation_profile
from ledger.domain.custody import Said
from ledger.domain.verdict import CORRIDOR_CHECKS
from ledger.domain.words import Words
from tests.assessment.checks_page import PAGE, page
from tests.assessment.hostile import bodies
from tests.assessment.story import ROLES, Shipment, complete, us

EVERY = pytest.mark.parametrize("check", [pytest.param(one, id=one.name) for one in CHECKS])


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def same_fields(words: Words) -> bool:
    return fields(words.en) == fields(words.es) == fields(words.fr)


def test_checks_are_registered_once_in_the_order_of_verdicts() -> None:
    names = [one.name for one in CHECKS]
    assert names == [name for name in CORRIDOR_CHECKS if name in names]


def test_codes_are_unique_over_all_checks() -> None:
    codes = [one.code for check in CHECKS for one in check.reasons]
    assert sorted(set(codes)) == sorted(codes)


@EVERY
def test_some_test_speaks_of_every_code(check: CorridorCheck) -> None:
    here = Path(__file__)
    told = "".join(one.read_text(encoding="utf-8") for one in here.parent.glob("test_*.py") if one != here)
    codes = [*(one.code for one in check.reasons), *(one.code for one in check.skips)]
    assert [code for code in codes if not re.search(rf'["\s]{code}["\s]', told)] == []


@EVERY
def test_sentences_have_the_same_fields_in_all_languages(check: CorridorCheck) -> None:
    for reason in check.reasons:
        assert same_fields(reason.says), reason.code
        assert len({reason.says.en, reason.says.es, reason.says.fr}) == 3, reason.code
        assert reason.meaning.endswith("."), reason.code
    for skip in check.skips:
        assert same_fields(skip.says), skip.code


def test_the_page_of_checks_is_what_the_checks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_no_check_asks_anything_where_a_corridor_has_no_rules() -> None:
    assert checks_of(foundation_profile()) == []
    assert [one.name for one in checks_of(us())]


def test_findings_of_a_clean_story_are_made_again_alike() -> None:
    for size in range(1, len(CLEAN.said)):
        before = case_of(CLEAN, size)
        after = case_of(CLEAN, size + 1)
        assert reassess(after, assess(before), after.said[size:]) == assess(after)


def case_of(one: Shipment, size: int) -> Case:
    """Return the case as it was when so many statements were known."""
    told = Shipment(one.profile, one.trip, one.said[:size], one.times)
    return told.case()


KINDS = sorted(us().kinds.keys() - {"stream-opened"})
STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from(list(ROLES)),
        st.sampled_from(KINDS),
        st.floats(0, 250, allow_nan=False).map(lambda hour: round(hour, 2)),
        bodies(),
        st.booleans(),
    ),
    max_size=6,
)
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
CLEAN = complete()


def told(statements: list[tuple[str, str, float, dict[str, Any], bool]]) -> Shipment:
    one = Shipment(CLEAN.profile, CLEAN.trip, [*CLEAN.said], dict(CLEAN.times))
    for iss, kind, hour, body, corrects in statements:
        earlier = one.said[int(hour) % len(one.said)]
        one.say(iss, kind, hour, body, corrects=earlier.statement.id if corrects else None)
    return one


@given(STATEMENTS)
@SLOW
def test_whatever_is_said_no_check_raises_and_every_sentence_can_be_said(
    statements: list[tuple[str, str, float, dict[str, Any], bool]],
) -> None:
    case = told(statements).case(screened=frozenset({"Somebody"}), used=lambda _kind, _number: ())
    assessment = assess(case)
    for name, result in assessment.results.items():
        check = next(one for one in CHECKS if one.name == name)
        assert {one.reason.code for one in result.findings} <= {one.code for one in check.reasons}
        assert result.skipped is None or result.skipped in check.skips
        for one in result.findings:
            assert all(one.sentence(language) for language in ("en", "es", "fr"))
            assert set(one.statements) <= case.by_id.keys()
            assert one.to_json("fr")["code"] == one.reason.code


@given(STATEMENTS, st.data())
@SLOW
def test_assessing_again_gives_what_assessing_gives(
    statements: list[tuple[str, str, float, dict[str, Any], bool]], data: st.DataObject
) -> None:
    one = told(statements)
    size = data.draw(st.integers(1, len(one.said)))
    before, after = case_of(one, size), case_of(one, len(one.said))
    new: list[Said] = list(after.said[size:])
    again = reassess(after, assess(before), new)
    whole = assess(after)
    for name, result in whole.results.items():
        assert again.results[name] == result, name
