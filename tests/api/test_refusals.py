"""Every refusal is one line for the operator and one in the count, with a code and who, and nothing else."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.observability.logs import formatter
from ledger.domain.login import TYP
from ledger.domain.statement import FILE_MEDIA_TYPE
from tests.access.officers import Officers, officers
from tests.api.visitors import sign_in
from tests.builders import CUSTOMS, EXPORTER, ORIGIN_PORT, seeded
from tests.integration.stage import Stage, a_stage, another_trip, enrol
from tests.integration.waiting import wait_until

MARK = "k3pt-pr1vate"
TRIP = another_trip("refusals")
ADDRESS = "198.51.100.7"
REQUEST = "request-0001"
BEFORE = {"X-Request-Id": "request-0000"}
"""Of requests that only use up what there is."""
EACH = 60
FIELDS = {"event", "level", "logger", "time", "request", "code", "status", "method", "route"}
TUS = {"Tus-Resumable": "1.0.0"}


class Lines(logging.Handler):
    """What is told of refusals, as the operator gets it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(formatter("json"))
        self.told: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(json.loads(self.format(record)))

    def of(self, request: str) -> list[dict[str, Any]]:
        """Return what is told of the requests with an id, at least one line: it comes behind the answer."""
        wait_until(lambda: any(one["request"] == request for one in self.told))
        return [one for one in self.told if one["request"] == request]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines of one test."""
    handler, logger = Lines(), logging.getLogger("api.refusal")
    logger.setLevel("INFO")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)


@dataclass
class Scene:
    """A service behind a proxy, and who speaks to it."""

    stage: Stage
    sessions: dict[str, dict[str, str]]
    provider: Officers

    def ask(self, method: str, path: str, who: str | None = None, **more: Any) -> httpx.Response:
        headers = {"X-Forwarded-For": f"{MARK}, {ADDRESS}", "X-Request-Id": REQUEST}
        headers |= (self.sessions[who] if who else {}) | more.pop("headers", {})
        return self.stage.http.request(method, path, headers=headers, **more)

    def count(self, code: str) -> float:
        token = {"Authorization": f"Bearer {self.stage.ledger.operator_token}"}
        page = self.stage.http.get("/metrics", headers=token).text
        found = re.search(rf'^corridor_refusals_total{{code="{code}"}} (\S+)', page, re.MULTILINE)
        return float(found[1]) if found else 0.0


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The exporter with its trip, the port, and an officer of customs, which is not in it."""
    with officers() as provider:
        settings: dict[str, Any] = {"trusted_proxies": 1, "organisation_requests_per_minute": EACH}
        settings["stranger_requests_per_minute"] = EACH
        settings |= {"oidc": (provider.setting(CUSTOMS),)}
        with a_stage(tmp_path_factory.mktemp("refusals"), **settings) as stage:
            enrol(stage.ledger)
            stage.tell(TRIP)
            sessions = {uri: sign_in(stage, uri) for uri in (EXPORTER, ORIGIN_PORT)}
            sessions["officer"] = provider.sign_in(stage)
            sessions["nobody"] = {"Authorization": f"Bearer {MARK}"}
            yield Scene(stage, sessions, provider)


def said(body: Any) -> dict[str, Any]:
    return {"content": json.dumps(body).encode(), "headers": {"Content-Type": "application/json"}}


def too_many(scene: Scene) -> httpx.Response:
    while scene.ask("GET", "/v1/sessions/current", ORIGIN_PORT, headers=BEFORE).status_code == 200:
        pass
    return scene.ask("GET", "/v1/subjects", ORIGIN_PORT)


def too_many_challenges(scene: Scene) -> httpx.Response:
    others = {"X-Forwarded-For": "2001:db8::7"}
    while scene.ask("POST", "/v1/challenges", headers=others | BEFORE).status_code == 201:
        pass
    return scene.ask("POST", "/v1/challenges", headers=others)


def raw(content: bytes, media_type: str) -> dict[str, Any]:
    return {"content": content, "headers": {"Content-Type": media_type}}


