"""What honest gates and broken cameras leave behind, and what bribed clerks do: each by its codes."""

from collections.abc import Callable
from functools import cache

from ledger.domain.statement import Reference
from tests.builders import seeded
from tests.domain.custody_goods import Goods
from tests.domain.custody_story import A, B, C, clock
from tests.domain.passage_story import GATE, RECORDED, SECOND, Gate, honest, recorded

HOUR = 3600.0
Told = tuple[Callable[[], Gate], list[str], list[str]]


def another(name: str, kind: str, hour: float = GATE, **body: str) -> Gate:
    """Return the honest passage with one record that is another one."""
    gate = recorded()
    gate.saw(name, kind, hour, **body)
    gate.passes()
    return gate


def without(name: str) -> Gate:
    """Return a passage that does not name one record."""
    gate = recorded()
    gate.passes(refs={one: rel for one, rel in RECORDED.items() if one != name})
    return gate


def a_passage_with_nothing() -> Gate:
    gate = Gate()
    gate.passes(refs={})
    return gate


def a_gate_without_a_network() -> Gate:
    gate = recorded()
    gate.passes()
    gate.said.reverse()
    return gate


def a_camera_clock_that_is_ahead() -> Gate:
    gate = recorded()
    gate.films("late clip", 1, 417 - 30, 417 + 30, offset=417, camera="gate-4")
    gate.passes(refs={**RECORDED, "late clip": "clip"})
    return gate


def a_scan_by_a_clock_an_hour_ahead_put_right() -> Gate:
    gate = recorded()
    gate.saw("scan", "scan", GATE + 1, clock_offset_s=3600)
    gate.passes()
    return gate


def a_record_that_is_not_there() -> Gate:
    gate = recorded()
    scan = gate.made.pop("scan")
    gate.passes(refs={name: rel for name, rel in RECORDED.items() if name != "scan"})
    gate.said.pop()
    references = [Reference("scan", seeded("never logged", 32))]
    references += [
        Reference(rel, gate.made[name].statement.id) for name, rel in RECORDED.items() if name in gate.made
    ]
    body = {"occurred_at": clock(GATE), "place": "GTPBR"}
    gate.story.say(C, "gate-passage", body, references=references)
    assert scan.statement.id != seeded("never logged", 32)
    return gate


def a_photo_for_a_scan() -> Gate:
    return another("scan", "photo")


def a_scan_of_another_trip() -> Gate:
    goods = Goods()
    box, other = Gate(goods.box()), Gate(goods.box("HLXU1234562"))
    other.saw("scan", "scan")
    for name, kind in (("radiation", "radiation"), ("seals", "seal-check")):
        box.saw(name, kind)
    box.films("clip 2", 1, -30, 30)
    box.made["scan"] = other.made["scan"]
    box.passes()
    return box


def a_scan_for_two_passages() -> Gate:
    gate = honest()
    gate.films("clip 4", 4, 90, 400, previous="clip 3")
    gate.passes(GATE + 300 * SECOND, refs={**RECORDED, "clip 4": "clip"})
    return gate


def one_clip_for_two_passages() -> Gate:
    gate = honest()
    for name, kind in (("scan", "scan"), ("radiation", "radiation"), ("seals", "seal-check")):
        gate.saw(name, kind, GATE + 10 * SECOND)
    gate.passes(GATE + 10 * SECOND)
    return gate


def a_mistaken_passage_put_right() -> Gate:
    gate = recorded()
    gate.passes(GATE + 3, refs={**RECORDED, "clip 1": "clip"})
    references = [Reference(rel, gate.made[name].statement.id) for name, rel in RECORDED.items()]
    mistaken = gate.made["passage 1"].statement.id
    gate.story.say(C, "gate-passage", {"occurred_at": clock(GATE)}, references=references, corrects=mistaken)
    return gate


def a_scan_corrected_after_the_passage() -> Gate:
    gate = recorded()
    gate.passes()
    scan = gate.made["scan"].statement.id
    gate.story.say(C, "scan", {"occurred_at": clock(GATE)}, corrects=scan)
    return gate


