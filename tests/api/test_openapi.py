"""The OpenAPI document: complete, valid, and true to what the service answers."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.concise import CONCISE
from api.errors import PROBLEM
from api.openapi import operations
from api.operations import OPERATIONS, TAGS
from tests.integration.stage import Stage

PUBLIC = {
    "getCheckpoint",
    "getLogGenesis",
    "getTile",
    "registerStatement",
    "giveChallenge",
    "openSession",
    "openOfficerSession",
    "getGenesis",
    "applyForEnrolment",
    "getEnrolment",
    "registerSignedStatement",
    "getScittKeys",
    "getScittKey",
    "isAlive",
}
"""What needs no session: what is public, and what a signature of its own authorises."""
FOR_THE_OPERATOR = {"getMetrics"}


@pytest.fixture(scope="module")
def document(stage: Stage) -> dict[str, Any]:
    """The document as it is served."""
    document: dict[str, Any] = stage.http.get("/openapi.json").json()
    return document


def named(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation with its id."""
    for _, _, operation in operations(document):
        yield operation["operationId"], operation


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the media types of request and answers: where, media type, what is said of it."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", media_type, content
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            yield status, media_type, content


def test_it_is_a_valid_document(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    errors = [
        f"{list(error.absolute_path)}: {error.message}"
        for error in OpenAPIV31SpecValidator(document).iter_errors()
    ]
    assert errors == []


def test_every_operation_is_named_and_explained(document: dict[str, Any]) -> None:
    ids = [name for name, _ in named(document)]
    assert len(ids) == len(set(ids))
    for method, path, operation in operations(document):
        key = f"{method.upper()} {path}"
        assert OPERATIONS.get(key, ("", ""))[0] == operation["operationId"], (
            f"name {key} in api/operations.py"
        )
        assert operation["summary"]
        assert len(operation["description"]) > 10, key
        assert operation["tags"], key
        assert set(operation["tags"]) <= TAGS.keys(), key
    assert {tag["name"] for tag in document["tags"]} == {
        tag for _, operation in named(document) for tag in operation["tags"]
    }


def test_everything_but_what_is_public_needs_a_session(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"session", "operator"}
    for name, operation in named(document):
        if name in PUBLIC:
            wanted: list[dict[str, list[str]]] = []
        elif name in FOR_THE_OPERATOR:
            wanted = [{"operator": []}]
        elif name == "isReady":
            wanted = [{}, {"operator": []}]
        else:
            wanted = [{"session": []}]
        assert operation["security"] == wanted, name


def test_what_needs_a_session_is_refused_without_one(stage: Stage, document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if operation["security"] and {} not in operation["security"]:
            filled = path
            for parameter in operation.get("parameters", []):
                filled = filled.replace(f"{{{parameter['name']}}}", str(parameter.get("example", "x")))
            headers = {"Tus-Resumable": "1.0.0"} if "uploads" in path else {}
            answer = stage.http.request(method, filled, headers=headers)
            assert answer.status_code == 401, (method, path, answer.text)


def test_every_problem_is_the_one_schema(document: dict[str, Any]) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for name, operation in named(document):
        for status, answer in operation["responses"].items():
            if status < "400":
                continue
            assert answer["description"], (name, status)
            kinds = set(answer["content"])
            assert kinds in ({PROBLEM}, {CONCISE}), (name, status)
            if kinds == {PROBLEM}:
                assert answer["content"][PROBLEM]["schema"] == problem
                assert answer["content"][PROBLEM]["example"]["status"] == int(status)
        takes = operation.get("requestBody") or operation.get("parameters")
        if takes:
            assert {"400", "404", "422"} & set(operation["responses"]), name
        if operation["security"] and name != "isReady":
            assert "401" in operation["responses"], name
        if "requestBody" in operation:
            assert {"400", "408", "413", "415", "503"} <= set(operation["responses"]), name


def test_every_body_and_parameter_has_an_example(document: dict[str, Any]) -> None:
    for name, operation in named(document):
        for where, media_type, content in contents(operation):
            assert "example" in content, f"{name} {where} {media_type}: run tests.api.make_examples"
        for parameter in operation.get("parameters", []):
            assert "example" in parameter, (name, parameter["name"])


def test_the_examples_are_what_their_schemas_say(document: dict[str, Any]) -> None:
    checked = 0
    for name, operation in named(document):
        for where, media_type, content in contents(operation):
            if "json" in media_type and "schema" in content:
                schema = {**content["schema"], "components": document["components"]}
                errors = [error.message for error in OAS31Validator(schema).iter_errors(content["example"])]
                assert errors == [], (name, where, media_type)
                checked += 1
        for parameter in operation.get("parameters", []):
            schema = {**parameter["schema"], "components": document["components"]}
            errors = [error.message for error in OAS31Validator(schema).iter_errors(parameter["example"])]
            assert errors == [], (name, parameter["name"])
    assert checked > 50


def test_the_examples_name_nobody_and_no_machine(document: dict[str, Any]) -> None:
    text = str(document)
    assert "127.0.0.1" not in text
    assert "localhost" not in text
