"""`corridor statement submit`: handing statements to a running ledger."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.cli.drafts import read_statement
from ledger.cli.errors import REFUSED, report
from ledger.cli.options import Json, Lenient, To, argument, option
from ledger.cli.output import emit, say, warn
from ledger.cli.services import open_service
from ledger.domain.errors import CorridorError, UnavailableError, UsageError

if TYPE_CHECKING:
    from ledger.domain.statement import StatementFile


def submit(
    *,
    files: Annotated[list[Path], argument("FILE...", "Statement files.")],
    to: To,
    withhold: Annotated[
        list[str] | None,
        option(
            "NAME",
            "Member of the body that you concealed and do not show to the ledger either; may be repeated.",
        ),
    ] = None,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Submit statements to a ledger, in this order. The same statement again does no harm.

    With --withhold the ledger gets the statement without what opens the members of that name. It shows them
    to nobody then, checks nothing of them, and keeps no evidence that they claim: hand them over yourself.

    For each one its id and its place in the log are printed. It is on record then; it has a receipt as soon
    as a checkpoint covers it. One that is refused does not hold up the others.

    Example:

        corridor statement submit seal.statement --to http://127.0.0.1:8700
        corridor statement submit invoice.statement --withhold price --to http://127.0.0.1:8700
    """
    read = [(file, _shown(file, withhold or ())) for file in files]
    accepted, refused = [], False
    with open_service(to) as service:
        for file, statement_file in read:
            try:
                place = service.submit(statement_file, lenient=lenient)
            except UnavailableError:
                raise
            except CorridorError as error:
                report(type(error)(error.code, f"{file}: {error.message}", field=error.field))
                refused = True
                continue
            for one in place.warnings:
                warn(f"{file}: {one.message} [{one.code}]")
            accepted.append({"file": str(file), **place.to_json()})
            if not as_json:
                say(f"{place.id.hex()}  {place.index}{'  (was there already)' * place.duplicate}")
    if as_json:
        emit(accepted)
    if refused:
        raise typer.Exit(REFUSED)


def _shown(file: Path, withheld: Sequence[str]) -> "StatementFile":
    """Return a statement as the ledger is to get it."""
    from ledger.domain.concealed import without
    from ledger.domain.statement import StatementFile

    statement_file, statement = read_statement(file)
    left = without(statement, statement_file.disclosures, withheld)
    for name in withheld:
        if without(statement, statement_file.disclosures, [name]) == statement_file.disclosures:
            raise UsageError("nothing-withheld", f"{file} has no concealed member {name!r} that it discloses")
    return StatementFile(statement_file.statement, left)
