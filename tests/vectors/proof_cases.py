"""Vectors of receipts, containers and dossiers."""

from typing import Any

Case = dict[str, Any]
SECTIONS: dict[str, Any] = {}


def dossier_files() -> dict[str, bytes]:
    return {}
