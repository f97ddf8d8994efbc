"""`corridor handover`: offering, and what is still to be answered; `answering` has the rest."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.cli.answering import Body, Offer, Out, Remark, Stream, accept, merged, more_of, refuse
from ledger.cli.desk import Means, open_desk, when
from ledger.cli.files import write_file
from ledger.cli.options import (
    At,
    GenesisIfAny,
    Iss,
    Json,
    Key,
    KeyToRead,
    Lang,
    Lenient,
    OutboxIfAny,
    PassphraseFile,
    To,
    ToIfAny,
    argument,
    option,
)
from ledger.cli.output import emit, say
from ledger.cli.services import open_service
from ledger.cli.terms import offered, show_terms
from ledger.cli.words import words
from ledger.domain.errors import PolicyError

group = typer.Typer(help="Hand-overs: two parties sign the same terms.", no_args_is_help=True)
group.command()(accept)
group.command()(refuse)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(group, name="handover")


@group.command()
def offer(
    *,
    subject: Annotated[list[str], argument("SUBJECT...", "URIs of what is handed over.")],
    taker: Annotated[str, option("URI", "Organisation that takes.")],
    place: Annotated[str, option("TEXT", "UN/LOCODE, or free text.")],
    key: Key,
    to: ToIfAny = None,
    at: At = None,
    remark: Remark = None,
    body: Body = None,
    out: Out = None,
    terms_out: Annotated[Path | None, option("FILE", "Where to write the bare terms.")] = None,
    stream: Stream = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    outbox: OutboxIfAny = None,
    genesis: GenesisIfAny = None,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Offer a hand-over: write the terms, and sign them as the giver.

    The taker finds the offer with `corridor handover list`, or gets the file that `--out` writes.

    Examples:

        corridor handover offer $TRIP --taker https://haulier.example --place GTPBR --key packer.key --to $URL
        corridor handover offer $TRIP --taker https://haulier.example --place GTPBR --key gate.key \\
            --outbox outbox --stream $TAG --out offer.statement
    """
    import secrets

    from ledger.domain.hand_over import Result, Role, build_terms, hand_over_body
    from ledger.domain.statement import Draft

    means = Means(to, key, iss, passphrase_file, outbox, genesis, lenient, out)
    more = more_of(body)
    with open_desk(means) as desk:
        if taker == desk.author.iss:
            raise PolicyError(
                "handover-to-self",
                f"{taker} cannot hand over to itself: name whoever takes it over",
                field="to",
            )
        terms = build_terms(
            giver=desk.author.iss,
            taker=taker,
            subjects=subject,
            place=place,
            at=when(at),
            nonce=secrets.token_bytes(16),
            remarks=remark or (),
        )
        tags = desk.streams(terms.subjects, stream or ())
        if terms_out is not None:
            write_file(terms_out, terms.document)
        said = merged(more, hand_over_body(terms, Role.GIVER, Result.ACCEPTED))
        told = desk.say(Draft("hand-over", terms.subjects, tags, said))
    told.show(as_json=as_json, terms=terms.hash.hex())


@group.command("list")
def list_(
    *,
    to: To,
    key: KeyToRead = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that were answered, too.")] = False,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """List the hand-overs of your organisation that are still to be answered.

    Example:

        corridor handover list --to $URL --key haulier.key --lang es
    """
    with open_service(to, key, iss, passphrase_file) as service:
        found = list(service.hand_overs("all" if all_ else "open"))
    if as_json:
        emit(found)
        return
    said = words(lang)
    if not found:
        say(said["no_hand_overs"])
        return
    for one in found:
        # The hash is what `accept` takes: it is never broken over two lines, as a table would.
        say(f"{one.get('terms_hash')}  {said['open'] if one.get('open') else said['closed']}")
        say(f"    {one.get('giver') or '?'} → {one.get('taker') or '?'}")
        say(f"    {said['place']} {_of(one, 'place')}, {said['agreed_at']} {_of(one, 'at')}")


@group.command()
def show(
    *,
    offer: Offer,
    to: ToIfAny = None,
    key: Annotated[
        Path | None,
        option(
            "FILE",
            "Key file of your organisation; not needed for a file, nor once `corridor session sign-in` was "
            "done.",
            envvar="CORRIDOR_KEY",
        ),
    ] = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
) -> None:
    """Show the terms of an offer, from a file or from the ledger.

    Example:

        corridor handover show offer.statement --lang es
    """
    if Path(offer).is_file():
        shown = offered(offer, None)
    else:
        with open_service(to, key, iss, passphrase_file) as service:
            shown = offered(offer, service)
    show_terms(shown.terms, lang)


def _of(one: dict[str, Any], name: str) -> str:
    terms = one.get("terms")
    return str(terms.get(name)) if isinstance(terms, dict) else "?"
