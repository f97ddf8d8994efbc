"""What an item is claimed to be, beside what it is."""

from collections.abc import Collection

from ledger.readers.reading import Complaint
from ledger.readers.registry import Context

OTHER_MEDIA_TYPE = "other-media-type"
"""Code of the complaint about an item that is something else than its author says."""
_SAYS_NOTHING = {"", "application/octet-stream"}


def media_type(context: Context, actual: Collection[str]) -> tuple[Complaint, ...]:
    """Return the complaint about an item that is something else than its author says.

    Args:
        context: What is said of it.
        actual: The media types that would be right.
    """
    claimed = context.media_type.partition(";")[0].strip().lower()
    if claimed in _SAYS_NOTHING or claimed in actual:
        return ()
    return (Complaint(OTHER_MEDIA_TYPE, f"the item is claimed as another media type than {min(actual)}"),)


def container(context: Context, named: Collection[str]) -> tuple[Complaint, ...]:
    """Return the complaint about an item that names other containers than the one it is claimed for.

    Args:
        context: What is said of it.
        named: Container numbers (ISO 6346) that the item names; none is no complaint.
    """
    expected = context.expectations.container
    if expected is None or not named or expected in named:
        return ()
    message = "the item names another container than the one that it is claimed for"
    return (Complaint("other-container", message),)
