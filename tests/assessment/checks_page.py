"""Write `docs/checks.md` from the checks: `python -m tests.assessment.checks_page`; a test compares."""

from collections.abc import Iterator
from pathlib import Path

from ledger.assessment.check import CorridorCheck, Skipped
from ledger.assessment.finding import Reason, Severity
from ledger.assessment.registry import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "checks.md"
_HEAD = """# What a corridor's checks find

Written by `python -m tests.assessment.checks_page` from the checks themselves; a test compares. What a
verdict makes of them is said in section 21 of [formats.md](formats.md).

A **problem** contradicts the shipment and fails the check; what is **missing** somebody can still bring; a
**warning** is worth a look and fails nothing. Programs compare codes, which are stable. In the sentences,
names in braces stand for what was found.
"""
_STATUS = {
    Severity.PROBLEM: "problem: the check is `failed`",
    Severity.MISSING: "the check is `missing`",
    Severity.WARNING: "warning",
}


def page() -> str:
    """Return the page as it has to be."""
    return (
        "\n".join([_HEAD, *_index(), *(line for check in CHECKS for line in _check(check))]).rstrip() + "\n"
    )


def _index() -> Iterator[str]:
    yield from ("| check | codes |", "| --- | --- |")
    for check in CHECKS:
        codes = " ".join(f"[`{one.code}`](#{one.code})" for one in check.reasons)
        yield f"| [`{check.name}`](#{check.name}) | {codes} |"
    yield ""


def _check(check: CorridorCheck) -> Iterator[str]:
    yield from (f"## {check.name}", "")
    yield from (f"{check.title.en[:1].upper()}{check.title.en[1:]} ({check.title.es}; {check.title.fr}).", "")
    kinds = (
        "all statements" if check.reads is None else ", ".join(f"`{kind}`" for kind in sorted(check.reads))
    )
    yield from (f"Reads: {kinds}.", "")
    for reason in check.reasons:
        yield from _reason(reason)
    for skip in check.skips:
        yield from _skip(skip)


def _reason(reason: Reason) -> Iterator[str]:
    yield from (f"### {reason.code}", "", f"*{_STATUS[reason.severity]}.* {reason.meaning}", "")
    yield from (f"- en: {reason.says.en}", f"- es: {reason.says.es}", f"- fr: {reason.says.fr}", "")


def _skip(skip: Skipped) -> Iterator[str]:
    yield from (f"### {skip.code}, not checked", "")
    yield from (f"- en: {skip.says.en}", f"- es: {skip.says.es}", f"- fr: {skip.says.fr}", "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
