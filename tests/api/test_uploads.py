"""Uploads of sealed bytes: they go on where they broke off, and end as what their CID says or not at all."""

import hashlib
import multiprocessing
import os
import signal
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from tusclient.client import TusClient

from ledger.domain.cid import cid_of
from ledger.domain.errors import ConflictError, VerificationError
from ledger.evidence.upload_rows import MAX_OPEN
from ledger.evidence.uploads import Checksum
from tests.api.evidence_desk import DAY, LIMITS, Clock, Desk, a_desk, a_room
from tests.api.test_evidence import connected, refused
from tests.builders import CUSTOMS, EXPORTER, seeded
from tests.integration.waiting import wait_until

SEALED = seeded("sealed", 600_000)
CID = cid_of([SEALED])
TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def http(desk: Desk) -> Iterator[httpx.Client]:
    with desk.http() as http:
        yield http


def metadata(cid: str = CID) -> str:
    return f"filename {b64encode(b'x').decode()},cid {b64encode(cid.encode()).decode()}"


def begin(http: httpx.Client, length: int = len(SEALED), cid: str = CID) -> str:
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata(cid)}
    answer = http.post("/v1/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["upload-expires"].endswith("GMT")
    location: str = answer.headers["location"]
    return location


def patch(http: httpx.Client, where: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.patch(where, content=data, headers=PART | {"Upload-Offset": str(offset)} | more)


def offset(http: httpx.Client, where: str) -> int:
    answer = http.head(where, headers=TUS)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert int(answer.headers["upload-length"]) > 0
    return int(answer.headers["upload-offset"])


def test_an_upload_in_parts_ends_in_the_store(desk: Desk, http: httpx.Client) -> None:
    where = begin(http)
    assert offset(http, where) == 0
    for start in range(0, len(SEALED), 250_000):
        answer = patch(http, where, start, SEALED[start : start + 250_000])
        assert answer.status_code == 204
        assert int(answer.headers["upload-offset"]) == min(len(SEALED), start + 250_000)
    assert http.get(f"/v1/evidence/{CID}").content == SEALED
    assert desk.files() == [CID]
    # Whoever lost the last answer sees that all is there.
    assert offset(http, where) == len(SEALED)
    refused(patch(http, where, 500_000, SEALED[500_000:]), 409, "offset-mismatch")
    assert patch(http, where, len(SEALED), b"").status_code == 204
    assert http.delete(where, headers=TUS).status_code == 204
    assert http.get(f"/v1/evidence/{CID}").status_code == 200


@pytest.mark.parametrize("checksums", [False, True], ids=["plain", "with checksums"])
def test_a_foreign_client_uploads_and_goes_on(desk: Desk, checksums: bool) -> None:
    client = TusClient(f"{desk.url}/v1/uploads", headers={"As": EXPORTER})
    arguments = {"chunk_size": 100_000, "metadata": {"cid": CID}, "upload_checksum": checksums}
    first = client.uploader(file_stream=BytesIO(SEALED), **arguments)
    first.upload(stop_at=250_000)
    again = client.uploader(file_stream=BytesIO(SEALED), url=first.url, **arguments)
    assert again.offset == 250_000
    again.upload()
    assert b"".join(desk.room.store.open(CID).chunks) == SEALED


def test_what_is_spoken_here(http: httpx.Client) -> None:
    answer = http.options("/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert set(answer.headers["tus-extension"].split(",")) == {
        "creation",
        "expiration",
        "termination",
        "checksum",
    }
    assert answer.headers["tus-max-size"] == str(LIMITS.max_bytes)
    assert "sha1" in answer.headers["tus-checksum-algorithm"].split(",")


def test_an_upload_that_stops_at_99_percent_goes_on(desk: Desk, http: httpx.Client) -> None:
    where, stop = begin(http), len(SEALED) * 99 // 100
    lines = [
        f"PATCH {where} HTTP/1.1",
        f"Host: {desk.url[7:]}",
        f"As: {EXPORTER}",
        f"Content-Length: {len(SEALED)}",
    ]
    lines += [f"{name}: {value}" for name, value in (PART | {"Upload-Offset": "0"}).items()]
    with connected(desk) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + SEALED[:stop])
    wait_until(lambda: offset(http, where) > 0 and desk.busy == 0)
    here = offset(http, where)
    assert stop // 2 < here <= stop
    assert not desk.room.store.has(CID)
    assert patch(http, where, here, SEALED[here:]).status_code == 204
    assert http.get(f"/v1/evidence/{CID}").content == SEALED


def test_bytes_of_another_cid_are_dropped_with_their_upload(desk: Desk, http: httpx.Client) -> None:
    where = begin(http, cid=cid_of([b"other"]))
    problem = refused(patch(http, where, 0, SEALED), 422, "cid-mismatch")
    assert CID in problem["detail"]
    assert desk.files() == []
    assert http.head(where, headers=TUS).status_code == 404


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_part_with_a_wrong_checksum_is_as_if_never_sent(
    desk: Desk, http: httpx.Client, algorithm: str
) -> None:
    where = begin(http)
    assert patch(http, where, 0, SEALED[:1000]).status_code == 204

    def checksum(data: bytes) -> str:
        return f"{algorithm} {b64encode(hashlib.new(algorithm, data).digest()).decode()}"

    wrong = patch(http, where, 1000, SEALED[1000:], Upload_Checksum=checksum(SEALED))
    refused(wrong, 460, "checksum-mismatch")
    assert wrong.headers["tus-resumable"] == "1.0.0"
    assert offset(http, where) == 1000
    right = patch(http, where, 1000, SEALED[1000:], Upload_Checksum=checksum(SEALED[1000:]))
    assert right.status_code == 204
    assert desk.files() == [CID]


def test_somebody_elses_upload_does_not_exist(desk: Desk, http: httpx.Client) -> None:
    where = begin(http)
    with desk.http(CUSTOMS) as other:
        assert other.head(where, headers=TUS).status_code == 404
        refused(patch(other, where, 0, SEALED), 404, "no-upload")
        refused(other.delete(where, headers=TUS), 404, "no-upload")
        refused(patch(other, "/v1/uploads/unknown", 0, SEALED), 404, "no-upload")
    refused(httpx.delete(desk.url + where, headers=TUS), 401, "session-missing")
    assert offset(http, where) == 0


BEGINNINGS: dict[str, tuple[dict[str, str], int, str]] = {
    "no version": ({"Upload-Length": "9", "Upload-Metadata": metadata()}, 412, "tus-version"),
    "another version": ({"Tus-Resumable": "0.2.2"}, 412, "tus-version"),
    "no length": (TUS | {"Upload-Metadata": metadata()}, 400, "malformed-field"),
    "length deferred": (
        TUS | {"Upload-Defer-Length": "1", "Upload-Metadata": metadata()},
        400,
        "malformed-field",
    ),
    "length zero": (TUS | {"Upload-Length": "0", "Upload-Metadata": metadata()}, 400, "malformed-field"),
    "length negative": (TUS | {"Upload-Length": "-1", "Upload-Metadata": metadata()}, 400, "malformed-field"),
    "length in other digits": (TUS | {"Upload-Length": "²"}, 400, "malformed-field"),
    "length of 30 digits": (TUS | {"Upload-Length": "9" * 30}, 400, "malformed-field"),
    "too long": (
        TUS | {"Upload-Length": str(LIMITS.max_bytes + 1), "Upload-Metadata": metadata()},
        413,
        "too-large",
    ),
    "no metadata": (TUS | {"Upload-Length": "9"}, 400, "malformed-field"),
    "no CID in it": (
        TUS | {"Upload-Length": "9", "Upload-Metadata": "filename eA=="},
        400,
        "malformed-field",
    ),
    "a CID twice": (
        TUS | {"Upload-Length": "9", "Upload-Metadata": f"{metadata()},{metadata()}"},
        400,
        "malformed-field",
    ),
    "a CID that is none": (
        TUS | {"Upload-Length": "9", "Upload-Metadata": metadata("QmX")},
        400,
        "malformed-field",
    ),
    "a CID not in base64": (
        TUS | {"Upload-Length": "9", "Upload-Metadata": f"cid {CID}"},
        400,
        "malformed-field",
    ),
}


@pytest.mark.parametrize(("headers", "status", "code"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_refuses_to_begin(
    desk: Desk, http: httpx.Client, headers: dict[str, str], status: int, code: str
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = http.post("/v1/uploads", headers=raw)
    refused(answer, status, code)
    assert answer.headers["tus-resumable"] == "1.0.0"


PARTS: dict[str, tuple[dict[str, str], int, str]] = {
    "no version": ({"Tus-Resumable": ""}, 412, "tus-version"),
    "another media type": ({"Content-Type": "application/octet-stream"}, 415, "media-type"),
    "no offset": ({"Upload-Offset": ""}, 400, "malformed-field"),
    "an offset ahead": ({"Upload-Offset": "1001"}, 409, "offset-mismatch"),
    "an offset that was": ({"Upload-Offset": "0"}, 409, "offset-mismatch"),
    "a checksum of no algorithm": ({"Upload-Checksum": "md5 AAAA"}, 400, "malformed-field"),
    "a checksum not in base64": ({"Upload-Checksum": "sha1 *"}, 400, "malformed-field"),
}


@pytest.mark.parametrize(("headers", "status", "code"), PARTS.values(), ids=PARTS)
def test_refuses_a_part_and_keeps_what_is_there(
    http: httpx.Client, headers: dict[str, str], status: int, code: str
) -> None:
    where = begin(http)
    assert patch(http, where, 0, SEALED[:1000]).status_code == 204
    answer = http.patch(where, content=SEALED[1000:], headers=PART | {"Upload-Offset": "1000"} | headers)
    refused(answer, status, code)
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert offset(http, where) == 1000
    assert patch(http, where, 1000, SEALED[1000:]).status_code == 204


def test_more_bytes_than_announced_are_refused(http: httpx.Client, desk: Desk) -> None:
    where = begin(http)
    refused(patch(http, where, 0, SEALED + b"x"), 413, "too-large")
    assert patch(http, where, offset(http, where), SEALED[offset(http, where) :]).status_code == 204
    assert desk.files() == [CID]


def test_an_upload_that_was_ended_is_gone(http: httpx.Client, desk: Desk) -> None:
    where = begin(http)
    patch(http, where, 0, SEALED[:1000])
    assert http.delete(where, headers=TUS).status_code == 204
    refused(http.delete(where, headers=TUS), 404, "no-upload")
    assert desk.files() == []


def test_an_upload_expires_a_day_after_its_last_byte(http: httpx.Client, desk: Desk) -> None:
    where = begin(http)
    desk.clock.now += DAY - 1
    assert patch(http, where, 0, SEALED[:1000]).status_code == 204
    desk.clock.now += DAY - 1
    assert offset(http, where) == 1000
    desk.clock.now += 1
    refused(patch(http, where, 1000, SEALED[1000:]), 404, "no-upload")
    desk.room.sweep(lambda: None)
    assert desk.files() == []


def test_only_so_many_uploads_may_be_open(desk: Desk) -> None:
    uploads = desk.room.uploads
    for _ in range(MAX_OPEN):
        last = uploads.create(EXPORTER, 5, CID)
    with pytest.raises(ConflictError) as caught:
        uploads.create(EXPORTER, 5, CID)
    assert caught.value.code == "too-many-uploads"
    uploads.create(CUSTOMS, 5, CID)
    uploads.terminate(last.id, EXPORTER)
    uploads.create(EXPORTER, 5, CID)


def test_two_requests_cannot_write_at_once(desk: Desk) -> None:
    uploads = desk.room.uploads
    upload = uploads.create(EXPORTER, len(SEALED), CID)

    def pieces() -> Iterator[bytes]:
        yield SEALED[:1000]
        for attempt in (
            lambda: uploads.append(upload.id, EXPORTER, 0, [SEALED]),
            lambda: uploads.terminate(upload.id, EXPORTER),
        ):
            with pytest.raises(ConflictError) as caught:
                attempt()
            assert caught.value.code == "upload-busy"
        yield SEALED[1000:]

    assert uploads.append(upload.id, EXPORTER, 0, pieces()).offset == len(SEALED)


def test_a_full_disk_is_said_and_the_upload_goes_on_later(tmp_path: Path) -> None:
    full = True

    def fault(step: str) -> None:
        if full and step == "settle.leaves":
            raise OSError(28, "No space left on device")

    with a_desk(tmp_path, fault=fault) as desk, desk.http() as http:
        where = begin(http)
        refused(patch(http, where, 0, SEALED), 503, "disk-full")
        full = False
        here = offset(http, where)
        assert patch(http, where, here, SEALED[here:]).status_code == 204
        assert desk.files() == [CID]


SETTLED = ("settle.renamed", "finish.taken", "finish.recorded")
STEPS = ("note.synced", "finish.received", "take.verified", "settle.leaves", *SETTLED)


def _send_and_die(folder: Path, step: str, identifier: str) -> None:
    def fault(reached: str) -> None:
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)

    with a_room(folder, Clock(), fault) as (room, _):
        uploads = room.uploads
        if step == "note.synced":
            uploads.append(identifier, EXPORTER, 1000, [SEALED[1000:2000]])
        uploads.append(identifier, EXPORTER, 1000, [SEALED[1000:]])


@pytest.mark.parametrize("step", STEPS)
def test_an_upload_survives_a_kill_at_any_step(tmp_path: Path, step: str) -> None:
    with a_room(tmp_path, Clock()) as (room, _):
        upload = room.uploads.create(EXPORTER, len(SEALED), CID)
        room.uploads.append(upload.id, EXPORTER, 0, [SEALED[:1000]])
    process = multiprocessing.get_context("fork").Process(
        target=_send_and_die, args=(tmp_path, step, upload.id)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    with a_room(tmp_path, Clock()) as (room, _):
        room.clean()
        room.sweep(lambda: None)
        here = room.uploads.get(upload.id, EXPORTER).offset
        assert here == (len(SEALED) if step in SETTLED else 1000)
        assert room.uploads.append(upload.id, EXPORTER, here, [SEALED[here:]]).offset == len(SEALED)
        assert b"".join(room.store.open(CID).chunks) == SEALED
        assert room.records.may_read(CID, EXPORTER, lambda *_: False)


def test_bytes_that_the_disk_lost_are_asked_for_again(desk: Desk) -> None:
    uploads = desk.room.uploads
    upload = uploads.create(EXPORTER, len(SEALED), CID)
    uploads.append(upload.id, EXPORTER, 0, [SEALED[:1000]])
    (path,) = desk.folder.rglob(upload.id)
    os.truncate(path, 999)
    assert uploads.get(upload.id, EXPORTER).offset == 0
    assert uploads.append(upload.id, EXPORTER, 0, [SEALED]).offset == len(SEALED)


def test_a_wrong_checksum_leaves_what_came_before(desk: Desk) -> None:
    uploads = desk.room.uploads
    upload = uploads.create(EXPORTER, len(SEALED), CID)
    with pytest.raises(VerificationError):
        uploads.append(upload.id, EXPORTER, 0, [SEALED], Checksum("sha256", bytes(32)))
    assert uploads.get(upload.id, EXPORTER).offset == 0
