"""Erasure, retention and alarms as a participant meets them over HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ledger.domain.evidence import EvidenceItem, Label
from ledger.evidence.sealing import seal
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, Trip, seeded
from tests.integration.stage import Stage, a_stage, another_trip, enrol

TODAY = "2026-09-21T13:33:20Z"
OURS, THEIRS = another_trip("kept"), another_trip("kept by others")


class Ground:
    """A ledger, its participants' sessions, and items on record."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.sessions = {uri: sign_in(stage, uri) for uri in (EXPORTER, ORIGIN_PORT, CUSTOMS)}
        for trip, member in ((OURS, ORIGIN_PORT), (THEIRS, CUSTOMS)):
            self.says("subject-opened", {}, trip)
            self.says("grant", {"to": [member]}, trip)

    def says(self, kind: str, body: dict[str, Any], trip: Trip = OURS, who: str = EXPORTER) -> httpx.Response:
        author = self.stage.author(who)
        signed = author.says(kind, trip, body, iat=self.stage.clock(), seen=self.stage.seen())
        answer = self.stage.post(signed)
        assert answer.status_code == 201, answer.text
        return answer

    def get(self, path: str, who: str = EXPORTER, **params: str) -> httpx.Response:
        return self.stage.http.get(path, params=params, headers=self.sessions[who])

    def post(self, path: str, content: dict[str, Any], who: str = EXPORTER) -> httpx.Response:
        return self.stage.http.post(path, json=content, headers=self.sessions[who])

    def item(self, seed: object, category: str = "video", trip: Trip = OURS, **body: Any) -> EvidenceItem:
        """Store an item and claim it."""
        put = self.stage.ledger.room.store.put
        item = seal([seeded(("plain", seed), 3_000)], Label("video/mp4", category, None), put).item
        self.stage.ledger.room.records.record(item.cid, EXPORTER, 3_000)
        self.says("document", {"evidence": [item.to_json()], "occurred_at": TODAY} | body, trip)
        return item

    def erase(self, item: EvidenceItem) -> None:
        named = {"commitment": item.commitment.hex(), "cid": item.cid}
        self.says("erasure", {"items": [named], "because": "request", "occurred_at": TODAY})

    def offers(
        self, item: EvidenceItem, trip: Trip, exact: bytes, perceptual: bytes | None = None
    ) -> list[dict[str, Any]]:
        said = {"cid": item.cid, "subject": trip.uri, "kind": "scan", "exact": exact.hex()}
        if perceptual is not None:
            said["perceptual"] = perceptual.hex()
        answer = self.post("/v1/fingerprints", said)
        assert answer.status_code == 200, answer.text
        matches: list[dict[str, Any]] = answer.json()["matches"]
        return matches


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Two trips of the exporter: one with the port, one with customs."""
    with a_stage(tmp_path_factory.mktemp("keeping")) as stage:
        enrol(stage.ledger)
        yield Ground(stage)


def test_what_was_erased_is_410_with_its_date_to_those_who_might_read_it_and_404_to_others(
    ground: Ground,
) -> None:
    item = ground.item("gone")
    path = f"/v1/evidence/{item.cid}"
    assert [ground.get(path, who).status_code for who in (EXPORTER, ORIGIN_PORT, CUSTOMS)] == [200, 200, 404]
    ground.erase(item)
    answers = [ground.get(path, who) for who in (EXPORTER, ORIGIN_PORT, CUSTOMS)]
    assert [one.status_code for one in answers] == [410, 410, 404]
    assert answers[1].json()["type"] == "urn:corridor:problem:erased"
    assert "2026-09-21" in answers[1].json()["detail"]
    (listed,) = ground.get(f"/v1/subjects/{OURS.uri}/erasures", ORIGIN_PORT).json()["items"]
    assert (listed["cid"], listed["state"], listed["done_at"]) == (item.cid, "due", None)
    ground.stage.ledger.erasures.run()
    (listed,) = ground.get(f"/v1/subjects/{OURS.uri}/erasures", ORIGIN_PORT).json()["items"]
    assert (listed["state"], listed["done_at"]) == ("done", ground.stage.clock())
    assert ground.get(path, ORIGIN_PORT).status_code == 410


def due(ground: Ground, at: str, who: str = EXPORTER) -> list[str]:
    answer = ground.get("/v1/retention", who, subject=OURS.uri, at=at)
    assert answer.status_code == 200, answer.text
    return [one["cid"] for one in answer.json()["items"]]


def test_an_item_is_due_when_the_time_of_its_category_is_over_since_it_happened(ground: Ground) -> None:
    clip = ground.item("clip", "video", occurred_at="2026-09-01T00:00:00Z")
    rendition = ground.item("poster", "rendition-video", occurred_at="2026-09-01T00:00:00Z")
    scan = ground.item("scan", "scan", occurred_at="2026-09-01T00:00:00Z")
    unknown = ground.item("unknown", "x-ray", occurred_at="2026-09-01T00:00:00Z")
    # Ninety days after the first of September.
    assert {clip.cid, rendition.cid}.isdisjoint(due(ground, "2026-11-29T23:59:59Z"))
    assert {clip.cid, rendition.cid} <= set(due(ground, "2026-11-30T00:00:00Z"))
    assert scan.cid not in due(ground, "2026-11-30T00:00:00Z")
    assert scan.cid in due(ground, "2032-01-01T00:00:00Z")
    assert unknown.cid not in due(ground, "2099-01-01T00:00:00Z")
    assert due(ground, "2099-01-01T00:00:00Z", ORIGIN_PORT) == []
    ground.erase(clip)
    assert clip.cid not in due(ground, "2099-01-01T00:00:00Z")
    assert ground.stage.ledger.room.store.has(rendition.cid)


def test_due_items_come_in_pages(ground: Ground) -> None:
    items = [ground.item(("page", number)) for number in range(5)]
    found, params = [], {"limit": "2", "at": "2099-01-01T00:00:00Z"}
    while True:
        page = ground.get("/v1/retention", EXPORTER, **params).json()
        found += [one["cid"] for one in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(found) == len(set(found))
    assert {one.cid for one in items} <= set(found)


def test_the_same_content_in_two_trips_raises_one_alarm_that_tells_nobody_of_a_foreign_trip(
    ground: Ground,
) -> None:
    first, second = ground.item("a scan", "scan"), ground.item("the scan again", "scan", THEIRS)
    content = seeded("content", 32)
    assert ground.offers(first, OURS, content) == []
    assert ground.offers(first, OURS, content) == []
    (match,) = ground.offers(second, THEIRS, content)
    # The exporter is in both trips.
    assert (match["how"], match["subject"], match["other"]) == ("same", THEIRS.uri, OURS.uri)
    for who, own, item in ((ORIGIN_PORT, OURS, first), (CUSTOMS, THEIRS, second)):
        answer = ground.get("/v1/alarms", who)
        (alarm,) = [one for one in answer.json()["items"] if one["id"] == match["id"]]
        assert (alarm["subject"], alarm["cid"], alarm["other"]) == (own.uri, item.cid, None)
        foreign = THEIRS if own is OURS else OURS
        assert foreign.uri not in answer.text
    assert ground.offers(second, THEIRS, content) == [match]


def test_contents_that_look_alike_raise_an_alarm_that_says_how_far_they_are_apart(ground: Ground) -> None:
    first, second = ground.item("alike", "scan"), ground.item("alike again", "scan", THEIRS)
    hashed = seeded("perceptual", 32)
    near = bytes([hashed[0] ^ 0b1011]) + hashed[1:]
    far = bytes(byte ^ 0b10001 for byte in hashed)
    ground.offers(first, OURS, seeded("exact one", 32), hashed)
    (match,) = ground.offers(second, THEIRS, seeded("exact two", 32), near)
    assert (match["how"], match["distance"]) == ("alike", 3)
    assert ground.offers(second, THEIRS, seeded("exact three", 32), far) == []


def test_the_same_content_twice_in_one_trip_is_no_alarm(ground: Ground) -> None:
    first, second = ground.item("here", "scan"), ground.item("here again", "scan")
    ground.offers(first, OURS, seeded("one trip", 32))
    assert ground.offers(second, OURS, seeded("one trip", 32)) == []


def test_an_erased_items_fingerprint_goes_with_it(ground: Ground) -> None:
    first, second = ground.item("marked", "scan"), ground.item("marked again", "scan", THEIRS)
    ground.offers(first, OURS, seeded("marked", 32), seeded("marked alike", 32))
    ground.erase(first)
    ground.stage.ledger.erasures.run()
    assert ground.offers(second, THEIRS, seeded("marked", 32), seeded("marked alike", 32)) == []
    said = {"cid": first.cid, "subject": OURS.uri, "kind": "scan", "exact": "00" * 32}
    assert ground.post("/v1/fingerprints", said).status_code == 410


REFUSED = {
    "of another's item": (ORIGIN_PORT, {}, 403, "not-yours"),
    "about a trip that is not theirs to see": (CUSTOMS, {}, 404, "subject-unknown"),
    "about an item of another trip": (EXPORTER, {"subject": THEIRS.uri}, 403, "not-yours"),
    "with a short digest": (EXPORTER, {"exact": "00"}, 400, "malformed-field"),
    "of no kind": (EXPORTER, {"kind": "X-Ray"}, 400, "malformed-field"),
    "with a member too many": (EXPORTER, {"clip": True}, 400, "unknown-field"),
    "of no CID": (EXPORTER, {"cid": "bafy"}, 400, "malformed-field"),
}


@pytest.mark.parametrize(("who", "changes", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_nobody_tries_out_fingerprints(
    ground: Ground, who: str, changes: dict[str, Any], status: int, code: str
) -> None:
    item = ground.item(("tried", who, code), "scan")
    said = {"cid": item.cid, "subject": OURS.uri, "kind": "scan", "exact": "00" * 32}
    answer = ground.post("/v1/fingerprints", said | changes, who)
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == f"urn:corridor:problem:{code}"


def test_a_claim_is_good_for_a_few_offers_and_not_for_a_search(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever may try as often as it likes finds the hash of a foreign scan bit by bit."""
    monkeypatch.setattr("ledger.sharing.fingerprints.MOST_OFFERED", 3)
    searched, item = ground.item("searched", "scan", THEIRS), ground.item("searching", "scan")
    hashed = seeded("searched for", 32)
    ground.offers(searched, THEIRS, seeded("searched exact", 32), hashed)
    for guess in range(3):
        ground.offers(item, OURS, seeded(("guess", guess), 32))
    said = {"cid": item.cid, "subject": OURS.uri, "kind": "scan", "exact": "00" * 32}
    answer = ground.post("/v1/fingerprints", said)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:corridor:problem:too-many-fingerprints")
    # The same content again, with another hash each time, is no way round that.
    assert ground.offers(item, OURS, seeded(("guess", 0), 32), hashed) == []


def test_the_tables_hold_neither_digest_nor_hash(ground: Ground) -> None:
    item = ground.item("secret", "scan")
    exact, hashed = seeded("secret exact", 32), seeded("secret hash", 32)
    ground.offers(item, OURS, exact, hashed)
    data = ground.stage.ledger.settings.data
    files = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    for wanted in (exact, hashed, hashed[:8], exact.hex().encode(), hashed.hex().encode()):
        assert not any(wanted in file for file in files)
