"""Lines of custody: stories of section 13, honest ones and cheats, statement by statement."""

from collections.abc import Callable, Sequence
from typing import Any

from ledger.domain.custody import Said
from tests.domain.custody_goods import Goods
from tests.domain.custody_stories import STORIES, story_of
from tests.domain.custody_story import A, B, C, seal
from tests.vectors.readers import custody_members

PROFILE = """
[corridor]
id = "test"
version = 2
title = "Test"

[roles]
customs = { title = "Customs" }
other = { title = "Anybody else" }

[kinds.inspection]
roles = ["customs"]

[kinds.manifest]
roles = ["other"]

[custody]
least = "both"
unobserved_minutes = 240

[custody.places]
USILG = "one"

[corrections]
manifest = ["customs"]
"""


def boxes() -> list[dict[str, Any]]:
    """Return the cases."""
    told = [(name, story_of(name).trip.uri, story_of(name).said) for name in STORIES]
    carried = [(name, goods.goods.trip.uri, goods.said) for name, goods in map(_told, CARRIED.items())]
    return [_case(name, subject, said) for name, subject, said in (*told, *carried)]


def _told(item: tuple[str, Callable[[Goods], None]]) -> tuple[str, Goods]:
    name, happens = item
    goods = Goods()
    happens(goods)
    return name, goods


def _case(name: str, subject: str, said: Sequence[Said]) -> dict[str, Any]:
    given = {
        "subject": subject,
        "profile": PROFILE,
        "statements": [[one.index, one.statement.raw.hex()] for one in said],
    }
    found = custody_members(given)
    return {"name": name, "input": given, "expect": found}


def _one_box(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    box.saw(A, "seal-applied", 11, seals_applied=[seal("B1")])
    box.hand_over(A, B, 12)
    box.hand_over(B, C, 15)
    goods.stuff(box, 20, "stripping")
    box.hand_over(C, A, 21)


def _two_boxes(goods: Goods) -> None:
    first, second = goods.box(), goods.box("MSKU7654321")
    goods.stuff(first, 10)
    goods.stuff(second, 11)
    first.hand_over(A, B, 12)
    goods.stuff(second, 14, "stripping")


def _named_with_the_box(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    both = [box.trip.uri, goods.goods.trip.uri]
    terms = box.terms(A, B, 12, subjects=both)
    box.give(terms, subjects=both)
    box.take(terms, subjects=both)
    goods.goods.hand_over(A, C, 13)


def _box_not_shown(goods: Goods) -> None:
    box = goods.box(open_it=False)
    goods.stuff(box, 10)
    box.saw(A, "seal-check", 12, seals_found=[seal("B1")])


def _box_of_another(goods: Goods) -> None:
    box = goods.box(iss=B)
    goods.stuff(box, 10)
    box.saw(B, "seal-applied", 10.5, seals_applied=[seal("B1")])


CARRIED: dict[str, Callable[[Goods], None]] = {
    "goods in one container": _one_box,
    "goods in two containers": _two_boxes,
    "goods named beside their container": _named_with_the_box,
    "goods in a container that is not shown": _box_not_shown,
    "goods in a container of another holder": _box_of_another,
}

SECTIONS = {"custody": boxes}
