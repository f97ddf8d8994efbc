"""Sealed evidence on its way to a real ledger over a line that breaks, and back."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.client import Service
from ledger.client.evidence import fetch, pieces_of, seal_into, send
from ledger.client.memory import Memory
from ledger.client.refusals import LaterError
from ledger.domain.cid import cid_of
from ledger.domain.errors import CorridorError, MalformedError, NotFoundError, VerificationError
from ledger.domain.evidence import Label
from ledger.evidence.sealing import SealedItem
from tests.builders import CUSTOMS, EXPORTER, a_signer, seeded
from tests.client.pretend import Waits
from tests.integration.stage import Stage, a_stage, enrol

CLIP = seeded("clip", 900_000)
LABEL = Label("video/mp4", "cctv")
PART = 200_000


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with a_stage(tmp_path_factory.mktemp("evidence")) as stage:
        enrol(stage.ledger)
        yield stage


class Line(httpx.BaseTransport):
    """A line to the ledger that breaks as it is told to.

    Args:
        breaks: Told a request, says `before` it gets there, `after` it was answered, or nothing.
    """

    def __init__(self, breaks: Callable[[httpx.Request], str | None]) -> None:
        self._line = httpx.HTTPTransport()
        self._breaks = breaks
        self.sent: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, or break."""
        broken = self._breaks(request)
        if broken == "before":
            raise httpx.ConnectError("the line broke", request=request)
        if request.method == "PATCH":
            self.sent.append(int(request.headers["upload-offset"]))
        response = self._line.handle_request(request)
        if broken == "after":
            response.read()
            raise httpx.ReadError("the line broke", request=request)
        return response

    def close(self) -> None:
        """Close the line."""
        self._line.close()


def service_of(stage: Stage, uri: str = EXPORTER, **changes: Any) -> Service:
    return Service(
        stage.url,
        a_signer(uri),
        uri,
        clock=stage.clock,
        memory=Memory(),
        patience=Waits().patience(),
        **changes,
    )


def sealed_in(folder: Path) -> SealedItem:
    folder.mkdir(exist_ok=True)
    return seal_into(folder, [CLIP], LABEL)


def nth(count: int, what: str) -> Callable[[httpx.Request], str | None]:
    """Return what breaks the line at the nth part that is sent, once."""
    seen = 0

    def breaks(request: httpx.Request) -> str | None:
        nonlocal seen
        seen += request.method == "PATCH"
        return what if request.method == "PATCH" and seen == count else None

    return breaks


@pytest.mark.parametrize("what", ["before", "after"])
@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_line_that_breaks_once_is_waited_out(stage: Stage, tmp_path: Path, what: str, count: int) -> None:
    item = sealed_in(tmp_path).item
    line = Line(nth(count, what))
    told: list[tuple[int, int | None]] = []
    with service_of(stage, transport=line) as service:
        send(service, tmp_path / item.cid, part_bytes=PART, report=lambda *far: told.append(far))
        out = io.BytesIO()
        fetch(service, item.cid, out)
    assert cid_of([out.getvalue()]) == item.cid
    length = len(out.getvalue())
    # No part that arrived was sent again.
    assert line.sent == list(range(0, length, PART))
    assert told == [*((at, length) for at in line.sent), (length, length)]
    assert [path.name for path in tmp_path.iterdir()] == [item.cid]


def test_what_broke_off_goes_on_where_it_stopped(stage: Stage, tmp_path: Path) -> None:
    item = sealed_in(tmp_path).item
    path = tmp_path / item.cid
    seen = 0

    def breaks(request: httpx.Request) -> str | None:
        nonlocal seen
        seen += request.method == "PATCH"
        return "before" if seen >= 3 else None

    with service_of(stage, transport=Line(breaks)) as service, pytest.raises(LaterError):
        send(service, path, part_bytes=PART)
    line = Line(lambda _request: None)
    with service_of(stage, transport=line) as service:
        send(service, path, part_bytes=PART)
    assert line.sent[0] == 2 * PART
    assert stage.ledger.room.store.has(item.cid)


@pytest.mark.parametrize(
    "note",
    [b"", b"{", b"[]", b'{"url": 1}', b'{"url": "URL", "location": "http://elsewhere.example/"}'],
    ids=["empty", "cut off", "an array", "members missing", "elsewhere"],
)
def test_a_note_that_says_nothing_begins_anew(stage: Stage, tmp_path: Path, note: bytes) -> None:
    item = sealed_in(tmp_path).item
    (tmp_path / f".{item.cid}.upload").write_bytes(note.replace(b"URL", stage.url.encode()))
    with service_of(stage) as service:
        send(service, tmp_path / item.cid)
    assert stage.ledger.room.store.has(item.cid)


def test_an_upload_that_expired_begins_anew(stage: Stage, tmp_path: Path) -> None:
    item = sealed_in(tmp_path).item
    note = f'{{"url": "{stage.url}", "location": "/v1/uploads/long-gone"}}'
    (tmp_path / f".{item.cid}.upload").write_text(note)
    with service_of(stage) as service:
        send(service, tmp_path / item.cid)
    assert stage.ledger.room.store.has(item.cid)


def test_bytes_that_change_while_they_are_sent_are_refused_at_the_end(stage: Stage, tmp_path: Path) -> None:
    item = sealed_in(tmp_path).item
    path = tmp_path / item.cid

    def breaks(request: httpx.Request) -> str | None:
        if request.method == "PATCH" and request.headers["upload-offset"] == "0":
            path.write_bytes(path.read_bytes()[:-1] + b"x")
        return None

    with service_of(stage, transport=Line(breaks)) as service, pytest.raises(VerificationError) as caught:
        send(service, path, part_bytes=PART)
    assert caught.value.code == "cid-mismatch"
    assert not stage.ledger.room.store.has(item.cid)


def test_what_others_stored_is_not_to_be_had(stage: Stage, tmp_path: Path) -> None:
    item = sealed_in(tmp_path).item
    with service_of(stage) as service:
        send(service, tmp_path / item.cid)
    with service_of(stage, CUSTOMS) as service, pytest.raises(NotFoundError) as caught:
        fetch(service, item.cid, io.BytesIO())
    assert caught.value.code == "no-evidence"


def test_other_bytes_than_the_cid_says_are_not_taken(stage: Stage, tmp_path: Path) -> None:
    one, other = sealed_in(tmp_path).item.cid, sealed_in(tmp_path).item.cid

    class Wrong(Line):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.url = httpx.URL(str(request.url).replace(one, other))
            return super().handle_request(request)

    with service_of(stage, transport=Wrong(lambda _request: None)) as service:
        for cid in (one, other):
            send(service, tmp_path / cid)
        with pytest.raises(VerificationError) as caught:
            fetch(service, one, io.BytesIO())
    assert caught.value.code == "wrong-answer"


def test_a_file_that_is_empty_or_shrinks_is_no_evidence(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(MalformedError) as caught:
        list(pieces_of(path))
    assert caught.value.code == "empty"
    path.write_bytes(bytes(3 << 20))
    pieces = pieces_of(path)
    next(pieces)
    path.write_bytes(b"")
    with pytest.raises(CorridorError) as caught_too:
        list(pieces)
    assert caught_too.value.code == "cut-off"
