"""Write the test vectors of `docs/formats.md`: `python -m tests.vectors.make [FOLDER]`.

A file is `{"section", "cases": [{"name", "input", "expect"}]}`. Bytes are hex; `{"error": true}` expects a
refusal.
Everything comes from seeded randomness, so that each run writes the same bytes; a test compares.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.vectors import (
    chain_cases,
    checkpoint_cases,
    custody_cases,
    disclosure_cases,
    dossier_cases,
    log_cases,
    login_cases,
    map_cases,
    passage_cases,
    proof_cases,
    statement_cases,
)

FOLDER = Path(__file__).parent
Case = dict[str, Any]
SECTIONS: dict[str, Callable[[], Sequence[Case]]] = {
    **statement_cases.SECTIONS,
    **disclosure_cases.SECTIONS,
    **log_cases.SECTIONS,
    **map_cases.SECTIONS,
    **checkpoint_cases.SECTIONS,
    **chain_cases.SECTIONS,
    **proof_cases.SECTIONS,
    **custody_cases.SECTIONS,
    **passage_cases.SECTIONS,
    **login_cases.SECTIONS,
    **dossier_cases.SECTIONS,
}


def files() -> dict[str, bytes]:
    """Return every vector file by its name."""
    made = {}
    for section, cases in SECTIONS.items():
        text = json.dumps({"section": section, "cases": [*cases()]}, indent=1, ensure_ascii=True)
        made[f"{section}.json"] = text.encode() + b"\n"
    return made | dossier_cases.dossier_files()


def main(folder: Path = FOLDER) -> None:
    """Write all files, leaving no other vectors behind."""
    for old in [*folder.glob("*.json"), *folder.glob("*.zip")]:
        old.unlink()
    for name, content in files().items():
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
