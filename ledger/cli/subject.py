"""`corridor subject`: what statements are about: naming and opening subjects, linking and listing them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ledger.cli.desk import CUSTODY, Means, open_desk, when
from ledger.cli.linking import link, unlink
from ledger.cli.options import (
    At,
    GenesisIfAny,
    Iss,
    Json,
    Key,
    KeyToRead,
    OutboxIfAny,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import emit, result, say
from ledger.cli.services import open_service
from ledger.cli.stream_secrets import write_secret

Type = Literal["trip", "consignment", "booking", "voyage", "organisation"]
TypeOption = Annotated[Type, typer.Option("--type", help="What it is.", show_default=False)]
_NUMBER = "Number in trade use, such as a container's: A-Z 0-9 . _ -"
Number = Annotated[str, option("TEXT", _NUMBER, "--number")]

group = typer.Typer(help="What statements are about.", no_args_is_help=True)
group.command()(link)
group.command()(unlink)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="subject")


@group.command()
def new(
    *,
    type_: TypeOption,
    key: Annotated[str, option("TEXT", _NUMBER, "--number", "--key")],
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


@group.command("open")
def open_(
    *,
    type_: TypeOption,
    number: Number,
    secret: Annotated[Path, option("FILE", "Where to write the secret of its custody stream.")],
    key: Key,
    to: ToIfAny = None,
    at: At = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Open a subject: choose its custody stream, sign the opening, and put it on record.

    The secret of the stream goes into a file that only you can read. Whoever you give it to can join the
    stream; others come in by `corridor stream grant` or by a hand-over.

    Examples:

        corridor subject open --type trip --number MSKU1234565 --secret trip.secret --key gate.key --to $URL
        corridor subject open --type trip --number MSKU1234565 --secret trip.secret --key gate.key \\
            --outbox outbox --genesis genesis.json
    """
    import secrets

    from ledger.domain.statement import Draft
    from ledger.domain.subject import SECRET_SIZE, SUBJECT_OPENED, Subject, stream_tag

    body = {"occurred_at": when(at)}
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        chosen = secrets.token_bytes(SECRET_SIZE)
        tag = stream_tag(chosen)
        subject = Subject.create(type_, number, desk.author.iss, tag)
        # Before anything is on record: a stream whose secret is lost lets nobody in.
        write_secret(secret, subject.uri, CUSTODY, chosen)
        told = desk.say(Draft(SUBJECT_OPENED, [subject.uri], [tag], body))
    told.show(as_json=as_json, subject=subject.uri, stream=tag.hex(), secret=str(secret))


@group.command("list")
def list_(
    *,
    to: To,
    key: KeyToRead = None,
    type_: Annotated[Type | None, typer.Option("--type", help="Only this type.", show_default=False)] = None,
    number: Annotated[str | None, option("TEXT", "Only this number.")] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List the subjects that you may read.

    Example:

        corridor subject list --to $URL --key exporter.key --number MSKU1234565
    """
    with open_service(to, key, iss, passphrase_file) as service:
        found = service.subjects(type=type_, key=number)
        if as_json:
            emit(list(found))
        else:
            for one in found:
                say(f"{one.get('uri')}  {one.get('opened_by')}")


@group.command()
def show(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Show a subject: who opened it, its streams, its links, and what was said of it.

    Example:

        corridor subject show $TRIP --to $URL --key exporter.key
    """
    with open_service(to, key, iss, passphrase_file) as service:
        found, links = service.subject(subject), service.links(subject)
        told = list(service.statements(subject))
    if as_json:
        emit({**found, "links": links, "statements": told})
        return
    streams = [f"{one.get('name')} {one.get('tag')}" for one in found.get("streams", ())]
    lines = [f"{one.get('id')}  {one.get('index')}  {one.get('kind')}  {one.get('iss')}" for one in told]
    described = {name: found.get(name) for name in ("uri", "type", "key", "opened_by")}
    result({**described, "streams": streams, "statements": lines}, as_json=False)
