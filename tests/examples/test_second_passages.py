"""The second verifier finds in gates and cameras what ours does, whatever was said and in whatever order."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from second_formats import read_statement
from second_vectors import passages as second_reading

from ledger.domain.custody import Said
from ledger.domain.statement import Reference
from tests.domain.custody_story import C, clock
from tests.domain.passage_stories import STORIES, gate_of
from tests.domain.passage_story import GATE, SECOND, Gate
from tests.examples.scene import Scene
from tests.examples.verdicts import statuses, verdict
from tests.vectors.passage_cases import PROFILE
from tests.vectors.readers import passage_members

TIMES = (-2000, -901, -60, -3, -2, 0, 2, 3, 60, 120, 899, 902)


@cache
def said_of_everything() -> tuple[list[str], list[Said]]:
    """Return trips, and statements that any log may hold some of: all stories at once, and more clips."""
    said = [one for name in STORIES for one in gate_of(name).said]
    more = Gate()
    for number, since in enumerate(TIMES):
        previous = f"film {number - 1}" if number % 3 else None
        more.films(f"film {number}", 1 + number % 4, since, since + 60, previous=previous)
        more.saw(f"scan {number}", "scan", GATE + since * SECOND, clock_offset_s=number % 2 * 60)
    for number in range(len(TIMES) - 1):
        names = {"scan": f"scan {number}", "clip": f"film {number + 1}"}
        references = [Reference(rel, more.made[name].statement.id) for rel, name in names.items()]
        body = {"occurred_at": clock(GATE + TIMES[number] * SECOND), "place": ("GTPBR", "Yard")[number % 2]}
        gate = more.story.say(C, "gate-passage", body, references=references)
        if number % 4 == 0:
            changed = body | {"occurred_at": clock(GATE)}
            more.story.say(C, "gate-passage", changed, references=references, corrects=gate.statement.id)
    said += more.said
    trips = sorted({uri for one in said for uri in one.statement.subjects})
    return trips, list({one.statement.id: one for one in said}.values())


@settings(max_examples=80)
@given(st.data())
def test_two_readers_find_the_same(data: st.DataObject) -> None:
    subjects, everything = said_of_everything()
    some = data.draw(
        st.lists(st.sampled_from(everything), min_size=5, max_size=60, unique_by=lambda one: one.statement.id)
    )
    indices = data.draw(st.permutations(range(len(some))))
    case = {
        "subject": data.draw(st.sampled_from(subjects)),
        "profile": PROFILE,
        "statements": [[index, one.statement.raw.hex()] for index, one in zip(indices, some, strict=True)],
    }
    assert second_reading(case) == passage_members(case)


def erases(scene: Scene, by: Any, **changes: Any) -> None:
    """Let somebody say that the item of the scene's claim was erased."""
    claim = next(payload for _, payload in scene.first + scene.then if "evidence" in payload["body"])
    item = claim["body"]["evidence"][0]
    named = {"commitment": item["commitment"], "cid": item["cid"]} | changes
    body = {"items": [named], "because": "order"}
    scene.then.append((by, {**claim, "kind": "erasure", "body": body, "nonce": "7e" * 16}))


@pytest.mark.parametrize("ours", [True, False], ids=["its own", "somebody else's"])
def test_only_an_erasure_of_the_claims_own_organisation_counts(ours: bool) -> None:
    scene = Scene()
    claims = [by for by, payload in scene.first + scene.then if "evidence" in payload["body"]]
    others = [by for by, _ in scene.first + scene.then if by is not claims[0]]
    erases(scene, claims[0] if ours else others[0])
    expected = ("not-checked", "erased" if ours else "sealed")
    assert statuses(verdict(scene))["evidence"] == expected


HOLDS: dict[str, dict[str, Any]] = {
    "everything": {"all": True},
    "the item": {"items": ["0" * 64], "reason": "an order of the court"},
    "another item": {"items": ["11" * 32]},
    "nothing": {},
}


@pytest.mark.parametrize("name", HOLDS)
@pytest.mark.parametrize("lifted", [True, False], ids=["lifted", "standing"])
def test_two_readers_find_the_same_erasures_void(name: str, lifted: bool) -> None:
    scene = Scene()
    author = next(by for by, payload in scene.first + scene.then if "evidence" in payload["body"])
    hold = scene.payload("legal-hold", HOLDS[name]) | {"nonce": "7f" * 16}
    scene.first.append((author, hold))
    if lifted:
        placed = read_statement(author.statement(hold, scene.audience, iat=scene.iats[0]))
        end = {"references": [{"rel": "lifts", "id": placed.id.hex()}], "nonce": "70" * 16}
        scene.then.append((author, scene.payload("legal-hold-ended", {}) | end))
    erases(scene, author)
    void = name in {"everything", "the item"} and not lifted
    assert statuses(verdict(scene))["evidence"] == ("not-checked", "sealed" if void else "erased")
