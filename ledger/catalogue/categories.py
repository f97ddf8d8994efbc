"""Whether the corridor knows the categories that evidence is claimed under: by them it is shared and kept."""

from collections.abc import Collection, Mapping
from typing import Any

from ledger.catalogue.findings import Finding, Weight
from ledger.domain.concealed import OTHER, base_category

UNKNOWN_CATEGORY = "unknown-category"


def findings(body: Mapping[str, Any], known: Collection[str]) -> list[Finding]:
    """Return a warning for each evidence item whose category the corridor's profile does not have.

    Args:
        body: As revealed, in its shape.
        known: Names of the profile's categories; where there are none, every category will do.
    """
    if not known:
        return []
    named = [
        (place, item["category"])
        for place, item in enumerate(body.get("evidence", ()))
        if isinstance(item, dict) and isinstance(item.get("category"), str)
    ]
    return [
        Finding(
            UNKNOWN_CATEGORY,
            f"this corridor has no category {category!r}: by agreement nobody is shown such an item, and no "
            f"time is set to keep it; it has {', '.join(sorted(known))}",
            f"body.evidence.{place}.category",
            Weight.WARNING,
        )
        for place, category in named
        if base_category(category) not in {*known, OTHER}
    ]
