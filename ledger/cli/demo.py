"""`corridor demo`: the whole main job in one go."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.errors import REFUSED


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    out: Annotated[Path, typer.Option(help="Folder for dossier.zip and trust.json.")] = Path("build/demo"),
) -> None:
    """Play one container trip: enrol, sign, register, anchor, and verify one dossier online and offline.

    Exits with 0 only when the verdict is `accepted` both times.

    Example:

        corridor demo --out build/demo
    """
    from rich.console import Console

    from ledger.demo.run import run
    from ledger.domain.verdict import Outcome

    if run(out, Console(highlight=False)) is not Outcome.ACCEPTED:
        raise typer.Exit(REFUSED)
