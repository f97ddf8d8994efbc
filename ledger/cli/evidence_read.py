"""`corridor evidence read`: what is in a file, read in isolation on this machine, said as one's own word."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.cli.desk import Desk, Means, open_desk
from ledger.cli.evidence_open import item_in, secret_in
from ledger.cli.files import parsing, read_file, unreadable, write_file
from ledger.cli.options import (
    GenesisIfAny,
    Iss,
    Json,
    KeyIfAny,
    OutboxIfAny,
    PassphraseFile,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import result, warn
from ledger.cli.readers import keep, own_keys
from ledger.domain.errors import UsageError
from ledger.domain.fields import from_hex

if TYPE_CHECKING:
    from ledger.domain.evidence import EvidenceItem
    from ledger.evidence.sealing import SealedItem
    from ledger.readers.reading import Reading
    from ledger.readers.registry import Expectations

_CHUNK = 1_048_576


def register(group: typer.Typer) -> None:
    """Add the command to the group."""
    group.command()(read)


def read(
    *,
    file: Annotated[Path, argument("FILE", "The file, as it was before it was sealed.")],
    item: Annotated[Path, option("FILE", "The evidence item, as a statement has it.")],
    secret: Annotated[
        Path | None, option("FILE", "The item's secret, to be sure that the file is the item.")
    ] = None,
    identity: Annotated[
        Path | None,
        option("FILE", "Your age identity, or your SSH private key.", envvar="CORRIDOR_IDENTITY"),
    ] = None,
    expect_c2pa: Annotated[
        bool, typer.Option("--expect-c2pa", help="Complain when it carries no C2PA manifest.")
    ] = False,
    c2pa_anchors: Annotated[
        Path | None,
        option("FILE", "Certificates that signers of C2PA manifests must lead to, PEM; without, none does."),
    ] = None,
    pictures: Annotated[
        Path | None, option("DIR", "Folder for the renditions, in the clear, to look at.")
    ] = None,
    statement: Annotated[
        str | None, option("ID", "The statement that claims the item: the reading is signed and sent.")
    ] = None,
    subject: Annotated[list[str] | None, option("URI", "What that statement is about.")] = None,
    stream: Annotated[
        list[str] | None,
        option("HEX", "Tag of a stream to file it in; the custody streams of the subjects if not given."),
    ] = None,
    recipient: Annotated[
        list[str] | None,
        option("AGE", "Who may open what was found, and renditions: `age1…` or an SSH public key."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for what is sealed, and its secrets.")
    ] = Path(),
    key: KeyIfAny = None,
    to: ToIfAny = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    as_json: Json = False,
) -> None:
    """Read a file in isolation, and tell what is found; with --statement, sign that and put it on record.

    What is found and the renditions are sealed as the item is, for --recipient and for your own organisation:
    the ledger reads none of it. It tells, when it is asked, whether the same content was offered for another
    trip.

    Examples:

        corridor evidence read portal.n42 --item portal.n42.item.json --pictures look
        corridor evidence read portal.n42 --item portal.n42.item.json --statement $ID --subject $TRIP \\
            --recipient $AGE --to $URL --key port.key
    """
    from ledger.readers.run import read as read_item

    stated = item_in(item)
    if secret is not None:
        from ledger.domain.evidence import derive_salt

        stated.verify(derive_salt(secret_in(secret, identity)), _pieces(file))
    try:
        with file.open("rb") as source:
            reading = read_item(
                source,
                media_type=stated.media_type,
                category=stated.category,
                expectations=_expectations(c2pa_anchors, expected=expect_c2pa),
            )
    except OSError as error:
        raise unreadable(file, "the file", error) from None
    if pictures is not None:
        _show_pictures(reading, pictures, file.name)
    if statement is None:
        result(_told(reading), as_json=as_json)
        return
    if key is None or not subject:
        raise UsageError("no-key", "to sign what was read, give --key and --subject", field="--key")
    claim = from_hex(statement, 32, "--statement")
    with open_desk(Means(to, key, iss, passphrase_file, outbox, genesis)) as desk:
        tags = desk.streams(subject, stream or ())
        renditions = _sealed(desk, reading, stated, recipient or (), out)
        from ledger.client.readings import reading_draft

        draft = reading_draft(reading, stated, claim, (subject, tags), renditions)
        told = desk.say(draft)
        alarms = _alarms(desk, reading, stated, subject[0])
    for alarm in alarms:
        warn(f"the same content was offered for another trip ({alarm.get('other') or 'not yours to see'})")
    told.show(as_json=as_json, **_told(reading), renditions=[one.cid for one in renditions], alarms=alarms)


def _expectations(anchors: Path | None, *, expected: bool) -> "Expectations":
    from ledger.readers.anchors import MAX_BYTES, anchors_in
    from ledger.readers.registry import Expectations

    if anchors is None:
        return Expectations(c2pa=expected)
    data = read_file(anchors, "the certificates", max_bytes=MAX_BYTES)
    with parsing(anchors):
        return Expectations(c2pa=expected, c2pa_anchors=anchors_in(data))


def _told(reading: "Reading") -> dict[str, Any]:
    return {
        "reader": f"{reading.reader} {reading.version}",
        "format": reading.format,
        "outcome": reading.outcome,
        "complaints": [f"{one.message} [{one.code}]" for one in reading.complaints],
        "found": dict(reading.found),
    }


def _pieces(path: Path) -> Any:
    from ledger.client.evidence import pieces_of

    try:
        yield from pieces_of(path)
    except OSError as error:
        raise unreadable(path, "the file", error) from None


def _show_pictures(reading: "Reading", folder: Path, name: str) -> None:
    ends = {"image/png": "png", "image/jpeg": "jpg"}
    for number, one in enumerate(reading.renditions, 1):
        write_file(folder / f"{name}.{number}.{ends.get(one.media_type, 'bin')}", one.data)


def _sealed(
    desk: Desk, reading: "Reading", item: "EvidenceItem", recipients: Sequence[str], out: Path
) -> list["EvidenceItem"]:
    """Seal what was found and the renditions, and send them when there is a ledger."""
    from ledger.client.evidence import send
    from ledger.client.readings import seal_renditions, sealing_into
    from ledger.evidence.sealing import recipients_of, wrap_secret

    own = () if desk.service is None else own_keys(desk.service, needed=not recipients)
    readers = list(dict.fromkeys((*recipients, *own)))
    if reading.found or reading.renditions:
        recipients_of(readers)
    made: list[SealedItem] = seal_renditions(reading, item.category, sealing_into(out))
    for one in made:
        write_file(out / f"{one.item.cid}.secret.age", wrap_secret(one.secret, readers))
        item_file = json.dumps(one.item.to_json(), indent=2).encode() + b"\n"
        write_file(out / f"{one.item.cid}.item.json", item_file)
        if desk.service is not None:
            send(desk.service, out / one.item.cid)
            (out / one.item.cid).unlink()
            keep(desk.service, one.item, one.secret, own)
    return [one.item for one in made]


def _alarms(desk: Desk, reading: "Reading", item: "EvidenceItem", subject: str) -> list[dict[str, Any]]:
    from ledger.client.readings import offer_fingerprints

    if desk.service is None:
        return []
    found = offer_fingerprints(desk.service, item.cid, subject, reading.fingerprints)
    # Several fingerprints may raise one and the same alarm.
    return list({str(one.get("id")): one for one in found}.values())
