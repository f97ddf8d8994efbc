"""Write `docs/cli.md` from the help of the commands: `python -m tests.cli.help_pages`; a test compares."""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
_HEAD = """# The command line

What `corridor --help` and the help of every command say, written by `python -m tests.cli.help_pages`.

"""
_SUMMARY = re.compile(r"^(#+) `(corridor[a-z -]*)`\n\n(.+?)\n\n", re.MULTILINE | re.DOTALL)


def page() -> str:
    """Return the page as it has to be."""
    command = [sys.executable, "-m", "typer", "ledger.cli.app", "utils", "docs", "--name", "corridor"]
    docs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    summaries = {name: " ".join(summary.split()) for _, name, summary in _SUMMARY.findall(docs)}
    lines, here = [], ""
    for line in docs.splitlines():
        if heading := re.fullmatch(r"#+ `(corridor[a-z -]*)`", line):
            here = heading[1]
        if (entry := re.fullmatch(r"\* `([a-z-]+)`: .*", line)) and f"{here} {entry[1]}" in summaries:
            # Typer cuts the summaries of commands off at 45 characters.
            name = f"{here} {entry[1]}"
            lines.append(f"* [`{entry[1]}`](#{name.replace(' ', '-')}): {summaries[name]}")
        else:
            lines.append(f"#{line}" if line.startswith("#") else line)
    return _HEAD + "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
