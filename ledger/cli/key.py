"""`corridor key`: private keys in files under a passphrase."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ledger.cli.options import Json, PassphraseFile, argument, option
from ledger.cli.output import result
from ledger.cli.passphrases import read_passphrase

if TYPE_CHECKING:
    from ledger.keys.files import PublicHalf

group = typer.Typer(help="Private keys, in files under a passphrase.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="key")


@group.command()
def new(
    *,
    kind: Annotated[
        Literal["statement", "witness", "log", "receipt"],
        typer.Option(help="What it signs; a key is never used for two things.", show_default=False),
    ],
    name: Annotated[
        str, option("TEXT", "Whose it is: an organisation's URI, a log's origin, or a witness's name.")
    ],
    out: Annotated[Path, option("FILE", "Where to write it; a file that is there is never replaced.")],
    alg: Annotated[
        Literal["es256", "eddsa"] | None,
        typer.Option(
            help="If not given: es256 for statements and receipts, eddsa for logs and witnesses.",
            show_default=False,
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Make a key, encrypted under a passphrase, and print its public half.

    Its first line says what the key is for; from the second line on the file is one that `ssh-keygen` reads.

    Examples:

        corridor key new --kind statement --name https://exporter.example --out exporter.key
        corridor key new --kind witness --name witness.example/one --out witness.key
    """
    from ledger.domain.cose import Alg
    from ledger.keys.files import KeyFile, KeyKind

    made = KeyFile.generate(KeyKind(kind), name, None if alg is None else Alg[alg.upper()])
    made.save(out, read_passphrase(passphrase_file, new=True))
    result(_described(KeyFile.read_public(out)), as_json=as_json)


@group.command()
def show(
    *,
    file: Annotated[Path, argument("FILE", "The key file.")],
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Print the public half of a key: what others need to register or to trust it.

    It is not encrypted, so that no passphrase is needed. With `--passphrase-file` the key is opened, and the
    public half is shown to belong to the private one.

    Example:

        corridor key show exporter.key
    """
    from ledger.keys.files import KeyFile

    public = KeyFile.read_public(file)
    if passphrase_file is not None:
        KeyFile.open(file, read_passphrase(passphrase_file))
    result(_described(public), as_json=as_json)


def _described(public: "PublicHalf") -> dict[str, str | None]:
    vkey = public.verifier_key
    return {
        "kind": public.kind.value,
        "name": public.name,
        "alg": public.key.alg.name.lower(),
        "thumbprint": public.key.thumbprint.hex(),
        "cose_key": public.key.encoded.hex(),
        "vkey": None if vkey is None else vkey.encode(),
    }
