"""Run every benchmark, print the table, write `build/bench.json`; exit 1 when a target is missed."""

import importlib
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

MODULES = (
    "log",
    "witness",
    "chain",
    "verification",
    "custody",
    "http",
    "evidence",
    "intake",
    "sharing",
    "arrivals",
    "assessment",
    "notices",
)
COLUMNS = ("name", "value", "unit", "floor", "ratio", "target", "met")
RESULT = Path("build/bench.json")


def main(names: list[str]) -> int:
    """Run the named benchmark modules (all when none is named) and return the exit code."""
    console = Console()
    rows: list[dict[str, object]] = []
    for name in names or MODULES:
        with console.status(f"measuring {name} ..."):
            rows += importlib.import_module(f"tests.bench.{name}").rows()
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*(_cell(row[key]) for key in COLUMNS))
    console.print(table)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0 if all(row["met"] for row in rows) else 1


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
