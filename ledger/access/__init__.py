"""Sessions opened with a signed challenge, and requests that may be repeated."""

from ledger.access.access import Access
from ledger.access.cursors import Cursors
from ledger.access.repeatable import Answer, Repeatable, RepeatableRequests
from ledger.access.sessions import Caller, Sessions

__all__ = ["Access", "Answer", "Caller", "Cursors", "Repeatable", "RepeatableRequests", "Sessions"]
