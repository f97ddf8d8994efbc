"""Write the reference part of `docs/api.md` from the OpenAPI document: `python -m tests.api.reference`.

What stands above the mark in the page is written by hand; a test compares the rest.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.operations import FOR_DEVICES
from tests.integration.stage import a_stage

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
MARK = "<!-- What follows is written by `python -m tests.api.reference`. -->\n"
_METHODS = ("get", "head", "post", "patch", "delete", "options")
_JSON = ("application/json", "application/vnd.corridor-ledger.statement+json")
_LONGEST = 100
_MOST_ITEMS = 2


def reference(document: dict[str, Any]) -> str:
    """Return the reference part of the page.

    Args:
        document: The OpenAPI document.
    """
    parts = []
    for tag in document["tags"]:
        routes = [one for one in _routes(document) if tag["name"] in one[2]["tags"]]
        if routes:
            parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}")
            parts += [_section(*one) for one in routes]
    return "\n\n".join(parts) + "\n"


def _routes(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                yield method, path, operations[method]


def _section(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"### {method.upper()} {path}", operation.get("description") or operation.get("summary", "")]
    parts.append(f"Needs: {_needed(operation)}.")
    parameters = [one for one in operation.get("parameters", []) if one["in"] != "path"]
    if parameters:
        parts.append(_table([("parameter", "in", "")] + [_parameter(one) for one in parameters]))
    media_types = list(operation.get("requestBody", {}).get("content", {}))
    if media_types:
        parts.append(f"Body: {', '.join(f'`{one}`' for one in media_types)}.")
    parts.append(_request(method, path, operation))
    parts += [_answer(status, answer) for status, answer in operation["responses"].items() if status < "300"]
    refusals = sorted(status for status in operation["responses"] if status >= "300")
    if refusals:
        parts.append(f"Otherwise: {', '.join(refusals)}.")
    return "\n\n".join(part for part in parts if part)


def _needed(operation: dict[str, Any]) -> str:
    schemes = [name for one in operation.get("security", []) for name in one]
    if "session" in schemes:
        return "a session; a device's will do" if operation["operationId"] in FOR_DEVICES else "a session"
    return "the operator's token" if "operator" in schemes else "no session"


def _parameter(parameter: dict[str, Any]) -> tuple[str, str, str]:
    text = parameter.get("description") or parameter.get("schema", {}).get("description", "")
    return f"`{parameter['name']}`", parameter["in"], text


def _table(rows: list[tuple[str, str, str]]) -> str:
    head, *rest = (f"| {' | '.join(cell or ' ' for cell in row)} |" for row in rows)
    return "\n".join([head, "| --- | --- | --- |", *rest])


def _request(method: str, path: str, operation: dict[str, Any]) -> str:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", str(parameter.get("example", "…")))
    lines = [f"{method.upper()} {path}"]
    if _needed(operation) != "no session":
        lines.append("Authorization: Bearer TOKEN")
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        lines.append(f"Content-Type: {media_type}")
        if media_type in _JSON and "example" in content:
            lines += ["", _shortened(content["example"])]
        break
    return "```http\n" + "\n".join(lines) + "\n```"


def _answer(status: str, answer: dict[str, Any]) -> str:
    contents = answer.get("content", {})
    for media_type, content in contents.items():
        if media_type in _JSON and "example" in content:
            return f"Answers {status}:\n\n```json\n{_shortened(content['example'])}\n```"
    what = f", {', '.join(f'`{one}`' for one in contents)}" if contents else ""
    return f"Answers {status}{what}."


def _shortened(example: Any) -> str:
    return json.dumps(_short(example), indent=2, ensure_ascii=False)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value[:_MOST_ITEMS]] + ["…"] * (len(value) > _MOST_ITEMS)
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[: _LONGEST - 1] + "…"
    return value


def page(by_hand: str, document: dict[str, Any]) -> str:
    """Return the page: its part by hand, the mark, and the reference."""
    return f"{by_hand}{MARK}\n{reference(document)}"


def main() -> None:
    """Write the reference anew."""
    with tempfile.TemporaryDirectory() as folder, a_stage(Path(folder)) as stage:
        document = stage.http.get("/openapi.json").json()
    by_hand = PAGE.read_text("utf-8").partition(MARK)[0]
    PAGE.write_text(page(by_hand, document), "utf-8")


if __name__ == "__main__":
    main()
