"""Whether a command printed what a page shows, hashes, times and places in the log aside."""

import re
from collections.abc import Sequence

ANYTHING = "…"
"""In a line: any text. As a line: any number of lines."""
_PARTS = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))"
    r"|(?P<vkey>\+[0-9a-f]{8}\+[A-Za-z0-9+/]{20,}=*)"
    r"|(?P<hex>(?<![0-9A-Za-z])(?:0x)?[0-9a-f]{8,}(?![0-9A-Za-z]))"
    r"|(?P<counted>\b(?:checkpoint size|checkpoint|index|size|block|entry|up to) +\d+)"
    r"|(?P<count>\b\d+(?= (?:entries|statements|bytes|seconds)\b))"
    r"|(?P<port>127\.0\.0\.1:\d+)"
    r"|(?P<cid>\bbaf[ky][a-z2-7]{20,})"
    r"|(?P<place>… {2,}\d+\b)"
    r"|(?P<any>…)"
    r"|(?P<gap> {2,})"
)
_PATTERNS = {
    "time": r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)",
    "vkey": r"\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*",
    "hex": r"(?:0x)?[0-9A-Fa-f]+",
    "count": r"\d+",
    "port": r"127\.0\.0\.1:\d+",
    "cid": "baf[a-z2-7]+",
    "place": r".* +\d+",
    "any": ".*",
    # Columns are as wide as what stands in them.
    "gap": " +",
}
_LONG_HEX = re.compile(r"(?<![0-9A-Za-z])((?:0x)?[0-9a-f]{8})[0-9a-f]{16,}")


def matches(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Return whether lines of a page tell what was printed.

    Args:
        shown: Lines of the page; none tell nothing of what is printed.
        printed: Lines that the command printed.
    """
    return not shown or _fits([None if line == ANYTHING else _line(line) for line in shown], printed)


def _fits(patterns: Sequence[str | None], printed: Sequence[str]) -> bool:
    """Return whether lines are as patterns say; None stands for any number of them."""
    at = line = 0
    # After a gap that held too few lines, it is tried again with one more; earlier gaps need not be.
    gap: tuple[int, int] | None = None
    while line < len(printed):
        if at < len(patterns) and patterns[at] is None:
            gap, at = (at + 1, line), at + 1
        elif at < len(patterns) and re.fullmatch(str(patterns[at]), printed[line].rstrip()):
            at, line = at + 1, line + 1
        elif gap is not None:
            gap = gap[0], gap[1] + 1
            at, line = gap
        else:
            return False
    return all(one is None for one in patterns[at:])


def _line(shown: str) -> str:
    found, at = "", 0
    for part in _PARTS.finditer(shown):
        found += re.escape(shown[at : part.start()])
        name = str(part.lastgroup)
        if name == "counted":
            found += re.escape(part[0].rstrip("0123456789").rstrip()) + r" +\d+"
        else:
            found += _PATTERNS[name]
        at = part.end()
    return found + re.escape(shown[at:].rstrip())


def shortened(printed: Sequence[str]) -> list[str]:
    """Return what was printed as a page shows it: the beginnings of long hashes."""
    return [_LONG_HEX.sub(rf"\1{ANYTHING}", line).rstrip() for line in printed]
