"""`corridor demo`: the whole main job in one go."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.errors import REFUSED


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for dossier.zip, trust.json and reader.key.")] = Path(
        "build/demo"
    ),
    scale: Annotated[
        float, typer.Option(min=0.05, max=1.0, help="Size of the X-ray images; smaller is quicker.")
    ] = 1.0,
) -> None:
    """Play the corridor from the packing house to the quay, and every cheat that its checks catch.

    Ten organisations sign what they see of one container of pineapples; destination customs gets one file
    two days before the ship arrives and verifies it online, and offline with everything stopped. Exits with
    0 only when the verdict is `accepted` both times and each cheat was rejected by its own check.

    Example:

        corridor demo --out build/demo
    """
    from rich.console import Console

    from ledger.demo.run import run
    from ledger.domain.verdict import Outcome

    if run(out, Console(highlight=False), scale=scale) is not Outcome.ACCEPTED:
        raise typer.Exit(REFUSED)
