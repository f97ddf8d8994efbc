"""What the operator sees of requests: enough to run the service, and nothing of what anybody said."""

import io
import json
import logging
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import Receive, Scope, Send

from api.errors import PROBLEM
from api.observability.logs import QUIET, LogFormat, configure
from api.observability.metrics import Metrics
from api.observability.requests import Requests
from ledger.domain.errors import NotFoundError, UnavailableError
from ledger.domain.statement import FILE_MEDIA_TYPE, StatementFile
from ledger.health import look_at_folder, look_at_room
from ledger.log.http_server import listen, serving
from ledger.telemetry import operator_token
from tests.api.visitors import sign_in
from tests.builders import EXPORTER
from tests.integration.stage import Stage, another_trip

TRIP = another_trip("api")
MARK = "k3pt-pr1vate"
FIELDS = {"event", "level", "logger", "method", "route", "status", "ms", "bytes", "request", "time"}


class Logged:
    """What is logged while a test runs, in the form that the operator gets."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, parsed."""
        return [json.loads(line) for line in self.text.getvalue().splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        """The lines that tell of requests."""
        return [line for line in self.lines if line["logger"] == "api.request" and "route" in line]


@contextmanager
def logging_as(log_format: LogFormat) -> Iterator[Logged]:
    """Log as a service does while a block runs, and to the tests' own handlers too."""
    loggers = [logging.getLogger(name) for name in (None, *QUIET)]
    levels, handlers = [one.level for one in loggers], list(logging.getLogger().handlers)
    logged = Logged()
    configure(log_format, "INFO", logged.text)
    logging.getLogger().handlers += handlers
    yield logged
    logging.getLogger().handlers = handlers
    for one, level in zip(loggers, levels, strict=True):
        one.setLevel(level)


@pytest.fixture
def logged() -> Iterator[Logged]:
    """The log as JSON lines."""
    with logging_as("json") as logged:
        yield logged


def test_a_request_is_one_line_with_its_route_and_not_its_path(stage: Stage, logged: Logged) -> None:
    answer = stage.http.get("/log/tile/0/000.p/1")
    (line,) = logged.requests()
    assert set(line) == FIELDS
    assert line | {"ms": 0, "time": ""} == {
        "event": "request",
        "level": "info",
        "logger": "api.request",
        "method": "GET",
        "route": "/log/tile/{path:path}",
        "status": 200,
        "ms": 0,
        "bytes": len(answer.content),
        "request": answer.headers["X-Request-Id"],
        "time": "",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["time"])


def test_a_problem_is_told_by_its_code(stage: Stage, logged: Logged) -> None:
    stage.http.get("/log/tile/0/999")
    stage.http.get("/entries/zz")
    stage.http.get("/nowhere")
    assert [(one["route"], one["status"], one["problem"]) for one in logged.requests()] == [
        ("/log/tile/{path:path}", 404, "tile-unknown"),
        ("/entries/{entry}", 401, "session-missing"),
        ("(none)", 404, "http-404"),
    ]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("a1b2c3d4", True),
        ("x" * 64, True),
        ("0198a1c2-7f6e-7000-8000-000000000000", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f", False),
        ('"},{"level":"error', False),
        ("", False),
    ],
)
def test_an_id_is_taken_from_the_request_when_it_is_one(
    stage: Stage, logged: Logged, given: str, taken: bool
) -> None:
    answer = stage.http.get("/healthz", headers={"X-Request-Id": given})
    identifier = answer.headers["X-Request-Id"]
    assert (identifier == given) is taken
    assert re.fullmatch("[A-Za-z0-9_-]{8,64}", identifier)
    assert [line["request"] for line in logged.requests()] == [identifier]


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*\}", MARK, path)


