"""What a client may ask for beside what it asks: leniency (RFC 7240), and that nothing is done twice."""

from typing import Final

from fastapi import Request

HANDLING: Final = "handling=lenient"
APPLIED: Final = {"Preference-Applied": HANDLING, "Vary": "Prefer"}
"""Headers of an answer that honours it."""


ONCE: Final = "the same key and request again get the first answer, for 24 hours"
"""What the header `Idempotency-Key` does."""
PARAMETER: Final = {
    "in": "header",
    "name": "Prefer",
    "schema": {"type": "string"},
    "description": f"`{HANDLING}` puts on record what contradicts the line of custody (RFC 7240)",
}
"""How it is asked for, for the OpenAPI document."""


def is_lenient(request: Request) -> bool:
    """Return whether a request prefers to be done in spite of what speaks against it (RFC 7240 section 4.4).

    Of several values for the same preference the first one counts (section 2).
    """
    for header in request.headers.getlist("prefer"):
        for preference in header.split(","):
            name, _, value = preference.partition(";")[0].partition("=")
            if name.strip().lower() == "handling":
                return value.strip().strip('"') == "lenient"
    return False
