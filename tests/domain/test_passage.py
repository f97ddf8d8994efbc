"""What a gate recorded of a container holds together, or it is said what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.custody import Said
from ledger.domain.passage import passages_of
from ledger.domain.passage_record import RECORDS
from tests.domain.custody_goods import Goods
from tests.domain.custody_story import C
from tests.domain.passage_stories import STORIES, gate_of
from tests.domain.passage_story import GATE, RECORDED, SECOND, Gate, honest, recorded, told


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told_by_its_codes(name: str) -> None:
    _, problems, warnings = STORIES[name]
    assert told(gate_of(name).passages()) == (problems, warnings)


@pytest.mark.parametrize("name", STORIES)
def test_what_is_complained_of_names_statements_that_are_there(name: str) -> None:
    gate = gate_of(name)
    ids = {one.statement.id for one in gate.said}
    for problem in gate.passages().problems:
        assert problem.statements
        assert ids.issuperset(problem.statements)


@given(st.sampled_from(sorted(STORIES)), st.data())
def test_the_order_of_arrival_does_not_matter(name: str, data: st.DataObject) -> None:
    gate = gate_of(name)
    indices = data.draw(st.permutations([one.index for one in gate.said]))
    arrived = [Said(index, one.statement, one.body) for index, one in zip(indices, gate.said, strict=True)]
    found = gate.passages(data.draw(st.permutations(arrived))).to_json()
    assert found == gate.passages().to_json()


def test_a_passage_shows_what_it_binds() -> None:
    found = honest().passages()
    (passage,) = found.passages
    assert [one.rel for one in passage.records] == list(RECORDS)
    assert (passage.by, passage.place, passage.container, passage.without) == (C, "GTPBR", "MSKU1234565", ())
    assert [(clip.camera, clip.sequence) for clip in found.clips] == [("gate-3", n) for n in (1, 2, 3)]


def test_what_is_bound_is_shown_by_the_statement_that_counts() -> None:
    gate = gate_of("a scan corrected after the passage")
    (passage,) = gate.passages().passages
    assert passage.records[0].statement == gate.said[-1].statement.id


def test_a_gate_has_to_have_the_machines_that_its_corridor_says_it_has() -> None:
    gate = Gate()
    gate.saw("seals", "seal-check", place="Packing house")
    gate.passes(refs={"seals": "seal-check"}, place="Packing house")
    assert told(gate.passages())[0] == ["passage-incomplete"]
    assert told(gate.passages(needs_at={"Packing house": frozenset({"seal-check"})})) == ([], [])
    elsewhere = {"GTPBR": frozenset({"seal-check"})}
    assert told(gate.passages(needs_at=elsewhere))[0] == ["passage-incomplete"]
    assert told(gate.passages(needs=frozenset({"scan"})))[0] == ["passage-incomplete"]


@pytest.mark.parametrize(
    ("seconds", "found"), [(-32, []), (-33, ["passage-not-on-clip"]), (32, []), (33, ["passage-not-on-clip"])]
)
def test_the_clip_shows_the_moment_of_the_passage(seconds: int, found: list[str]) -> None:
    gate = recorded()
    gate.passes(GATE + seconds * SECOND)
    assert told(gate.passages()) == (found, [])


def test_one_of_several_clips_shows_the_moment() -> None:
    gate = recorded()
    gate.passes(GATE + 60 * SECOND, refs={**RECORDED, "clip 3": "clip"})
    assert told(gate.passages()) == ([], [])


def test_a_clip_of_the_day_before_is_apart_and_nothing_more() -> None:
    gate = recorded()
    gate.films("old", 1, -86_400, -86_340, camera="gate-4")
    gate.passes(refs={"scan": "scan", "radiation": "radiation", "old": "clip", "seals": "seal-check"})
    assert told(gate.passages()) == (["passage-apart"], [])


def test_footage_that_says_from_when_to_when_somebody_looked_shows_that_time() -> None:
    gate = recorded()
    gate.saw(
        "clip 2", "video", observed={"from": "2026-11-06T16:00:00-06:00", "to": "2026-11-06T18:00:00-06:00"}
    )
    gate.passes()
    assert told(gate.passages()) == ([], [])


def test_a_consignment_has_the_passages_of_the_containers_that_it_is_stuffed_in() -> None:
    goods = Goods()
    box, other = goods.box(), goods.box("HLXU1234562")
    goods.stuff(box, 13)
    for story in (box, other):
        Gate(story).passes(refs={})
    found = passages_of(goods.goods.trip.uri, goods.said)
    assert [one.trip for one in found.passages] == [box.trip.uri]
    assert found.subject == goods.goods.trip.uri
    assert told(found)[0] == ["passage-incomplete"]


def test_a_subject_that_no_container_carries_has_no_passages() -> None:
    goods = Goods()
    found = passages_of(goods.goods.trip.uri, goods.said)
    assert (found.passages, found.clips, found.problems) == ((), (), ())


def test_a_passage_of_the_other_box_that_a_statement_names_is_none_of_this_one() -> None:
    goods = Goods()
    left, right = goods.box(), goods.box("HLXU1234562")
    both = {
        "subjects": [left.trip.uri, right.trip.uri],
        "streams": [left.trip.custody_tag, right.trip.custody_tag],
    }
    left.say(C, "gate-passage", {"container": "HLXU1234562"}, **both)
    assert passages_of(left.trip.uri, goods.said).passages == ()
    assert len(passages_of(right.trip.uri, goods.said).passages) == 1
