"""Evidence over HTTP: sealed on its way in, and out again to those who may have it."""

import socket
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyrage
import pytest
from sqlalchemy import insert

from api.ranges import range_of
from ledger.domain.errors import CorridorError
from ledger.domain.evidence import EvidenceItem
from ledger.evidence.records import claim
from ledger.storage.engine import write_transaction
from ledger.storage.tables import stream_entries
from ledger.verification.sealed import open_sealed, unwrap_secret
from tests.api.evidence_desk import DAY, LIMITS, Desk, a_desk
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded

READER = pyrage.x25519.Identity.generate()
OTHER_READER = pyrage.x25519.Identity.generate()
SCAN = seeded("scan", 700_000)
ABOUT = {"media_type": "image/png", "category": "scan", "name": "Left side"}
HEADERS = {
    "Content-Type": "application/octet-stream",
    "Corridor-Recipients": f"{READER.to_public()}, {OTHER_READER.to_public()}",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as desk:
        yield desk


def sent(desk: Desk, content: Any = SCAN, **changes: Any) -> httpx.Response:
    with desk.http() as http:
        return http.post(
            "/v1/evidence", **({"content": content, "params": ABOUT, "headers": HEADERS} | changes)
        )


def an_item(desk: Desk) -> EvidenceItem:
    answer = sent(desk)
    assert answer.status_code == 201, answer.text
    return EvidenceItem.parse(answer.json()["item"])


def begun(desk: Desk, length: int) -> bytes:
    """Return the head of a request that announces so many bytes."""
    fields = {
        "Host": desk.url.removeprefix("http://"),
        "As": EXPORTER,
        "Content-Type": "image/png",
        "Content-Length": length,
        "Corridor-Recipients": READER.to_public(),
    }
    lines = ["POST /v1/evidence?media_type=image/png&category=scan HTTP/1.1"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in fields.items()), "", ""]).encode()


def connected(desk: Desk) -> socket.socket:
    host, port = desk.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)))


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:corridor:problem:{code}"), problem
    return problem


def test_what_was_sent_in_the_clear_is_stored_sealed_and_opens(desk: Desk) -> None:
    answer = sent(desk, (SCAN[at : at + 9_999] for at in range(0, len(SCAN), 9_999)))
    assert answer.status_code == 201
    item = EvidenceItem.parse(answer.json()["item"])
    assert (item.size, item.media_type, item.category, item.name) == (len(SCAN), *ABOUT.values())
    assert desk.files() == [item.cid]
    with desk.http() as http:
        stored = http.get(answer.headers["Location"])
    assert (stored.status_code, stored.headers["etag"]) == (200, f'"{item.cid}"')
    for reader in (READER, OTHER_READER):
        secret = unwrap_secret(b64decode(answer.json()["secrets"]), [reader])
        assert secret is not None
        plain = bytearray()
        open_sealed(item, secret, [stored.content], plain.extend)
        assert plain == SCAN


def test_no_byte_of_it_is_on_the_disk_in_the_clear(desk: Desk) -> None:
    sent(desk, b"the name of the driver " * 40_000)
    for path in desk.folder.parent.rglob("*"):
        if path.is_file():
            assert b"the name of the driver" not in path.read_bytes(), path
            assert b"AGE-SECRET-KEY" not in path.read_bytes(), path


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing in it": ({"content": b""}, 400, "empty"),
    "a form": ({"content": None, "files": {"file": b"x"}, "headers": {}}, 415, "media-type"),
    "no recipients": ({"headers": HEADERS | {"Corridor-Recipients": ""}}, 400, "recipients"),
    "a recipient that is none": ({"headers": HEADERS | {"Corridor-Recipients": "age1x"}}, 400, "recipients"),
    "a store that is not offered": ({"headers": HEADERS | {"Corridor-Stores": "ipfs"}}, 400, "no-such-store"),
    "no store": ({"headers": HEADERS | {"Corridor-Stores": "s3"}}, 400, "no-such-store"),
    "too large, announced": ({"content": bytes(LIMITS.max_bytes + 1)}, 413, "too-large"),
    "too large, not announced": ({"content": (bytes(50_000) for _ in range(99))}, 413, "too-large"),
    "no category": ({"params": {"media_type": "image/png"}}, 422, "invalid-request"),
    "a media type with parameters": (
        {"params": ABOUT | {"media_type": "text/plain;q=1"}},
        400,
        "malformed-field",
    ),
    "a category with a capital": ({"params": ABOUT | {"category": "Scan"}}, 400, "malformed-field"),
    "a misspelt parameter": ({"params": ABOUT | {"mediatype": "x"}}, 400, "unknown-parameter"),
}


