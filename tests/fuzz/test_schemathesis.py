"""Every operation of the OpenAPI document, with whatever its schemas allow and forbid: never a 5xx.

Answers must also be among those that the document names, with its media types and schemas.
"""

import json
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
from tests.api.errors_seen import Errors
from tests.api.visitors import sign_in
from tests.builders import EXPORTER
from tests.integration.stage import Stage, another_trip

TRIP = another_trip("api")
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
VISITORS = ("a stranger", "a participant", "the operator")
QUICK, LONG = 4, 400
# A connection that broke while it was fuzzed says so itself; the document need not.
UNDOCUMENTED = {400}


@schemathesis.serializer(*(name for name in MEDIA if name.endswith(("cose", "cbor", "octet-stream"))))
def as_bytes(_context: SerializationContext, value: Any) -> bytes:
    """Send bytes as they are, and anything else as what a confused client would make of it."""
    return value.data if isinstance(value, Binary) else json.dumps(value).encode()


@pytest.fixture(scope="module")
def schema(stage: Stage) -> schemathesis.BaseSchema:
    """The document as it is served, of a log with something in it."""
    stage.anchor()
    return schemathesis.openapi.from_url(f"{stage.url}/openapi.json")


@pytest.fixture(scope="module")
def real(stage: Stage) -> dict[str, list[str]]:
    """Values of parameters that name something, so that fuzzing gets further than 404."""
    statement = stage.ledger.store.statement_at(1).id.hex()
    return {
        "id": [statement],
        "entry": [statement],
        "uri": [TRIP.uri, EXPORTER],
        "tag": [TRIP.custody_tag.hex()],
        "path": ["0/000.p/1", "entries/000.p/2"],
    }


def headers_of(visitor: str, stage: Stage) -> dict[str, str]:
    if visitor == "a participant":
        return sign_in(stage, EXPORTER)
    if visitor == "the operator":
        return {"Authorization": f"Bearer {stage.ledger.operator_token}"}
    return {}


class Fuzzer:
    """Calls one operation after the other."""

    def __init__(self, schema: schemathesis.BaseSchema, stage: Stage, real: dict[str, list[str]]) -> None:
        self._schema = schema
        self._stage = stage
        self._real = real
        self._session = requests.Session()
        self._said: dict[tuple[str, str], dict[str, Any]] = {
            (method, path): operation for method, path, operation in operations(schema.raw_schema)
        }

    def run(self, mode: GenerationMode, visitor: str, examples: int) -> int:
        """Fuzz every operation and return how many took part."""
        headers, count = headers_of(visitor, self._stage), 0
        for result in self._schema.get_all_operations():
            assert isinstance(result, Ok), result
            # What takes no input has none that is wrong.
            with suppress(Unsatisfiable):
                self._one(result.ok(), mode, headers, examples)
                count += 1
        return count

    def _one(self, operation: Any, mode: GenerationMode, headers: dict[str, str], examples: int) -> None:
        strategy = operation.as_strategy(generation_mode=mode)

        @given(strategy, st.data())
        @settings(
            max_examples=examples,
            database=None,
            derandomize=examples == QUICK,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def call(case: Case[Any], data: st.DataObject) -> None:
            for name in list(case.path_parameters or {}):
                if name in self._real and data.draw(st.booleans()):
                    case.path_parameters[name] = data.draw(st.sampled_from(self._real[name]))
            self._check(case, headers)

        call()

    def _check(self, case: Case[Any], headers: dict[str, str]) -> None:
        response = case.call(base_url=self._stage.url, session=self._session, headers=headers)
        what = f"{case.method} {case.path} {case.path_parameters} {case.query} -> {response.status_code}"
        assert response.status_code < 500, what
        said = self._said[case.method.lower(), case.path]["responses"]
        if response.status_code not in UNDOCUMENTED:
            assert str(response.status_code) in said, what
            case.validate_response(response, checks=[response_schema_conformance])


@pytest.fixture(scope="module")
def fuzzer(schema: schemathesis.BaseSchema, stage: Stage, real: dict[str, list[str]]) -> Fuzzer:
    """Calls the service."""
    return Fuzzer(schema, stage, real)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_nothing_that_fits_or_breaks_the_document_is_a_failure_of_the_service(
    fuzzer: Fuzzer, errors: Errors, mode: GenerationMode, visitor: str
) -> None:
    assert fuzzer.run(mode, visitor, QUICK) > 20
    assert errors.messages == []


@pytest.mark.soak
@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_nothing_is_in_the_long_run_either(
    fuzzer: Fuzzer, errors: Errors, mode: GenerationMode, visitor: str
) -> None:
    assert fuzzer.run(mode, visitor, LONG) > 20
    assert errors.messages == []
