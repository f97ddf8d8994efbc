"""The other side of the service: what signs, submits, uploads and asks, without any server code."""

from ledger.client.service import Service

__all__ = ["Service"]
