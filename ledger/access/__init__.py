"""Sessions opened with a signed challenge or by an officer, and requests that may be repeated."""

from ledger.access.access import Access
from ledger.access.cursors import Cursors
from ledger.access.identity import Caller
from ledger.access.providers import Provider
from ledger.access.repeatable import Answer, Repeatable, RepeatableRequests
from ledger.access.sessions import Sessions

__all__ = [
    "Access",
    "Answer",
    "Caller",
    "Cursors",
    "Provider",
    "Repeatable",
    "RepeatableRequests",
    "Sessions",
]
