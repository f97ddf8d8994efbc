"""Many query parameters of one route, read at once: one by one each takes as long as looking up a session."""

from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)


def parameters_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return what a route says in its `openapi_extra` of the parameters that it reads with `question`.

    Args:
        model: Its fields are the parameters, none of which is required.
    """
    described = model.model_json_schema()["properties"]
    return {
        "parameters": [
            {"name": name, "in": "query", "required": False}
            | ({"description": schema.pop("description")} if "description" in schema else {})
            | {"schema": schema}
            for name, schema in described.items()
        ]
    }


def question(request: Request, model: type[M]) -> M:
    """Return the query parameters of a request that a model has; others are for `known_query` to refuse.

    Raises:
        RequestValidationError: A value is not as the model says.
    """
    asked = {name: value for name, value in request.query_params.items() if name in model.model_fields}
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        told = error.errors(include_url=False)
        raise RequestValidationError([_told(one, model) for one in told]) from None


def _told(error: ErrorDetails, model: type[BaseModel]) -> dict[str, Any]:
    name = str(error["loc"][0])
    # A pattern tells programs what is wanted; what the parameter is tells people.
    wanted = model.model_fields[name].description
    if error["type"] == "string_pattern_mismatch" and wanted is not None:
        return {**error, "loc": ("query", name), "msg": f"{name} must be {wanted}"}
    return {**error, "loc": ("query", *error["loc"])}
