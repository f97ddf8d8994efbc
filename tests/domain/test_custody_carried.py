"""A consignment goes where the container goes that it is stuffed in."""

import pytest

from ledger.domain.custody import copied, custody_of
from tests.domain.custody_goods import Goods
from tests.domain.custody_story import A, B, C, D, posix, seal, told


@pytest.fixture
def goods() -> Goods:
    """Return a consignment that A opened."""
    return Goods()


def test_what_is_in_a_container_is_handed_over_with_it(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    box.hand_over(A, B, 12)
    box.hand_over(B, C, 15)
    custody = goods.custody()
    assert (custody.holders, told(custody)) == ((A, B, C), ([], []))
    assert [custody.holder_at(posix(hour)) for hour in (11, 12, 15)] == [A, B, C]
    assert [hand_over.taker for hand_over in custody.hand_overs] == [B, C]
    assert [(one.container, one.since) for one in custody.containers] == [("MSKU1234565", posix(10))]


def test_what_was_taken_out_stays_behind(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    box.hand_over(A, B, 12)
    goods.stuff(box, 14, "stripping")
    box.hand_over(B, C, 15)
    custody = goods.custody()
    assert (custody.holders, told(custody)) == ((A, B), ([], []))
    assert custody.containers[0].until == posix(14)
    goods.goods.hand_over(B, D, 16)
    assert goods.custody().holders == (A, B, D)


def test_what_happened_to_the_container_before_is_not_the_goods_line(goods: Goods) -> None:
    box = goods.box(iss=D)
    box.hand_over(D, A, 8)
    goods.stuff(box, 10)
    assert goods.custody().holders == (A,)


def test_the_seals_of_the_container_are_those_of_the_goods(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    box.saw(A, "seal-applied", 11, seals_applied=[seal("B1")])
    box.saw(A, "scan", 12)
    custody = goods.custody()
    assert [one.number for one in custody.seals] == ["B1"]
    assert [event.what for event in custody.seal_events] == ["applied"]
    goods.stuff(box, 14, "stripping")
    assert goods.custody().seals == ()


def test_the_problems_of_the_container_are_problems_of_the_goods(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    box.saw(A, "seal-check", 12, seals_found=[seal("B1")])
    box.hand_over(C, D, 13)
    assert told(goods.custody())[0] == ["handover-gap", "seal-unknown"]


def test_terms_that_name_both_move_the_goods_once(goods: Goods) -> None:
    box = goods.box()
    goods.stuff(box, 10)
    both = [box.trip.uri, goods.goods.trip.uri]
    terms = box.terms(A, B, 12, subjects=both)
    box.give(terms, subjects=both)
    box.take(terms, subjects=both)
    custody = goods.custody()
    assert (custody.holders, told(custody), len(custody.hand_overs)) == ((A, B), ([], []), 1)


def test_goods_that_come_into_another_holders_container_go_with_it(goods: Goods) -> None:
    box = goods.box(iss=B)
    goods.stuff(box, 10)
    custody = goods.custody()
    assert (custody.holders, told(custody)) == ((A, B), ([], ["stuffed-elsewhere"]))


def test_goods_in_two_containers_stay_until_they_are_in_one_again(goods: Goods) -> None:
    first, second = goods.box(), goods.box("MSKU7654321")
    goods.stuff(first, 10)
    goods.stuff(second, 11)
    first.hand_over(A, B, 12)
    assert (goods.custody().holders, told(goods.custody())) == ((A,), ([], []))
    goods.stuff(second, 14, "stripping")
    custody = goods.custody()
    assert (custody.holders, told(custody)) == ((A, B), ([], ["stuffed-elsewhere"]))
    assert custody.holder_at(posix(13)) == A


def test_of_a_container_that_is_not_shown_nothing_is_known(goods: Goods) -> None:
    box = goods.box(open_it=False)
    goods.stuff(box, 10)
    box.saw(A, "seal-check", 12, seals_found=[seal("B1")])
    custody = goods.custody()
    assert (custody.holders, told(custody)) == ((A,), (["linked-trip-not-covered"], []))
    assert box.trip.uri in custody.problems[0].message


def test_one_seal_on_two_containers_is_copied(goods: Goods) -> None:
    boxes = goods.box(), goods.box("MSKU7654321")
    for box in boxes:
        box.saw(A, "seal-applied", 11, seals_applied=[seal("B1")])
    lines = [custody_of(box.trip.uri, goods.said) for box in boxes]
    assert [told(line) for line in lines] == [([], []), ([], [])]
    (problem,) = copied((line.subject, line.seal_events) for line in lines)
    assert problem.code == "seal-cloned"
    assert len(problem.statements) == 2
    assert copied([(lines[0].subject, lines[0].seal_events)] * 2) == []
