"""Byte ranges of a representation (RFC 9110 section 14): one range, or all of it."""

import re

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first byte that is wanted and the one after the last, None when there are no such bytes.

    What is no range of bytes, or several, is passed over: a server may always send everything.

    Args:
        header: The field `Range`.
        size: Bytes of the representation.
    """
    match = _ONE.fullmatch(header or "")
    if match is None or match[0] == "bytes=-":
        return 0, size
    first, last = match.groups()
    if not first:
        start, stop = max(0, size - int(last)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return 0, size
    return (start, stop) if start < stop else None