def test_nothing_that_anybody_sends_is_logged(stage: Stage, logged: Logged) -> None:
    headers = {
        "Authorization": f"Bearer {MARK}",
        "User-Agent": MARK,
        "Cookie": f"session={MARK}",
        "Referer": f"https://{MARK}.example",
        "X-Forwarded-For": "203.0.113.77",
        "X-Request-Id": f"{MARK} x",
        "Idempotency-Key": MARK,
        "Corridor-Recipients": MARK,
        "Range": f"bytes={MARK}",
        "Prefer": MARK,
    }
    body = json.dumps({"secret": MARK, "name": MARK}).encode()
    sent = 0
    # (1) Every route, with each method, by a stranger who puts it everywhere.
    for path, operations in stage.http.get("/openapi.json").json()["paths"].items():
        for method in operations:
            for media_type in ("application/json", "application/cose", MARK):
                stage.http.request(
                    method,
                    filled(path),
                    params={"secret": MARK, MARK: MARK},
                    content=body,
                    headers=headers | {"Content-Type": media_type},
                )
                sent += 1
    # (2) A statement that is taken, and is about a person.
    said = stage.says(EXPORTER, "seal-check", TRIP, {"guard": MARK})
    assert MARK not in StatementFile(said.raw, said.disclosures).encode().decode() or said.disclosures == ()
    assert stage.post(said).status_code == 201
    lines = logged.requests()
    assert len(lines) == sent + 2
    assert MARK not in logged.text.getvalue()
    assert "203.0.113.77" not in logged.text.getvalue()
    # From where somebody asks is told of refusals, and of nothing else.
    others = [one for one in logged.lines if one["logger"] != "api.refusal"]
    assert "127.0.0.1" not in json.dumps(others)
    assert all(set(line) <= FIELDS | {"problem"} for line in lines)
    assert {line["status"] for line in lines} >= {200, 201, 401}


async def broken(scope: Scope, _receive: Receive, send: Send) -> None:
    """Fail as a program error does: with a text that quotes what was sent."""
    if scope["path"] == "/half":
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}
        await send(start)
        await send({"type": "http.response.body", "body": b"ab", "more_body": True})
    try:
        raise NotFoundError("statement-unknown", "this log has no such statement")
    except NotFoundError as error:
        raise ValueError(MARK) from error


def test_an_unexpected_failure_is_answered_and_told_without_its_text(logged: Logged) -> None:
    metrics = Metrics()
    with listen(0) as listener, serving(Requests(broken, metrics), listener) as url:
        answer = httpx.get(f"{url}/whole")
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{url}/half")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["type"] == "urn:corridor:problem:internal"
    whole = [line for line in logged.lines if line.get("request") == answer.headers["X-Request-Id"]]
    assert [line["event"] for line in whole] == ["unexpected failure", "request"]
    first, second = whole[0]["failure"]
    assert (first["type"], "message" in first) == ("ValueError", False)
    assert (second["code"], second["message"]) == ("statement-unknown", "this log has no such statement")
    assert first["at"][-1].endswith(" broken")
    assert whole[1]["problem"] == "internal"
    assert MARK not in logged.text.getvalue()
    assert b'status="500"' in metrics.page()


def test_a_client_that_leaves_is_told_as_such(logged: Logged) -> None:
    async def left(_scope: Scope, _receive: Receive, _send: Send) -> None:
        return

    metrics = Metrics()
    with listen(0) as listener, serving(Requests(left, metrics), listener) as url:
        httpx.get(url)
    assert [line["status"] for line in logged.requests()] == [499]


def test_text_for_people_tells_the_same() -> None:
    with logging_as("text") as logged:
        try:
            raise UnavailableError("disk-full", "no room")
        except UnavailableError:
            logging.getLogger("ledger.part").exception("work on %s failed", "x")
    first, *rest = logged.text.getvalue().splitlines()
    assert first.endswith(" ERROR ledger.part: work on x failed")
    assert rest[0] == "  UnavailableError: no room"
    assert rest[1].startswith("    at ")