def a_scan_withdrawn_after_the_passage() -> Gate:
    gate = recorded()
    gate.passes()
    scan = gate.made["scan"].statement.id
    gate.story.say(C, "correction-note", {"occurred_at": clock(GATE)}, corrects=scan)
    return gate


def the_first_passage_of(*places: str) -> Gate:
    """Return a passage at one place that names a scan at another one."""
    gate = recorded()
    gate.saw("scan", "scan", place=places[1])
    gate.passes(place=places[0], refs={"scan": "scan", "clip 2": "clip"})
    return gate


def a_passage_of_two_boxes() -> Gate:
    goods = Goods()
    left, right = goods.box(), goods.box("HLXU1234562")
    subjects = [left.trip.uri, right.trip.uri]
    streams = [left.trip.custody_tag, right.trip.custody_tag]
    gate = Gate(left)
    for name, kind in (("scan", "scan"), ("radiation", "radiation"), ("seals", "seal-check")):
        gate.made[name] = left.say(C, kind, {"occurred_at": clock(GATE)}, subjects=subjects, streams=streams)
    gate.films("clip 2", 1, -30, 30)
    references = [Reference(rel, gate.made[name].statement.id) for name, rel in RECORDED.items()]
    left.say(
        C,
        "gate-passage",
        {"occurred_at": clock(GATE)},
        subjects=subjects,
        streams=streams,
        references=references,
    )
    return gate


def filmed(*clips: tuple[str, int, float, float, str | None]) -> Gate:
    """Return what a camera filed, segment by segment, and nothing else."""
    gate = Gate()
    for name, sequence, since, until, previous in clips:
        gate.films(name, sequence, since, until, previous=previous)
    return gate


ONE, TWO, THREE = ("1", 1, 0.0, 60.0, None), ("2", 2, 60.0, 120.0, "1"), ("3", 3, 120.0, 180.0, "2")


def another_organisations_camera_of_the_same_name() -> Gate:
    gate = filmed(ONE, TWO)
    gate.films("theirs", 1, 30, 90, by=B)
    return gate


def a_previous_of_another_camera() -> Gate:
    gate = filmed(ONE)
    gate.films("2", 2, 60, 120, previous="1", camera="gate-4")
    return gate


def a_segment_sealed_again() -> Gate:
    gate = filmed(ONE)
    gate.films("1 again", 1, 0, 60, corrects="1")
    gate.films("2", 2, 60, 120, previous="1")
    return gate


def a_clock_set_right_by_a_correction() -> Gate:
    gate = filmed(ONE, ("2", 2, 50.0, 110.0, "1"))
    gate.films("2 put right", 2, 50, 110, previous="1", corrects="2", offset=-10, claim="2")
    return gate


def a_clip_that_cannot_be_read() -> Gate:
    gate = Gate()
    gate.story.say(A, "video", {"clip": {"camera": "x", "sequence": 0}})
    return gate


def the_same_clip_told_twice() -> Gate:
    gate = filmed(ONE, TWO)
    gate.films("once more", 1, 0, 60, claim="1")
    return gate


