"""`corridor statement say`, `follow` and `get`: put on record in one go, see it become final, fetch it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.desk import Means, open_desk
from ledger.cli.drafts import concealed_path, draft_of, parse_body
from ledger.cli.files import write_file
from ledger.cli.options import (
    Force,
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
from ledger.cli.output import emit, moment, result, say
from ledger.cli.services import open_service
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.client.answers import Standing

Conceal = Annotated[
    list[str] | None,
    option(
        "POINTER",
        "JSON Pointer to a value of the body that only some may read; may be repeated.",
        "--conceal",
    ),
]
References = Annotated[
    list[str] | None,
    option("REL:ID", "Another statement, and what it has to do with it; may be repeated.", "--reference"),
]
Corrects = Annotated[str | None, option("ID", "The statement that this one corrects.", "--corrects")]


def say_(
    *,
    kind: Annotated[str, argument("KIND", "What is said, such as `seal-check`.")],
    subject: Annotated[list[str], option("URI", "What it is about; may be repeated, the first counts most.")],
    body: Annotated[Path, option("FILE", "What is said: a JSON object; - for standard input.")],
    key: Key,
    to: ToIfAny = None,
    stream: Annotated[
        list[str] | None,
        option("HEX", "Tag of a stream to file it in; the custody streams of the subjects if not given."),
    ] = None,
    conceal: Conceal = None,
    reference: References = None,
    corrects: Corrects = None,
    out: Annotated[Path | None, option("FILE", "Where to write the statement file, too.")] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Sign a statement and put it on record, or into an outbox where there is no network.

    Examples:

        corridor statement say seal-check --subject $TRIP --body seal.json --key port.key --to $URL
        corridor statement say gate-passage --subject $TRIP --stream $TAG --body gate.json --key gate.key \\
            --outbox outbox --genesis genesis.json
    """
    said = parse_body(body)
    paths = [concealed_path(pointer, said) for pointer in conceal or ()]
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis, lenient, out)) as desk:
        tags = desk.streams(subject, stream or ())
        told = desk.say(draft_of(kind, subject, tags, said, references=reference, corrects=corrects), paths)
    told.show(as_json=as_json)


def follow(
    *,
    identifier: Annotated[str, argument("ID", "Id of the statement.")],
    to: To,
    key: KeyToRead = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--timeout", metavar="SECONDS", min=0, help="Give up after so long.", show_default=False
        ),
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Follow a statement until the anchor of a checkpoint that covers it is final.

    A line is printed for each step: logged, published, anchored, final.

    Example:

        corridor statement follow $ID --to $URL --key exporter.key --timeout 600
    """
    wanted = from_hex(identifier, 32, "ID")
    reached: list[str] = []

    def report(standing: "Standing") -> None:
        if standing.state.value not in reached[-1:]:
            reached.append(standing.state.value)
            if not as_json:
                say(_line(standing))

    with open_service(to, key, iss, passphrase_file) as service:
        standing = service.follow(wanted, report, seconds=seconds)
    if as_json:
        emit(dict(standing.document))


def get(
    *,
    identifier: Annotated[str, argument("ID", "Id of the statement, as `corridor subject show` prints it.")],
    out: Annotated[Path, option("FILE", "Where to write the statement file.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
    force: Force = False,
) -> None:
    """Fetch a statement with what you may see of its body; `corridor statement show` prints it.

    What is concealed from you leaves a digest in the file, and its id stays the same. That it is on record,
    signed by whom it says, is proven by its receipt or a dossier.

    Example:

        corridor statement get $ID --to $URL --key customs.key --out manifest.statement
    """
    wanted = from_hex(identifier, 32, "ID")
    with open_service(to, key, iss, passphrase_file) as service:
        file = service.statement_file(wanted)
    write_file(out, file.encode(), force=force)
    result({"id": identifier, "file": str(out), "disclosures": len(file.disclosures)}, as_json=as_json)


def _line(standing: "Standing") -> str:
    document = standing.document
    checkpoint, anchor = document.get("checkpoint"), document.get("anchor")
    parts = [standing.state.value, f"index {document.get('index')}"]
    if isinstance(checkpoint, dict):
        parts.append(f"checkpoint {checkpoint.get('size')}")
    if isinstance(anchor, dict):
        parts.append(f"block {anchor.get('block')} of {moment(anchor.get('time'))}")
    return "  ".join(parts)