def test_what_somebody_sent_makes_no_line_of_its_own_and_steers_no_terminal() -> None:
    sent = "gate\r\n2026-11-06 ERROR forged\x1b[2J\u202e"
    with logging_as("text") as told:
        logging.getLogger("drops").warning("left %s", sent, extra={"fields": {"file": sent}})
    (line,) = told.text.getvalue().splitlines()
    assert line.isprintable()
    assert line.count(r"gate\r\n2026-11-06 ERROR forged\x1b[2J\u202e") == 2


# Metrics and health


def numbers(page: str) -> dict[str, float]:
    """Return the values of a page of metrics, by name and labels."""
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): (
            sample.value
        )
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def metrics_of(stage: Stage) -> dict[str, float]:
    answer = stage.http.get("/metrics", headers={"Authorization": f"Bearer {stage.ledger.operator_token}"})
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    return numbers(answer.text)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer  x", "Bearer wrong", "Bearer ünïcode", "Basic {token}", "{token}"]
)
def test_metrics_are_for_the_operator(stage: Stage, header: str | None) -> None:
    token = stage.ledger.operator_token
    said = [] if header is None else [(b"Authorization", header.format(token=token).encode())]
    answer = stage.http.get("/metrics", headers=said)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, PROBLEM)
    assert "corridor_" not in answer.text


def test_metrics_count_requests_and_what_became_of_statements(stage: Stage) -> None:
    before = metrics_of(stage)
    said = stage.says(EXPORTER, "seal-check", TRIP)
    assert [stage.post(said).status_code for _ in range(2)] == [201, 200]
    stage.http.post("/v1/statements", content=b"5", headers={"Content-Type": FILE_MEDIA_TYPE})
    stage.http.post("/entries", content=b"5", headers={"Content-Type": "application/cose"})
    stage.http.request("PROPFIND", "/nowhere")
    after = metrics_of(stage)
    rose = {name: value - before.get(name, 0) for name, value in after.items() if "_total" in name}
    assert {name: value for name, value in rose.items() if value} == {
        "corridor_http_requests_total method=GET route=/metrics status=200": 1,
        "corridor_http_requests_total method=POST route=/v1/statements status=201": 1,
        "corridor_http_requests_total method=POST route=/v1/statements status=200": 1,
        "corridor_http_requests_total method=POST route=/v1/statements status=400": 1,
        "corridor_http_requests_total method=POST route=/entries status=400": 1,
        "corridor_http_requests_total method=OTHER route=(none) status=404": 1,
        "corridor_statements_total code= outcome=registered": 1,
        "corridor_statements_total code= outcome=duplicate": 1,
        "corridor_statements_total code=malformed-field outcome=refused": 1,
        "corridor_statements_total code=cose-serialisation outcome=refused": 1,
        "corridor_refusals_total code=malformed-field": 1,
        "corridor_refusals_total code=cose-serialisation": 1,
    }


def test_metrics_show_the_log_and_its_anchors(stage: Stage) -> None:
    stage.post(stage.says(EXPORTER, "seal-check", TRIP))
    size = stage.anchor()
    stage.post(stage.says(EXPORTER, "seal-check", TRIP))
    before = metrics_of(stage)
    stage.clock.now += 100
    shown = metrics_of(stage)
    assert shown["corridor_log_entries"] == size + 1
    assert shown["corridor_checkpoint_entries"] == size
    for age in ("corridor_checkpoint_age_seconds", "corridor_anchor_age_seconds"):
        assert shown[age] == before[age] + 100
    assert shown["corridor_anchors_waiting"] == 0
    assert (shown["corridor_witnesses"], shown["corridor_witnesses_cosigned"]) == (0, 0)
    assert shown["corridor_problems"] == 0
    assert shown["corridor_disk_free_bytes"] > 0


