"""The options and arguments that several commands share, and short ways to write the others."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.words import Language


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
DataIfAny = Annotated[
    Path | None, option("DIR", "Data folder of the ledger, for its operator; goes before --to.", "--data")
]
DiscloseAll = Annotated[
    bool,
    typer.Option(
        "--disclose-all",
        help="With --data: hand on all that was concealed; for somebody who may read it all.",
    ),
]
Chain = Annotated[
    str | None,
    option(
        "HEX",
        "With --data: genesis hash of the chain whose anchors are wanted; the one used last if not given.",
        "--chain",
    ),
]
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

To = Annotated[
    str,
    option("URL", "Where the ledger is, as `corridor up` prints it.", "--to", envvar="CORRIDOR_URL"),
]
ToIfAny = Annotated[
    str | None,
    option("URL", "Where the ledger is, as `corridor up` prints it.", "--to", envvar="CORRIDOR_URL"),
]
Key = Annotated[
    Path,
    option("FILE", "Key file of your organisation, of kind `statement`.", "--key", envvar="CORRIDOR_KEY"),
]
KeyIfAny = Annotated[
    Path | None,
    option("FILE", "Key file of your organisation, of kind `statement`.", "--key", envvar="CORRIDOR_KEY"),
]
KeyToRead = Annotated[
    Path | None,
    option(
        "FILE",
        "Key file of your organisation, of kind `statement`; not needed once `corridor session sign-in` was "
        "done.",
        "--key",
        envvar="CORRIDOR_KEY",
    ),
]
Iss = Annotated[
    str | None,
    option(
        "URI",
        "Your organisation. If not given, the name in the key file.",
        "--iss",
        envvar="CORRIDOR_ISS",
    ),
]
OutboxIfAny = Annotated[
    Path | None,
    option(
        "DIR",
        "Outbox to put what is signed into, instead of submitting it now: no network is needed.",
        "--outbox",
        envvar="CORRIDOR_OUTBOX",
    ),
]
GenesisIfAny = Annotated[
    Path | None,
    option(
        "FILE",
        "Genesis document of the log. If not given, that of the ledger, as it was when it was first asked.",
        "--genesis",
    ),
]
Lenient = Annotated[
    bool,
    typer.Option("--lenient", help="Put it on record also when it contradicts what is there, with warnings."),
]
Lang = Annotated[
    Language,
    typer.Option(
        "--lang",
        help="Language of what is printed; what there is not in French is printed in English.",
        envvar="CORRIDOR_LANG",
    ),
]
OwnIdentities = Annotated[
    Path | None, option("FILE", "Your age or SSH identities, to open sealed evidence with.", "--identity")
]
ScreeningList = Annotated[
    Path | None,
    option(
        "FILE",
        "Names to look for among the parties: one a line, or a CSV with a column of names.",
        "--screening",
    ),
]
At = Annotated[
    str | None,
    option("TIME", "When it happened, like 2026-11-06T13:00:00-06:00; now if not given.", "--at"),
]
