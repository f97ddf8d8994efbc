"""Writes the shipped profiles anew, each whole in one file: `python -m tests.corridors.make_profiles`.

A profile that a log begins with must say everything by itself, for its hash must cover it. What corridors
have in common is written once, in the foundation's profile and in `parts/`, and put together here, table by
table: a later part's table takes the place of an earlier one of the same name.
"""

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Final

PARTS: Final = Path(__file__).parent / "parts"
SHIPPED: Final = {
    "guatemala-us": ("guatemala", "guatemala-us"),
    "guatemala-pacific-us": ("guatemala", "guatemala-pacific-us"),
    "east-africa-transit": ("east-africa-transit",),
}
LIKE: Final = {
    "east-africa-transit": {"transit-customs": "origin-customs", "seal-operator": "haulier"},
}
"""Roles that may say all that another one may say."""

_HEADER = re.compile(r"^\[[^\]]+\]$", re.MULTILINE)
# Tables of the same beginning stand together, in this order.
_ORDER: Final = (
    *("corridor", "roles", "kinds", "custody", "identifiers", "corrections", "devices", "categories"),
    *("sharing", "passages", "route", "places", "milestones", "legs", "required", "tolerances", "reefer"),
    *("speeds", "alarms", "before"),
)


def profile_text(name: str) -> str:
    """Return the text of a shipped profile."""
    foundation = files("ledger.corridors").joinpath("foundation.toml").read_text("utf-8")
    tables = _tables(_with_roles(foundation, LIKE.get(name, {})))
    opening = ""
    for part in SHIPPED[name]:
        text = (PARTS / f"{part}.toml").read_text("utf-8")
        opening = text[: _starts(text)[0]] or opening
        tables |= _tables(text)
    listed = sorted(tables, key=lambda header: _ORDER.index(header.strip("[]").split(".")[0]))
    parts = [opening.rstrip(), *(tables[header].strip() for header in listed)]
    route = tomllib.loads(tables["[route]"])["route"]
    written = "\n\n".join(part for part in parts if part) + "\n"
    for side in ("origins", "destinations"):
        written = written.replace(f"= @{side}\n", f"= {json.dumps(route[side])}\n")
    return written


def _with_roles(text: str, like: dict[str, str]) -> str:
    """Let roles say all that another one may say; a table that another part brings is not touched."""
    for role, other in like.items():
        text = re.sub(rf'^(roles = \[.*)"{other}"', rf'\1"{other}", "{role}"', text, flags=re.MULTILINE)
    return text


def _tables(text: str) -> dict[str, str]:
    """Return the text of each table with the comments right before it, by its header."""
    starts = _starts(text)
    ends = [*starts[1:], len(text)]
    found = {}
    for start, end in zip(starts, ends, strict=True):
        block = text[start:end]
        header = _HEADER.search(block)
        assert header is not None
        found[header[0]] = block
    return found


def _starts(text: str) -> list[int]:
    """Return where tables begin: at their header, or at the comments that stand right before it."""
    starts = []
    for header in _HEADER.finditer(text):
        start = header.start()
        before = text[:start]
        while (match := re.search(r"(?:\n|^)(?P<line>#[^\n]*\n|\n)\Z", before)) is not None:
            before = before[: match.start("line")]
        starts.append(len(before))
    # What stands at the very top is the opening of the file.
    blank = text.find("\n\n")
    return [max(starts[0], blank + 2) if starts else 0, *starts[1:]]


def main() -> None:
    """Write them."""
    folder = Path(str(files("ledger.corridors")))
    for name in SHIPPED:
        (folder / f"{name}.toml").write_text(profile_text(name), "utf-8")


if __name__ == "__main__":
    main()
