"""`corridor verdict`: what the operator's own verification of a dossier gives."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ledger.cli.errors import UNAVAILABLE, WRONG_USE_OF_VERIFY, report
from ledger.cli.options import Iss, Json, KeyToRead, PassphraseFile, To, argument
from ledger.cli.output import emit, say, show
from ledger.cli.services import open_service
from ledger.cli.verdicts import EXIT_CODES, VerdictCommand, drawn
from ledger.domain.errors import CorridorError, UnavailableError, VerificationError
from ledger.domain.verdict import Check, Outcome, Status, Verdict

_EPILOG = (
    "Exit codes: 0 accepted, 1 rejected, 2 incomplete; 64 wrong use, or the ledger gives none; 4 it cannot "
    "be reached; 70 a fault of this program."
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verdict", cls=VerdictCommand, epilog=_EPILOG)(verdict)


def verdict(
    *,
    subject: Annotated[str, argument("SUBJECT", "URI of the subject.")],
    to: To,
    key: KeyToRead = None,
    iss: Iss = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Show what the operator says of a subject's dossier. It is a word, and no proof.

    To know for yourself, get the dossier with `corridor dossier` and run `corridor verify` on it.

    Example:

        corridor verdict $TRIP --to $URL --key customs.key
    """
    try:
        with open_service(to, key, iss, passphrase_file) as service:
            answer = service.verdict(subject)
        found = _parsed(answer)
    except CorridorError as error:
        report(error)
        raise typer.Exit(
            UNAVAILABLE if isinstance(error, UnavailableError) else WRONG_USE_OF_VERIFY
        ) from None
    if as_json:
        emit(answer)
    else:
        say(found.shipment)
        why = f"So says {answer.get('by')}, the operator. Get the dossier and verify it yourself to know."
        show(*drawn(found, why))
    raise typer.Exit(EXIT_CODES[found.outcome])


def _parsed(answer: Mapping[str, Any]) -> Verdict:
    try:
        checks = tuple(
            Check(str(one["name"]), Status(one["status"]), str(one["reason"]), str(one["message"]))
            for one in answer["checks"]
        )
        return Verdict(Outcome(answer["outcome"]), str(answer["shipment"]), checks)
    except (KeyError, TypeError, ValueError):
        raise VerificationError("wrong-answer", "what the ledger gives is no verdict") from None
