"""The OpenAPI 3.1 document: what FastAPI knows of the routes, completed with names, problems and examples."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.concise import CONCISE
from api.errors import PROBLEM
from api.operations import FOR_DEVICES, FOR_OFFICERS, MEDIA, OPERATIONS, PARAMETERS, TAGS

_EXAMPLES = Path(__file__).with_name("examples.json")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
STREAM = "text/event-stream"
"""What has no end, and is read as it comes."""
_IN_CBOR = ("/entries", "/.well-known/scitt-keys")
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "description": "`urn:corridor:problem:` and a code for programs, which is stable",
        },
        "title": {"type": "string", "description": "what kind of problem, for people"},
        "status": {"type": "integer", "description": "the status of the answer"},
        "detail": {"type": "string", "description": "what was wrong and what to do about it"},
        "field": {"type": "string", "description": "the field at fault, as a path"},
    },
}
_PROBLEM_EXAMPLES: dict[str, tuple[str, str, str]] = {
    "400": ("json-syntax", "Not in the format", "the JSON document is not JSON at character 17"),
    "401": ("session-missing", "Nobody is known to be asking", "this needs a session: open one first"),
    "403": ("not-a-member", "May not be said", "the signer is not a member of this stream"),
    "404": ("statement-unknown", "Not found", "there is no such statement, or it is not for you to see"),
    "408": ("too-slow", "Came too slowly", "the body did not arrive within 60 s"),
    "409": ("not-final", "Contradicts what is stored", "its anchor is not final yet; ask again in a while"),
    "410": ("erased", "Erased", "the item bafkrei… was erased on 2026-12-05"),
    "412": ("tus-version", "Of another version of tus", "this service speaks tus 1.0.0"),
    "413": ("too-large", "Too large", "the body has more than 262144 bytes"),
    "415": ("media-type", "Of another media type", "the body must have one of these media types: …"),
    "416": ("range", "Not that much of it", "the item has 1024 bytes"),
    "422": ("invalid-request", "Not a valid request", "String should match pattern '^[0-9a-f]{64}$'"),
    "429": (
        "too-many-requests",
        "Too many requests",
        "more was asked for than one organisation is answered in a minute (60000); try again in 1 s",
    ),
    "460": ("checksum-mismatch", "Checksum mismatch", "the piece is not the one whose checksum was sent"),
    "503": ("log-busy", "Not available now; try again", "too many submissions are waiting; try again"),
}
_BODY_PROBLEMS = ("408", "413", "503")


def describe(app: FastAPI) -> None:
    """Let an application serve this document at `/openapi.json`; call it when all routes are there."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app)
        return app.openapi_schema

    # FastAPI's own way to change the document is to put another function in its place.
    app.openapi = openapi  # type: ignore[method-assign]


def document(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=(
            "Writes are authorised by the statement's own signature, reads by a session and by membership of "
            "a stream. Errors are problem details (RFC 9457), below `/entries` in CBOR (RFC 9290)."
        ),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    used: set[str] = set()
    for method, path, operation in operations(made):
        _name(operation, f"{method.upper()} {path}")
        _problems(operation, method, in_cbor=path.startswith(_IN_CBOR))
        _security(operation, path)
        _parameters(operation)
        _streams(operation)
        _bodies(operation)
        used.update(operation["tags"])
    made["tags"] = [{"name": name, "description": said} for name, said in TAGS.items() if name in used]
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    return made


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and description of every operation of a document."""
    for path, item in made["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method, path, item[method]


@cache
def _examples() -> dict[str, dict[str, Any]]:
    """Return the examples of JSON bodies by operation id; `request` and statuses within."""
    examples: dict[str, dict[str, Any]] = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return examples


def _name(operation: dict[str, Any], key: str) -> None:
    if key in OPERATIONS:
        operation["operationId"], operation["summary"] = OPERATIONS[key]


def _problems(operation: dict[str, Any], method: str, *, in_cbor: bool) -> None:
    responses = operation["responses"]
    wanted = {status for status in responses if status >= "400"}
    if "requestBody" in operation:
        wanted |= {"400", *_BODY_PROBLEMS}
    if {"session": []} in operation.get("security", []):
        wanted.add("429")
        name = operation.get("operationId")
        changes = method not in ("get", "head", "options") and name not in FOR_OFFICERS
        if changes or name not in FOR_DEVICES:
            wanted.add("403")
    if any(parameter["name"] == "tus-resumable" for parameter in operation.get("parameters", [])):
        wanted.add("412")
    for status in sorted(wanted):
        code, title, detail = _PROBLEM_EXAMPLES[status]
        example = {
            "type": f"urn:corridor:problem:{code}",
            "title": title,
            "status": int(status),
            "detail": detail,
        }
        schema: dict[str, Any] = {"$ref": "#/components/schemas/Problem"}
        content = {PROBLEM: {"schema": schema, "example": example}}
        if in_cbor:
            content = {CONCISE: {"schema": {"type": "string", "format": "binary"}}}
        responses[status] = {"description": title, "content": content}


def _security(operation: dict[str, Any], path: str) -> None:
    operation.setdefault("security", [])
    if path == "/readyz":
        # It answers everybody, and tells the operator more.
        operation["security"] = [{}, *operation["security"]]


def _parameters(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        example = PARAMETERS.get(f"{operation['operationId']}.{name}", PARAMETERS.get(name))
        if example is not None:
            parameter.setdefault("example", example)


def _streams(operation: dict[str, Any]) -> None:
    """Say what a stream of events is in words that OpenAPI 3.1 has: `itemSchema` came later."""
    for answer in operation["responses"].values():
        content = answer.get("content", {}).get(STREAM)
        if content is not None:
            content.pop("itemSchema", None)
            content["schema"] = {"type": "string"}


def _bodies(operation: dict[str, Any]) -> None:
    given = _examples().get(operation["operationId"], {})
    bodies = [("request", operation.get("requestBody", {}))]
    bodies += [(status, one) for status, one in operation["responses"].items() if status < "400"]
    for name, body in bodies:
        for media_type, content in body.get("content", {}).items():
            is_json = media_type == "application/json" or media_type.endswith("+json")
            if is_json and name in given:
                content["example"] = given[name]
            elif not is_json and media_type in MEDIA:
                content.setdefault("example", MEDIA[media_type])
    for status, answer in operation["responses"].items():
        if status >= "400" and CONCISE in answer.get("content", {}):
            answer["content"][CONCISE]["example"] = MEDIA[CONCISE]
