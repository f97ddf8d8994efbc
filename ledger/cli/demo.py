"""`corridor demo`: the whole main job in one go."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.errors import REFUSED


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the dossiers, trust files and keys.")] = Path(
        "build/demo"
    ),
    scale: Annotated[
        float, typer.Option(min=0.05, max=1.0, help="Size of the X-ray images; smaller is quicker.")
    ] = 1.0,
) -> None:
    """Play the corridor from packing house to quay, and all contradictions and cheats that its checks catch.

    Eleven organisations sign what they see of one container of pineapples. Destination customs gets one file
    two days before the ship arrives, the destination port one with less in it, an auditor one long after a
    clip was erased. Each is verified online, and offline with everything stopped. On the way, to-do lists
    empty, the ETA moves, and the port hears what customs decides. Exits with 0 only when each verdict is
    `accepted`, each of twelve contradictions was found by its own code and nothing in its clean twin, and
    each cheat was caught by its own check or alarm.

    Example:

        corridor demo --out build/demo
    """
    from rich.console import Console

    from ledger.demo.run import run
    from ledger.domain.verdict import Outcome

    if run(out, Console(highlight=False), scale=scale).outcome is not Outcome.ACCEPTED:
        raise typer.Exit(REFUSED)
