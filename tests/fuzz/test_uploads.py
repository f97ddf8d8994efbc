"""Resumable uploads in any order, right and wrong: a model says what comes of each request.

Whatever is sent, nothing is ever stored under a CID that its bytes do not have.
"""

import hashlib
import socket
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ledger.domain.cid import cid_of
from tests.api.errors_seen import Errors
from tests.api.evidence_desk import DAY, LIMITS, Desk, a_desk
from tests.api.test_evidence import connected
from tests.api.test_uploads import PART, TUS, metadata
from tests.builders import CUSTOMS, EXPORTER, seeded
from tests.integration.waiting import wait_until

BLOCK = 262_144
"""A body of fewer bytes reaches an upload in one piece, which the model takes for granted."""
MOST = 200_000
SIZES = st.sampled_from([1, 40, 700, 300_000])
OWNERS = st.sampled_from([EXPORTER, CUSTOMS])
PARTS = ["all", "all", "all", "half", "nothing", "changed", "more"]
CHECKSUMS = ("sha1", "sha256", "wrong", "unknown", "no base64")
UNREADABLE = {"no number": 400, "no offset": 400, "unknown": 400, "no base64": 400, "another type": 415}
HOWS = [
    *["plain"] * 6,
    "wrong",
    "wrong",
    *CHECKSUMS,
    "before",
    "behind",
    "no number",
    "no offset",
    "another type",
]
CALLERS = st.sampled_from([*["owner"] * 6, "other", "nobody"])
QUICK, LONG = 40, 1_000
ANSWERS = {200, 201, 204, 400, 401, 404, 409, 413, 415, 422, 460}


@dataclass
class Sent:
    """What the model knows of an upload.

    Args:
        where: Its path.
        owner: Whose it is.
        content: What its owner means to send.
        cid: What was declared of it, truly or not.
        length: The same.
        here: Bytes that the service must have.
        gone: Whether it was dropped, or expired.
    """

    where: str
    owner: str
    content: bytes
    cid: str
    length: int
    here: bytes = b""
    gone: bool = False

    @property
    def rest(self) -> bytes:
        """What its owner would send next."""
        return self.content[len(self.here) : self.length][:MOST]


