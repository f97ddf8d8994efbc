"""`corridor dossier`: everything about a shipment in one file that proves itself."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ledger.cli.files import new_file
from ledger.cli.options import (
    Chain,
    DataIfAny,
    DiscloseAll,
    Force,
    Iss,
    Json,
    KeyToRead,
    PassphraseFile,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import result
from ledger.cli.progress import counting
from ledger.cli.services import open_service
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex, organisation

if TYPE_CHECKING:
    from ledger.dossiers import Request


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dossier")(dossier)


def dossier(
    *,
    subject: Annotated[
        str | None, argument("[SUBJECT]", "URI of the subject that it is about; --shipment says the same.")
    ] = None,
    out: Annotated[Path, option("FILE", "Where to write it.")],
    to: ToIfAny = None,
    key: KeyToRead = None,
    iss: Iss = None,
    data: DataIfAny = None,
    chain: Chain = None,
    shipment: Annotated[str | None, option("URI", "Subject that it is about.")] = None,
    stream: Annotated[
        list[str] | None,
        option("SUBJECT=NAME=TAG", "With --data: a stream that it is to cover completely; may be repeated."),
    ] = None,
    audience: Annotated[str | None, option("URI", "With --data: organisation that it is for.")] = None,
    evidence: Annotated[
        Literal["none", "secrets", "all"] | None,
        option(
            "CHOICE",
            "From a ledger: `secrets` of evidence that are wrapped for you, which it is if not given; `all`: "
            "the sealed bytes as well; or `none`.",
        ),
    ] = None,
    disclose_all: DiscloseAll = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Make a dossier at the newest checkpoint whose anchor is final.

    From a ledger whose participant you are it covers the streams that you may read, and is for you. Out of a
    data folder it covers the streams named, without what was concealed: no node is asked who may see that.

    Examples:

        corridor dossier $TRIP --to $URL --key customs.key --out dossier.zip
        corridor dossier $TRIP --evidence all --to $URL --key customs.key --out dossier.zip
        corridor dossier --data data --shipment $TRIP --stream $TRIP=custody=$TAG \\
            --audience https://customs.example --out dossier.zip
    """
    from ledger.cli.data import open_folder
    from ledger.domain.subject import Subject
    from ledger.verification.dossier import build_container

    if (subject is None) == (shipment is None):
        raise UsageError("which-subject", "name one subject: as SUBJECT, or with --shipment")
    uri = Subject.parse(subject or shipment, "SUBJECT").uri
    with new_file(out, force=force) as file:
        if data is None:
            if stream or audience or chain or disclose_all:
                message = (
                    "--stream, --audience, --chain and --disclose-all go with --data; a ledger gives you "
                    "what is yours"
                )
                raise UsageError("local-options", message)
            with (
                open_service(to, key, iss, passphrase_file) as service,
                counting("dossier", as_bytes=True) as report,
            ):
                made = service.dossier(uri, file, report, evidence=evidence or "secrets")
        else:
            if evidence is not None:
                message = "--evidence goes with --to: a ledger knows which of it is yours"
                raise UsageError("local-options", message)
            wanted = _request(uri, stream or (), audience, disclose_all=disclose_all)
            with open_folder(data, passphrase_file, chain) as ledger:
                made = ledger.builder.dossier(wanted)
            build_container(made, file)
    streams = [f"{one.name} of {one.subject}: {one.count} statements" for one in made.header.streams]
    described = {
        "file": str(out),
        "statements": len(made.statements),
        "size": made.header.target,
        "secrets": len(made.secrets),
    }
    result({**described, "streams": streams}, as_json=as_json)


def _request(uri: str, streams: Sequence[str], audience: str | None, *, disclose_all: bool) -> "Request":
    from ledger.dossiers import Request, everything, nothing

    if not streams or audience is None:
        raise UsageError("which-dossier", "with --data, say which --stream it covers, and its --audience")
    covered = tuple(_stream(text) for text in streams)
    disclose = everything if disclose_all else nothing
    return Request(uri, covered, organisation(audience, "--audience"), disclose)


def _stream(text: str) -> tuple[str, str, bytes]:
    from ledger.domain.statement_payload import name_of_kind
    from ledger.domain.subject import Subject

    parts = text.split("=")
    if len(parts) != 3:
        raise UsageError("bad-stream", f"--stream must be SUBJECT=NAME=TAG, not {text[:200]}")
    subject, name, tag = parts
    uri = Subject.parse(subject, "--stream").uri
    return uri, name_of_kind(name, "the name in --stream"), from_hex(tag, 32, "--stream")
