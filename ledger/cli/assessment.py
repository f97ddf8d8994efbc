"""`corridor assessment`: what the corridor's rules find in a shipment, as the ledger says."""

from typing import Annotated

import typer

from ledger.cli.arrival_words import in_words
from ledger.cli.findings import drawn_record
from ledger.cli.options import Iss, Json, KeyToRead, Lang, PassphraseFile, To, argument
from ledger.cli.output import emit, say, show
from ledger.cli.services import open_service


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("assessment")(assessment)


def assessment(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the consignment or of the trip.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    lang: Lang = "en",
    as_json: Json = False,
) -> None:
    """Show what the rules find in what you may see of a shipment: the operator's word, not a proof.

    `corridor assess` finds the same in a dossier, and trusts nobody.

    Example:

        corridor assessment $CONSIGNMENT --lang es --to $URL --key customs.key
    """
    from ledger.client.arrivals import assessment_of

    with open_service(to, key, iss, passphrase_file) as service:
        found = assessment_of(service, subject, lang)
    if as_json:
        emit(found)
        return
    arrival = found.get("arrival")
    outcome = arrival.get("outcome") if isinstance(arrival, dict) else None
    say(subject, in_words(outcome, lang))
    show(*drawn_record(found, lang))
