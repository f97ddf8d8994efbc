"""What a client prefers, where the service leaves it a choice (RFC 7240)."""

from typing import Final

from fastapi import Request

HANDLING: Final = "handling=lenient"
APPLIED: Final = {"Preference-Applied": HANDLING, "Vary": "Prefer"}
"""Headers of an answer that honours it."""


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
