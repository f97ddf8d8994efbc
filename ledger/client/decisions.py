"""Decisions of authorities as clients sign and read them."""

from collections.abc import Sequence
from typing import Any, Final

from ledger.client.service import Service, subject_path
from ledger.domain.decision import DECISION, REVERSES, WHY, Why, decision_body
from ledger.domain.statement import Draft, Reference

CONCEALED: Final = ((WHY,),)
"""What is concealed of a decision: everybody is told whether to deliver, and nobody else why."""


def decision_draft(
    why: Why,
    subjects: Sequence[str],
    streams: Sequence[bytes],
    at: str,
    reverses: Sequence[bytes] = (),
) -> Draft:
    """Return a decision to be signed; conceal `CONCEALED` of it.

    Args:
        why: What is decided.
        subjects: URIs of what it is about.
        streams: Tags of the streams that it is filed in.
        at: When it was decided, RFC 3339.
        reverses: Ids of earlier decisions of the same authority that it takes back, 32 bytes each.
    """
    body = {"occurred_at": at} | decision_body(why)
    return Draft(DECISION, subjects, streams, body, [Reference(REVERSES, one) for one in reverses])


def decisions_of(service: Service, uri: str) -> dict[str, Any]:
    """Return what was decided on a subject, as far as one may see.

    Args:
        service: The ledger.
        uri: Of the subject.

    Raises:
        NotFoundError: There is no such subject, or it is not for you to read.
        UnavailableError: The service cannot be reached now.
    """
    return service.session.ask("GET", f"{subject_path(uri)}/decisions").json()
