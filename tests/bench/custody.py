"""How long the custody of a trip takes to compute, beside parsing the statements that it is made from."""

import gc
import time
from collections.abc import Callable
from typing import Any

from ledger.corridors.profile import foundation_profile
from ledger.domain.custody import Said, custody_of
from ledger.domain.statement import SignedStatement, Statement
from tests.domain.custody_story import A, B, C, D, Story, seal

STATEMENTS = 200
REPEATS = 40
PHOTO = {"commitment": "00" * 32, "cid": "b", "size": 1, "media_type": "image/jpeg", "category": "photo"}


def rows() -> list[dict[str, object]]:
    """Return the figures."""
    story, disclosures = a_busy_trip()
    raws = [(one.statement.raw, disclosures[one.statement.id]) for one in story.said]
    rules = foundation_profile().custody_rules()
    expected = story.custody()

    def parsed() -> list[Said]:
        statements = [(Statement.parse(raw), texts) for raw, texts in raws]
        return [
            Said(place, statement, statement.reveal(texts))
            for place, (statement, texts) in enumerate(statements)
        ]

    said = parsed()

    def computed() -> None:
        custody = custody_of(story.trip.uri, said, rules)
        assert custody.holders == expected.holders
        assert not custody.problems

    gc.collect()
    # In turns, so that what else the machine does falls on both.
    values, floors = zip(*[(_seconds(computed), _seconds(parsed)) for _ in range(REPEATS)], strict=True)
    value, bare = min(values) * 1000, min(floors) * 1000
    return [
        {
            "name": f"custody line of {STATEMENTS} statements",
            "value": value,
            "unit": "ms",
            "floor": bare,
            "ratio": value / bare,
            "target": "at most 3 times parsing them",
            "met": value <= 3 * bare,
        }
    ]


def a_busy_trip() -> tuple[Story, dict[bytes, Any]]:
    """Return a trip with 200 statements: hand-overs, inspections, seal checks, scans, films, papers."""
    story = Story()
    disclosures: dict[bytes, Any] = {}
    say = story.say

    def noted(*arguments: Any, **named: Any) -> SignedStatement:
        signed = say(*arguments, **named)
        disclosures[signed.statement.id] = signed.disclosures
        return signed

    story.say = noted  # type: ignore[method-assign]
    story.open()
    story.saw(A, "stuffing", 1, doors="opened", seals_applied=[seal("S0")])
    holders = [A, B, C, D]
    for number in range(1, 11):
        giver, taker = holders[(number - 1) % 4], holders[number % 4]
        story.saw(giver, "seal-check", number + 1, seals_found=[seal(f"S{number - 1}")])
        story.saw(
            "https://police.example",
            "inspection",
            number + 1.2,
            reason="search",
            evidence=[PHOTO],
            doors="opened",
            seals_found=[seal(f"S{number - 1}")],
            seals_removed=[seal(f"S{number - 1}")],
            seals_applied=[seal(f"S{number}")],
        )
        story.hand_over(giver, taker, number + 1.5)
    while len(story.said) < STATEMENTS:
        hour = 2 + len(story.said) / 20
        kind = ("gate-passage", "scan", "video", "status", "temperature-log")[len(story.said) % 5]
        story.saw(C, kind, hour, container=story.trip.subject.key, remark="as expected " * 10)
    return story, disclosures


def _seconds(run: Callable[[], object]) -> float:
    # This process's own time: what else the machine does is not custody's.
    start = time.process_time()
    run()
    return time.process_time() - start
