"""Asking a ledger what is on its way, what is still to bring, and what the rules find."""

from collections.abc import Iterator
from typing import Any

from ledger.client.service import Service, subject_path


def arrivals_of(service: Service, **wanted: str | None) -> Iterator[dict[str, Any]]:
    """Yield the shipments that one may see, by their ETA.

    Args:
        service: The ledger.
        wanted: Parameters of `GET /v1/arrivals`; None is left out.

    Raises:
        UnavailableError: The service cannot be reached now.
    """
    return service.items("/v1/arrivals", wanted)


def todo_of(service: Service, **wanted: str | None) -> Iterator[dict[str, Any]]:
    """Yield what one's organisation is to bring, by deadline; parameters of `GET /v1/todo`."""
    return service.items("/v1/todo", wanted)


def assessment_of(service: Service, uri: str, language: str) -> dict[str, Any]:
    """Return what the corridor's rules find in what one may see of a shipment.

    Args:
        service: The ledger.
        uri: Of a consignment or a trip.
        language: `en`, `es` or `fr`.

    Raises:
        NotFoundError: There is no such shipment, or it is not for you to read.
        UnavailableError: The service cannot be reached now.
    """
    path = f"{subject_path(uri)}/assessment"
    return service.session.ask("GET", path, params={"lang": language}).json()
