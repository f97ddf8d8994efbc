"""Every link of every page leads to a page, or to a heading of it, and the README leads to every page."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"))
)
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def text_of(page: Path) -> str:
    """Return a page without what stands in its code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def headings_of(page: Path) -> set[str]:
    """Return what the headings of a page are called in links, as GitHub does it."""
    titles = re.findall(r"^#+ (.*)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def links_of(page: Path) -> list[tuple[Path, str]]:
    """Return where a page's links to other files lead: file and heading."""
    found = _LINK.findall(text_of(page))
    return [
        ((page.parent / target).resolve() if target else page, heading)
        for target, heading in found
        if not target.startswith(("http://", "https://"))
    ]


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    lost = [
        (str(target), heading)
        for target, heading in links_of(ROOT / name)
        if not target.exists() or (heading and heading not in headings_of(target))
    ]
    assert lost == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, ahead = set[Path](), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            ahead += [target for target, _ in links_of(page) if target.is_file()]
    decisions = ROOT / "docs" / "adr"
    pages = {ROOT / name for name in PAGES}
    assert {page for page in pages - reached if page.parent != decisions} == set()
