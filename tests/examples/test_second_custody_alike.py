"""The two readers of section 13 draw the same line from whatever was said, in whatever order it came."""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from second_vectors import custody as second_reading

from ledger.domain.custody import Said
from ledger.domain.hand_over import Result, Role, hand_over_body
from ledger.domain.statement import Reference
from tests.builders import a_trip
from tests.domain.custody_goods import Goods
from tests.domain.custody_story import CUSTOMS, POLICE, A, B, C, D, Story, clock, seal
from tests.vectors.custody_cases import PROFILE
from tests.vectors.readers import custody_members

# Hours are few, so that much happens at one time and what is early in the log is late in the day.
HOURS = (10, 12, 12, 14, 17, 20)
NUMBERS = ("B1", "B2", "B3")
PARTIES = (A, B, C, D)


@cache
def said_of_everything() -> tuple[list[str], list[Said]]:
    """Return subjects, and statements that any log may hold some of, in any order."""
    goods = Goods()
    boxes = [goods.box(), goods.box("MSKU7654321", iss=B)]
    for place, hour in enumerate(HOURS):
        for box in boxes:
            _tell(box, hour, place)
        goods.stuff(boxes[place % 2], hour, ("stuffing", "stripping")[place % 3 == 2])
        goods.goods.hand_over(PARTIES[place % 4], PARTIES[(place + 1) % 4], hour + 1)
    both = [boxes[0].trip.uri, goods.goods.trip.uri]
    terms = boxes[0].terms(A, B, 13, subjects=both)
    boxes[0].give(terms, subjects=both)
    boxes[0].take(terms, subjects=both)
    boxes[0].saw(A, "seal-applied", 16, doors="opened", seals_applied=[seal("B9")])
    _correct(goods, boxes[0])
    return [boxes[0].trip.uri, boxes[1].trip.uri, goods.goods.trip.uri], list(goods.said)


def _tell(box: Story, hour: float, place: int) -> None:
    number, other = NUMBERS[place % 3], NUMBERS[(place + 1) % 3]
    say: list[Callable[[], Any]] = [
        lambda: box.saw(A, "seal-applied", hour, seals_applied=[seal(number)]),
        lambda: box.saw(C, "seal-check", hour, seals_found=[{"number": number, "mark": f"M{place % 2}"}]),
        lambda: box.saw(
            B, "seal-check", hour, seals_found=[seal(number, state=("broken", "missing")[place % 2])]
        ),
        lambda: box.saw(C, "stripping", hour, seals_removed=[seal(number)], doors="opened"),
        lambda: box.saw(D, "photo", hour, doors="opened", container=("MSKU1234565", "MSKU0")[place % 2]),
        lambda: box.saw(
            (POLICE, CUSTOMS)[place % 2],
            "inspection",
            hour,
            **{"reason": "search"} if place % 3 else {},
            seals_found=[seal(number)],
            seals_removed=[seal(number), seal(other)][: 1 + place % 2],
            seals_applied=[{"number": f"P{place}"}],
            conclusion="clear",
        ),
        lambda: box.saw(B, "status", hour, seals_removed=[seal(number)], seals_applied=[seal(other)]),
        lambda: box.saw(
            C, "video", hour, clock_offset_s=600.5, observed={"from": clock(hour), "to": clock(hour + 1.5)}
        ),
        lambda: box.saw(D, "loading", hour + 2),
        lambda: _analysed(box, hour, place),
        lambda: box.hand_over(PARTIES[place % 4], PARTIES[(place + 1) % 4], hour),
        lambda: box.take(box.terms(PARTIES[place % 3], D, hour, place="USILG")),
        lambda: _half_known(box, hour, place),
        lambda: _of_no_account(box, hour, place),
    ]
    for each in say:
        each()


def _analysed(box: Story, hour: float, place: int) -> None:
    scan = box.saw(C, "scan", hour)
    of = [Reference("of", scan.statement.id)]
    words = (("clear", "person"), ("suspect", "algorithm"), ("suspect", "person"), ("clear", "algorithm"))
    more: tuple[dict[str, Any], ...] = (
        {"region": [place, 0, 1, place % 2]},
        {"algorithm": {"name": "a", "version": "1" * (place % 2)}},
    )
    for (conclusion, by), also in zip((words[place % 4], words[(place + 1) % 4]), more, strict=True):
        box.say(CUSTOMS, "analysis", {"conclusion": conclusion, "concluded_by": by, **also}, references=of)


def _half_known(box: Story, hour: float, place: int) -> None:
    """Hand over under terms that are withheld, or that one side refuses, or that a machine shows."""
    giver, taker = PARTIES[place % 4], PARTIES[(place + 2) % 4]
    terms = box.terms(giver, taker, hour)
    body = hand_over_body(terms, Role.GIVER)
    if place % 2:
        del body["agreed"]
    gave = box.say(giver, "hand-over", body)
    box.say(D, "gate-passage", {"occurred_at": clock(hour)}, references=[Reference("at", gave.statement.id)])
    box.take(terms, (Result.REFUSED, Result.ACCEPTED_WITH_REMARKS)[place % 2])
    box.say(D, "hand-over", hand_over_body(terms, Role.TAKER) | {"agreed": terms.document.decode()})


def _of_no_account(box: Story, hour: float, place: int) -> None:
    """Hand over by statements that do not count, of parties and of strangers."""
    terms = box.terms(PARTIES[place % 4], C, hour, subjects=[a_trip(seed="another").uri])
    withheld = {name: value for name, value in hand_over_body(terms, Role.GIVER).items() if name != "agreed"}
    for iss in (PARTIES[place % 4], POLICE):
        box.say(iss, "hand-over", {"terms": "x", "role": "taker", "result": "accepted"})
        box.say(iss, "hand-over", withheld)
        box.say(iss, "hand-over", hand_over_body(terms, Role.GIVER))


def _correct(goods: Goods, box: Story) -> None:
    """Correct some of it: entitled or not, twice, corrections of corrections."""
    for place, one in enumerate(list(goods.said)):
        iss = one.statement.iss if place % 3 else D
        if place % 5 == 0 and box.trip.uri in one.statement.subjects:
            kind = one.statement.kind if place % 2 else "manifest"
            body = {"occurred_at": clock(15), "seals_found": [seal("B2")]}
            first = box.say(iss, kind, body, corrects=one.statement.id)
            box.say(iss, kind, body, corrects=first.statement.id)
            box.say(iss, kind, {}, corrects=one.statement.id)
    paper = box.saw(A, "manifest", 11, container="WRONG")
    box.say(CUSTOMS, "inspection", {"reason": "weighing"}, corrects=paper.statement.id)


@settings(max_examples=60)
@given(st.data())
def test_two_readers_draw_the_same_line(data: st.DataObject) -> None:
    subjects, everything = said_of_everything()
    openings = [one for one in everything if one.statement.kind == "subject-opened"]
    chosen = data.draw(
        st.lists(
            st.sampled_from(everything),
            min_size=data.draw(st.sampled_from((0, 10, 25))),
            max_size=40,
            unique_by=id,
        )
    )
    some = [*(openings if data.draw(st.booleans()) else openings[:2]), *chosen]
    some = list({one.statement.id: one for one in some}.values())
    indices = data.draw(st.permutations(range(len(some))))
    case = {
        "subject": data.draw(st.sampled_from(subjects)),
        "profile": PROFILE,
        "statements": [[index, one.statement.raw.hex()] for index, one in zip(indices, some, strict=True)],
    }
    assert second_reading(case) == custody_members(case)
