"""Writes what tests made of tables as TOML, strange values included."""

import json
import math
from typing import Any


def written(tables: dict[str, Any]) -> str:
    """Return a document in which each top-level table is one inline table."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in tables.items())


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=True)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, str):
        # JSON leaves DEL alone, which TOML does not take as it is.
        return json.dumps(value).replace("\x7f", "\\u007f")
    return repr(value)