class Uploading(RuleBasedStateMachine):
    """Two organisations and somebody unknown, who send requests about uploads to one service."""

    uploads: Bundle[Sent] = Bundle("uploads")

    desk: ClassVar[Desk]
    http: ClassVar[httpx.Client]
    stored: ClassVar[dict[str, tuple[bytes, set[str]]]]
    """By CID: the bytes, and who sent them."""
    answers: ClassVar[set[int]]
    """The statuses that were seen."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []

    def ask(
        self, method: str, path: str, who: str | None, headers: dict[str, str], content: bytes | None = None
    ) -> httpx.Response:
        named = {"As": who} if who else {}
        answer = self.http.request(method, path, headers=headers | named, content=content)
        assert answer.status_code < 500, answer.text
        self.answers.add(answer.status_code)
        assert answer.headers["Tus-Resumable"] == "1.0.0"
        return answer

    def caller(self, upload: Sent, who: str) -> str | None:
        others = {EXPORTER: CUSTOMS, CUSTOMS: EXPORTER}
        return {"owner": upload.owner, "other": others[upload.owner], "nobody": None}[who]

    def barred(self, upload: Sent, who: str) -> int | None:
        """Return the status by which somebody is kept from an upload, None when nothing keeps them."""
        if who == "nobody":
            return 401
        return 404 if upload.gone or who == "other" else None

    @rule(
        target=uploads,
        owner=OWNERS,
        size=SIZES,
        seed=st.integers(0, 3),
        lie=st.sampled_from([*[""] * 8, "short", "long", "cid", "huge", "nothing", "no number", "no cid"]),
    )
    def begin(self, owner: str, size: int, seed: int, lie: str) -> Sent | MultipleResults[Sent]:
        content = seeded(("fuzz", size, seed), size)
        length = {"short": size - 1, "long": size + 1, "huge": LIMITS.max_bytes + 1, "nothing": 0}.get(
            lie, size
        )
        cid = {"cid": cid_of([content + b"x"]), "no cid": "Qm"}.get(lie, cid_of([content]))
        headers = {
            "Upload-Length": "-1" if lie == "no number" else str(length),
            "Upload-Metadata": metadata(cid),
        }
        answer = self.ask("POST", "/v1/uploads", owner, TUS | headers)
        wanted = 201
        if lie in ("no number", "no cid") or length == 0:
            wanted = 400
        elif lie == "huge":
            wanted = 413
        assert answer.status_code == wanted, (lie, answer.text)
        if wanted != 201:
            return multiple()
        upload = Sent(answer.headers["Location"], owner, content, cid, length)
        self.sent.append(upload)
        return upload

    @rule(upload=uploads, who=CALLERS)
    def look(self, upload: Sent, who: str) -> None:
        answer = self.ask("HEAD", upload.where, self.caller(upload, who), TUS)
        barred = self.barred(upload, who)
        assert answer.status_code == (barred or 200)
        if barred is None:
            told = answer.headers["Upload-Offset"], answer.headers["Upload-Length"]
            assert told == (str(len(upload.here)), str(upload.length))

    @rule(upload=uploads, who=CALLERS, part=st.sampled_from(PARTS), how=st.sampled_from(HOWS))
    def send(self, upload: Sent, who: str, part: str, how: str) -> None:
        data, here = self.part(upload, part), len(upload.here)
        offset = {"before": str(here - 1 if here else 7), "behind": str(here + 1), "no number": "x"}
        headers = PART | {"Upload-Offset": offset.get(how, str(here))}
        if how == "no offset":
            del headers["Upload-Offset"]
        if how in CHECKSUMS:
            headers["Upload-Checksum"] = checksum_of(how, data)
        if how == "another type":
            headers["Content-Type"] = "application/octet-stream"
        answer = self.ask("PATCH", upload.where, self.caller(upload, who), headers, data)
        wanted = self.refusal(upload, who, how) or self.taken(upload, data, how)
        assert answer.status_code == wanted, (part, how, here, upload.length, answer.text)
        if wanted == 204:
            assert answer.headers["Upload-Offset"] == str(len(upload.here))

    @rule(upload=uploads)
    def go_on(self, upload: Sent) -> None:
        """Send what comes next, as it is meant to be done."""
        self.send(upload, "owner", "all", "plain")

    def refusal(self, upload: Sent, who: str, how: str) -> int | None:
        """Return the status by which bytes are refused before they are looked at, None when they are not."""
        if who == "nobody":
            return 401
        misplaced = 409 if how in ("before", "behind") else None
        return UNREADABLE.get(how) or self.barred(upload, who) or misplaced

    def taken(self, upload: Sent, data: bytes, how: str) -> int:
        """Return the status that bytes in the right place end in, and move the model there."""
        here = upload.here + data
        if len(upload.here) == upload.length:
            return 204
        if len(here) > upload.length:
            return 413
        if how == "wrong":
            return 460
        upload.here = here
        if len(here) == upload.length and cid_of([here]) != upload.cid:
            upload.gone = True
            return 422
        if len(here) == upload.length:
            self.stored.setdefault(upload.cid, (here, set()))[1].add(upload.owner)
        return 204

    @rule(upload=uploads, announced=st.integers(1, 3), half=st.booleans(), summed=st.booleans())
    def break_off(self, upload: Sent, announced: int, half: bool, summed: bool) -> None:
        """Send less than was announced, and go away."""
        here, staged = len(upload.here), self.desk.folder / "uploads" / upload.where.rpartition("/")[2]
        data = upload.content[here : upload.length][:BLOCK]
        data = data[: len(data) // 2] if half else data
        if upload.gone or not data:
            return
        headers = PART | {
            "Host": self.desk.url[7:],
            "As": upload.owner,
            "Content-Length": str(len(data) + announced),
            "Upload-Offset": str(here),
        }
        if summed:
            headers["Upload-Checksum"] = checksum_of("sha256", data)
        head = [f"PATCH {upload.where} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        with connected(self.desk) as connection:
            connection.sendall("\r\n".join([*head, "", ""]).encode() + data)
            if len(data) == BLOCK:
                wait_until(lambda: staged.exists() and staged.stat().st_size == here + BLOCK)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass
        wait_until(lambda: self.desk.busy == 0)
        kept = self.offset(upload) - here
        # Of fewer bytes, those are kept that were read before the connection was seen to have ended.
        assert kept == len(data) or (kept == 0 and (len(data) < BLOCK or summed)), (here, kept, len(data))
        # Nor are those that were to be compared first, with a checksum or with the CID.
        assert kept == 0 or not (summed or here + kept == upload.length)
        upload.here += data[:kept]

    @rule(upload=uploads, who=st.sampled_from(["owner", "other", "nobody"]))
    def end(self, upload: Sent, who: str) -> None:
        answer = self.ask("DELETE", upload.where, self.caller(upload, who), TUS)
        barred = self.barred(upload, who)
        assert answer.status_code == (barred or 204), answer.text
        upload.gone |= barred is None

    @rule(days=st.sampled_from([0, 0, 0, 0, 0, 0, 0, 1]))
    def time_goes_by(self, days: int) -> None:
        """Sweep what is left of uploads, after a day of all that there are."""
        self.desk.clock.now += days * DAY
        for upload in self.sent:
            upload.gone |= days > 0
        self.desk.room.uploads.clean()

    @rule(upload=uploads, who=CALLERS)
    def fetch(self, upload: Sent, who: str) -> None:
        caller = self.caller(upload, who)
        given = {"As": caller} if caller else {}
        answer = self.http.get(f"/v1/evidence/{upload.cid}", headers=given)
        content, owners = self.stored.get(upload.cid, (b"", set[str]()))
        if caller is None:
            assert answer.status_code == 401
        elif caller in owners:
            assert (answer.status_code, answer.content) == (200, content)
        else:
            assert answer.status_code == 404

    @invariant()
    def what_is_stored_is_what_was_finished(self) -> None:
        assert set(self.desk.room.store.cids()) == set(self.stored)

    def teardown(self) -> None:
        for upload in self.sent:
            if not upload.gone:
                assert self.ask("DELETE", upload.where, upload.owner, TUS).status_code == 204
        for cid in self.stored:
            assert cid_of(self.desk.room.store.open(cid).chunks) == cid

    def offset(self, upload: Sent) -> int:
        answer = self.ask("HEAD", upload.where, upload.owner, TUS)
        return int(answer.headers["Upload-Offset"])

    def part(self, upload: Sent, part: str) -> bytes:
        rest = upload.rest
        if part == "changed":
            return bytes(one ^ 1 for one in rest)
        if part == "more":
            return rest + seeded("more", upload.length - len(upload.here) - len(rest) + 1)[:MOST]
        return {"all": rest, "half": rest[: len(rest) // 2], "nothing": b""}[part]


def checksum_of(name: str, data: bytes) -> str:
    """Return the header of a checksum, true or not."""
    algorithm = name if name in ("sha1", "sha256") else "sha256"
    digest = hashlib.new(algorithm, data + b"x" * (name == "wrong")).digest()
    value = "!" if name == "no base64" else b64encode(digest).decode()
    return f"{'md5' if name == 'unknown' else algorithm} {value}"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with a_desk(tmp_path) as desk:
        yield desk


def played(desk: Desk, examples: int) -> None:
    """Play so many sequences of requests, always the same few or ever new ones."""
    stored: dict[str, tuple[bytes, set[str]]] = {}
    answers: set[int] = set()
    model = settings(
        max_examples=examples,
        stateful_step_count=20,
        database=None,
        derandomize=examples == QUICK,
        # What fails is told as it came: making it smaller would take the suite's time.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with httpx.Client(base_url=desk.url, timeout=30) as http:
        given = {"desk": desk, "http": http, "stored": stored, "answers": answers}
        run_state_machine_as_test(type("Uploading", (Uploading,), given), settings=model)
    # Without this the model might have agreed on refusals only.
    assert answers == ANSWERS
    assert len(stored) > 3
    assert set(desk.files()) == set(stored)


def test_every_sequence_of_requests_ends_as_the_model_says(desk: Desk, errors: Errors) -> None:
    played(desk, QUICK)
    assert errors.messages == []


@pytest.mark.soak
def test_every_sequence_does_so_in_the_long_run_too(desk: Desk, errors: Errors) -> None:
    played(desk, LONG)
    assert errors.messages == []
