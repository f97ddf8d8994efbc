"""`corridor statement submit`: handing statements to a running ledger."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.drafts import read_statement
from ledger.cli.errors import REFUSED, report
from ledger.cli.options import Json, Lenient, To, argument
from ledger.cli.output import emit, say, warn
from ledger.cli.services import open_service
from ledger.domain.errors import CorridorError, UnavailableError


def submit(
    *,
    files: Annotated[list[Path], argument("FILE...", "Statement files.")],
    to: To,
    lenient: Lenient = False,
    as_json: Json = False,
) -> None:
    """Submit statements to a ledger, in this order. The same statement again does no harm.

    For each one its id and its place in the log are printed. It is on record then; it has a receipt as soon
    as a checkpoint covers it. One that is refused does not hold up the others.

    Example:

        corridor statement submit seal.statement --to http://127.0.0.1:8700
    """
    read = [(file, read_statement(file)[0]) for file in files]
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