STORIES: dict[str, Told] = {
    # Honest gates.
    "all there": (honest, [], []),
    "a gate without a network": (a_gate_without_a_network, [], []),
    "a camera clock that is ahead": (a_camera_clock_that_is_ahead, [], []),
    "a scanner clock that is put right": (a_scan_by_a_clock_an_hour_ahead_put_right, [], []),
    "one clip for two passages": (one_clip_for_two_passages, [], []),
    "a mistaken passage put right": (a_mistaken_passage_put_right, [], []),
    "a scan corrected after the passage": (a_scan_corrected_after_the_passage, [], []),
    "two boxes on one truck": (a_passage_of_two_boxes, [], []),
    # What is not there.
    "a passage with nothing": (a_passage_with_nothing, ["passage-incomplete"], []),
    "no scan": (lambda: without("scan"), ["passage-incomplete"], []),
    "no clip": (lambda: without("clip 2"), ["passage-incomplete"], []),
    "a record that is not there": (a_record_that_is_not_there, ["passage-record-missing"], []),
    "a photo for a scan": (a_photo_for_a_scan, ["passage-incomplete"], []),
    "a scan withdrawn": (a_scan_withdrawn_after_the_passage, ["passage-incomplete"], []),
    # What does not belong together.
    "a scan of the day before": (
        lambda: another("scan", "scan", GATE - 10),
        ["passage-apart"],
        [],
    ),
    "a seal check a second too late": (
        lambda: another("seals", "seal-check", GATE + 901 * SECOND),
        ["passage-apart"],
        [],
    ),
    "a seal check just in time": (lambda: another("seals", "seal-check", GATE + 900 * SECOND), [], []),
    "a scan by a clock that nobody put right": (
        lambda: another("scan", "scan", GATE + 1),
        ["passage-apart"],
        [],
    ),
    "a scan of another container": (
        lambda: another("scan", "scan", container="HLXU1234562"),
        ["passage-other-container"],
        [],
    ),
    "a scan of another trip": (a_scan_of_another_trip, ["passage-other-container"], []),
    "a scan for two passages": (a_scan_for_two_passages, ["passage-record-twice"] * 3, []),
    "a scan at another port": (
        lambda: the_first_passage_of("GTPBR", "GTSTC"),
        ["passage-incomplete", "passage-other-place"],
        [],
    ),
    "a scan at a place of another name": (
        lambda: the_first_passage_of("GTPBR", "Lane 3"),
        ["passage-incomplete"],
        ["passage-place-differs"],
    ),
    # Clips.
    "three clips": (lambda: filmed(ONE, TWO, THREE), [], []),
    "clips by number alone": (lambda: filmed(ONE, ("2", 2, 60.0, 120.0, None)), [], []),
    "a clip a little late": (lambda: filmed(ONE, ("2", 2, 62.0, 120.0, "1")), [], []),
    "two recordings of one camera": (lambda: filmed(ONE, ("2", 1, 2 * HOUR, 2 * HOUR + 9, None)), [], []),
    "a camera that began anew": (lambda: filmed(ONE, ("2", 1, 200.0, 260.0, None)), [], ["clip-restarted"]),
    "a camera that began anew at once": (lambda: filmed(ONE, ("2", 1, 61.0, 90.0, None)), [], []),
    "the same name at another organisation": (another_organisations_camera_of_the_same_name, [], []),
    "a segment sealed again": (a_segment_sealed_again, [], []),
    "a segment that a correction puts right": (a_clock_set_right_by_a_correction, [], []),
    "the same clip told twice": (the_same_clip_told_twice, [], []),
    "a segment told twice": (
        lambda: filmed(ONE, ("1 more", 1, 0.0, 60.0, None)),
        [],
        ["clip-twice"],
    ),
    "a clip that cannot be read": (a_clip_that_cannot_be_read, [], ["clip-malformed"]),
    "a missing segment": (lambda: filmed(ONE, THREE), ["clip-missing"], []),
    "a missing segment by number alone": (
        lambda: filmed(ONE, ("3", 3, 120.0, 180.0, None)),
        ["clip-missing"],
        [],
    ),
    "a missing first segment": (lambda: filmed(TWO), ["clip-missing"], []),
    "a clock jump": (lambda: filmed(ONE, ("2", 2, 90.0, 150.0, "1")), ["clip-jump"], []),
    "an overlap": (lambda: filmed(ONE, ("2", 2, 50.0, 110.0, "1")), ["clip-overlap"], []),
    "a clip before the one before it": (
        lambda: filmed(ONE, ("2", 2, -90.0, -30.0, "1")),
        ["clip-overlap"],
        ["clip-restarted"],
    ),
    "two footages of one minute": (
        lambda: filmed(ONE, TWO, ("2b", 2, 61.0, 119.0, "1")),
        ["clip-overlap"],
        [],
    ),
    "a wrong previous": (
        lambda: filmed(ONE, TWO, ("3", 3, 120.0, 180.0, "1")),
        ["clip-wrong-previous"],
        [],
    ),
    "a previous of another camera": (a_previous_of_another_camera, ["clip-wrong-previous"], []),
    "a first that names one before it": (
        lambda: filmed(ONE, ("2", 1, 60.0, 120.0, "1")),
        ["clip-wrong-previous"],
        [],
    ),
}


@cache
def gate_of(name: str) -> Gate:
    """Return a gate by the name of its story; it is told once, for keys are slow."""
    return STORIES[name][0]()
