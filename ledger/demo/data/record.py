"""How the demo writes JSON: the same bytes each time, readable for people."""

import json
from collections.abc import Mapping
from typing import Any


def record(value: Mapping[str, Any]) -> bytes:
    """Return one object as UTF-8 JSON, members sorted, a line break at its end."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"
