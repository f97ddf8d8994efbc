"""Every operation of the OpenAPI document, with whatever its schemas allow and forbid: never a 5xx.

Answers must also be among those that the document names, with its media types and schemas. Each request is
made by everybody: without a session, as a member, a governor, an officer, a device, and as the operator.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, SerializationContext
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import response_schema_conformance
from schemathesis.transport.serialization import Binary

from api.openapi import operations
from api.operations import MEDIA
from tests.access.officers import Officers
from tests.api.errors_seen import Errors
from tests.builders import EXPORTER
from tests.security.matrix_scene import DEVICE, OFFICER, OPENER, Scene, a_scene, fresh

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
GOVERNOR, NOBODY, OPERATOR = "stranger, governor", "nobody", "the operator's token"
VISITORS = (NOBODY, OPENER, GOVERNOR, OFFICER, DEVICE, OPERATOR)
PARTS = range(4)
"""The operations are dealt out, so that several processes take their share."""
QUICK, LONG = 12, 40
CALLS = 20_000
"""At least so many are made in the long run."""
# A connection that broke while it was fuzzed says so itself; the document need not.
UNDOCUMENTED = {400}
STREAM_SECONDS = 0.3
"""How long an answer without an end is listened to."""


@schemathesis.serializer(*(name for name in MEDIA if name.endswith(("cose", "cbor", "octet-stream"))))
def as_bytes(_context: SerializationContext, value: Any) -> bytes:
    """Send bytes as they are, and anything else as what a confused client would make of it."""
    return value.data if isinstance(value, Binary) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def met(
    errors: Errors, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Scene, dict[str, Officers]]]:
    """Everybody, at one service with something in it."""
    with a_scene(tmp_path_factory.mktemp("fuzz")) as met:
        yield met


class Fuzzer:
    """Calls operations as everybody, and counts."""

    def __init__(self, scene: Scene, knows: dict[str, Officers]) -> None:
        self._scene = scene
        self._knows = knows
        self._schema = schemathesis.openapi.from_url(f"{scene.stage.url}/openapi.json")
        self._session = requests.Session()
        self._said: dict[tuple[str, str], dict[str, Any]] = {
            (method, path): operation for method, path, operation in operations(self._schema.raw_schema)
        }
        self.calls: Counter[int] = Counter()

    def run(self, mode: GenerationMode, part: int, examples: int) -> int:
        """Fuzz a part of the operations, and return how many took part."""
        taking_part = 0
        for place, result in enumerate(self._schema.get_all_operations()):
            assert isinstance(result, Ok), result
            if place % len(PARTS) != part:
                continue
            # What takes no input has none that is wrong.
            with suppress(Unsatisfiable):
                self._one(result.ok(), mode, examples)
                taking_part += 1
        return taking_part

    def _one(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        real = self._real(operation.path)

        @given(operation.as_strategy(generation_mode=mode), st.data())
        @settings(
            max_examples=examples,
            database=None,
            derandomize=examples == QUICK,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Case[Any], data: st.DataObject) -> None:
            # Values that name something, so that fuzzing gets further than 404.
            for given_values in (case.path_parameters or {}, case.query or {}):
                for name in list(given_values):
                    if name in real and data.draw(st.booleans()):
                        given_values[name] = data.draw(st.sampled_from(real[name]))
            for visitor in VISITORS:
                self._check(case, visitor)

        call()

    def _real(self, path: str) -> dict[str, list[str]]:
        scene = self._scene
        real = {name: [value] for name, value in scene.own.values().items()}
        real["uri"].append(EXPORTER)
        real |= {"path": ["0/000.p/1", "entries/000.p/2"], "subject": real["uri"], "stream": real["tag"]}
        if "/uploads/" in path:
            real["identifier"] = [scene.upload(scene.own)]
        if "/subscriptions/" in path:
            real["identifier"] = [scene.subscription(scene.own)]
        return real

    def _check(self, case: Case[Any], visitor: str) -> None:
        headers = self._scene.headers[visitor]
        if (
            case.method == "DELETE"
            and case.path == "/v1/sessions/current"
            and visitor not in (NOBODY, OPERATOR)
        ):
            headers = fresh(self._scene.stage, visitor, self._knows)
        operation = self._said[case.method.lower(), case.path]
        more: dict[str, Any] = {"timeout": STREAM_SECONDS} if case.path == "/v1/events" else {}
        response = case.call(base_url=self._scene.stage.url, session=self._session, headers=headers, **more)
        status = response.status_code
        self.calls[status] += 1
        what = f"{visitor}: {case.method} {case.path} {case.path_parameters} {case.query} -> {status}"
        assert status < 500, what
        if status not in UNDOCUMENTED:
            assert str(status) in operation["responses"], what
            case.validate_response(response, checks=[response_schema_conformance])


@pytest.fixture(scope="module")
def fuzzer(met: tuple[Scene, dict[str, Officers]]) -> Fuzzer:
    """Calls the service."""
    return Fuzzer(*met)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_nothing_that_fits_or_breaks_the_document_is_a_failure_of_the_service(
    fuzzer: Fuzzer, errors: Errors, mode: GenerationMode, part: int
) -> None:
    assert fuzzer.run(mode, part, QUICK) > 5
    assert fuzzer.calls.total() > 100
    assert errors.messages == []


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_nothing_is_in_the_long_run_either(fuzzer: Fuzzer, errors: Errors) -> None:
    before = fuzzer.calls.total()
    for mode in MODES:
        for part in PARTS:
            assert fuzzer.run(mode, part, LONG) > 5
    print(f"{fuzzer.calls.total() - before} calls, by status: {sorted(fuzzer.calls.items())}")
    assert fuzzer.calls.total() - before >= CALLS
    assert errors.messages == []
