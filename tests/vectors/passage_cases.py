"""Gate passages and clips: stories of section 19, honest gates, broken cameras and bribed clerks."""

from collections.abc import Sequence
from typing import Any

from ledger.domain.custody import Said
from tests.domain.custody_goods import Goods
from tests.domain.passage_stories import STORIES, gate_of
from tests.domain.passage_story import Gate, recorded
from tests.vectors.readers import passage_members

PROFILE = """
[corridor]
id = "test"
version = 3
title = "Test"

[roles]
customs = { title = "Customs" }
other = { title = "Anybody else" }

[kinds.scan]
roles = ["customs"]

[kinds.gate-passage]
roles = ["other"]

[corrections]
gate-passage = ["customs"]

[passages]
within_seconds = 900
jump_seconds = 2

[passages.places]
"Packing house" = ["seal-check"]
"""


def gates() -> list[dict[str, Any]]:
    """Return the cases."""
    told = {name: gate_of(name) for name in STORIES}
    told["a gate with no scanner"] = _packing_house()
    cases = [_case(name, gate.story.trip.uri, gate.said) for name, gate in told.items()]
    goods = _goods()
    return [*cases, _case("goods in a container", goods.goods.trip.uri, goods.said)]


def _packing_house() -> Gate:
    gate = recorded()
    gate.saw("seals", "seal-check", place="Packing house")
    gate.passes(refs={"seals": "seal-check"}, place="Packing house")
    return gate


def _goods() -> Goods:
    goods = Goods()
    box, other = goods.box(), goods.box("MSKU7654321")
    goods.stuff(box, 10)
    for gate in (Gate(box), Gate(other)):
        gate.films("clip 2", 1, -30, 30)
        gate.passes(refs={"clip 2": "clip"})
    return goods


def _case(name: str, subject: str, said: Sequence[Said]) -> dict[str, Any]:
    given = {
        "subject": subject,
        "profile": PROFILE,
        "statements": [[one.index, one.statement.raw.hex()] for one in said],
    }
    return {"name": name, "input": given, "expect": passage_members(given)}


SECTIONS = {"passages": gates}
