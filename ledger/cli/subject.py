"""`corridor subject`: names of new subjects, which commit to their creator and to their custody stream."""

from typing import Annotated, Literal

import typer

from ledger.cli.options import Json, option
from ledger.cli.output import result

group = typer.Typer(help="What statements are about.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="subject")


@group.command()
def new(
    *,
    type_: Annotated[
        Literal["trip", "consignment", "booking", "voyage"],
        typer.Option("--type", help="What it is.", show_default=False),
    ],
    key: Annotated[str, option("TEXT", "Number in trade use, such as a container's: A-Z 0-9 . _ -")],
    iss: Annotated[str, option("URI", "The organisation that opens it.")],
    as_json: Json = False,
) -> None:
    """Choose a custody stream for a new subject, and print its secret, its tag and the subject's URI.

    Hand the secret to those who may see the stream, and keep it: it is printed once and stored nowhere.
    Nothing is on record before the organisation has signed and submitted a `subject-opened` statement.

    Example:

        corridor subject new --type trip --key MSKU1234565 --iss https://exporter.example
    """
    import secrets

    from ledger.domain.subject import SECRET_SIZE, Subject, stream_tag

    secret = secrets.token_bytes(SECRET_SIZE)
    tag = stream_tag(secret)
    subject = Subject.create(type_, key, iss, tag)
    result({"subject": subject.uri, "stream": tag.hex(), "secret": secret.hex()}, as_json=as_json)
