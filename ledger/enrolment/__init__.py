"""Organisations that ask to take part, until the registry has them."""

from ledger.enrolment.enrolments import Enrolments, Limits, Received
from ledger.enrolment.progress import Enrolment, State

__all__ = ["Enrolment", "Enrolments", "Limits", "Received", "State"]
