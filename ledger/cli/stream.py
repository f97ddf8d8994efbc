"""`corridor stream`: who may read and file in a stream of a subject."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.desk import Means, custody_stream, open_desk, when
from ledger.cli.options import (
    GenesisIfAny,
    Iss,
    Json,
    Key,
    KeyToRead,
    Lenient,
    OutboxIfAny,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import result
from ledger.cli.services import open_service
from ledger.cli.stream_secrets import read_secret, write_secret
from ledger.domain.fields import from_hex, organisation

GRANT = "grant"
group = typer.Typer(help="Streams of subjects, and who is in them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="stream")


@group.command("open")
def open_(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    name: Annotated[str, option("NAME", "What the stream is called, such as `enforcement`.")],
    secret: Annotated[Path, option("FILE", "Where to write the secret of the stream.")],
    key: Key,
    to: ToIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Open a restricted stream of a subject, which only an authority may.

    The subject's other parties learn neither that it is there nor how much is said in it. Whoever is given
    its secret can join.

    Example:

        corridor stream open $TRIP --name enforcement --secret enforcement.secret --key customs.key --to $URL
    """
    import secrets

    from ledger.domain.statement import Draft
    from ledger.domain.subject import SECRET_SIZE, STREAM_OPENED, stream_tag

    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        chosen = secrets.token_bytes(SECRET_SIZE)
        tag = stream_tag(chosen)
        # Before anything is on record: a stream whose secret is lost lets nobody in.
        write_secret(secret, subject, name, chosen)
        told = desk.say(Draft(STREAM_OPENED, [subject], [tag], {"stream": name}))
    told.show(as_json=as_json, stream=tag.hex(), secret=str(secret))


@group.command()
def grant(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    member: Annotated[list[str], option("URI", "Organisation to let in; may be repeated.", "--member")],
    key: Key,
    to: ToIfAny = None,
    stream: Annotated[
        str | None, option("HEX", "Tag of the stream; the custody stream of the subject if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Let organisations read and file in a stream that yours is a member of.

    Example:

        corridor stream grant $TRIP --member https://haulier.example --key exporter.key --to $URL
    """
    from ledger.domain.statement import Draft

    members = [organisation(uri, "--member") for uri in member]
    means = Means(to, key, iss, passphrase_file, outbox, genesis, lenient)
    with open_desk(means) as desk:
        tags = desk.streams([subject], [stream] if stream else [])
        told = desk.say(Draft(GRANT, [subject], tags, {"to": members, "occurred_at": when()}))
    told.show(as_json=as_json)


@group.command()
def join(
    *,
    secret: Annotated[Path, argument("FILE", "Secret of the stream, as `corridor subject open` wrote it.")],
    to: To,
    key: Key,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Become a member of a stream whose secret you were given.

    Example:

        corridor stream join trip.secret --key carrier.key --to $URL
    """
    shown = read_secret(secret)
    with open_service(to, key, iss, passphrase_file) as service:
        joined = service.join(shown)
    result({name: joined.get(name) for name in ("subject", "name", "stream")}, as_json=as_json)


@group.command()
def members(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    to: To,
    key: KeyToRead = None,
    stream: Annotated[
        str | None, option("HEX", "Tag of the stream; the custody stream of the subject if not given.")
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List who may read and file in a stream, and since what.

    Example:

        corridor stream members $TRIP --key exporter.key --to $URL
    """
    with open_service(to, key, iss, passphrase_file) as service:
        tag = custody_stream(service.subject(subject)) if stream is None else from_hex(stream, 32, "--stream")
        found = list(service.members(tag))
    listed = [f"{one.get('organisation')} ({one.get('reason')})" for one in found]
    result({"stream": tag.hex(), "members": found if as_json else listed}, as_json=as_json)
