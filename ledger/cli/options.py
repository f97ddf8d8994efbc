"""The options and arguments that several commands share, and short ways to write the others."""

from pathlib import Path
from typing import Annotated, Any

import typer


def argument(metavar: str, help_: str, **more: Any) -> Any:
    """Return an argument that has no default worth showing."""
    return typer.Argument(metavar=metavar, help=help_, show_default=False, **more)


def option(metavar: str, help_: str, *names: str, **more: Any) -> Any:
    """Return an option that takes a value and has no default worth showing."""
    return typer.Option(*names, metavar=metavar, help=help_, show_default=False, **more)


Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
Offline = Annotated[
    bool, typer.Option("--offline", help="Use the state proofs in the file, and no node and no network.")
]
NodeTimeout = Annotated[
    float,
    typer.Option(
        "--timeout", metavar="SECONDS", min=0.1, max=600, help="How long the node may take for an answer."
    ),
]
Now = Annotated[
    int | None, option("SECONDS", "POSIX time to go by, instead of this machine's clock.", "--now", min=0)
]
Data = Annotated[Path, option("DIR", "Data folder of the ledger.", "--data")]
TrustOption = Annotated[
    Path, option("FILE", "Your trust file, got by another way than what is verified.", "--trust")
]
PassphraseFile = Annotated[
    Path | None,
    option(
        "FILE",
        "File with the passphrase. If not given, CORRIDOR_PASSPHRASE is used, or else you are asked.",
        "--passphrase-file",
    ),
]
Rpc = Annotated[
    str, option("URL", "JSON-RPC URL of a node of your own, or of one that you believe.", "--rpc")
]
Block = Annotated[
    int | None,
    option(
        "NUMBER",
        "Block to pin that you take for final. If not given, the newest that the node calls so.",
        "--block",
        min=0,
    ),
]
