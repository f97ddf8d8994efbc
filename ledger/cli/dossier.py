"""`corridor dossier`: everything about a shipment in one file that proves itself."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.files import new_file
from ledger.cli.options import Data, Force, Json, PassphraseFile, option
from ledger.cli.output import result
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex, organisation


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dossier")(dossier)


def dossier(
    *,
    data: Data,
    shipment: Annotated[str, option("URI", "Subject that it is about.")],
    stream: Annotated[
        list[str],
        option("SUBJECT=NAME=TAG", "A stream that it is to cover completely; may be repeated."),
    ],
    audience: Annotated[str, option("URI", "Organisation that it is for.")],
    out: Annotated[Path, option("FILE", "Where to write it.")],
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Make a dossier at the newest checkpoint whose anchor is final.

    It holds every statement of the streams, with all disclosures: it is for somebody who may read them all.

    Example:

        corridor dossier --data data --shipment $TRIP --stream $TRIP=custody=$TAG \\
            --audience https://customs.example --out dossier.zip
    """
    from ledger.cli.data import settings_of
    from ledger.domain.subject import Subject
    from ledger.dossiers import Request
    from ledger.readonly import open_readonly
    from ledger.verification.dossier import build_container

    wanted = Request(
        shipment=Subject.parse(shipment, "--shipment").uri,
        streams=tuple(_stream(text) for text in stream),
        audience=organisation(audience, "--audience"),
    )
    with new_file(out, force=force) as file:
        with open_readonly(settings_of(data, passphrase_file)) as ledger:
            made = ledger.builder.dossier(wanted)
        build_container(made, file)
    streams = [f"{one.name} of {one.subject}: {one.count} statements" for one in made.header.streams]
    described = {"file": str(out), "statements": len(made.statements), "size": made.header.target}
    result({**described, "streams": streams}, as_json=as_json)


def _stream(text: str) -> tuple[str, str, bytes]:
    from ledger.domain.statement_payload import name_of_kind
    from ledger.domain.subject import Subject

    parts = text.split("=")
    if len(parts) != 3:
        raise UsageError("bad-stream", f"--stream must be SUBJECT=NAME=TAG, not {text[:200]}")
    subject, name, tag = parts
    uri = Subject.parse(subject, "--stream").uri
    return uri, name_of_kind(name, "the name in --stream"), from_hex(tag, 32, "--stream")
