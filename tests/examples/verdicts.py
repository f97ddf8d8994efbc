"""What the tests of the verdict share."""

import json
from collections.abc import Callable
from typing import Any

import second_verifier
from second_trust import read_trust

from tests.examples.scene import NOW, Scene

Change = Callable[[Scene], Any]


def verdict(scene: Scene, file: bytes | None = None, now: int = NOW, **trust: Any) -> dict[str, Any]:
    data = scene.file() if file is None else file
    return second_verifier.verify(data, read_trust(json.dumps(scene.trust(**trust)).encode()), now)


def statuses(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {check["name"]: (check["status"], check["reason"]) for check in found["checks"]}