def test_a_number_that_cannot_be_read_hides_no_other(logged: Logged) -> None:
    def fails() -> float:
        raise UnavailableError("database-busy", "the database is busy")

    metrics = Metrics({"bad": ("Bad.", fails), "good": ("Good.", lambda: 3), "none": ("None.", lambda: None)})
    shown = {
        name for name in numbers(metrics.page().decode()) if name.split("_")[1] in ("bad", "good", "none")
    }
    assert shown == {"corridor_good"}
    assert "metric bad cannot be read" in logged.text.getvalue()


def test_the_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    token = operator_token(tmp_path)
    assert len(token) >= 43
    assert operator_token(tmp_path) == token
    assert stat.S_IMODE((tmp_path / "metrics.token").stat().st_mode) == 0o600


def test_a_full_disk_is_told_and_only_the_operator_is_told_where(tmp_path: Path) -> None:
    look = look_at_room(tmp_path, 2**62)
    with pytest.raises(UnavailableError, match="min_free_bytes") as caught:
        look.look()
    assert str(tmp_path) in caught.value.message
    assert str(tmp_path) not in look.said
    look_at_room(tmp_path, 0).look()


def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    look_at_folder(tmp_path).look()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(UnavailableError, match="evidence cannot be written"):
        look_at_folder(tmp_path / "gone").look()


def test_metrics_count_sessions_and_what_the_catalogue_has_not_taken_in(stage: Stage) -> None:
    before = metrics_of(stage)
    sign_in(stage, EXPORTER)
    assert stage.post(stage.says(EXPORTER, "seal-check", TRIP)).status_code == 201
    after = metrics_of(stage)
    assert after["corridor_sessions_open"] == before["corridor_sessions_open"] + 1
    assert after["corridor_catalogue_behind_entries"] >= 1
    # Whoever asks whether the service is ready does not wait for what it has still to do.
    assert stage.problems() == ""
    assert metrics_of(stage)["corridor_catalogue_behind_entries"] >= 1
    stage.ledger.catch_up()
    assert metrics_of(stage)["corridor_catalogue_behind_entries"] == 0
    assert metrics_of(stage)["corridor_arrivals_behind_entries"] >= 1
    stage.ledger.arrivals.tick()
    assert metrics_of(stage)["corridor_arrivals_behind_entries"] == 0
    assert after["corridor_evidence_bytes"] == 0


HEADS = {
    "head-too-large": f"GET /{MARK} HTTP/1.1\r\nHost: x\r\nA: {MARK * 4096}\r\n\r\n",
    "malformed-http": f"{MARK} {MARK}\r\n\r\n",
}


@pytest.mark.parametrize("code", HEADS)
def test_a_refused_head_is_counted_and_its_line_holds_nothing_of_it(
    stage: Stage, logged: Logged, code: str
) -> None:
    counter = f"corridor_http_heads_refused_total code={code}"
    before = metrics_of(stage).get(counter, 0)
    host, port = stage.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        with suppress(OSError):
            connection.sendall(HEADS[code].encode())
        with suppress(ConnectionResetError):
            while connection.recv(65_536):
                pass
    assert metrics_of(stage)[counter] == before + 1
    (line,) = [one for one in logged.lines if one["event"] == "refused head"]
    assert line["problem"] == code
    assert set(line) == {"event", "level", "logger", "problem", "status", "time"}
    assert MARK not in logged.text.getvalue()


def test_a_stranger_is_told_what_stands_still_and_not_why(stage: Stage) -> None:
    with pytest.raises(UnavailableError), stage.ledger.health.appending.turn():
        raise UnavailableError("database-full", f"no room on {MARK}")
    # A look that finds the database well forgets this: the watch of publishing keeps what it saw.
    for _ in range(3):
        with pytest.raises(UnavailableError), stage.ledger.health.publishing.turn():
            raise UnavailableError("not-published", f"witness {MARK} cannot be reached")
    assert f"checkpoints are not published: witness {MARK} cannot be reached" in stage.problems()
    answer = stage.http.get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "checkpoints are not published")
    stage.publish()
    assert stage.problems() == ""