@pytest.mark.parametrize(("changes", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_refuses_and_leaves_nothing(desk: Desk, changes: dict[str, Any], status: int, code: str) -> None:
    headers = changes.pop("headers", HEADERS) if "files" in changes else changes.get("headers", HEADERS)
    refused(sent(desk, **(changes | {"headers": headers})), status, code)
    assert desk.files() == []


def test_nobody_gets_in_without_a_session(desk: Desk) -> None:
    item = an_item(desk)
    for method, path in (("POST", ""), ("GET", f"/{item.cid}")):
        refused(
            httpx.request(method, f"{desk.url}/v1/evidence{path}", params=ABOUT if not path else None),
            401,
            "session-missing",
        )


def test_a_body_that_breaks_off_leaves_nothing(desk: Desk) -> None:
    with connected(desk) as connection:
        connection.sendall(begun(desk, len(SCAN)) + SCAN[: len(SCAN) * 99 // 100])
    # The next one is taken all the same.
    item = an_item(desk)
    assert set(desk.room.store.cids()) == {item.cid}


def test_a_body_that_trickles_is_refused(tmp_path: Path) -> None:
    with a_desk(tmp_path, grace_seconds=0.0) as desk:
        with connected(desk) as connection:
            connection.sendall(begun(desk, 1000))
            assert connection.recv(65_536).startswith(b"HTTP/1.1 408 ")
        assert desk.files() == []


def test_only_who_stored_it_and_members_of_a_stream_that_claims_it_may_fetch(desk: Desk) -> None:
    item, tag = an_item(desk), seeded("tag", 32)

    def status(organisation: str) -> int:
        with desk.http(organisation) as http:
            return http.get(f"/v1/evidence/{item.cid}").status_code

    assert [status(who) for who in (EXPORTER, ORIGIN_PORT, CUSTOMS)] == [200, 404, 404]
    with write_transaction(desk.engine) as connection:
        connection.execute(insert(stream_entries).values(tag=tag, count=1, idx=7, running=bytes(32)))
        for _ in range(2):
            claim(connection, 7, [item.cid])
    desk.members.add((tag.hex(), CUSTOMS))
    assert [status(who) for who in (EXPORTER, ORIGIN_PORT, CUSTOMS)] == [200, 404, 200]
    with desk.http(ORIGIN_PORT) as http:
        unknown = http.get("/v1/evidence/" + "b" + "a" * 58)
        refused(unknown, 404, "no-evidence")
        assert unknown.json().keys() == http.get(f"/v1/evidence/{item.cid}").json().keys()


def test_ranges_and_what_is_known(desk: Desk) -> None:
    item = an_item(desk)
    path, tag = f"/v1/evidence/{item.cid}", f'"{item.cid}"'
    with desk.http() as http:
        whole = http.get(path).content

        def asked(**headers: str) -> httpx.Response:
            return http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

        part = asked(Range="bytes=262100-262200")
        assert (part.status_code, part.content) == (206, whole[262_100:262_201])
        assert part.headers["content-range"] == f"bytes 262100-262200/{len(whole)}"
        assert asked(Range="bytes=-10").content == whole[-10:]
        assert asked(Range="bytes=700000-").content == whole[700_000:]
        assert asked(Range="bytes=0-1", If_Range=tag).status_code == 206
        assert asked(Range="bytes=0-1", If_Range='"other"').content == whole
        assert asked(Range="bytes=5-6,8-9").content == whole
        assert asked(If_None_Match=tag).status_code == 304
        beyond = asked(Range=f"bytes={len(whole)}-")
        refused(beyond, 416, "range")
        assert beyond.headers["content-range"] == f"bytes */{len(whole)}"
        head = http.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(whole))


RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=9-99": (9, 10),
    "bytes=-3": (7, 10),
    "bytes=-99": (0, 10),
    "bytes=10-": None,
    "bytes=-0": None,
    "bytes=5-4": (0, 10),
    "bytes=-": (0, 10),
    "bytes=a-b": (0, 10),
    "rows=1-2": (0, 10),
    "": (0, 10),
}


@pytest.mark.parametrize(("header", "part"), RANGES.items())
def test_a_range(header: str, part: tuple[int, int] | None) -> None:
    assert range_of(header, 10) == part


def test_rotten_bytes_are_never_sent(desk: Desk) -> None:
    item = an_item(desk)
    (path,) = desk.folder.rglob(item.cid)
    whole = path.read_bytes()
    with desk.http() as http:
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        # The answer has begun: it breaks off before the piece that is wrong.
        with pytest.raises(httpx.RemoteProtocolError):
            http.get(f"/v1/evidence/{item.cid}")
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        refused(http.get(f"/v1/evidence/{item.cid}"), 503, "evidence-rotten")


def test_a_full_disk_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    def full(step: str) -> None:
        if step == "put.written":
            raise OSError(28, "No space left on device")

    with a_desk(tmp_path, fault=full) as desk:
        refused(sent(desk), 503, "disk-full")
        assert desk.files() == []


def test_what_nobody_claims_is_swept_in_time_and_no_sooner(desk: Desk) -> None:
    kept, lost = an_item(desk), an_item(desk)
    orphan = desk.room.store.put([b"its row was never written"])
    with write_transaction(desk.engine) as connection:
        claim(connection, 7, [kept.cid])
    desk.clock.now += 30 * DAY - 1
    assert desk.room.sweep(lambda: None) == []
    desk.clock.now += 1
    assert desk.room.sweep(lambda: None) == [lost.cid]
    assert desk.files() == sorted([kept.cid, orphan])
    # Found at the first sweep, it has its thirty days from then.
    desk.clock.now += 30 * DAY
    assert desk.room.sweep(lambda: None) == [orphan]
    assert desk.files() == [kept.cid]


def test_what_is_swept_while_it_is_sent_again_is_not_acknowledged(desk: Desk) -> None:
    cid = desk.room.store.put([b"bytes"])
    desk.room.store.delete(cid)
    with pytest.raises(CorridorError) as caught:
        desk.room.records.record(cid, EXPORTER, 5)
    assert caught.value.code == "evidence-swept"
    assert not desk.room.records.may_read(cid, EXPORTER, lambda *_: False)
