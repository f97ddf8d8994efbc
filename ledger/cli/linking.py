"""`corridor subject link` and `unlink`: which consignment is in which trip, which trip on which voyage."""

from typing import Annotated, Literal

import typer

from ledger.cli.desk import Means, open_desk, when
from ledger.cli.options import (
    At,
    GenesisIfAny,
    Iss,
    Json,
    Key,
    Lenient,
    OutboxIfAny,
    PassphraseFile,
    ToIfAny,
    argument,
    option,
)
from ledger.domain.errors import UsageError

Relation = Annotated[
    Literal["stuffed-in", "booked-as", "carried-in", "carried-on", "replaces"],
    typer.Argument(metavar="REL", help="How the one has to do with the other.", show_default=False),
]
From = Annotated[str, argument("FROM", "URI of the subject that is in, on or booked as the other.")]
Other = Annotated[str, argument("OTHER", "URI of the other subject.")]
Streams = Annotated[
    list[str] | None,
    option("HEX", "Tag of a stream to file it in; the custody streams of both if not given.", "--stream"),
]


def link(
    *,
    subject: From,
    relation: Relation,
    other: Other,
    key: Key,
    to: ToIfAny = None,
    at: At = None,
    stream: Streams = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Say that one subject is in, on, or booked as another one from now on.

    A consignment is `stuffed-in` a trip and `booked-as` a booking; a booking is `carried-in` a trip; a trip
    or a booking is `carried-on` a voyage; a new trip or voyage `replaces` an old one.

    Example:

        corridor subject link $CONSIGNMENT stuffed-in $TRIP --key exporter.key --to $URL
    """
    means = Means(to, key, iss, passphrase_file, outbox, genesis, lenient)
    _say("link", means, (subject, relation, other), at, stream, as_json=as_json)


def unlink(
    *,
    subject: From,
    relation: Relation,
    other: Other,
    key: Key,
    to: ToIfAny = None,
    at: At = None,
    stream: Streams = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Say that a link has ended; that it was there stays on record.

    Example:

        corridor subject unlink $TRIP carried-on $VOYAGE --key carrier.key --to $URL
    """
    means = Means(to, key, iss, passphrase_file, outbox, genesis, lenient)
    _say("link-ended", means, (subject, relation, other), at, stream, as_json=as_json)


def _say(
    kind: str,
    means: Means,
    said: tuple[str, str, str],
    at: str | None,
    stream: list[str] | None,
    *,
    as_json: bool,
) -> None:
    from ledger.domain.links import ENDS
    from ledger.domain.statement import Draft
    from ledger.domain.subject import Subject

    subject, relation, other = said
    body = {
        "occurred_at": when(at),
        "links": [{"rel": relation, "from": subject, "to": other}],
    }
    types = Subject.parse(subject, "FROM").type, Subject.parse(other, "OTHER").type
    if types not in ENDS[relation]:
        ends = " or ".join(f"a {one} to a {another}" for one, another in sorted(ENDS[relation]))
        raise UsageError("bad-link", f"{relation} leads from {ends}, not from a {types[0]} to a {types[1]}")
    with open_desk(means) as desk:
        tags = desk.streams([subject, other], stream or [])
        told = desk.say(Draft(kind, [subject, other], tags, body))
    told.show(as_json=as_json)