Ask = Callable[[Scene], httpx.Response]
REFUSED: dict[str, tuple[Ask, int, str, str, set[str]]] = {
    "no session": (
        lambda s: s.ask("GET", f"/v1/subjects/{TRIP.uri}"),
        401,
        "session-missing",
        "/v1/subjects/{uri}",
        {"address"},
    ),
    "a session of nobody": (
        lambda s: s.ask("GET", "/v1/subjects", "nobody"),
        401,
        "session-over",
        "/v1/subjects",
        {"address"},
    ),
    "a subject of others": (
        lambda s: s.ask("GET", f"/v1/subjects/{TRIP.uri}/custody", "officer"),
        404,
        "subject-unknown",
        "/v1/subjects/{uri}/custody",
        {"organisation", "officer"},
    ),
    "a statement of others": (
        lambda s: s.ask("GET", f"/v1/statements/{seeded(MARK, 32).hex()}", EXPORTER),
        404,
        "statement-unknown",
        "/v1/statements/{id}",
        {"organisation", "kid"},
    ),
    "an officer who would say something": (
        lambda s: s.ask("POST", "/v1/memberships", "officer", **said({"secret": MARK})),
        403,
        "officer-session",
        "/v1/memberships",
        {"organisation", "officer"},
    ),
    "an exporter who would govern": (
        lambda s: s.ask("GET", "/v1/enrolments", EXPORTER),
        403,
        "governors-only",
        "/v1/enrolments",
        {"organisation", "kid"},
    ),
    "a login that is none": (
        lambda s: s.ask("POST", "/v1/sessions", **raw(MARK.encode(), TYP)),
        400,
        "cose-serialisation",
        "/v1/sessions",
        {"address"},
    ),
    "a token that is none": (
        lambda s: s.ask("POST", "/v1/sessions/oidc", **said({"token": MARK})),
        400,
        "malformed-token",
        "/v1/sessions/oidc",
        {"address"},
    ),
    "a token of nobody's": (
        lambda s: s.provider.knock(s.stage, iss=f"https://{MARK}.example"),
        401,
        "provider-unknown",
        "/v1/sessions/oidc",
        {"address"},
    ),
    "a statement that is none": (
        lambda s: s.ask("POST", "/v1/statements", **raw(MARK.encode(), FILE_MEDIA_TYPE)),
        400,
        "json-syntax",
        "/v1/statements",
        {"address"},
    ),
    "a statement in a stream of others": (
        lambda s: s.stage.post(s.stage.says(ORIGIN_PORT, "seal-check", another_trip(MARK))),
        403,
        "*",
        "/v1/statements",
        {"address"},
    ),
    "an entry that is none": (
        lambda s: s.ask("POST", "/entries", **raw(b"\xd2", "application/cose")),
        400,
        "cose-serialisation",
        "/entries",
        {"address"},
    ),
    "an application that is none": (
        lambda s: s.ask("POST", "/v1/enrolments", **raw(MARK.encode(), "text/plain")),
        415,
        "media-type",
        "/v1/enrolments",
        {"address"},
    ),
    "metrics for others": (
        lambda s: s.ask("GET", "/metrics", EXPORTER),
        401,
        "*",
        "/metrics",
        {"address"},
    ),
    "sealed bytes of others, without a look at them": (
        lambda s: s.ask("HEAD", "/v1/evidence/bafkrei" + "a" * 52, EXPORTER),
        404,
        "*",
        "/v1/evidence/{cid}",
        {"organisation", "kid"},
    ),
    "too many challenges": (
        too_many_challenges,
        429,
        "too-many-requests",
        "/v1/challenges",
        {"address"},
    ),
    "too many requests": (too_many, 429, "too-many-requests", "/v1/subjects", {"organisation", "kid"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_is_one_line_and_one_in_the_count(scene: Scene, lines: Lines, case: str) -> None:
    ask, status, code, route, who = REFUSED[case]
    answer = ask(scene)
    assert answer.status_code == status, answer.text
    (line,) = lines.of(answer.headers["X-Request-Id"])
    assert (line["event"], line["status"], line["route"]) == ("refused", status, route)
    assert code in ("*", line["code"])
    assert set(line) == FIELDS | who
    if "organisation" in who:
        assert line["organisation"] in (EXPORTER, ORIGIN_PORT, CUSTOMS)
    elif answer.request.headers.get("X-Forwarded-For"):
        assert line["address"] in (ADDRESS, "2001:db8::7")
    assert MARK not in json.dumps(line)
    assert TRIP.uri not in json.dumps(line)
    before = scene.count(line["code"])
    ask(scene)
    wait_until(lambda: scene.count(line["code"]) > before)


NOT_REFUSED: dict[str, Ask] = {
    "what was asked for": lambda s: s.ask("GET", "/v1/subjects", EXPORTER),
    "what is nowhere": lambda s: s.ask("GET", f"/{MARK}"),
    "what is public and not there": lambda s: s.ask("GET", "/log/tile/0/999"),
    "what makes no sense": lambda s: s.ask("GET", "/v1/subjects?limit=x", EXPORTER),
    "what came too early": lambda s: s.ask("GET", f"/v1/subjects/{TRIP.uri}/dossier", EXPORTER),
}


@pytest.mark.parametrize("case", NOT_REFUSED)
def test_what_is_no_refusal_is_not_told_as_one(scene: Scene, lines: Lines, case: str) -> None:
    NOT_REFUSED[case](scene)
    assert lines.told == []


def test_nobody_writes_lines_of_their_own(scene: Scene, lines: Lines) -> None:
    """Whatever stands where words of a stranger could come through: method, path, address, id."""
    bad = '\r\n{"event":"refused"}'
    headers = {
        "X-Forwarded-For": "::1%" + MARK,
        "X-Request-Id": f"{MARK}!",
        "Authorization": f"Bearer {MARK}",
    }
    answer = scene.stage.http.request("GET", "/v1/subjects/" + quote(bad), headers=headers)
    scene.stage.http.request("BREW", "/v1/subjects", headers=headers)
    lines.of(answer.headers["X-Request-Id"])
    told = [json.dumps(one) for one in lines.told]
    assert len(told) == 1
    assert all(MARK not in one and "\n" not in one for one in told)
